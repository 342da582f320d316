"""Fulfillments of one customer that leave in one parcel, though they are of several orders."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from models.commands import MergeFulfillments
from models.events import FulfillmentsMerged
from models.records.fulfillment import Fulfillment, FulfillmentRef
from models.records.order import Order
from models.rejections import Rejected, RejectionCode, fulfillment_unknown
from models.rules.draft import Draft
from models.rules.holds import Step, in_the_way
from models.rules.lines import (
    OPEN_STATUSES,
    allocated_units,
    destination_of,
    fulfillment_of,
    parcel_of,
    with_fulfillment,
)
from models.rules.orders import steps

Rule = Callable[[Draft, Order, Any], Order | Rejected]


def merge(draft: Draft, order: Order, command: MergeFulfillments) -> Order | Rejected:
    """Let two open fulfillments of one customer, from one location to one address, leave in one parcel."""
    found = steps.begin(order, command)
    if isinstance(found, Rejected):
        return found
    other = order if command.other_order_id == order.order_id else draft.order(command.other_order_id)
    if other is None:
        return Rejected(RejectionCode.ORDER_UNKNOWN, f"there is no order {command.other_order_id}", "other_order_id")
    second = fulfillment_of(other, command.other_fulfillment_id)
    if second is None:
        return fulfillment_unknown(command.other_fulfillment_id, "other_fulfillment_id")
    if not go_together(order, found, other, second):
        return Rejected(
            RejectionCode.NOT_TOGETHER,
            "both must be open, of one customer, from one location and to one address",
            "other_fulfillment_id",
        )
    draft.emit(
        FulfillmentsMerged(
            order_id=order.order_id,
            fulfillment_id=found.fulfillment_id,
            other_order_id=other.order_id,
            other_fulfillment_id=second.fulfillment_id,
        )
    )
    every = dict.fromkeys((*_members(order, found), *_members(other, second)))
    for member in every:
        whose = order if member.order_id == order.order_id else draft.order(member.order_id)
        part = fulfillment_of(whose, member.fulfillment_id) if whose is not None else None
        if whose is None or part is None:
            continue
        joined = with_fulfillment(whose, replace(part, parcel_with=tuple(m for m in every if m != member)))
        if joined.order_id == order.order_id:
            order = joined
        else:
            draft.orders[joined.order_id] = joined
    return order


def with_companions(rule: Rule) -> Rule:
    """Let what is said of a parcel hold for the parts of other orders that are in it."""

    def all_of_it(draft: Draft, order: Order, command: Any) -> Order | Rejected:
        done = rule(draft, order, command)
        found = fulfillment_of(order, command.fulfillment_id)
        if isinstance(done, Rejected) or done is order or found is None or getattr(command, "units", None):
            return done
        leaves = parcel_of(order, command.parcel_id) is None
        for member in found.parcel_with:
            other = done if member.order_id == done.order_id else draft.order(member.order_id)
            # In one order each parcel has an id of its own.
            inside = f"{command.parcel_id}/{member.fulfillment_id}"
            parcel_id = inside if member.order_id == done.order_id else command.parcel_id
            if other is None or not _follows(other, member, parcel_id, leaves=leaves):
                continue
            said = replace(command, order_id=member.order_id, fulfillment_id=member.fulfillment_id, parcel_id=parcel_id)
            after = rule(draft, other, said)
            if isinstance(after, Rejected):
                continue
            if member.order_id == done.order_id:
                done = after
            else:
                draft.orders[member.order_id] = after
        return done

    return all_of_it


def _follows(other: Order, member: FulfillmentRef, parcel_id: str, *, leaves: bool) -> bool:
    """Tell whether what is said of a parcel is of this part too: it leaves with it unless it is held, or has left."""
    if not leaves:
        return parcel_of(other, parcel_id) is not None
    part = fulfillment_of(other, member.fulfillment_id)
    return part is not None and not in_the_way(other, part, Step.SHIP)


def _members(order: Order, fulfillment: Fulfillment) -> tuple[FulfillmentRef, ...]:
    own = FulfillmentRef(order_id=order.order_id, fulfillment_id=fulfillment.fulfillment_id)
    return (own, *fulfillment.parcel_with)


def _collected_at(order: Order) -> str | None:
    return order.terms.collect_at if order.terms is not None else None


def go_together(order: Order, first: Fulfillment, other: Order, second: Fulfillment) -> bool:
    """Tell whether two fulfillments may be one parcel."""
    if (
        first.fulfillment_id == second.fulfillment_id
        or second.status not in OPEN_STATUSES
        or not allocated_units(second)
    ):
        return False
    if other.reserved or _collected_at(order) != _collected_at(other):
        return False
    same_order = order.order_id == other.order_id
    known = order.customer is not None and other.customer is not None
    one_customer = same_order or (
        known
        and order.customer is not None
        and other.customer is not None
        and order.customer.customer_id == other.customer.customer_id
    )
    return (
        one_customer
        and first.location_id == second.location_id
        and destination_of(order, first.ship_to) == destination_of(other, second.ship_to)
    )
