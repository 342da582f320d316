"""What stood before the night, told as events and movements, so that the same SQL checks a day as checks a history."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from models import rows
from models.events import (
    AnyEvent,
    OrderedLine,
    OrderImported,
    OrderPlaced,
    ParcelDelivered,
    ParcelLost,
    ParcelReturnedToSender,
    ParcelShipped,
    UnitsCancelled,
)
from models.records.fulfillment import Parcel, ParcelStatus
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.records.pool import StockBasis
from models.rules.lines import parts_of

_MEASURES = ("on_hand", "allocated", "unsellable", "safety_stock")
_UPDATES = {
    "partition": pl.Int32,
    "pool": pl.String,
    "order_id": pl.String,
    "order_version": pl.Int64,
    "events": pl.String,
}
_MOVEMENTS = {
    "partition": pl.Int32,
    "pool": pl.String,
    "sku": pl.String,
    "location_id": pl.String,
    **{f"{name}_delta": pl.Int64 for name in _MEASURES},
    "fenced_delta": pl.Int64,
    "state": pl.String,
    "order_id": pl.String,
}
_UNTRACKED = {"pool": pl.String, "sku": pl.String, "location_id": pl.String}


class Opening(NamedTuple):
    """Facts as the ledger takes them."""

    updates: pl.DataFrame
    movements: pl.DataFrame
    untracked: pl.DataFrame


def opening_facts(
    partition: int, opening: Mapping[bytes, bytes], changed: Sequence[bytes], reopened: Iterable[Order]
) -> Opening:
    """The facts that would have led to the opening rows of the orders and SKUs that changed.

    Orders that were closed before and came back have no opening row: theirs is the one that they came back by.
    """
    orders = opening_orders(opening, changed, reopened)
    updates = [(partition, order.pool, order.order_id, order.version, _events(order)) for order in orders]
    claims = [claim for order in orders for claim in _claims(order)]
    moved = [(partition, *movement) for movement in _movements(opening, claims, touched_skus(orders, changed))]
    return Opening(
        pl.DataFrame(updates, schema=_UPDATES, orient="row"),
        pl.DataFrame(moved, schema=_MOVEMENTS, orient="row"),
        pl.DataFrame([*_untracked(opening)], schema=_UNTRACKED, orient="row"),
    )


def opening_orders(opening: Mapping[bytes, bytes], changed: Iterable[bytes], reopened: Iterable[Order]) -> list[Order]:
    """Those that changed, as they stood before."""
    stood = (rows.decode_order(opening[key]) for key in changed if key[:1] == rows.ORDER and key in opening)
    return [*reopened, *stood]


def touched_skus(orders: Iterable[Order], changed: Iterable[bytes]) -> set[tuple[str, str]]:
    """Pool and SKU whose levels changed, or that an order held which changed."""
    skus = {(pool, sku) for order in orders for pool, sku, *_ in _claims(order)}
    for key in changed:
        if key[:1] == rows.LEVEL:
            _, pool, _, sku = key.decode().split("/", 3)
            skus.add((pool, sku))
    return skus


def _untracked(opening: Mapping[bytes, bytes]) -> Iterable[tuple[str, str | None, str | None]]:
    """Pool, SKU, location: what is not counted."""
    for key, value in opening.items():
        if key[:1] == rows.ITEM and b'"untracked"' in value:
            item = rows.decode_item(value)
            if item.untracked:
                yield rows.pool_of(key), item.sku, None
        elif key[:1] == rows.LOCATION:
            location = rows.decode_location(value)
            if location.stock is StockBasis.UNTRACKED:
                yield rows.pool_of(key), None, location.location_id


def _claims(order: Order) -> Iterable[tuple[str, str, str, int, str]]:
    """Pool, SKU, location, units, order: what its fulfillments hold, of kits their components."""
    lines = {line.line_id: line for line in order.lines}
    for fulfillment in order.fulfillments:
        for part in fulfillment.lines:
            if part.allocated:
                line = lines.get(part.line_id)
                taken = parts_of(line, part.allocated) if line is not None else ((part.sku, part.allocated),)
                for sku, units in taken:
                    yield order.pool, sku, fulfillment.location_id, units, order.order_id


def _movements(
    opening: Mapping[bytes, bytes], claims: list[tuple[str, str, str, int, str]], skus: set[tuple[str, str]]
) -> Iterable[tuple[Any, ...]]:
    """Each claim by its order, and of each level the rest."""
    claimed: dict[tuple[str, str, str], int] = {}
    for pool, sku, location_id, units, order_id in claims:
        place = (pool, sku, location_id)
        claimed[place] = claimed.get(place, 0) + units
        yield (*place, 0, units, 0, 0, 0, "", order_id)
    for key, value in opening.items():
        if key[:1] != rows.LEVEL:
            continue
        _, pool, location_id, sku = key.decode().split("/", 3)
        if (pool, sku) in skus:
            level = rows.decode_level(value)
            rest = level.allocated - claimed.get((pool, sku, location_id), 0)
            place = (pool, sku, location_id)
            stated = sum(level.states.values())
            yield (*place, level.on_hand, rest, level.unsellable - stated, level.safety_stock, 0, "", "")
            for state, units in level.states.items():
                yield (*place, 0, 0, units, 0, 0, state, "")
            for segment, units in level.fenced.items():
                yield (*place, 0, 0, 0, 0, units, segment, "")


def _events(order: Order) -> str:
    events: list[AnyEvent] = [_taken(order)]
    cancelled = [line for line in order.lines if line.cancelled]
    if cancelled:
        events.append(
            UnitsCancelled(
                order_id=order.order_id,
                units=tuple(UnitsOfLine(line_id=line.line_id, quantity=line.cancelled) for line in cancelled),
                amount_minor=sum(line.cancelled_minor for line in cancelled),
                cause="opening",
            )
        )
    locations = {fulfillment.fulfillment_id: fulfillment.location_id for fulfillment in order.fulfillments}
    # The parcels of an order of the past took nothing along.
    for parcel in () if order.historic else order.parcels:
        events.append(_shipped(order, parcel, locations.get(parcel.fulfillment_id, "")))
        events.extend(_ended(order, parcel))
    return rows.encode(events).decode()


def _taken(order: Order) -> OrderPlaced | OrderImported:
    told: dict[str, Any] = {
        "order_id": order.order_id,
        "channel": order.channel,
        "external_id": order.external_id,
        "currency": order.currency,
        "total_minor": order.total_minor,
        "units": sum(line.quantity for line in order.lines),
        "lines": tuple(
            OrderedLine(line_id=line.line_id, sku=line.sku, quantity=line.quantity, amount_minor=line.amount_minor)
            for line in order.lines
        ),
        "kits": {line.line_id: line.components for line in order.lines if line.components},
    }
    return OrderImported(**told, shipped_at_ms=order.placed_at_ms) if order.historic else OrderPlaced(**told)


def _shipped(order: Order, parcel: Parcel, location_id: str) -> ParcelShipped:
    return ParcelShipped(
        order_id=order.order_id,
        fulfillment_id=parcel.fulfillment_id,
        parcel_id=parcel.parcel_id,
        location_id=location_id,
        units=parcel.units,
        occurred_at_ms=parcel.shipped_at_ms,
    )


def _ended(order: Order, parcel: Parcel) -> Iterable[AnyEvent]:
    about: dict[str, Any] = {
        "order_id": order.order_id,
        "parcel_id": parcel.parcel_id,
        "occurred_at_ms": parcel.ended_at_ms or parcel.shipped_at_ms,
    }
    if parcel.status is ParcelStatus.DELIVERED:
        yield ParcelDelivered(**about)
    elif parcel.status is ParcelStatus.LOST:
        yield ParcelLost(**about)
    elif parcel.status is ParcelStatus.RETURNED_TO_SENDER:
        yield ParcelReturnedToSender(restocked=False, **about)
