"""An order that a location works on already, since somebody else has asked it to: stated, and asked of nobody again."""

from msgspec.structs import replace

from models.events import FulfillmentAccepted
from models.records.fulfillment import FulfillmentStatus
from models.records.hold import Hold, HoldType
from models.records.order import Order
from models.rules.draft import Draft
from models.rules.holds import may_claim_stock
from models.rules.lines import with_fulfillment
from models.rules.orders.hold import put_on
from models.rules.routing.route import route


def begin_at(draft: Draft, order: Order, location_id: str) -> Order:
    """Claim the units at that location alone, as accepted.

    What is not there by our book, or may not be claimed yet, is held until a person releases it: sent from elsewhere,
    it would be sent twice.
    """
    at_ms = draft.cause.at_ms
    if may_claim_stock(order):
        order = route(draft, order, "begun", tell_waiting=False, only=location_id)
    for part in order.fulfillments:
        draft.emit(
            FulfillmentAccepted(order_id=order.order_id, fulfillment_id=part.fulfillment_id, occurred_at_ms=at_ms)
        )
        by = {**part.by, "accepted": draft.cause.actor}
        accepted = replace(part, status=FulfillmentStatus.ACCEPTED, accepted_at_ms=at_ms, by=by)
        order = with_fulfillment(order, accepted)
    if not any(line.waiting for line in order.lines):
        return order
    note = f"{location_id} has it already, and not all of it could be claimed there"
    return put_on(draft, order, Hold(type=HoldType.UNROUTABLE, applied_at_ms=at_ms, actor="headrace", note=note))
