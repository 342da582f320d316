"""What a shop is told of parcels: that units have left, with their tracking, and that a tracking number is another one.

Shopify has no key by which a fulfillment is made once. So what it has is counted first: units that it knows under the
parcel's tracking number have been told, and only what is left of the parcel is. Sources: Shopify, fulfillmentCreate,
fulfillmentTrackingInfoUpdate; REST resources Fulfillment and FulfillmentOrder.
"""

from collections import Counter
from collections.abc import Generator, Iterable
from typing import Any, NamedTuple

from connectors.frame.carriers import carrier_name
from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.message import Account
from connectors.frame.reading import Given, first, whole
from connectors.systems.shopify.calls import UserError, change, checked_order_id, read, refused_for
from connectors.systems.shopify.companies import company_of
from connectors.systems.shopify.lines import units_of
from connectors.systems.shopify.shapes import Amount, FulfillmentGiven, Ident
from connectors.systems.shopify.values import ident, needed, word
from models.records.fulfillment import Parcel
from models.records.order import Order

NOTIFY = "notify_customer"

_STANDING = frozenset({"success", "open", "pending"})
_OPEN = frozenset({"open", "in_progress"})
_NOT_YET = frozenset({"on_hold", "scheduled"})

_CREATE = """
mutation Ship($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id } userErrors { message } }
}
"""
_TRACK = """
mutation Track($id: ID!, $tracking: FulfillmentTrackingInput!, $notify: Boolean) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $tracking, notifyCustomer: $notify) {
    fulfillment { id } userErrors { message }
  }
}
"""


class _Fulfillments(Given):
    fulfillments: list[FulfillmentGiven]


class _Part(Given):
    id: Ident = None
    line_item_id: Ident = None
    fulfillable_quantity: Amount = None


class _FulfillmentOrder(Given):
    id: Ident = None
    status: str | None = None
    assigned_location_id: Ident = None
    line_items: list[_Part] = []


class _FulfillmentOrders(Given):
    fulfillment_orders: list[_FulfillmentOrder]


class _Named(Given):
    id: str | None = None


class _Result(Given, rename="camel"):
    fulfillment: _Named | None = None
    user_errors: list[UserError] = []


class _Created(Given, rename="camel"):
    fulfillment_create: _Result


class _Tracked(Given, rename="camel"):
    fulfillment_tracking_info_update: _Result


class _Taken(NamedTuple):
    """Units of a line of a fulfillment order."""

    location: str
    fulfillment_order: str
    part: str
    quantity: int


Told = Generator[HttpRequest, HttpResponse, str | Sent]
"""Gives the id of the shop's fulfillment, or what went wrong."""


def tell_parcel(occasion: Occasion, account: Account) -> Sending:
    """Make the fulfillment of a parcel, or put its newer tracking on the one that is there."""
    order, parcel = occasion.order, occasion.parcel
    if order is None or parcel is None:
        return Sent(outcome=Outcome.REFUSED, note="this tells of no parcel")
    order_id = checked_order_id(order.external_id)
    there = yield from read(account, f"orders/{order_id}/fulfillments", _Fulfillments, limit=250)
    if isinstance(there, Sent):
        return there
    standing = [one for one in there.fulfillments if word(one.status) in _STANDING]
    untold = _untold(order, parcel, standing)
    known = next((ident(one.id) for one in standing if _number(one) == parcel.tracking_number), "")
    if not +untold:
        return Sent(outcome=Outcome.DONE, note="the shop knows it", reference=known)
    if occasion.kind is OccasionKind.PARCEL_TRACKED:
        earlier = _same_parcel(order, parcel, standing)
        if earlier is not None:
            told = yield from _track(account, parcel, needed(earlier.id, "id"))
            return told if isinstance(told, Sent) else Sent(outcome=Outcome.DONE, reference=told)
    return (yield from _ship(occasion, account, order_id, parcel, untold))


def _number(given: FulfillmentGiven) -> str:
    return first(ident(one) for one in (given.tracking_number, *(given.tracking_numbers or ())))


def _units(given: FulfillmentGiven) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line, _, count in units_of(given):
        counted[line] += count
    return counted


def _units_of_parcel(parcel: Parcel) -> Counter[str]:
    counted: Counter[str] = Counter()
    for units in parcel.units:
        counted[units.line_id] += units.quantity
    return counted


def _untold(order: Order, parcel: Parcel, standing: Iterable[FulfillmentGiven]) -> Counter[str]:
    """Give the units of a parcel that the shop does not know.

    Parcels with the same number, and those without any, are told in their order: what it knows is of the earlier ones
    first.
    """
    known: Counter[str] = Counter()
    for given in standing:
        if _number(given) == parcel.tracking_number:
            known += _units(given)
    for other in order.parcels:
        if other.parcel_id == parcel.parcel_id:
            break
        if other.tracking_number == parcel.tracking_number:
            known -= _units_of_parcel(other)
    return _units_of_parcel(parcel) - known


