"""A person sends units from another location than was chosen, or takes a fulfillment apart at its own."""

from msgspec.structs import replace

from models.commands import MoveUnits
from models.records.fulfillment import Fulfillment
from models.records.order import Order
from models.rejections import Rejected, RejectionCode, fulfillment_unknown
from models.rules.draft import Draft
from models.rules.holds import Step, in_the_way
from models.rules.lines import allocated_units, by_line, check_units, fulfillment_of
from models.rules.orders.cancel import may_recall
from models.rules.orders.hold import on_lines
from models.rules.release import release
from models.rules.routing.route import route
from models.rules.routing.supply import only_place, reason_against


def move(draft: Draft, order: Order, command: MoveUnits) -> Order | Rejected:
    """Claim units at the location that is named; refused whole where it cannot promise all of them.

    What it costs does not count, nor that the location has refused before: whoever asks knows more. At the location
    where they are already, units get a fulfillment of their own.
    """
    to = command.location_id
    if to not in draft.view.locations:
        return Rejected(RejectionCode.LOCATION_UNKNOWN, f"the pool has no location {to}", "location_id")
    found = fulfillment_of(order, command.fulfillment_id)
    if found is None:
        return fulfillment_unknown(command.fulfillment_id)
    held = allocated_units(found)
    refused = _refused(draft, order, found, to) or check_units(command.units, held, held)
    if refused is not None:
        return refused
    units = by_line(command.units) if command.units else held
    is_split = to == found.location_id
    if is_split and units == held:
        return Rejected(RejectionCode.STATUS_FORBIDS, f"all of its units are at {to} already", "location_id")
    asked_anew = replace(order, refused_by=tuple(place for place in order.refused_by if place != to))
    back = release(draft, on_lines(asked_anew, found, units), found, units, become="waiting", cause="moved")
    moved = route(draft, back, "moved", only=to, join=not is_split)
    if any(after.waiting > before.waiting for before, after in zip(order.lines, moved.lines, strict=True)):
        return Rejected(RejectionCode.STOCK_TOO_LOW, f"{to} cannot promise all of these units", "location_id")
    return moved


def _refused(draft: Draft, order: Order, found: Fulfillment, to: str) -> Rejected | None:
    """Say what stands in the way of any move of a fulfillment's units to a location."""
    holds = in_the_way(order, found, Step.ROUTE)
    if holds:
        reasons = ", ".join(hold.type for hold in holds)
        return Rejected(RejectionCode.ORDER_HELD, f"it is held for {reasons}; release it first", "order_id")
    if not may_recall(draft, found) or not allocated_units(found):
        text = "units that are picked, or accepted by a partner, stay: have the location reject them"
        return Rejected(RejectionCode.STATUS_FORBIDS, text, "fulfillment_id")
    place = draft.view.locations[to]
    against = reason_against(draft, place) if to in draft.view.restricted else ""
    if against:
        return Rejected(RejectionCode.STATUS_FORBIDS, f"{to} may not ship now: {against}", "location_id")
    only = only_place(order)
    if only and to != only:
        text = f"the customer collects it at {only}, out of that store's stock"
        return Rejected(RejectionCode.STATUS_FORBIDS, text, "location_id")
    return None
