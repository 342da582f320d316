"""Parcels by the facts of partners and carriers: they may come twice, late and in any order."""

from collections.abc import Mapping

from msgspec.structs import replace

from models.commands import (
    CollectFulfillment,
    DeliverParcel,
    FulfillmentCommand,
    LoseParcel,
    RecordScan,
    RecordTracking,
    ReturnParcelToSender,
    ShipParcel,
)
from models.events import (
    ParcelShipped,
    TrackingRecorded,
)
from models.records.fulfillment import Fulfillment, FulfillmentStatus, Parcel, ParcelStatus
from models.records.order import Order
from models.records.stock import MovementKind, Unsellable
from models.rejections import Rejected, RejectionCode, fulfillment_unknown
from models.rules.draft import Change, Draft
from models.rules.lines import (
    allocated_units,
    as_units,
    by_line,
    check_units,
    fulfillment_of,
    is_empty,
    parcel_of,
    parts_of,
    with_fulfillment,
    with_lines,
    with_parcel,
)
from models.rules.orders import implied, scans
from models.rules.orders.cancel import too_late
from models.rules.orders.parcel_ends import MAY_BECOME, end, no_parcel


def ship(draft: Draft, order: Order, command: ShipParcel) -> Order | Rejected:
    """Note that a parcel has left; a hold does not undo what has happened."""
    known = parcel_of(order, command.parcel_id)
    if known is not None:
        return _shipped_before(draft, order, known, command)
    found = fulfillment_of(order, command.fulfillment_id)
    if found is None:
        return fulfillment_unknown(command.fulfillment_id)
    held = allocated_units(found)
    if not held:
        return Rejected(
            RejectionCode.STATUS_FORBIDS, f"a {found.status} fulfillment has nothing left to ship", "fulfillment_id"
        )
    wrong = check_units(command.units, held, (line.line_id for line in found.lines))
    if wrong is not None:
        return wrong
    units = by_line(command.units) if command.units else held
    return _leave(draft, order, found, units, command, heard_of=True)


def track(draft: Draft, order: Order, command: RecordTracking) -> Order | Rejected:
    """State or correct a parcel's carrier and tracking number."""
    known = parcel_of(order, command.parcel_id)
    if known is None:
        return no_parcel(command.parcel_id)
    stated = replace(known, carrier=command.carrier, tracking_number=command.tracking_number)
    return order if stated == known else _restated(draft, order, stated)


def collect(draft: Draft, order: Order, command: CollectFulfillment) -> Order | Rejected:
    """Note that the customer took units with them: they have left and arrived at once."""
    known = parcel_of(order, command.parcel_id)
    if known is not None:
        return _conflict(known) if _is_other(command, known) else order
    found = fulfillment_of(order, command.fulfillment_id)
    if found is None:
        return fulfillment_unknown(command.fulfillment_id)
    if order.terms is None or order.terms.collect_at != found.location_id:
        return Rejected(
            RejectionCode.STATUS_FORBIDS, f"nobody collects the order at {found.location_id}", "fulfillment_id"
        )
    held = allocated_units(found)
    if not held:
        return Rejected(
            RejectionCode.STATUS_FORBIDS, f"a {found.status} fulfillment has nothing left to collect", "fulfillment_id"
        )
    wrong = check_units(command.units, held, (line.line_id for line in found.lines))
    if wrong is not None:
        return wrong
    units = by_line(command.units) if command.units else held
    order = _leave(draft, order, found, units, command, heard_of=True)
    return end(draft, order, command, command.parcel_id, ParcelStatus.DELIVERED)


def scan(draft: Draft, order: Order, command: RecordScan) -> Order | Rejected:
    """Keep what a carrier said of a parcel; one that it has delivered has ended."""
    said = scans.keep(draft, order, command)
    if isinstance(said, Rejected) or said is order:
        return said
    parcel = parcel_of(said, command.parcel_id)
    ends = scans.ENDS.get(command.status)
    if parcel is None or ends is None or ends not in MAY_BECOME[parcel.status]:
        return said
    return end(draft, said, command, command.parcel_id, ends)


def deliver(draft: Draft, order: Order, command: DeliverParcel) -> Order | Rejected:
    """Note an arrival. A parcel never heard of holds what its fulfillment still had to ship."""
    if parcel_of(order, command.parcel_id) is None:
        found = fulfillment_of(order, command.fulfillment_id)
        if found is None:
            return fulfillment_unknown(command.fulfillment_id)
        held = allocated_units(found)
        if not held:
            return no_parcel(command.parcel_id)
        order = _leave(draft, order, found, held, command, heard_of=False)
    return end(draft, order, command, command.parcel_id, ParcelStatus.DELIVERED)


def lose(draft: Draft, order: Order, command: LoseParcel) -> Order | Rejected:
    """Note that the carrier has lost a parcel."""
    return end(draft, order, command, command.parcel_id, ParcelStatus.LOST)


