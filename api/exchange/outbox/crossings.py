"""Telling webhooks of availability: only when a SKU's quantity for a channel crosses one of its thresholds.

The level that was last told stands beside its event in one transaction, so no crossing is told twice. Several changes
between two looks are one: from the level that was told to the one that is.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from api.availability import Goods, availability_of, read_goods
from api.control.database import ControlDatabase
from api.exchange.outbox import marks, rows
from api.exchange.outbox.glance import Glance
from api.exchange.outbox.levels import Crossing, Level, Watch, crossing_of, level_of, thresholds_for
from api.exchange.outbox.marks import Mark
from api.exchange.outbox.names import AVAILABILITY, matches
from api.exchange.outbox.reader import OutboxStore
from api.exchange.outbox.target import Target
from api.exchange.outbox.telling import NewDelivery, delivery_id
from api.exchange.outbox.watches import watched
from api.present import iso
from api.set_ups import SetUps
from api.views.store import ViewStore
from connectors.frame.documents import OccasionKind
from models.records.pool import Channel, PoolView
from models.rules.availability import SetUp

_LOOKED_AT_ONCE = 500
_WATCH = "INSERT INTO watched_channels VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
# A SKU without a level is one of which nothing is known yet: the first look notes it and tells nobody.
_EXPECT = "INSERT INTO availability_levels (target, channel, sku, level) VALUES (?, ?, ?, '') ON CONFLICT DO NOTHING"
_PUT = (
    "INSERT INTO availability_levels VALUES (?, ?, ?, ?, ?) ON CONFLICT (target, channel, sku) DO UPDATE SET"
    " level = excluded.level, crossings = excluded.crossings"
)
_GET = "SELECT level, crossings FROM availability_levels WHERE target = ? AND channel = ? AND sku = ?"
_IS_THERE = "SELECT 1 FROM outbox_targets WHERE target = ?"


class _Reading(NamedTuple):
    """What a channel may sell of a SKU as of a look, and where its levels begin."""

    channel: str
    sku: str
    quantity: int
    cross: Callable[[Level], Crossing | None]
    level: Level


class Crossings:
    """Looks at marked SKUs and makes rows of the thresholds that they crossed."""

    def __init__(
        self,
        database: ControlDatabase,
        views: ViewStore,
        set_ups: SetUps,
        reader: OutboxStore,
        is_caught_up: Callable[[], bool],
        now_ms: Callable[[], int],
    ) -> None:
        """`is_caught_up` tells whether the reader has what was in the topics when it began."""
        self._database = database
        self._views = views
        self._glance = Glance(views)
        self._set_ups = set_ups
        self._reader = reader
        self._is_caught_up = is_caught_up
        self._now_ms = now_ms

    def prepare(self, target: Target) -> bool:
        """Make rows of what was crossed; True where it is to be asked again.

        Runs on the thread that writes the control store.
        """
        watch, view = target.watch, self._set_ups.of(target.pool)
        if watch is None or view is None:
            return False
        connection = self._database.connection()
        channels = [one for one in view.channels if not watch.channels or one.channel_id in watch.channels]
        known = watched(connection, target.name)
        new = [one.channel_id for one in channels if one.channel_id not in known]
        offsets = self._reader.offsets()
        given = marks.unranked(connection, target.name, _LOOKED_AT_ONCE)
        if not new and not given:
            return False
        if not self._is_caught_up() or not self._glance.reached(offsets):
            # What was there before it subscribed must be known, or it would be told as if it came just now.
            return True
        if new:
            self._begin(target, new)
            return True
        found = list(self._readings(target, watch, view, channels, list(given)))
        self._note(target, given, found)
        return len(given) == _LOOKED_AT_ONCE

    def _begin(self, target: Target, channels: Sequence[str]) -> None:
        """Begin with what the catalogue has now: each SKU's first level is noted, and told to nobody."""
        skus, now_ms = self._glance.all_skus(target.pool), self._now_ms()

        def change(connection: sqlite3.Connection) -> None:
            if not _is_there(connection, target):
                return
            connection.executemany(_WATCH, [(target.name, channel, now_ms) for channel in channels])
            connection.executemany(_EXPECT, [(target.name, channel, sku) for channel in channels for sku in skus])
            marks.put(connection, [Mark(target.name, sku) for sku in skus], now_ms)

        self._database.write(change)

    def _readings(
        self, target: Target, watch: Watch, view: PoolView, channels: Sequence[Channel], skus: Sequence[str]
    ) -> Iterator[_Reading]:
        locations = {location.location_id: location for location in view.locations}
        goods, now_ms = read_goods(self._views.connection(), target.pool, skus), self._now_ms()
        for channel in channels:
            set_up = SetUp(locations, view.pool.policy, view.routing_model, channel)
            # Of what the catalogue lacks nothing can be said, also not that it is out.
            for sku in (one for one in skus if one in goods.items):
                yield _reading(goods, sku, set_up, watch, channel.channel_id, now_ms)

    def _note(self, target: Target, given: dict[str, int], found: Sequence[_Reading]) -> None:
        now_ms = self._now_ms()

        def change(connection: sqlite3.Connection) -> None:
            if not _is_there(connection, target):
                return
            # Whoever else has looked meanwhile, or will have to again, knows better.
            current = {
                sku for sku, mark in given.items() if marks.are_as_they_were(connection, target.name, {sku: mark})
            }
            for one in found:
                if one.sku in current:
                    _note_one(connection, target, one, now_ms)
            marks.drop(connection, target.name, given)

        self._database.write(change)


