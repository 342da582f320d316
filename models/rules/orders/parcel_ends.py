"""How a parcel ends: delivered, lost, returned; one that was lost may be found."""

from msgspec.structs import replace

from models.commands import FulfillmentCommand
from models.events import AnyEvent, ParcelDelivered, ParcelLost, ParcelReturnedToSender
from models.records.fulfillment import FulfillmentStatus, ParcelStatus
from models.records.line import Line
from models.records.order import Order
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.lines import fulfillment_of, is_empty, parcel_of, with_fulfillment, with_lines, with_parcel

COUNTER_OF = {
    ParcelStatus.DELIVERED: "delivered",
    ParcelStatus.LOST: "lost",
    ParcelStatus.RETURNED_TO_SENDER: "returned_to_sender",
}

MAY_BECOME = {
    ParcelStatus.IN_TRANSIT: frozenset(COUNTER_OF),
    ParcelStatus.LOST: frozenset({ParcelStatus.DELIVERED, ParcelStatus.RETURNED_TO_SENDER}),  # found again
    ParcelStatus.DELIVERED: frozenset[ParcelStatus](),
    ParcelStatus.RETURNED_TO_SENDER: frozenset[ParcelStatus](),
}
"""From where to where a parcel may go, as data."""


def end(
    draft: Draft,
    order: Order,
    command: FulfillmentCommand,
    parcel_id: str,
    status: ParcelStatus,
    *,
    restock: bool = False,
) -> Order | Rejected:
    """End a parcel, and with its last one the fulfillment."""
    parcel = parcel_of(order, parcel_id)
    if parcel is None:
        return no_parcel(parcel_id)
    if parcel.status is status:
        return order
    if status not in MAY_BECOME[parcel.status]:
        return Rejected(
            RejectionCode.PARCEL_CONFLICT, f"parcel {parcel_id} was {parcel.status}; it cannot be {status}", "parcel_id"
        )
    draft.emit(_ended(order.order_id, parcel_id, command.occurred_at_ms, status, restock=restock))
    lines = {line.line_id: line for line in order.lines}
    for unit in parcel.units:
        lines[unit.line_id] = _counted(lines[unit.line_id], parcel.status, status, unit.quantity)
    order = with_lines(order, lines)
    order = with_parcel(order, replace(parcel, status=status, ended_at_ms=command.occurred_at_ms))
    return _with_ended_fulfillment(order, parcel.fulfillment_id)


def _ended(order_id: str, parcel_id: str, at_ms: int, status: ParcelStatus, *, restock: bool) -> AnyEvent:
    if status is ParcelStatus.DELIVERED:
        return ParcelDelivered(order_id=order_id, parcel_id=parcel_id, occurred_at_ms=at_ms)
    if status is ParcelStatus.LOST:
        return ParcelLost(order_id=order_id, parcel_id=parcel_id, occurred_at_ms=at_ms)
    return ParcelReturnedToSender(order_id=order_id, parcel_id=parcel_id, occurred_at_ms=at_ms, restocked=restock)


def _counted(line: Line, before: ParcelStatus, after: ParcelStatus, count: int) -> Line:
    counters = {COUNTER_OF[after]: getattr(line, COUNTER_OF[after]) + count}
    if before in COUNTER_OF:
        counters[COUNTER_OF[before]] = getattr(line, COUNTER_OF[before]) - count
    return replace(line, **counters)


def _with_ended_fulfillment(order: Order, fulfillment_id: str) -> Order:
    fulfillment = fulfillment_of(order, fulfillment_id)
    in_transit = any(p.status is ParcelStatus.IN_TRANSIT for p in order.parcels if p.fulfillment_id == fulfillment_id)
    if fulfillment is None or in_transit or not is_empty(fulfillment):
        return order
    return with_fulfillment(order, replace(fulfillment, status=FulfillmentStatus.DELIVERED))


def no_parcel(parcel_id: str) -> Rejected:
    """Refuse a parcel that the order does not have."""
    return Rejected(RejectionCode.PARCEL_UNKNOWN, f"the order has no parcel {parcel_id}; ship it first", "parcel_id")
