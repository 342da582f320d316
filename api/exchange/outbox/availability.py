"""What channels are told of stock: reckoned from the views, compared with what they were last told, only changes sent.

At most one telling of a target is on its way; meanwhile further changes of a SKU become one. What is sold out goes
first, then what falls, then what rises; and what rises only once the channel's new orders are here.
"""

import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Sequence

import msgspec

from api.availability import Goods, availability_of, read_goods
from api.control.database import ControlDatabase
from api.exchange.outbox import marks, rows
from api.exchange.outbox.building import AvailabilityTold
from api.exchange.outbox.glance import Glance
from api.exchange.outbox.marks import Mark, Rank
from api.exchange.outbox.reader import OutboxStore
from api.exchange.outbox.rows import Delivery
from api.exchange.outbox.target import Target
from api.exchange.outbox.telling import NewDelivery, delivery_id
from api.set_ups import SetUps
from api.views.store import ViewStore
from connectors.frame.documents import Available, OccasionKind
from models.rules.availability import Availability, SetUp
from models.rules.listed import of_listing

LANE = "availability"
_LOOKED_AT_ONCE = 500
_TOLD_AT_ONCE = 50
_LOCATION = "stock_location"
"""The setting that names the channel's location whose stock is set, where it keeps stock by location."""


class AvailabilityFeed:
    """Looks at marked SKUs and makes rows of what there is to tell."""

    def __init__(
        self,
        database: ControlDatabase,
        views: ViewStore,
        set_ups: SetUps,
        reader: OutboxStore,
        now_ms: Callable[[], int],
        knows_orders: Callable[[Target], bool],
    ) -> None:
        """`knows_orders` tells whether what a channel sold is known here."""
        self._database = database
        self._views = views
        self._glance = Glance(views)
        self._set_ups = set_ups
        self._reader = reader
        self._now_ms = now_ms
        self._knows_orders = knows_orders

    def prepare(self, target: Target) -> bool:
        """Make a row of what there is to tell a target, unless one is on its way; True where it is to be asked again.

        Runs on the thread that writes the control store.
        """
        connection = self._database.connection()
        if _is_on_its_way(connection, target.name):
            return False
        offsets = self._reader.offsets()
        # More than there is must not be told for want of an order: the channel is asked first (Linnworks).
        up_to = Rank.RISING if self._knows_orders(target) else Rank.FALLING
        new = marks.unranked(connection, target.name, _LOOKED_AT_ONCE)
        ready = marks.first(connection, target.name, up_to, _TOLD_AT_ONCE)
        if not new and not ready:
            return False
        if not self._glance.reached(offsets):
            # What is marked may not be in the views yet, and an older value would be told for it.
            return True
        if new:
            ranks = {sku: (new[sku], rank) for sku, rank in self._ranks(connection, target, list(new)).items()}
            self._database.write(lambda inside: marks.set_ranks(inside, target.name, ranks))
            if len(new) == _LOOKED_AT_ONCE:
                # What is sold out may be among those that are still to be looked at.
                return True
            ready = marks.first(connection, target.name, up_to, _TOLD_AT_ONCE)
        if ready:
            self._make_row(connection, target, ready)
        return False

    def is_outdated(self, row: Delivery, told: AvailabilityTold) -> bool:
        """Tell whether something that a row tells has changed since it was made."""
        return not marks.are_as_they_were(self._database.connection(), row.target, told.marks)

    def mark_all(self, target: Target) -> int:
        """Have everything compared with what a target was told, and give how many SKUs that is."""
        given = [Mark(target.name, sku) for sku in self._glance.all_skus(target.pool)]
        now_ms = self._now_ms()
        self._database.write(lambda connection: marks.put(connection, given, now_ms))
        return len(given)

    def _make_row(self, connection: sqlite3.Connection, target: Target, ready: dict[str, int]) -> None:
        now_ms = self._now_ms()
        values = self._values(connection, target, list(ready))
        told = tuple(one for sku in ready for one in values.get(sku, ()))
        if not told:
            self._database.write(lambda inside: marks.drop(inside, target.name, ready))
            return
        about = AvailabilityTold(available=told, marks=ready)
        [last] = connection.execute(
            "SELECT coalesce(max(sequence), 0) FROM deliveries WHERE target = ?", (target.name,)
        ).fetchone()
        identity = f"availability-{last + 1}-{now_ms}"
        row = NewDelivery(
            delivery_id=delivery_id(target.name, identity),
            target=target.name,
            pool=target.pool,
            lane=LANE,
            kind=OccasionKind.AVAILABILITY,
            event_id=identity,
            event_type="stock.availability",
            about=msgspec.json.encode(about).decode(),
            occurred_at_ms=now_ms,
        )
        self._database.write(lambda inside: rows.add(inside, [row], now_ms))

    def _ranks(self, connection: sqlite3.Connection, target: Target, skus: Sequence[str]) -> dict[str, int | None]:
        """Give the rank of each SKU, None where there is nothing to tell."""
        values = self._values(connection, target, skus)
        return {sku: min((_rank(one) for one in values.get(sku, ())), default=None) for sku in skus}

    def _values(
        self, connection: sqlite3.Connection, target: Target, skus: Sequence[str]
    ) -> dict[str, tuple[Available, ...]]:
        """Give by SKU what of it is other than the target was last told."""
        set_up = self._set_up_of(target)
        if set_up is None:
            return {}
        now_ms = self._now_ms()
        goods = read_goods(self._views.connection(), target.pool, skus)
        found: dict[str, tuple[Available, ...]] = {}
        for sku in skus:
            if sku not in goods.items:
                continue

            def reckon(how: SetUp, sku: str = sku) -> Availability:
                return availability_of(goods, sku, how, now_ms=now_ms, at_ms=now_ms)

            listed = _listings(target, goods, sku)
            told = {name: of_listing(reckon, set_up, each).published or 0 for name, each in listed.items()}
            stated = tuple(_stated(connection, target, name, packs) for name, packs in told.items())
            found[sku] = tuple(one for one in stated if _is_news(one, target.thresholds))
        return found

    def _set_up_of(self, target: Target) -> SetUp | None:
        view = self._set_ups.of(target.pool)
        channel = next((one for one in view.channels if one.channel_id == target.channel), None) if view else None
        if view is None or channel is None:
            return None
        locations = {location.location_id: location for location in view.locations}
        return SetUp(locations, view.pool.policy, view.routing_model, channel)


