"""What a location does with its part of an order: accept, pick (short too), pack, make ready."""

from collections.abc import Mapping

from msgspec.structs import replace

from models.commands import AcceptFulfillment, MakeReady, PackFulfillment, PickFulfillment
from models.events import FulfillmentAccepted, FulfillmentPacked, FulfillmentPicked, FulfillmentReady
from models.records.order import Order
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.lines import allocated_units, as_units, by_line, check_units, fulfillment_of, with_fulfillment
from models.rules.orders import steps
from models.rules.orders.reject import StockEffect, correct_stock, route_again
from models.rules.release import release


def accept(draft: Draft, order: Order, command: AcceptFulfillment) -> Order | Rejected:
    """Note that the location will do it."""
    found = steps.begin(order, command)
    if isinstance(found, Rejected):
        return found
    at_ms = command.occurred_at_ms
    draft.emit(FulfillmentAccepted(order_id=order.order_id, fulfillment_id=found.fulfillment_id, occurred_at_ms=at_ms))
    accepted = replace(
        found,
        status=steps.after(command),
        accepted_at_ms=at_ms,
        by={**found.by, "accepted": command.actor},
        partner_reference=command.partner_reference,
    )
    return with_fulfillment(order, accepted)


def pick(draft: Draft, order: Order, command: PickFulfillment) -> Order | Rejected:
    """Note what was picked; what was not found is gone from the shelf and is routed elsewhere."""
    found = steps.begin(order, command)
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
        order,
        replace(
            found,
            status=steps.after(command),
            picked_at_ms=command.occurred_at_ms,
            by={**found.by, "picked": command.actor},
            lines=lines,
        ),
    )
    if not short:
        return order
    done = fulfillment_of(order, found.fulfillment_id) or found
    order = release(draft, order, done, short, become="waiting", cause="short_pick")
    correct_stock(draft, order, found, short, StockEffect.FEWER, command)
    return route_again(draft, order, found.location_id, "short_pick", refuses=True)


def pack(draft: Draft, order: Order, command: PackFulfillment) -> Order | Rejected:
    """Note that everything picked is in parcels."""
    found = steps.begin(order, command)
    if isinstance(found, Rejected):
        return found
    at_ms = command.occurred_at_ms
    draft.emit(FulfillmentPacked(order_id=order.order_id, fulfillment_id=found.fulfillment_id, occurred_at_ms=at_ms))
    by = {**found.by, "packed": command.actor}
    return with_fulfillment(order, replace(found, status=steps.after(command), packed_at_ms=at_ms, by=by))


def make_ready(draft: Draft, order: Order, command: MakeReady) -> Order | Rejected:
    """Note that everything packed lies ready for the customer, at the store where the order is collected."""
    found = steps.begin(order, command)
    if isinstance(found, Rejected):
        return found
    terms = order.terms
    if terms is None or terms.collect_at != found.location_id:
        return Rejected(
            RejectionCode.STATUS_FORBIDS, f"nobody collects the order at {found.location_id}; ship it", "fulfillment_id"
        )
    at_ms = command.occurred_at_ms
    draft.emit(
        FulfillmentReady(
            order_id=order.order_id,
            fulfillment_id=found.fulfillment_id,
            location_id=found.location_id,
            occurred_at_ms=at_ms,
        )
    )
    by = {**found.by, "ready": command.actor}
    return with_fulfillment(order, replace(found, status=steps.after(command), ready_at_ms=at_ms, by=by))
