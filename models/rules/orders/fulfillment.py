"""What a location says of its part of an order: accept, reject, pick (short too), pack."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from models.commands import (
    AcceptFulfillment,
    FulfillmentCommand,
    PackFulfillment,
    PickFulfillment,
    RejectFulfillment,
)
from models.events import FulfillmentAccepted, FulfillmentPacked, FulfillmentPicked, FulfillmentRejected
from models.records.order import Fulfillment, FulfillmentStatus, HoldType, Order
from models.records.stock import MovementKind
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Change, Draft
from models.rules.holds import may_claim_stock
from models.rules.lines import (
    OPEN_STATUSES,
    allocated_units,
    as_units,
    by_line,
    check_units,
    fulfillment_of,
    skus_of,
    with_fulfillment,
)
from models.rules.orders.hold import apply_hold
from models.rules.release import release
from models.rules.routing.route import route


class RejectCause(NamedTuple):
    """What a reason to reject says of the location's stock, per rejected unit."""

    on_hand: int
    unsellable: int


REJECT_CAUSES: dict[str, RejectCause] = {
    "out_of_stock": RejectCause(on_hand=-1, unsellable=0),
    "damaged": RejectCause(on_hand=0, unsellable=1),
    "no_capacity": RejectCause(on_hand=0, unsellable=0),
    "closed": RejectCause(on_hand=0, unsellable=0),
    "other": RejectCause(on_hand=0, unsellable=0),
}

_BEFORE_PACKING = frozenset({FulfillmentStatus.ALLOCATED, FulfillmentStatus.ACCEPTED})


def accept(draft: Draft, order: Order, command: AcceptFulfillment) -> Order | Rejected:
    """Note that the location will do it."""
    found = _open(order, command, frozenset({FulfillmentStatus.ALLOCATED}), "accepted")
    if isinstance(found, Rejected):
        return found
    at_ms = command.occurred_at_ms
    draft.emit(FulfillmentAccepted(order_id=order.order_id, fulfillment_id=found.fulfillment_id, occurred_at_ms=at_ms))
    accepted = replace(
        found,
        status=FulfillmentStatus.ACCEPTED,
        accepted_at_ms=at_ms,
        partner_reference=command.partner_reference,
    )
    return with_fulfillment(order, accepted)


def reject(draft: Draft, order: Order, command: RejectFulfillment) -> Order | Rejected:
    """Route what the location refused elsewhere; past the pool's budget of tries a person is asked."""
    found = _open(order, command, OPEN_STATUSES, "rejected")
    if isinstance(found, Rejected):
        return found
    effect = REJECT_CAUSES.get(command.cause)
    if effect is None:
        causes = ", ".join(REJECT_CAUSES)
        return Rejected(RejectionCode.COMMAND_INVALID, f"the cause must be one of {causes}", "cause")
    units = allocated_units(found)
    draft.emit(
        FulfillmentRejected(
            order_id=order.order_id,
            fulfillment_id=found.fulfillment_id,
            location_id=found.location_id,
            cause=command.cause,
            occurred_at_ms=command.occurred_at_ms,
        )
    )
    order = release(draft, order, found, units, become="waiting", cause="rejected", ends_as=FulfillmentStatus.REJECTED)
    _correct_stock(draft, found, units, effect, command)
    return _route_again(draft, order, found.location_id, "rejected")


