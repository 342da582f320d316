"""What stood before the night, told as events and movements, so that the same SQL checks a day as checks a history."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from models import rows
from models.events import (
    AnyEvent,
    OrderedLine,
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
    "order_id": pl.String,
}


def opening_facts(
    partition: int, opening: Mapping[bytes, bytes], changed: Iterable[bytes]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The updates and movements that would have led to the opening rows of the orders and SKUs that changed."""
    orders: list[Order] = []
    skus: set[tuple[str, str]] = set()
    for key in changed:
        kind = key[:1]
        if kind == rows.ORDER and key in opening:
            orders.append(rows.decode_order(opening[key]))
        elif kind == rows.LEVEL:
            _, pool, _, sku = key.decode().split("/", 3)
            skus.add((pool, sku))
    updates = [(partition, order.pool, order.order_id, order.version, _events(order)) for order in orders]
    claims = [claim for order in orders for claim in _claims(order)]
    skus.update((pool, sku) for pool, sku, *_ in claims)
    moved = [(partition, *movement) for movement in _movements(opening, claims, skus)]
    return pl.DataFrame(updates, schema=_UPDATES, orient="row"), pl.DataFrame(moved, schema=_MOVEMENTS, orient="row")


def _claims(order: Order) -> Iterable[tuple[str, str, str, int, str]]:
    """Pool, SKU, location, units, order: what its fulfillments hold."""
    for fulfillment in order.fulfillments:
        for line in fulfillment.lines:
            if line.allocated:
                yield order.pool, line.sku, fulfillment.location_id, line.allocated, order.order_id


def _movements(
    opening: Mapping[bytes, bytes], claims: list[tuple[str, str, str, int, str]], skus: set[tuple[str, str]]
) -> Iterable[tuple[Any, ...]]:
    """Each claim by its order, and of each level the rest."""
    claimed: dict[tuple[str, str, str], int] = {}
    for pool, sku, location_id, units, order_id in claims:
        place = (pool, sku, location_id)
        claimed[place] = claimed.get(place, 0) + units
        yield (*place, 0, units, 0, 0, order_id)
    for key, value in opening.items():
        if key[:1] != rows.LEVEL:
            continue
        _, pool, location_id, sku = key.decode().split("/", 3)
        if (pool, sku) in skus:
            level = rows.decode_level(value)
            rest = level.allocated - claimed.get((pool, sku, location_id), 0)
            yield pool, sku, location_id, level.on_hand, rest, level.unsellable, level.safety_stock, ""


def _events(order: Order) -> str:
    events: list[AnyEvent] = [_placed(order)]
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
    for parcel in order.parcels:
        events.append(_shipped(order, parcel, locations.get(parcel.fulfillment_id, "")))
        events.extend(_ended(order, parcel))
    return rows.encode(events).decode()


def _placed(order: Order) -> OrderPlaced:
    return OrderPlaced(
        order_id=order.order_id,
        channel=order.channel,
        external_id=order.external_id,
        currency=order.currency,
        total_minor=order.total_minor,
        units=sum(line.quantity for line in order.lines),
        lines=tuple(
            OrderedLine(line_id=line.line_id, sku=line.sku, quantity=line.quantity, amount_minor=line.amount_minor)
            for line in order.lines
        ),
    )


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
