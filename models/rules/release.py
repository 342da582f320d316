"""Giving allocated units back: the one way stock claims end without shipping."""

from collections.abc import Mapping
from typing import Literal

from msgspec.structs import replace

from models.events import CancellationAnswered, FulfillmentCancelled, UnitsCancelled, UnitsRecalled
from models.money import amount_of_units
from models.records.fulfillment import CancellationStatus, Fulfillment, FulfillmentStatus, ParcelStatus
from models.records.line import Line
from models.records.order import Order
from models.records.pool import PARTNERS
from models.records.stock import MovementKind
from models.rules.draft import Change, Draft
from models.rules.lines import as_units, has_shipped, is_empty, parts_of, take_allocated, with_fulfillment, with_lines

Become = Literal["waiting", "cancelled"]


def release(  # noqa: PLR0913 - two of them are asked by name and have a default or a meaning of their own
    draft: Draft,
    order: Order,
    fulfillment: Fulfillment,
    units: Mapping[str, int],
    *,
    become: Become,
    cause: str,
    ends_as: FulfillmentStatus = FulfillmentStatus.CANCELLED,
) -> Order:
    """Take allocated units, by line id, out of a fulfillment; they wait again or are cancelled.

    Units that the location was asked to give back do not wait: they are cancelled, as was asked. An emptied fulfillment
    ends as `ends_as` and gives its capacity back; where some of it has left, as shipped.
    """
    lines = {line.line_id: line for line in order.lines}
    asked = _asked_back(fulfillment, units) if become == "waiting" else {}
    for part in fulfillment.lines:
        count = units.get(part.line_id, 0)
        if not count:
            continue
        line = lines[part.line_id]
        given_back = asked.get(part.line_id, 0)
        lines[part.line_id] = _moved(_moved(line, count - given_back, become), given_back, "cancelled")
        # What stays allocated came out of the fence last, so the fence gets back what it gave.
        fenced = part.fenced - min(part.fenced, part.allocated - count)
        for sku, taken in parts_of(line, count):
            change = Change(allocated=-taken)
            if fenced:
                change = change._replace(fenced=fenced, state=fulfillment.segment)
            draft.move(
                MovementKind.RELEASED,
                sku,
                fulfillment.location_id,
                change,
                order_id=order.order_id,
                reason=cause,
            )
            draft.rose(sku)
    left = take_allocated(fulfillment, units)
    after = with_lines(order, lines)
    if asked:
        left = _answered(draft, order, after, left, asked)
    if is_empty(left):
        left = _ended(draft, order, left, ends_as, cause)
    elif _was_only_told(draft, fulfillment) and cause not in _TOLD_OTHERWISE:
        draft.emit(
            UnitsRecalled(
                order_id=order.order_id,
                fulfillment_id=left.fulfillment_id,
                location_id=left.location_id,
                units=as_units(units),
                cause=cause,
            )
        )
    return with_fulfillment(after, left)


_TOLD_OTHERWISE = frozenset({"rejected", "short_pick", "allocation_broken"})
"""The location's own word, or an event that names its units."""


def _was_only_told(draft: Draft, fulfillment: Fulfillment) -> bool:
    """Tell whether a partner was told of it and has not answered: nobody asks it, but it has to know."""
    kind = draft.view.locations[fulfillment.location_id].kind
    return fulfillment.status is FulfillmentStatus.ALLOCATED and kind in PARTNERS


def tell_cancelled(draft: Draft, before: Order, after: Order, units: Mapping[str, int], cause: str) -> None:
    """Tell what was cancelled, with the cents that went with it."""
    amount_minor = _cancelled_minor(after) - _cancelled_minor(before)
    draft.emit(UnitsCancelled(order_id=after.order_id, units=as_units(units), amount_minor=amount_minor, cause=cause))


def cancel_waiting(line: Line, count: int) -> Line:
    """Cancel waiting units of a line, with their amount."""
    return replace(_cancelled(line, count), waiting=line.waiting - count)


def _asked_back(fulfillment: Fulfillment, units: Mapping[str, int]) -> dict[str, int]:
    """Give how many of the units the location was asked for."""
    request = fulfillment.cancellation
    if request is None or request.status is not CancellationStatus.REQUESTED:
        return {}
    return {u.line_id: min(u.quantity, units[u.line_id]) for u in request.units if units.get(u.line_id)}


def _answered(draft: Draft, before: Order, after: Order, left: Fulfillment, asked: Mapping[str, int]) -> Fulfillment:
    """Close the request: the location has given the units back, by whatever it said."""
    request = left.cancellation
    if request is None:
        raise AssertionError("units were asked for")
    draft.emit(CancellationAnswered(order_id=after.order_id, fulfillment_id=left.fulfillment_id, accepted=True))
    tell_cancelled(draft, before, after, asked, request.cause)
    closed = replace(request, status=CancellationStatus.ACCEPTED, answered_at_ms=draft.cause.at_ms)
    return replace(left, cancellation=closed)


def _moved(line: Line, count: int, become: Become) -> Line:
    if not count:
        return line
    left = replace(line, allocated=line.allocated - count)
    return replace(left, waiting=left.waiting + count) if become == "waiting" else _cancelled(left, count)


def _cancelled(line: Line, count: int) -> Line:
    """Cancelled units take the amounts of the line's next units, so all runs together sum to the line."""
    amount = amount_of_units(line.amount_minor, line.quantity, line.cancelled, count)
    return replace(line, cancelled=line.cancelled + count, cancelled_minor=line.cancelled_minor + amount)


def _cancelled_minor(order: Order) -> int:
    return sum(line.cancelled_minor for line in order.lines)


def _ended(draft: Draft, order: Order, left: Fulfillment, ends_as: FulfillmentStatus, cause: str) -> Fulfillment:
    if has_shipped(left):
        on_the_way = any(
            parcel.status is ParcelStatus.IN_TRANSIT
            for parcel in order.parcels
            if parcel.fulfillment_id == left.fulfillment_id
        )
        return replace(left, status=FulfillmentStatus.SHIPPED if on_the_way else FulfillmentStatus.DELIVERED)
    if left.capacity_day:
        _give_place_back(draft, left)
    if ends_as is FulfillmentStatus.CANCELLED:
        draft.emit(FulfillmentCancelled(order_id=order.order_id, fulfillment_id=left.fulfillment_id, cause=cause))
    return replace(left, status=ends_as)


def _give_place_back(draft: Draft, left: Fulfillment) -> None:
    """Take a fulfillment out of its location's day; where that was full, who waits for stock there is tried again."""
    capacity = draft.view.locations[left.location_id].capacity_per_day
    was_full = capacity is not None and draft.capacity_taken(left.location_id, left.capacity_day) >= capacity
    draft.take_capacity(left.location_id, left.capacity_day, -1)
    for sku in draft.view.waiting_skus() if was_full else ():
        if draft.level(sku, left.location_id).available:
            draft.rose(sku)
