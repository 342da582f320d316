"""Parcels known only from what came later, whose shipment turns out to have held less than was taken for granted."""

from collections.abc import Mapping

from msgspec.structs import replace

from models.events import ParcelCorrected
from models.records.fulfillment import FulfillmentStatus, Parcel
from models.records.order import Order
from models.records.stock import MovementKind
from models.rules.draft import Change, Draft
from models.rules.lines import as_units, by_line, fulfillment_of, parts_of, with_fulfillment, with_lines, with_parcel
from models.rules.orders.parcel_ends import COUNTER_OF


def holds_less(stated: Mapping[str, int], known: Parcel) -> bool:
    """Tell whether a shipment states some, and not all, of the units that a parcel was taken to hold."""
    held = by_line(known.units)
    return bool(stated) and stated != held and all(count <= held.get(line_id, 0) for line_id, count in stated.items())


def corrected(draft: Draft, order: Order, known: Parcel, stated: Mapping[str, int]) -> tuple[Order, Parcel]:
    """Put what was not in the parcel back where it was: claimed, and on the shelf of a location that goes on with it.

    The units move as of the time at which they were taken to leave, so that a count made since then still holds.
    """
    fulfillment = fulfillment_of(order, known.fulfillment_id)
    if fulfillment is None:
        raise AssertionError("a parcel that left belongs to a fulfillment")
    back = {unit.line_id: unit.quantity - stated.get(unit.line_id, 0) for unit in known.units}
    back = {line_id: count for line_id, count in back.items() if count}
    lines = {line.line_id: line for line in order.lines}
    for line_id, count in back.items():
        line = lines[line_id]
        counters = {"allocated": line.allocated + count, "shipped": line.shipped - count}
        if ended := COUNTER_OF.get(known.status):
            counters[ended] = getattr(line, ended) - count
        lines[line_id] = replace(line, **counters)
        for sku, units in parts_of(line, count):
            draft.move(
                MovementKind.SHIPMENT_CORRECTED,
                sku,
                fulfillment.location_id,
                Change(on_hand=units, allocated=units),
                occurred_at_ms=known.shipped_at_ms,
                order_id=order.order_id,
            )
            draft.fell(sku, fulfillment.location_id)
    parts = (
        replace(
            part, allocated=part.allocated + back.get(part.line_id, 0), shipped=part.shipped - back.get(part.line_id, 0)
        )
        for part in fulfillment.lines
    )
    open_again = replace(fulfillment, lines=tuple(parts), status=FulfillmentStatus.ACCEPTED)
    parcel = replace(known, units=as_units(stated))
    draft.emit(
        ParcelCorrected(
            order_id=order.order_id,
            fulfillment_id=known.fulfillment_id,
            parcel_id=known.parcel_id,
            location_id=fulfillment.location_id,
            units=as_units(back),
            occurred_at_ms=known.shipped_at_ms,
        )
    )
    return with_parcel(with_fulfillment(with_lines(order, lines), open_again), parcel), parcel
