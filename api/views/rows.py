"""From a topic's record to the row that is stored and the notice of it: decodes only what is indexed."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from api.views import pulse, search, sql
from api.views.orders import OrderRow
from api.views.seen import SeenOrder
from api.views.shelves import SkuRow, sku_row_of
from api.views.terms import key_of, terms_of
from models.topics import Catalogue


class Record(NamedTuple):
    """A record as the consumer gives it."""

    topic: str
    partition: int
    timestamp_ms: int
    value: bytes


class Notice(Struct, frozen=True, gc=False):
    """An update that is stored now."""

    pool: str
    orders: dict[str, int]
    """The orders it is about, with the version it made; 0 where it changed nothing."""
    command_id: str
    partition: int
    offset: int
    index: int
    body: bytes


class Changes(NamedTuple):
    """Orders, SKUs, other rows by statement, and what to tell once they are committed."""

    orders: list[OrderRow]
    skus: list[tuple[SkuRow, bytes]]
    statements: dict[str, list[tuple[Any, ...]]]
    notices: list[Notice]
    positions: dict[tuple[str, ...], tuple[int, ...]]
    """The newest position of each changed row, by kind and key; for orders their version."""

    def add(self, statement: str, *values: Any) -> None:
        """Add the values of one row."""
        self.statements.setdefault(statement, []).append(values)


class _Update(Struct, gc=False):
    pool: str
    offset: int
    index: int
    command_id: str
    order_id: str = ""
    order_version: int = 0
    others: dict[str, int] = {}


class _Movement(Struct, gc=False):
    pool: str
    sku: str
    offset: int
    index: int
    sequence: int


class _PoolId(Struct, gc=False):
    pool: str


class _Pool(Struct, gc=False):
    pool: _PoolId
    offset: int
    index: int


class _ItemHead(Struct, gc=False):
    sku: str


class _Item(Struct, gc=False):
    pool: str
    item: _ItemHead
    offset: int
    index: int


class _DeadLetter(Struct, gc=False):
    source: str
    offset: int
    index: int
    payload_base64: str
    key: str = ""


# What a location does not ship, others do: it is not among the order's locations.
_NOT_SHIPPING = frozenset({"rejected", "cancelled"})
_OF_CONNECTOR = "connector:"
_order = msgspec.json.Decoder(SeenOrder).decode
_update = msgspec.json.Decoder(_Update).decode
_movement = msgspec.json.Decoder(_Movement).decode
_pool = msgspec.json.Decoder(_Pool).decode
_item = msgspec.json.Decoder(_Item).decode
_dead_letter = msgspec.json.Decoder(_DeadLetter).decode

AddRow = Callable[[Changes, Record], None]


def readers(catalogue: Catalogue) -> Mapping[str, AddRow]:
    """Give what reads each topic."""
    return {
        catalogue.order_updates.name: add_update,
        catalogue.order_views.name: add_order,
        catalogue.stock_updates.name: add_sku,
        catalogue.stock_movements.name: add_movement,
        catalogue.pool_updates.name: add_pool,
        catalogue.catalogue_updates.name: add_item,
        catalogue.dead_letters.name: add_dead_letter,
    }


def add_order(changes: Changes, record: Record) -> None:
    """A row of `order-views`."""
    row = _order(record.value)
    facet = search.facet_of(
        row.pool,
        row.status,
        row.channel,
        frozenset([part.location_id for part in row.fulfillments if part.status not in _NOT_SHIPPING]),
        held=bool(row.holds),
        at_risk=row.at_risk,
        waiting=any(line.waiting for line in row.lines),
    )
    changes.orders.append(
        OrderRow(
            row.order_id,
            row.pool,
            row.status,
            row.channel,
            row.external_id,
            row.placed_at_ms,
            row.updated_at_ms,
            row.promise_by_ms,
            facet,
            _terms(row),
            pulse.counted_of(row),
            row.offset,
            row.index,
            row.version,
            record.value,
        )
    )
    changes.positions["order", row.order_id] = (row.version,)


def add_update(changes: Changes, record: Record) -> None:
    """A row of `order-updates`."""
    row = _update(record.value)
    place = record.partition, row.offset, row.index
    changes.add(sql.PUT_UPDATE, *place, row.pool, row.command_id, record.timestamp_ms, record.value)
    orders = {row.order_id: row.order_version, **row.others} if row.order_id else row.others
    for order_id, version in orders.items():
        changes.add(sql.PUT_ORDER_UPDATE, order_id, row.offset, row.index, record.partition, row.pool, version)
    changes.notices.append(Notice(row.pool, orders, row.command_id, *place, record.value))


def add_sku(changes: Changes, record: Record) -> None:
    """A row of `stock-updates`."""
    row = sku_row_of(record.value)
    changes.skus.append((row, record.value))
    changes.positions["sku", row.pool, row.sku] = (row.offset, row.index)


def add_movement(changes: Changes, record: Record) -> None:
    """A row of `stock-movements`."""
    row = _movement(record.value)
    changes.add(
        sql.PUT_MOVEMENT, row.pool, row.sku, row.offset, row.index, row.sequence, record.timestamp_ms, record.value
    )


def add_pool(changes: Changes, record: Record) -> None:
    """A row of `pool-updates`."""
    row = _pool(record.value)
    changes.add(sql.PUT_POOL, row.pool.pool, row.offset, row.index, record.value)
    changes.positions["pool", row.pool.pool] = (row.offset, row.index)


def add_item(changes: Changes, record: Record) -> None:
    """A row of `catalogue-updates`."""
    row = _item(record.value)
    changes.add(sql.PUT_ITEM, row.pool, row.item.sku, row.offset, row.index, record.value)
    changes.positions["item", row.pool, row.item.sku] = (row.offset, row.index)


def add_dead_letter(changes: Changes, record: Record) -> None:
    """A row of `dead-letters`; published again after a crash it has the same id, in another cluster another one."""
    row = _dead_letter(record.value)
    place = f"{row.source}\x00{record.partition}\x00{row.offset}\x00{row.index}\x00{row.payload_base64}"
    if row.source.startswith(_OF_CONNECTOR):
        # Its sender may send it again, and it is sealed anew each time; the key tells that it is the same.
        place = f"{row.source}\x00{row.key}"
    identity = "d" + blake2b(place.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    changes.add(sql.PUT_DEAD_LETTER, identity, record.timestamp_ms, record.value)


def _terms(row: SeenOrder) -> str:
    return terms_of(
        row.pool,
        row.external_id,
        tuple([line.sku for line in row.lines]),
        tuple([parcel.tracking_number for parcel in row.parcels]),
        row.destination.postcode,
        key_of(row.customer.sealed) if row.customer is not None and row.customer.sealed else "",
    )
