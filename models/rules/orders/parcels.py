"""Parcels by the facts of partners and carriers: they may come twice, late and in any order."""

from collections.abc import Mapping

from msgspec.structs import replace

from models.commands import (
    DeliverParcel,
    FulfillmentCommand,
    LoseParcel,
    RecordTracking,
    ReturnParcelToSender,
    ShipParcel,
)
from models.events import (
    AnyEvent,
    ParcelDelivered,
    ParcelLost,
    ParcelReturnedToSender,
    ParcelShipped,
    TrackingRecorded,
)
from models.records.order import Fulfillment, FulfillmentStatus, Line, Order, Parcel, ParcelStatus
from models.records.stock import MovementKind
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Change, Draft
from models.rules.lines import (
    allocated_units,
    as_units,
    by_line,
    check_units,
    fulfillment_of,
    is_empty,
    with_fulfillment,
    with_lines,
)

_COUNTER_OF = {
    ParcelStatus.DELIVERED: "delivered",
    ParcelStatus.LOST: "lost",
    ParcelStatus.RETURNED_TO_SENDER: "returned_to_sender",
}

_MAY_BECOME = {
    ParcelStatus.IN_TRANSIT: frozenset(_COUNTER_OF),
    ParcelStatus.LOST: frozenset({ParcelStatus.DELIVERED, ParcelStatus.RETURNED_TO_SENDER}),  # found again
    ParcelStatus.DELIVERED: frozenset[ParcelStatus](),
    ParcelStatus.RETURNED_TO_SENDER: frozenset[ParcelStatus](),
}


def ship(draft: Draft, order: Order, command: ShipParcel) -> Order | Rejected:
    """Note that a parcel has left; a hold does not undo what has happened."""
    known = _parcel(order, command.parcel_id)
    if known is not None:
        return _shipped_before(draft, order, known, command)
    found = fulfillment_of(order, command.fulfillment_id)
    if found is None:
        return _no_fulfillment(command)
    held = allocated_units(found)
    if not held:
        return Rejected(
            RejectionCode.STATUS_FORBIDS, f"a {found.status} fulfillment has nothing left to ship", "fulfillment_id"
        )
    wrong = check_units(command.units, held, (line.line_id for line in found.lines))
    if wrong is not None:
        return wrong
    units = by_line(command.units) if command.units else held
    return _leave(draft, order, found, units, command, implied=False)


def track(draft: Draft, order: Order, command: RecordTracking) -> Order | Rejected:
    """State or correct a parcel's carrier and tracking number."""
    known = _parcel(order, command.parcel_id)
    if known is None:
        return _no_parcel(command.parcel_id)
    stated = replace(known, carrier=command.carrier, tracking_number=command.tracking_number)
    return order if stated == known else _restated(draft, order, stated)


def deliver(draft: Draft, order: Order, command: DeliverParcel) -> Order | Rejected:
    """Note an arrival. A parcel never heard of holds what its fulfillment still had to ship."""
    if _parcel(order, command.parcel_id) is None:
        found = fulfillment_of(order, command.fulfillment_id)
        if found is None:
            return _no_fulfillment(command)
        held = allocated_units(found)
        if not held:
            return _no_parcel(command.parcel_id)
        order = _leave(draft, order, found, held, command, implied=True)
    return _end(draft, order, command, command.parcel_id, ParcelStatus.DELIVERED)


def lose(draft: Draft, order: Order, command: LoseParcel) -> Order | Rejected:
    """Note that the carrier has lost a parcel."""
    return _end(draft, order, command, command.parcel_id, ParcelStatus.LOST)


def return_to_sender(draft: Draft, order: Order, command: ReturnParcelToSender) -> Order | Rejected:
    """Note that a parcel came back; its units are on hand again, for sale or not."""
    ended = _end(draft, order, command, command.parcel_id, ParcelStatus.RETURNED_TO_SENDER, restock=command.restock)
    if isinstance(ended, Rejected) or ended is order:
        return ended
    parcel = _parcel(ended, command.parcel_id)
    fulfillment = fulfillment_of(ended, parcel.fulfillment_id) if parcel else None
    if parcel is None or fulfillment is None:
        raise AssertionError("a parcel that has ended belongs to a fulfillment")
    skus = {line.line_id: line.sku for line in ended.lines}
    for unit in parcel.units:
        draft.move(
            MovementKind.RESTOCKED,
            skus[unit.line_id],
            fulfillment.location_id,
            Change(on_hand=unit.quantity, unsellable=0 if command.restock else unit.quantity),
            occurred_at_ms=command.occurred_at_ms,
            order_id=order.order_id,
        )
        draft.rose(skus[unit.line_id])
    return ended