def _same_parcel(order: Order, parcel: Parcel, standing: Iterable[FulfillmentGiven]) -> FulfillmentGiven | None:
    """Give the fulfillment that was made of a parcel when its number was another, or none."""
    others = {other.tracking_number for other in order.parcels if other.parcel_id != parcel.parcel_id}
    wanted = _units_of_parcel(parcel)
    mine = (one for one in standing if _number(one) not in others - {""} and _units(one) == wanted)
    return next(mine, None)


def _track(account: Account, parcel: Parcel, fulfillment_id: str) -> Told:
    variables = {
        "id": f"gid://shopify/Fulfillment/{fulfillment_id}",
        "tracking": _tracking(account, parcel),
        "notify": _notifies(account),
    }
    answer = yield from change(account, _TRACK, variables, _Tracked)
    if isinstance(answer, Sent):
        return answer
    return refused_for(answer.fulfillment_tracking_info_update.user_errors) or fulfillment_id


def _ship(occasion: Occasion, account: Account, order_id: str, parcel: Parcel, untold: Counter[str]) -> Sending:
    answer = yield from read(account, f"orders/{order_id}/fulfillment_orders", _FulfillmentOrders)
    if isinstance(answer, Sent):
        return answer
    ours = occasion.fulfillment.location_id if occasion.fulfillment is not None else ""
    theirs = next((one for one, location in account.locations.items() if location == ours), "")
    taken, missing = _take(answer.fulfillment_orders, untold, theirs)
    reference = ""
    # All parts of one fulfillment have to be of one location.
    for location in dict.fromkeys(one.location for one in taken):
        told = yield from _create(account, parcel, [one for one in taken if one.location == location])
        if isinstance(told, Sent):
            return told
        reference = reference or told
    if not missing:
        return Sent(outcome=Outcome.DONE, reference=reference)
    lines = ", ".join(f"{count} of line {line}" for line, count in missing.items())
    if any(word(one.status) in _NOT_YET for one in answer.fulfillment_orders):
        return Sent(outcome=Outcome.LATER, note=f"the shop holds back {lines}: release it there", reference=reference)
    note = f"the shop has nothing open of {lines}: it was removed or fulfilled there by another word"
    return Sent(outcome=Outcome.REFUSED, note=note, reference=reference)


def _take(found: Iterable[_FulfillmentOrder], wanted: Counter[str], location: str) -> tuple[list[_Taken], Counter[str]]:
    """Spread units over what is open, that of the parcel's own location first; give what is missing as well."""
    missing = Counter(wanted)
    taken: list[_Taken] = []
    for order in sorted(found, key=lambda one: ident(one.assigned_location_id) != location):
        if word(order.status) not in _OPEN:
            continue
        for part in order.line_items:
            line = ident(part.line_item_id)
            count = min(missing[line], whole(part.fulfillable_quantity or 0, "fulfillable_quantity"))
            if count > 0:
                missing[line] -= count
                place = ident(order.assigned_location_id)
                taken.append(_Taken(place, needed(order.id, "id"), needed(part.id, "line_items.id"), count))
    return taken, +missing


def _create(account: Account, parcel: Parcel, taken: list[_Taken]) -> Told:
    parts: dict[str, list[dict[str, Any]]] = {}
    for one in taken:
        line = {"id": f"gid://shopify/FulfillmentOrderLineItem/{one.part}", "quantity": one.quantity}
        parts.setdefault(one.fulfillment_order, []).append(line)
    fulfillment: dict[str, Any] = {
        "lineItemsByFulfillmentOrder": [
            {"fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{order}", "fulfillmentOrderLineItems": lines}
            for order, lines in parts.items()
        ],
        "notifyCustomer": _notifies(account),
    }
    tracking = _tracking(account, parcel)
    if tracking:
        fulfillment["trackingInfo"] = tracking
    answer = yield from change(account, _CREATE, {"fulfillment": fulfillment}, _Created)
    if isinstance(answer, Sent):
        return answer
    result = answer.fulfillment_create
    made = result.fulfillment
    return refused_for(result.user_errors) or ident(made.id if made is not None else None)


def _tracking(account: Account, parcel: Parcel) -> dict[str, str]:
    company = company_of(carrier_name(account, parcel.carrier))
    named = {"number": parcel.tracking_number, "company": company}
    return {name: text for name, text in named.items() if text}


def _notifies(account: Account) -> bool:
    return account.settings.get(NOTIFY, "").strip().lower() in {"yes", "true"}