def _listings(target: Target, goods: Goods, sku: str) -> dict[str, int]:
    """Give the names under which a channel sells a SKU, with the units in each."""
    listings = [one for one in goods.items[sku].listings if one.channel == target.channel]
    found = {one.sku: one.quantity for one in listings}
    aliases = {} if target.account is None else target.account.aliases
    found |= {name: alias.quantity for name, alias in aliases.items() if alias.sku == sku}
    if 1 not in found.values():
        # Nobody says that the channel calls a single unit something else.
        found.setdefault(sku, 1)
    return found


def _stated(connection: sqlite3.Connection, target: Target, listing: str, quantity: int) -> Available:
    row = connection.execute(
        "SELECT quantity FROM availability_sent WHERE target = ? AND listing = ?", (target.name, listing)
    ).fetchone()
    location = "" if target.account is None else target.account.settings.get(_LOCATION, "")
    return Available(sku=listing, quantity=quantity, last_sent=None if row is None else row[0], location=location)


def _is_news(one: Available, thresholds: Sequence[int]) -> bool:
    """Tell whether a channel is to be told: of each change, or only of one that crosses a threshold."""
    if one.last_sent is None or not thresholds:
        return one.quantity != one.last_sent
    return bisect_left(thresholds, one.quantity) != bisect_left(thresholds, one.last_sent)


def _rank(one: Available) -> int:
    if one.quantity == 0:
        return Rank.GONE
    return Rank.FALLING if one.last_sent is None or one.quantity < one.last_sent else Rank.RISING


def _is_on_its_way(connection: sqlite3.Connection, target: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM deliveries WHERE target = ? AND lane = ? AND state = 'pending' LIMIT 1", (target, LANE)
    )
    return found.fetchone() is not None
