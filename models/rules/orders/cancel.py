"""Cancelling by unit: waiting units first, then those that the latest locations have not picked.

What a partner has accepted is asked back from it: it may have gone already, and only the partner knows.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from models.commands import AnswerCancellation, CancelUnits
from models.events import CancellationAnswered, CancellationRequested, ReservationExpired
from models.records.fulfillment import Cancellation, CancellationStatus, Fulfillment, FulfillmentStatus
from models.records.hold import Hold
from models.records.order import Order
from models.records.pool import PARTNERS
from models.rejections import Rejected, RejectionCode, fulfillment_unknown
from models.rules.draft import Draft
from models.rules.lines import (
    OPEN_STATUSES,
    RECALLABLE_STATUSES,
    allocated_units,
    as_units,
    by_line,
    check_units,
    fulfillment_of,
    with_fulfillment,
    with_lines,
)
from models.rules.release import cancel_waiting, release, tell_cancelled

CANCEL_CAUSES: dict[str, str] = {
    "customer": "the customer does not want it any more",
    "declined": "the payment was declined",
    "fraud": "the order is not genuine",
    "inventory": "there is no stock, and none will come",
    "staff": "it was taken by mistake",
    "content_changed": "the channel no longer states it",
    "edited": "an edit took it out",
    "expired": "it was not placed or paid in time",
    "auto_cancelled": "it still waited at the date until which it was to wait",
    "not_collected": "the customer did not come for it",
    "other": "see the reason",
}
"""Why units are not sent, as data."""


def cancel(draft: Draft, order: Order, command: CancelUnits) -> Order | Rejected:
    """Cancel the named units, or all that have not shipped.

    What a partner has is asked back. Refused whole where one of our own locations has picked a unit already.
    """
    if command.cause not in CANCEL_CAUSES:
        causes = ", ".join(CANCEL_CAUSES)
        return Rejected(RejectionCode.COMMAND_INVALID, f"the cause must be one of {causes}", "cause")
    not_shipped = {line.line_id: line.waiting + line.allocated for line in order.lines}
    known = [line.line_id for line in order.lines]
    if not any(not_shipped.values()):
        return Rejected(RejectionCode.STATUS_FORBIDS, "every unit has shipped or is cancelled already")
    wrong = check_units(command.units, not_shipped, known)
    if wrong is not None:
        return wrong
    wanted = by_line(command.units) if command.units else {k: v for k, v in not_shipped.items() if v}
    at_once = {line_id: min(count, removable(draft, order, line_id)) for line_id, count in wanted.items()}
    asked = {line_id: count - at_once[line_id] for line_id, count in wanted.items() if count > at_once[line_id]}
    if any(count > _askable(draft, order, line_id) for line_id, count in asked.items()):
        return Rejected(
            RejectionCode.UNITS_PICKED,
            "some of these units are picked or packed; ask the location to reject the fulfillment first",
            "units",
        )
    if any(at_once.values()):
        order = cancel_units(draft, order, at_once, command.cause)
    return _ask(draft, order, asked, command.cause) if asked else order


def answer(draft: Draft, order: Order, command: AnswerCancellation) -> Order | Rejected:
    """Take the partner's answer: units it gives back are cancelled, as far as they have not shipped meanwhile."""
    found = fulfillment_of(order, command.fulfillment_id)
    if found is None:
        return fulfillment_unknown(command.fulfillment_id)
    asked = found.cancellation
    if asked is None or asked.status is not CancellationStatus.REQUESTED:
        return Rejected(RejectionCode.NOTHING_REQUESTED, "no cancellation is open here", "fulfillment_id")
    status = CancellationStatus.ACCEPTED if command.accepted else CancellationStatus.REJECTED
    closed = replace(asked, status=status, answered_at_ms=command.occurred_at_ms)
    draft.emit(
        CancellationAnswered(order_id=order.order_id, fulfillment_id=found.fulfillment_id, accepted=command.accepted)
    )
    order = with_fulfillment(order, replace(found, cancellation=closed))
    held = allocated_units(found)
    units = {u.line_id: min(u.quantity, held.get(u.line_id, 0)) for u in asked.units}
    units = {line_id: count for line_id, count in units.items() if count}
    if not command.accepted or not units:
        return order
    before = order
    order = release(draft, order, replace(found, cancellation=closed), units, become="cancelled", cause=asked.cause)
    tell_cancelled(draft, before, order, units, asked.cause)
    return order