def _reading(goods: Goods, sku: str, set_up: SetUp, watch: Watch, channel: str, now_ms: int) -> _Reading:
    quantity = availability_of(goods, sku, set_up, now_ms=now_ms, at_ms=now_ms).published or 0
    thresholds = thresholds_for(goods.items[sku], watch)
    return _Reading(
        channel,
        sku,
        quantity,
        lambda before: crossing_of(before, quantity, thresholds),
        level_of(quantity, thresholds),
    )


def _note_one(connection: sqlite3.Connection, target: Target, one: _Reading, now_ms: int) -> None:
    row = connection.execute(_GET, (target.name, one.channel, one.sku)).fetchone()
    # A SKU that came after the subscription could not be sold before.
    level, crossings = (Level.OUT_OF_STOCK, 0) if row is None else row
    crossed = one.cross(Level(level)) if level else None
    number = crossings + (crossed is not None)
    if crossed is not None:
        told = _row(target, one, crossed, number, now_ms)
        if matches(_patterns(target), told.event_type):
            rows.add(connection, [told], now_ms)
    if row is None or level != one.level:
        connection.execute(_PUT, (target.name, one.channel, one.sku, one.level, number))


def _row(target: Target, one: _Reading, crossed: Crossing, number: int, now_ms: int) -> NewDelivery:
    place = "\x00".join((target.pool, target.name, one.channel, one.sku, str(number)))
    identity = "e" + blake2b(place.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    at = iso(now_ms)
    event = {
        "type": f"{AVAILABILITY}.{crossed.after}",
        "timestamp": at,
        "event_id": identity,
        "pool": target.pool,
        "order_id": None,
        "order_version": None,
        "data": {
            "sku": one.sku,
            "channel": one.channel,
            "before": crossed.before,
            "after": crossed.after,
            "available": one.quantity,
            "threshold": crossed.threshold,
            "at": at,
        },
    }
    return NewDelivery(
        delivery_id=delivery_id(target.name, identity),
        target=target.name,
        pool=target.pool,
        lane=f"{AVAILABILITY}:{one.channel}:{one.sku}",
        kind=OccasionKind.EVENT,
        event_id=identity,
        event_type=f"{AVAILABILITY}.{crossed.after}",
        about=msgspec.json.encode(event).decode(),
        occurred_at_ms=now_ms,
    )


def _patterns(target: Target) -> list[str]:
    """Give which levels it is told of: whoever wants all other events says so for these by name."""
    return [one for one in target.patterns if one != "*"]


def _is_there(connection: sqlite3.Connection, target: Target) -> bool:
    return connection.execute(_IS_THERE, (target.name,)).fetchone() is not None
