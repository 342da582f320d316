"""A location refuses its part of an order: what that says of its stock, and where the units go instead."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from models.commands import PickFulfillment, RejectFulfillment
from models.events import FulfillmentRejected
from models.records.fulfillment import Fulfillment, FulfillmentStatus
from models.records.hold import HoldType
from models.records.order import Order
from models.records.stock import MovementKind, Unsellable
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Change, Draft
from models.rules.holds import may_claim_stock
from models.rules.lines import allocated_units, as_units, by_line, check_units, parts_of, per_unit
from models.rules.orders import steps
from models.rules.orders.hold import apply_hold, on_lines
from models.rules.release import Become, release, tell_cancelled
from models.rules.routing.route import route
from models.types import Word


class StockEffect(Word):
    """What a location's word says of its book."""

    NOTHING = "nothing", "its book is right"
    EMPTY = "empty", "there is none of the SKU: on hand falls to what is picked, unsellable or set aside"
    FEWER = "fewer", "the rejected units are not there"
    DAMAGED = "damaged", "the rejected units are there, and not for sale"


class RejectCause(NamedTuple):
    """What a reason to reject says of the location's stock, and what becomes of the units."""

    meaning: str
    effect: StockEffect
    route_again: bool = True
    refuses: bool = True
    """Whether the location is not tried again for this order."""
    hold: HoldType | None = None
    """What the order is held for then, instead of locating the units at once."""


REJECT_CAUSES: dict[str, RejectCause] = {
    "out_of_stock": RejectCause("there is no unit of the SKU", StockEffect.EMPTY),
    "mismatch": RejectCause("there are fewer units than the book says", StockEffect.FEWER),
    "damaged": RejectCause("the units are there and cannot be sold", StockEffect.DAMAGED),
    "worn_display": RejectCause("the last units are on display", StockEffect.DAMAGED),
    "no_capacity": RejectCause("too much to do", StockEffect.NOTHING),
    "closed": RejectCause("the location is closed", StockEffect.NOTHING),
    "ineligible_product": RejectCause("the location may not ship it", StockEffect.NOTHING),
    "undeliverable_destination": RejectCause("the location cannot deliver there", StockEffect.NOTHING),
    "incorrect_address": RejectCause("the address is wrong", StockEffect.NOTHING, refuses=False, hold=HoldType.ADDRESS),
    "invalid_sku": RejectCause("the location does not know the SKU", StockEffect.NOTHING),
    "merchant_blocked": RejectCause("the partner does not work for us at present", StockEffect.NOTHING),
    "not_collected": RejectCause(
        "the customer did not come for it", StockEffect.NOTHING, route_again=False, refuses=False
    ),
    "other": RejectCause("see the reason", StockEffect.NOTHING),
}
"""Why a location refuses, with its effect on stock, as data."""


def reject(draft: Draft, order: Order, command: RejectFulfillment) -> Order | Rejected:
    """Route what the location refused elsewhere; past the pool's budget of tries a person is asked."""
    found = steps.begin(order, command)
    if isinstance(found, Rejected):
        return found
    cause = REJECT_CAUSES.get(command.cause)
    if cause is None:
        causes = ", ".join(REJECT_CAUSES)
        return Rejected(RejectionCode.COMMAND_INVALID, f"the cause must be one of {causes}", "cause")
    held = allocated_units(found)
    wrong = check_units(command.units, held, held)
    if wrong is not None:
        return wrong
    units = by_line(command.units) if command.units else held
    partly = units != held
    draft.emit(
        FulfillmentRejected(
            order_id=order.order_id,
            fulfillment_id=found.fulfillment_id,
            location_id=found.location_id,
            cause=command.cause,
            occurred_at_ms=command.occurred_at_ms,
            units=as_units(units) if partly else (),
        )
    )
    become: Become = "waiting" if cause.route_again else "cancelled"
    order = on_lines(order, found, units) if cause.route_again else order
    before = order
    ends_as = FulfillmentStatus.CANCELLED if partly else FulfillmentStatus.REJECTED
    order = release(draft, order, found, units, become=become, cause="rejected", ends_as=ends_as)
    correct_stock(draft, order, found, units, cause.effect, command)
    if not cause.route_again:
        tell_cancelled(draft, before, order, units, command.cause)
        return order
    if cause.hold is not None:
        return apply_hold(draft, order, cause.hold, f"{found.location_id} says: {cause.meaning}")
    return route_again(draft, order, found.location_id, "rejected", refuses=cause.refuses)


def correct_stock(
    draft: Draft,
    order: Order,
    fulfillment: Fulfillment,
    units: Mapping[str, int],
    effect: StockEffect,
    command: RejectFulfillment | PickFulfillment,
) -> None:
    """Book what a location's word says of its stock."""
    lines = {line.line_id: line for line in order.lines}
    said = {} if effect is StockEffect.NOTHING else units
    place = fulfillment.location_id
    for sku, count in (part for line_id, n in said.items() for part in parts_of(lines[line_id], n)):
        level = draft.level(sku, place)
        change = Change(on_hand=-count)
        if effect is StockEffect.DAMAGED:
            change = Change(unsellable=count, state=Unsellable.DAMAGED)
        elif effect is StockEffect.EMPTY:
            change = Change(on_hand=-max(0, level.on_hand - level.unsellable - _picked(draft, order, sku, place)))
        draft.move(
            MovementKind.ADJUSTED,
            sku,
            place,
            change,
            occurred_at_ms=command.occurred_at_ms,
            order_id=command.order_id,
            reason=command.cause if isinstance(command, RejectFulfillment) else "short_pick",
        )
        draft.fell(sku, place)


def _picked(draft: Draft, own: Order, sku: str, location_id: str) -> int:
    """Give the units of a SKU that are off the shelf already: a location that has none left still has these."""
    ids = dict.fromkeys((own.order_id, *draft.view.allocated_orders(sku, location_id)))
    picked = 0
    for order in (own if order_id == own.order_id else draft.order(order_id) for order_id in ids):
        takes = {line.line_id: per_unit(line, sku) for line in order.lines} if order is not None else {}
        for fulfillment in order.fulfillments if order is not None else ():
            if fulfillment.location_id == location_id:
                picked += sum(part.picked * takes.get(part.line_id, 0) for part in fulfillment.lines)
    return picked


def route_again(draft: Draft, order: Order, location_id: str, cause: str, *, refuses: bool) -> Order:
    """Locate what a location did not ship elsewhere; past the pool's budget of tries a person is asked."""
    again = () if not refuses or location_id in order.refused_by else (location_id,)
    refused_by = (*order.refused_by, *again)
    order = replace(order, refused_by=refused_by, reroutes=order.reroutes + 1)
    budget = draft.view.pool.policy.reroute_budget
    unroutable = any(hold.type is HoldType.UNROUTABLE for hold in order.holds)
    if order.reroutes > budget and not unroutable:
        return apply_hold(draft, order, HoldType.UNROUTABLE, f"routed {order.reroutes} times; budget is {budget}")
    return route(draft, order, cause) if may_claim_stock(order) else order