def too_late(draft: Draft, order: Order, left: Fulfillment) -> Fulfillment:
    """Close a request to give units back, where all of them have left meanwhile."""
    asked = left.cancellation
    if asked is None or asked.status is not CancellationStatus.REQUESTED:
        return left
    draft.emit(CancellationAnswered(order_id=order.order_id, fulfillment_id=left.fulfillment_id, accepted=False))
    status = CancellationStatus.REJECTED
    return replace(left, cancellation=replace(asked, status=status, answered_at_ms=draft.cause.at_ms))


def cancel_units(draft: Draft, order: Order, wanted: Mapping[str, int], cause: str) -> Order:
    """Cancel so many units of each line; the caller has made sure that they can be taken back."""
    before = order
    left = dict(wanted)
    lines = {line.line_id: line for line in order.lines}
    for line_id, count in wanted.items():
        from_waiting = min(count, lines[line_id].waiting)
        lines[line_id] = cancel_waiting(lines[line_id], from_waiting)
        left[line_id] -= from_waiting
    order = with_lines(order, lines)
    for fulfillment in reversed(order.fulfillments):
        if may_recall(draft, fulfillment):
            held = allocated_units(fulfillment)
            units = {k: min(left.get(k, 0), count) for k, count in held.items() if left.get(k, 0)}
            if units:
                order = release(draft, order, fulfillment, units, become="cancelled", cause=cause)
                left = {k: count - units.get(k, 0) for k, count in left.items()}
    tell_cancelled(draft, before, order, wanted, cause)
    return order


def expire(draft: Draft, order: Order) -> Order:
    """End a reservation that was not placed in time."""
    draft.emit(ReservationExpired(order_id=order.order_id))
    units = {line.line_id: line.waiting + line.allocated for line in order.lines}
    order = cancel_units(draft, order, {k: v for k, v in units.items() if v}, "expired")
    return replace(order, expired=True, reserved=False, expires_at_ms=None)


def give_up(draft: Draft, order: Order, hold: Hold, *, cause: str) -> Order:
    """Cancel what a hold keeps, of the order or of its part; what a partner has is asked back."""
    part = fulfillment_of(order, hold.fulfillment_id) if hold.fulfillment_id else None
    if part is not None:
        return _give_up_part(draft, order, part, cause)
    open_units = {line.line_id: line.waiting + line.allocated for line in order.lines}
    wanted = {line_id: count for line_id, count in open_units.items() if count and hold.line_id in ("", line_id)}
    at_once = {line_id: min(count, removable(draft, order, line_id)) for line_id, count in wanted.items()}
    at_once = {line_id: count for line_id, count in at_once.items() if count}
    rest = {line_id: count - at_once.get(line_id, 0) for line_id, count in wanted.items()}
    asked = {line_id: min(count, _askable(draft, order, line_id)) for line_id, count in rest.items()}
    if at_once:
        order = cancel_units(draft, order, at_once, cause)
    return _ask(draft, order, asked, cause)


def is_kept(order: Order, hold: Hold) -> bool:
    """Tell whether units that have not left are under a hold."""
    if hold.fulfillment_id:
        part = fulfillment_of(order, hold.fulfillment_id)
        return part is not None and bool(allocated_units(part))
    return any(line.waiting + line.allocated for line in order.lines if hold.line_id in ("", line.line_id))


