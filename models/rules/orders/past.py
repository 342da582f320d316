"""Orders of the past, put on record: no stock moves for them."""

from msgspec.structs import asdict, replace

from models.commands import ImportOrder
from models.events import OlderContentIgnored, OrderImported
from models.ids import fulfillment_id, order_id
from models.records.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Parcel, ParcelStatus
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.orders.taking import check, fresh_order, taken

CLOCK_SKEW_MS = 5 * 60_000
"""How far ahead another system's clock may be."""


def import_order(draft: Draft, command: ImportOrder) -> Order | Rejected:
    """Put an order of the past on record: it has shipped and arrived, and no stock moves for it."""
    key = order_id(command.pool, command.channel, command.external_id)
    known = draft.order(key)
    if known is not None:
        draft.emit(OlderContentIgnored(order_id=key, source_version=command.source_version))
        return known
    wrong = check(draft, command)
    if wrong is not None:
        return wrong
    latest_ms = draft.cause.at_ms + CLOCK_SKEW_MS
    for field in ("placed_at_ms", "shipped_at_ms"):
        if getattr(command, field) > latest_ms:
            return Rejected(RejectionCode.COMMAND_INVALID, f"{field} lies in the future", field)
    if command.location_id is not None and command.location_id not in draft.view.locations:
        return Rejected(
            RejectionCode.LOCATION_UNKNOWN, f"the pool has no location {command.location_id}", "location_id"
        )
    order = fresh_order(draft, key, command, None)
    lines = tuple(replace(line, waiting=0, shipped=line.quantity, delivered=line.quantity) for line in order.lines)
    order = replace(order, lines=lines, historic=True, at_risk_from_ms=None)
    draft.emit(OrderImported(**asdict(taken(order)), shipped_at_ms=command.shipped_at_ms))
    return order if command.location_id is None else _with_past_parcel(order, command, command.location_id)


def _with_past_parcel(order: Order, command: ImportOrder, location_id: str) -> Order:
    """Show where an order of the past shipped from, and how to trace it."""
    fulfillment = Fulfillment(
        fulfillment_id=fulfillment_id(order.order_id, 1),
        location_id=location_id,
        status=FulfillmentStatus.DELIVERED,
        lines=tuple(FulfillmentLine(line_id=line.line_id, sku=line.sku, shipped=line.quantity) for line in order.lines),
        routed_at_ms=command.placed_at_ms,
    )
    parcel = Parcel(
        parcel_id=command.tracking_number or fulfillment.fulfillment_id,
        fulfillment_id=fulfillment.fulfillment_id,
        units=tuple(UnitsOfLine(line_id=line.line_id, quantity=line.quantity) for line in order.lines),
        status=ParcelStatus.DELIVERED,
        shipped_at_ms=command.shipped_at_ms,
        ended_at_ms=command.shipped_at_ms,
        carrier=command.carrier,
        tracking_number=command.tracking_number,
    )
    return replace(order, fulfillments=(fulfillment,), parcels=(parcel,), sequence=1)