def _leave(
    draft: Draft,
    order: Order,
    fulfillment: Fulfillment,
    units: Mapping[str, int],
    command: ShipParcel | DeliverParcel,
    *,
    implied: bool,
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
            )
        )
        if not count:
            continue
        line = lines[part.line_id]
        lines[part.line_id] = replace(line, allocated=line.allocated - count, shipped=line.shipped + count)
        draft.move(
            MovementKind.SHIPPED,
            part.sku,
            fulfillment.location_id,
            Change(on_hand=-count, allocated=-count),
            occurred_at_ms=command.occurred_at_ms,
            order_id=order.order_id,
        )
        draft.fell(part.sku, fulfillment.location_id)
    left = replace(fulfillment, lines=tuple(parts))
    if is_empty(left):
        left = replace(left, status=FulfillmentStatus.SHIPPED)
    parcel = Parcel(
        parcel_id=command.parcel_id,
        fulfillment_id=fulfillment.fulfillment_id,
        units=as_units(units),
        status=ParcelStatus.IN_TRANSIT,
        shipped_at_ms=command.occurred_at_ms,
        carrier=command.carrier if isinstance(command, ShipParcel) else "",
        tracking_number=command.tracking_number if isinstance(command, ShipParcel) else "",
        implied=implied,
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
            implied=implied,
        )
    )
    order = with_fulfillment(with_lines(order, lines), left)
    return replace(order, parcels=(*order.parcels, parcel))


def _shipped_before(draft: Draft, order: Order, known: Parcel, command: ShipParcel) -> Order | Rejected:
    """A parcel we know: the same again changes nothing, the missing half of an implied one completes it."""
    if known.fulfillment_id != command.fulfillment_id or _states_other_units(command, known):
        return Rejected(
            RejectionCode.PARCEL_CONFLICT, f"parcel {known.parcel_id} was shipped with other units", "parcel_id"
        )
    if not known.implied:
        return order
    stated = replace(
        known,
        shipped_at_ms=command.occurred_at_ms,
        carrier=command.carrier or known.carrier,
        tracking_number=command.tracking_number or known.tracking_number,
        implied=False,
    )
    return _restated(draft, order, stated)


def _states_other_units(command: ShipParcel, known: Parcel) -> bool:
    return bool(command.units) and by_line(command.units) != by_line(known.units)


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
    return _with_parcel(order, stated)


def _end(
    draft: Draft,
    order: Order,
    command: FulfillmentCommand,
    parcel_id: str,
    status: ParcelStatus,
    *,
    restock: bool = False,
) -> Order | Rejected:
    parcel = _parcel(order, parcel_id)
    if parcel is None:
        return _no_parcel(parcel_id)
    if parcel.status is status:
        return order
    if status not in _MAY_BECOME[parcel.status]:
        return Rejected(
            RejectionCode.PARCEL_CONFLICT, f"parcel {parcel_id} was {parcel.status}; it cannot be {status}", "parcel_id"
        )
    draft.emit(_ended(order.order_id, parcel_id, command.occurred_at_ms, status, restock=restock))
    lines = {line.line_id: line for line in order.lines}
    for unit in parcel.units:
        lines[unit.line_id] = _counted(lines[unit.line_id], parcel.status, status, unit.quantity)
    order = with_lines(order, lines)
    order = _with_parcel(order, replace(parcel, status=status, ended_at_ms=command.occurred_at_ms))
    return _with_ended_fulfillment(order, parcel.fulfillment_id)


def _ended(order_id: str, parcel_id: str, at_ms: int, status: ParcelStatus, *, restock: bool) -> AnyEvent:
    if status is ParcelStatus.DELIVERED:
        return ParcelDelivered(order_id=order_id, parcel_id=parcel_id, occurred_at_ms=at_ms)
    if status is ParcelStatus.LOST:
        return ParcelLost(order_id=order_id, parcel_id=parcel_id, occurred_at_ms=at_ms)
    return ParcelReturnedToSender(order_id=order_id, parcel_id=parcel_id, occurred_at_ms=at_ms, restocked=restock)


def _counted(line: Line, before: ParcelStatus, after: ParcelStatus, count: int) -> Line:
    counters = {_COUNTER_OF[after]: getattr(line, _COUNTER_OF[after]) + count}
    if before in _COUNTER_OF:
        counters[_COUNTER_OF[before]] = getattr(line, _COUNTER_OF[before]) - count
    return replace(line, **counters)


def _with_ended_fulfillment(order: Order, fulfillment_id: str) -> Order:
    fulfillment = fulfillment_of(order, fulfillment_id)
    in_transit = any(p.status is ParcelStatus.IN_TRANSIT for p in order.parcels if p.fulfillment_id == fulfillment_id)
    if fulfillment is None or in_transit or not is_empty(fulfillment):
        return order
    return with_fulfillment(order, replace(fulfillment, status=FulfillmentStatus.DELIVERED))


def _parcel(order: Order, parcel_id: str) -> Parcel | None:
    return next((parcel for parcel in order.parcels if parcel.parcel_id == parcel_id), None)


def _with_parcel(order: Order, changed: Parcel) -> Order:
    same = changed.parcel_id
    return replace(order, parcels=tuple(changed if p.parcel_id == same else p for p in order.parcels))


def _no_parcel(parcel_id: str) -> Rejected:
    return Rejected(RejectionCode.PARCEL_UNKNOWN, f"the order has no parcel {parcel_id}; ship it first", "parcel_id")


def _no_fulfillment(command: FulfillmentCommand) -> Rejected:
    return Rejected(
        RejectionCode.FULFILLMENT_UNKNOWN, f"the order has no fulfillment {command.fulfillment_id}", "fulfillment_id"
    )
