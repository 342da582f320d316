"""The orders of a pool that a night's commands changed, as they stand at its end, and what they shipped."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import msgspec
import polars as pl
from msgspec import Struct

from models import rows
from models.partition import partition_of
from models.records.pool import Location, RoutingModel
from pipelines.night.store import Store
from pipelines.night.tables import SEEN
from pipelines.night.windows import within


class Place(Struct, frozen=True):
    """Where an order goes, as far as lanes are told apart."""

    country: str
    region: str = ""


class OrderLine(Struct, frozen=True):
    """A line's SKU."""

    line_id: str
    sku: str


class Part(Struct, frozen=True):
    """What one location was given."""

    fulfillment_id: str
    location_id: str
    status: str
    routed_at_ms: int


class Units(Struct, frozen=True):
    """Units of a line."""

    line_id: str
    quantity: int


class Sent(Struct, frozen=True):
    """A parcel."""

    parcel_id: str
    fulfillment_id: str
    status: str
    shipped_at_ms: int
    units: tuple[Units, ...]
    ended_at_ms: int | None = None
    tracking_number: str = ""
    implied: bool = False


class NightOrder(Struct, frozen=True):
    """What a night reads of an order's row; the rest stays undecoded, which takes a third of the time."""

    order_id: str
    destination: Place
    lines: tuple[OrderLine, ...]
    fulfillments: tuple[Part, ...] = ()
    parcels: tuple[Sent, ...] = ()
    promise_by_ms: int | None = None


_decode = msgspec.json.Decoder(NightOrder).decode
# Texts are compared by functions: Arrow cannot compare the views of texts that DuckDB would hand down to it.
_CHANGED = """
SELECT DISTINCT order_id FROM (
    SELECT order_id FROM {updates} WHERE list_contains([?], pool) AND length(order_id) > 0
    UNION ALL
    SELECT unnest(json_keys(others)) FROM {updates} WHERE list_contains([?], pool) AND length(others) > 2
)
"""
_PARCELS = """
SELECT DISTINCT event->>'$.order_id', event->>'$.parcel_id' FROM (
    SELECT unnest(json_extract(events, '$[*]')) AS event FROM {updates}
    WHERE list_contains([?], pool) AND contains(events, '"parcel_shipped"')
) WHERE event->>'$.type' = 'parcel_shipped'
"""
# A closed order has left the rows; the event that closed it carries its last picture.
_CLOSED = """
SELECT event->>'$.order_id', event->'$.order' FROM (
    SELECT command_offset, command_index, unnest(json_extract(events, '$[*]')) AS event FROM {updates}
    WHERE list_contains([?], pool) AND contains(events, '"order_closed"')
) JOIN missing ON event->>'$.order_id' = missing.order_id
WHERE event->>'$.type' = 'order_closed'
QUALIFY row_number() OVER (PARTITION BY missing.order_id ORDER BY command_offset DESC, command_index DESC) = 1
ORDER BY missing.order_id
"""


class PoolNight:
    """What a night knows of one pool: its window of the log, and the rows at the end of it."""

    def __init__(self, store: Store, day: dt.date, pool: str) -> None:
        self._store = store
        self.day = day
        self.pool = pool
        partition = partition_of(pool)
        mine = pl.col("partition") == partition
        self._windows = store.read("windows", (pl.col("day") == day) & mine)
        found = store.read("snapshots", (pl.col("day") == day) & mine).select("key", "value")
        self._rows: dict[bytes, bytes] = dict(zip(found["key"], found["value"], strict=True))

    @property
    def time_ms(self) -> int:
        """How far time had come in the pool, which for one that plays the past is not the time of the clock."""
        clock = self._rows.get(rows.pool_key(rows.CLOCK, self.pool))
        return rows.decode_clock(clock).time_ms if clock is not None else 0

    @property
    def routing_model(self) -> RoutingModel | None:
        """The model in force at the end of the day."""
        model = self._rows.get(rows.pool_key(rows.MODEL, self.pool))
        return rows.decode_model(model) if model is not None else None

    def locations(self) -> dict[str, Location]:
        found = (rows.decode_location(value) for value in self._of_kind(rows.LOCATION))
        return {location.location_id: location for location in found}

    def skus(self) -> frozenset[str]:
        return frozenset(rows.decode_item(value).sku for value in self._of_kind(rows.ITEM))

    def changed(self) -> Iterator[NightOrder]:
        """The orders that the night's commands touched, by id."""
        return self._orders(order_id for (order_id,) in sorted(self._ask(_CHANGED, 2)))

    def shipped(self) -> pl.DataFrame:
        """Our book of what left in the night: a row a parcel and SKU. A parcel only implied by its delivery counts."""
        parcels = set(self._ask(_PARCELS, 1))
        found: list[dict[str, Any]] = []
        for order in self._orders(sorted({order_id for order_id, _ in parcels})):
            for parcel in order.parcels:
                if (order.order_id, parcel.parcel_id) in parcels:
                    found += _lines(order, parcel)
        frame = pl.DataFrame(found, schema=SEEN)
        return frame.with_columns(pl.lit(self.day).alias("first_seen"))

    def _orders(self, order_ids: Iterable[str]) -> Iterator[NightOrder]:
        missing = []
        for order_id in order_ids:
            value = self._rows.get(rows.order_key(order_id))
            if value is not None:
                yield _decode(value)
            else:
                missing.append((order_id,))
        if missing:
            left = pl.DataFrame(missing, schema={"order_id": pl.String}, orient="row")
            for _, picture in self._ask(_CLOSED, 1, missing=left):
                yield _decode(picture)

    def _of_kind(self, kind: bytes) -> Iterator[bytes]:
        prefix = b"%b/%b/" % (kind, self.pool.encode())
        return (value for key, value in sorted(self._rows.items()) if key.startswith(prefix))

    def _ask(self, query: str, pools: int, **tables: pl.DataFrame) -> list[tuple[str, ...]]:
        with duckdb.connect() as connection:
            for name, table in tables.items():
                connection.register(name, table.to_arrow())
            connection.register("windows", self._windows.to_arrow())
            connection.register("frame", self._store.archived("order_updates").to_pyarrow_dataset())
            updates = within("order_updates", self._windows)
            return connection.execute(query.format(updates=updates), [self.pool] * pools).fetchall()


def pools_of(store: Store, day: dt.date) -> list[str]:
    """Every pool that stands in the rows at the end of the day."""
    mark = rows.POOL + b"/"
    heads = store.read("snapshots", (pl.col("day") == day) & pl.col("key").bin.starts_with(mark))
    return sorted(rows.pool_of(key) for key in heads["key"])


def _lines(order: NightOrder, parcel: Sent) -> Iterator[dict[str, Any]]:
    skus = {line.line_id: line.sku for line in order.lines}
    places = {part.fulfillment_id: part.location_id for part in order.fulfillments}
    units: dict[str, int] = {}
    for unit in parcel.units:
        sku = skus[unit.line_id]
        units[sku] = units.get(sku, 0) + unit.quantity
    for sku, quantity in sorted(units.items()):
        yield {
            "row_id": f"{order.order_id}/{parcel.parcel_id}/{sku}",
            "side": "here",
            "source": "",
            "fulfillment_id": parcel.fulfillment_id,
            "order_id": order.order_id,
            "location_id": places.get(parcel.fulfillment_id, ""),
            "sku": sku,
            "quantity": quantity,
            "shipped_at_ms": parcel.shipped_at_ms,
            "tracking_number": parcel.tracking_number,
        }