def pick(draft: Draft, order: Order, command: PickFulfillment) -> Order | Rejected:
    """Note what was picked; what was not found is gone from the shelf and is routed elsewhere."""
    found = _open(order, command, _BEFORE_PACKING, "picked")
    if isinstance(found, Rejected):
        return found
    held = allocated_units(found)
    if command.units is None:
        picked: Mapping[str, int] = held
    else:
        wrong = check_units(command.units, held, held)
        if wrong is not None:
            return wrong
        picked = by_line(command.units)
    short = {line_id: count - picked.get(line_id, 0) for line_id, count in held.items()}
    short = {line_id: count for line_id, count in short.items() if count}
    draft.emit(
        FulfillmentPicked(
            order_id=order.order_id,
            fulfillment_id=found.fulfillment_id,
            occurred_at_ms=command.occurred_at_ms,
            short=as_units(short),
        )
    )
    lines = tuple(replace(line, picked=picked.get(line.line_id, 0)) for line in found.lines)
    order = with_fulfillment(
        order, replace(found, status=FulfillmentStatus.PICKED, picked_at_ms=command.occurred_at_ms, lines=lines)
    )
    if not short:
        return order
    done = fulfillment_of(order, found.fulfillment_id) or found
    order = release(draft, order, done, short, become="waiting", cause="short_pick")
    gone = RejectCause(on_hand=-1, unsellable=0)
    _correct_stock(draft, found, short, gone, command)
    return _route_again(draft, order, found.location_id, "short_pick")


def pack(draft: Draft, order: Order, command: PackFulfillment) -> Order | Rejected:
    """Note that everything picked is in parcels."""
    found = _open(order, command, frozenset({FulfillmentStatus.PICKED}), "packed")
    if isinstance(found, Rejected):
        return found
    at_ms = command.occurred_at_ms
    draft.emit(FulfillmentPacked(order_id=order.order_id, fulfillment_id=found.fulfillment_id, occurred_at_ms=at_ms))
    return with_fulfillment(order, replace(found, status=FulfillmentStatus.PACKED, packed_at_ms=at_ms))


def _open(
    order: Order, command: FulfillmentCommand, statuses: frozenset[FulfillmentStatus], step: str
) -> Fulfillment | Rejected:
    """Find the fulfillment, if it stands where the step begins; under a hold only a rejection goes on."""
    found = fulfillment_of(order, command.fulfillment_id)
    if found is None:
        return Rejected(
            RejectionCode.FULFILLMENT_UNKNOWN,
            f"the order has no fulfillment {command.fulfillment_id}",
            "fulfillment_id",
        )
    if order.holds and not isinstance(command, RejectFulfillment):
        return _held(order)
    if found.status not in statuses or not allocated_units(found):
        return Rejected(
            RejectionCode.STATUS_FORBIDS, f"a {found.status} fulfillment cannot be {step}", "fulfillment_id"
        )
    return found


def _held(order: Order) -> Rejected:
    reasons = ", ".join(hold.type for hold in order.holds)
    return Rejected(RejectionCode.ORDER_HELD, f"the order is held for {reasons}; release it first", "order_id")


def _correct_stock(
    draft: Draft,
    fulfillment: Fulfillment,
    units: Mapping[str, int],
    effect: RejectCause,
    command: RejectFulfillment | PickFulfillment,
) -> None:
    if not effect.on_hand and not effect.unsellable:
        return
    skus = skus_of(fulfillment.lines)
    for line_id, count in units.items():
        change = Change(on_hand=effect.on_hand * count, unsellable=effect.unsellable * count)
        draft.move(
            MovementKind.ADJUSTED,
            skus[line_id],
            fulfillment.location_id,
            change,
            occurred_at_ms=command.occurred_at_ms,
            order_id=command.order_id,
            reason=command.cause if isinstance(command, RejectFulfillment) else "short_pick",
        )
        draft.fell(skus[line_id], fulfillment.location_id)


def _route_again(draft: Draft, order: Order, location_id: str, cause: str) -> Order:
    refused_by = (*order.refused_by, *(() if location_id in order.refused_by else (location_id,)))
    order = replace(order, refused_by=refused_by, reroutes=order.reroutes + 1)
    budget = draft.view.pool.policy.reroute_budget
    unroutable = any(hold.type is HoldType.UNROUTABLE for hold in order.holds)
    if order.reroutes > budget and not unroutable:
        return apply_hold(draft, order, HoldType.UNROUTABLE, f"routed {order.reroutes} times; budget is {budget}")
    return route(draft, order, cause) if may_claim_stock(order) else order