def _give_up_part(draft: Draft, order: Order, part: Fulfillment, cause: str) -> Order:
    units = allocated_units(part)
    if not may_recall(draft, part):
        return _ask(draft, order, units, cause, only=part.fulfillment_id)
    if not units:
        return order
    after = release(draft, order, part, units, become="cancelled", cause=cause)
    tell_cancelled(draft, order, after, units, cause)
    return after


def cancel_what_waits(draft: Draft, order: Order) -> Order:
    """Cancel the units that wait for stock."""
    return cancel_units(
        draft, order, {line.line_id: line.waiting for line in order.lines if line.waiting}, "auto_cancelled"
    )


def _ask(draft: Draft, order: Order, asked: Mapping[str, int], cause: str, *, only: str = "") -> Order:
    """Ask the partners that have units for them, the latest location first; a request that is open becomes wider."""
    left = dict(asked)
    for fulfillment in reversed(order.fulfillments):
        if only not in ("", fulfillment.fulfillment_id):
            continue
        free = _not_asked(draft, fulfillment)
        units = {k: min(left.get(k, 0), count) for k, count in free.items() if left.get(k, 0)}
        if not units:
            continue
        left = {k: count - units.get(k, 0) for k, count in left.items()}
        draft.emit(
            CancellationRequested(
                order_id=order.order_id,
                fulfillment_id=fulfillment.fulfillment_id,
                location_id=fulfillment.location_id,
                units=as_units(units),
                cause=cause,
            )
        )
        before = _asked(fulfillment)
        request = Cancellation(
            status=CancellationStatus.REQUESTED,
            units=as_units({k: before.get(k, 0) + units.get(k, 0) for k in dict.fromkeys((*before, *units))}),
            requested_at_ms=draft.cause.at_ms,
            cause=cause,
        )
        order = with_fulfillment(order, replace(fulfillment, cancellation=request))
    return order


def _asked(fulfillment: Fulfillment) -> dict[str, int]:
    """Give the units, by line, that its partner was asked for and has not answered about."""
    request = fulfillment.cancellation
    is_open = request is not None and request.status is CancellationStatus.REQUESTED
    return by_line(request.units) if request is not None and is_open else {}


def _not_asked(draft: Draft, fulfillment: Fulfillment) -> dict[str, int]:
    """Give the units, by line, that its partner could be asked for, and was not yet."""
    if not _must_ask(draft, fulfillment):
        return {}
    asked = _asked(fulfillment)
    held = allocated_units(fulfillment)
    return {line_id: count - asked.get(line_id, 0) for line_id, count in held.items() if count > asked.get(line_id, 0)}


def may_recall(draft: Draft, fulfillment: Fulfillment) -> bool:
    """Tell whether units may be taken back at once: nothing is picked, and no partner works on it."""
    return fulfillment.status in RECALLABLE_STATUSES and not _must_ask(draft, fulfillment)


def _must_ask(draft: Draft, fulfillment: Fulfillment) -> bool:
    """Tell whether a partner has accepted it, so that only it knows whether the units can still be had back."""
    return (
        fulfillment.status in OPEN_STATUSES
        and fulfillment.status is not FulfillmentStatus.ALLOCATED
        and draft.view.locations[fulfillment.location_id].kind in PARTNERS
    )


def removable(draft: Draft, order: Order, line_id: str) -> int:
    """Give how many units of a line can be taken back without asking anybody."""
    waiting = sum(line.waiting for line in order.lines if line.line_id == line_id)
    return waiting + sum(
        allocated_units(fulfillment).get(line_id, 0)
        for fulfillment in order.fulfillments
        if may_recall(draft, fulfillment)
    )


def _askable(draft: Draft, order: Order, line_id: str) -> int:
    """Give the units that partners could be asked for, and were not yet."""
    return sum(_not_asked(draft, fulfillment).get(line_id, 0) for fulfillment in order.fulfillments)
