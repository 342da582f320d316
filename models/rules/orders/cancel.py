"""Cancelling by unit: waiting units first, then those that the latest locations have not picked."""

from msgspec.structs import replace

from models.commands import CancelUnits
from models.events import UnitsCancelled
from models.records.order import Order
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.lines import (
    RECALLABLE_STATUSES,
    allocated_units,
    as_units,
    by_line,
    check_units,
    with_lines,
)
from models.rules.release import cancel_waiting, release


def cancel(draft: Draft, order: Order, command: CancelUnits) -> Order | Rejected:
    """Cancel the named units, or all that have not shipped; refused whole where one of them is picked already."""
    not_shipped = {line.line_id: line.waiting + line.allocated for line in order.lines}
    known = [line.line_id for line in order.lines]
    if not any(not_shipped.values()):
        return Rejected(RejectionCode.STATUS_FORBIDS, "every unit has shipped or is cancelled already")
    wrong = check_units(command.units, not_shipped, known)
    if wrong is not None:
        return wrong
    wanted = by_line(command.units) if command.units else {k: v for k, v in not_shipped.items() if v}
    if any(count > _recallable(order, line_id) for line_id, count in wanted.items()):
        return Rejected(
            RejectionCode.UNITS_PICKED,
            "some of these units are picked or packed; ask the location to reject the fulfillment first",
            "units",
        )
    return cancel_units(draft, order, wanted, command.cause)


def cancel_units(draft: Draft, order: Order, wanted: dict[str, int], cause: str) -> Order:
    """Cancel so many units of each line; the caller has made sure that they can be taken back."""
    before = sum(line.cancelled_minor for line in order.lines)
    left = dict(wanted)
    lines = {line.line_id: line for line in order.lines}
    for line_id, count in wanted.items():
        from_waiting = min(count, lines[line_id].waiting)
        lines[line_id] = cancel_waiting(lines[line_id], from_waiting)
        left[line_id] -= from_waiting
    order = with_lines(order, lines)
    for fulfillment in reversed(order.fulfillments):
        if fulfillment.status in RECALLABLE_STATUSES:
            held = allocated_units(fulfillment)
            units = {k: min(left.get(k, 0), count) for k, count in held.items() if left.get(k, 0)}
            if units:
                order = release(draft, order, fulfillment, units, become="cancelled", cause=cause)
                left = {k: count - units.get(k, 0) for k, count in left.items()}
    draft.emit(
        UnitsCancelled(
            order_id=order.order_id,
            units=as_units(wanted),
            amount_minor=sum(line.cancelled_minor for line in order.lines) - before,
            cause=cause,
        )
    )
    return order


def expire(draft: Draft, order: Order) -> Order:
    """End a reservation that was not placed in time."""
    units = {line.line_id: line.waiting + line.allocated for line in order.lines}
    order = cancel_units(draft, order, {k: v for k, v in units.items() if v}, "expired")
    return replace(order, expired=True, reserved=False, expires_at_ms=None)


def _recallable(order: Order, line_id: str) -> int:
    waiting = sum(line.waiting for line in order.lines if line.line_id == line_id)
    return waiting + sum(
        allocated_units(fulfillment).get(line_id, 0)
        for fulfillment in order.fulfillments
        if fulfillment.status in RECALLABLE_STATUSES
    )
