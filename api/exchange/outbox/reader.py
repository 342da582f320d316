"""From the topics to rows: what is to be delivered, and which availability to look at, with the offsets beside them."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec
import structlog

from api.control.database import ControlDatabase
from api.exchange.outbox import marks, rows
from api.exchange.outbox.glance import Glance
from api.exchange.outbox.target import Target
from api.exchange.outbox.targets import Targets
from api.exchange.outbox.telling import NewDelivery, deliveries_of
from api.present import update_of
from api.views.consumer import Offsets
from api.views.rows import Record
from models.events import OrderTaken
from models.topics import Catalogue

_ORDERS_REMEMBERED = 50_000
_FORGET_AT_ONCE = 1_000
_PUT_OFFSET = (
    "INSERT INTO outbox_offsets VALUES (?, ?, ?)"
    " ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset"
)
_PUT_FACT = "INSERT INTO outbox_facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_CLUSTER = "cluster"

log = structlog.get_logger(__name__)


class Woken(NamedTuple):
    """The targets for which something has come."""

    targets: frozenset[str]


class _SkuOf(msgspec.Struct, gc=False):
    pool: str
    sku: str


class _ItemOf(msgspec.Struct, gc=False):
    pool: str
    item: "_Sku"


class _Sku(msgspec.Struct, gc=False):
    sku: str


class _PoolOf(msgspec.Struct, gc=False):
    pool: "_PoolId"


class _PoolId(msgspec.Struct, gc=False):
    pool: str


_sku_of = msgspec.json.Decoder(_SkuOf).decode
_item_of = msgspec.json.Decoder(_ItemOf).decode
_pool_of = msgspec.json.Decoder(_PoolOf).decode


class OutboxStore:
    """What `ViewConsumer` feeds: call `apply`, `wipe` and `forget` from its one thread."""

    def __init__(
        self,
        database: ControlDatabase,
        topics: Catalogue,
        targets: Targets,
        glance: Glance,
        now_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._topics = topics
        self._targets = targets
        self._glance = glance
        self._now_ms = now_ms
        self._channels: dict[str, str] = {}

    def topics(self) -> list[str]:
        """Give the topics that it reads."""
        read = self._topics
        return [
            topic.name for topic in (read.order_updates, read.stock_updates, read.catalogue_updates, read.pool_updates)
        ]

    def cluster(self) -> str | None:
        """Give the cluster that was read."""
        row = (
            self._database.connection().execute("SELECT value FROM outbox_facts WHERE name = ?", (_CLUSTER,)).fetchone()
        )
        return None if row is None else str(row[0])

    def offsets(self) -> Offsets:
        """Give the next offset to read, by topic and partition."""
        found = self._database.connection().execute("SELECT topic, partition, next_offset FROM outbox_offsets")
        return {(topic, partition): offset for topic, partition, offset in found.fetchall()}

    def apply(self, records: Iterable[Record], next_offsets: Offsets) -> Woken:
        """Make rows of records, in one transaction with how far they go."""
        now_ms = self._now_ms()
        targets = self._targets.as_written(now_ms)
        told: list[NewDelivery] = []
        touched: dict[str, int] = {}
        looked_at: list[marks.Mark] = []
        for record in records:
            try:
                if record.topic == self._topics.order_updates.name:
                    told += self._told(record, targets, touched)
                else:
                    looked_at += self._marked(record, targets)
            except msgspec.MsgspecError as error:
                # Of a newer core, which names what this one does not know: the views have it all the same.
                log.warning("a record cannot be told of", topic=record.topic, error=str(error))

        def change(connection: sqlite3.Connection) -> None:
            rows.add(connection, told, now_ms)
            rows.look_again(connection, touched, now_ms)
            marks.put(connection, looked_at, now_ms)
            connection.executemany(_PUT_OFFSET, [(*place, offset) for place, offset in next_offsets.items()])

        self._database.write(change)
        return Woken(frozenset([one.target for one in told] + [one.target for one in looked_at]))

    def wipe(self, cluster: str) -> None:
        """Begin anew; a row that is made again has the id that it had, so nothing is sent twice."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM outbox_offsets")
            if cluster:
                connection.execute(_PUT_FACT, (_CLUSTER, cluster))

        self._database.write(change)
        self._channels.clear()

    def forget(self, before_ms: int) -> int:
        """Drop what was delivered long ago."""
        return self._database.write(lambda connection: rows.forget(connection, before_ms, _FORGET_AT_ONCE))

    def _told(self, record: Record, targets: tuple[Target, ...], touched: dict[str, int]) -> Iterable[NewDelivery]:
        update = update_of(record.value)
        if not update.events:
            return ()
        touched.update(update.others | ({update.order_id: update.order_version} if update.order_id else {}))
        for event in update.events:
            if isinstance(event, OrderTaken):
                self._channels[event.order_id] = event.channel
        return deliveries_of(update, record.timestamp_ms, targets, self._whose)

    def _whose(self, order_id: str) -> str | None:
        known = self._channels.get(order_id)
        if known is None:
            known = self._glance.channel_of(order_id)
            if known is None:
                return None
            if len(self._channels) > _ORDERS_REMEMBERED:
                self._channels.clear()
            self._channels[order_id] = known
        return known

    def _marked(self, record: Record, targets: tuple[Target, ...]) -> Iterable[marks.Mark]:
        sku = ""
        if record.topic == self._topics.pool_updates.name:
            pool = _pool_of(record.value).pool.pool
        elif record.topic == self._topics.catalogue_updates.name:
            read = _item_of(record.value)
            pool, sku = read.pool, read.item.sku
        else:
            level = _sku_of(record.value)
            pool, sku = level.pool, level.sku
        wanting = [target for target in targets if target.pool == pool and marks.wants(target)]
        if not wanting:
            return ()
        # What a pool publishes is a matter of its set-up, so that a change of it is looked at for every SKU.
        skus = (sku, *self._glance.kits_with(pool, sku)) if sku else self._glance.all_skus(pool)
        return [marks.Mark(target.name, sku) for target in wanting for sku in skus]