def return_to_sender(draft: Draft, order: Order, command: ReturnParcelToSender) -> Order | Rejected:
    """Note that a parcel came back; its units are on hand again, for sale or not."""
    ended = end(draft, order, command, command.parcel_id, ParcelStatus.RETURNED_TO_SENDER, restock=command.restock)
    if isinstance(ended, Rejected) or ended is order:
        return ended
    parcel = parcel_of(ended, command.parcel_id)
    fulfillment = fulfillment_of(ended, parcel.fulfillment_id) if parcel else None
    if parcel is None or fulfillment is None:
        raise AssertionError("a parcel that has ended belongs to a fulfillment")
    lines = {line.line_id: line for line in ended.lines}
    for sku, count in (part for unit in parcel.units for part in parts_of(lines[unit.line_id], unit.quantity)):
        back = Change(on_hand=count)
        if not command.restock:
            back = Change(on_hand=count, unsellable=count, state=Unsellable.QUALITY_CONTROL)
        draft.move(
            MovementKind.RESTOCKED,
            sku,
            fulfillment.location_id,
            back,
            occurred_at_ms=command.occurred_at_ms,
            order_id=order.order_id,
        )
        draft.rose(sku)
    return ended


def _leave(
    draft: Draft,
    order: Order,
    fulfillment: Fulfillment,
    units: Mapping[str, int],
    command: ShipParcel | DeliverParcel | CollectFulfillment,
    *,
    heard_of: bool,
) -> Order:
    """Move units from allocated to shipped, and off the shelf."""
    lines = {line.line_id: line for line in order.lines}
    parts = []
    for part in fulfillment.lines:
        count = units.get(part.line_id, 0)
        parts.append(
            replace(
                part,
                allocated=part.allocated - count,
                picked=max(0, part.picked - count),
                shipped=part.shipped + count,
                fenced=min(part.fenced, part.allocated - count),
            )
        )
        if not count:
            continue
        line = lines[part.line_id]
        lines[part.line_id] = replace(line, allocated=line.allocated - count, shipped=line.shipped + count)
        for sku, taken in parts_of(line, count):
            draft.move(
                MovementKind.SHIPPED,
                sku,
                fulfillment.location_id,
                Change(on_hand=-taken, allocated=-taken),
                occurred_at_ms=command.occurred_at_ms,
                order_id=order.order_id,
            )
            draft.fell(sku, fulfillment.location_id)
    left = replace(fulfillment, lines=tuple(parts))
    if is_empty(left):
        left = too_late(draft, order, replace(left, status=FulfillmentStatus.SHIPPED))
    parcel = Parcel(
        parcel_id=command.parcel_id,
        fulfillment_id=fulfillment.fulfillment_id,
        units=as_units(units),
        status=ParcelStatus.IN_TRANSIT,
        shipped_at_ms=command.occurred_at_ms,
        carrier=command.carrier if isinstance(command, ShipParcel) else "",
        tracking_number=command.tracking_number if isinstance(command, ShipParcel) else "",
        implied=not heard_of,
        by=command.actor,
        silent_from_ms=_silent_from(draft, command),
    )
    draft.emit(
        ParcelShipped(
            order_id=order.order_id,
            fulfillment_id=fulfillment.fulfillment_id,
            parcel_id=parcel.parcel_id,
            location_id=fulfillment.location_id,
            units=parcel.units,
            occurred_at_ms=command.occurred_at_ms,
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            implied=parcel.implied,
        )
    )
    order = with_fulfillment(with_lines(order, lines), left)
    return replace(order, parcels=(*order.parcels, parcel))


def _shipped_before(draft: Draft, order: Order, known: Parcel, command: ShipParcel) -> Order | Rejected:
    """A parcel we know: the same again changes nothing, the missing half of an implied one completes it."""
    stated = by_line(command.units)
    if known.implied and known.fulfillment_id == command.fulfillment_id and implied.holds_less(stated, known):
        order, known = implied.corrected(draft, order, known, stated)
    if _is_other(command, known):
        return _conflict(known)
    if not known.implied:
        return order
    complete = replace(
        known,
        shipped_at_ms=command.occurred_at_ms,
        carrier=command.carrier or known.carrier,
        tracking_number=command.tracking_number or known.tracking_number,
        implied=False,
    )
    return _restated(draft, order, complete)


def _is_other(command: ShipParcel | CollectFulfillment, known: Parcel) -> bool:
    """Tell whether a parcel that we know is said to be of another fulfillment, or of other units."""
    states_others = bool(command.units) and by_line(command.units) != by_line(known.units)
    return known.fulfillment_id != command.fulfillment_id or states_others


def _conflict(known: Parcel) -> Rejected:
    return Rejected(
        RejectionCode.PARCEL_CONFLICT, f"parcel {known.parcel_id} was shipped with other units", "parcel_id"
    )


def _restated(draft: Draft, order: Order, stated: Parcel) -> Order:
    draft.emit(
        TrackingRecorded(
            order_id=order.order_id,
            parcel_id=stated.parcel_id,
            carrier=stated.carrier,
            tracking_number=stated.tracking_number,
            shipped_at_ms=stated.shipped_at_ms,
        )
    )
    return with_parcel(order, stated)


def _silent_from(draft: Draft, command: FulfillmentCommand) -> int | None:
    """Give when a parcel that can be traced counts as silent."""
    silence_ms = draft.view.pool.policy.silence_ms
    if not silence_ms or not isinstance(command, ShipParcel) or not command.tracking_number:
        return None
    return command.occurred_at_ms + silence_ms
