"""What a Medusa is told of parcels: a fulfillment of their units, its shipment with tracking, and its delivery.

Medusa makes a fulfillment as often as it is asked. So one that names the parcel is looked for first, in its metadata.
Source: Medusa, Admin API reference, "Create Fulfillment", "Create Shipment" and "Mark a Fulfillment as Delivered".
"""

from typing import Any
from urllib.parse import quote

from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, Outcome, Sent
from connectors.frame.http import get_request, json_request
from connectors.frame.message import Account
from connectors.frame.reading import Given, whole
from connectors.systems.medusa.asking import Asked, asked
from connectors.systems.medusa.calls import address, order_path
from connectors.systems.medusa.parcels import PARCEL, parcel_of, tracking_of, units_of
from connectors.systems.medusa.shapes import FulfillmentGiven, ItemGiven
from models.records.fulfillment import Parcel
from models.records.order import Order

LOCATION = "stock_location"
NOTIFY = "notify_customer"

_FIELDS = "id,*items,*items.detail,*fulfillments,*fulfillments.items,*fulfillments.labels"


class _Order(Given):
    id: str
    items: tuple[ItemGiven, ...] = ()
    fulfillments: tuple[FulfillmentGiven, ...] = ()


class _Answer(Given):
    order: _Order


def tell_parcel(occasion: Occasion, account: Account) -> Sending:
    """Make the fulfillment of a parcel, unless it is there, and ship it, unless it was."""
    order, parcel = occasion.order, occasion.parcel
    if order is None or parcel is None:
        return Sent(outcome=Outcome.REFUSED, note="this tells of no parcel")
    there = yield from _read(order, account)
    if isinstance(there, Sent):
        return there
    found = _ours(there, parcel) or _packed_there(there, parcel)
    if found is None:
        made = yield from _create(occasion, account, order, parcel)
        if isinstance(made, Sent):
            return made
        found = _ours(made, parcel)
    if found is None:
        return Sent(outcome=Outcome.LATER, note="Medusa made a fulfillment that it does not show yet")
    if found.shipped_at or found.delivered_at:
        return Sent(outcome=Outcome.DONE, note="Medusa knows it", reference=found.id)
    shipped = yield from asked(
        json_request("POST", _path(account, order, found, "shipments"), _shipment(parcel, account)), _Answer
    )
    return shipped if isinstance(shipped, Sent) else Sent(outcome=Outcome.DONE, reference=found.id)


def tell_delivered(occasion: Occasion, account: Account) -> Sending:
    """Mark the parcel's fulfillment as delivered, unless it is."""
    order, parcel = occasion.order, occasion.parcel
    if order is None or parcel is None:
        return Sent(outcome=Outcome.REFUSED, note="this tells of no parcel")
    there = yield from _read(order, account)
    if isinstance(there, Sent):
        return there
    found = _ours(there, parcel)
    if found is None:
        return Sent(outcome=Outcome.LATER, note="Medusa does not know yet that the parcel has left")
    if found.delivered_at:
        return Sent(outcome=Outcome.DONE, note="Medusa knows it", reference=found.id)
    content = {"no_notification": not _notifies(account)}
    told = yield from asked(json_request("POST", _path(account, order, found, "mark-as-delivered"), content), _Answer)
    return told if isinstance(told, Sent) else Sent(outcome=Outcome.DONE, reference=found.id)


def _read(order: Order, account: Account) -> Asked[_Order]:
    answer = yield from asked(get_request(address(account, order_path(order.external_id), fields=_FIELDS)), _Answer)
    return answer if isinstance(answer, Sent) else answer.order


def _standing(there: _Order) -> list[FulfillmentGiven]:
    return [one for one in there.fulfillments if one.canceled_at is None]


def _ours(there: _Order, parcel: Parcel) -> FulfillmentGiven | None:
    """Give the fulfillment that names the parcel, or else its tracking number."""
    standing = _standing(there)
    named = next((one for one in standing if parcel_of(one) == parcel.parcel_id), None)
    if named is not None or not parcel.tracking_number:
        return named
    return next((one for one in standing if tracking_of(one) == parcel.tracking_number and not parcel_of(one)), None)


def _packed_there(there: _Order, parcel: Parcel) -> FulfillmentGiven | None:
    """Give one that somebody at the shop made of the very same units, and did not ship: this is it."""
    ordered = {
        item.id: whole((item.detail.quantity if item.detail else None) or item.quantity or 0, "quantity")
        for item in there.items
    }
    wanted = _units(parcel)
    open_ones = (one for one in _standing(there) if not (one.shipped_at or one.delivered_at or parcel_of(one)))
    return next((one for one in open_ones if units_of(one, ordered) == wanted), None)


def _units(parcel: Parcel) -> dict[str, int]:
    counted: dict[str, int] = {}
    for units in parcel.units:
        counted[units.line_id] = counted.get(units.line_id, 0) + units.quantity
    return counted


def _items(parcel: Parcel) -> list[dict[str, Any]]:
    return [{"id": line, "quantity": count} for line, count in _units(parcel).items()]


def _create(occasion: Occasion, account: Account, order: Order, parcel: Parcel) -> Asked[_Order]:
    """Without a location Medusa takes that of the shipping option that was bought."""
    content: dict[str, Any] = {
        "items": _items(parcel),
        "no_notification": not _notifies(account),
        "metadata": {PARCEL: parcel.parcel_id},
    }
    ours = occasion.fulfillment.location_id if occasion.fulfillment is not None else ""
    mapped = next((theirs for theirs, location in account.locations.items() if location == ours), "")
    location = mapped or account.settings.get(LOCATION, "")
    if location:
        content["location_id"] = location
    url = address(account, f"{order_path(order.external_id)}/fulfillments", fields=_FIELDS)
    answer = yield from asked(json_request("POST", url, content), _Answer)
    return answer if isinstance(answer, Sent) else answer.order


def _shipment(parcel: Parcel, account: Account) -> dict[str, Any]:
    content: dict[str, Any] = {"items": _items(parcel), "no_notification": not _notifies(account)}
    if parcel.tracking_number:
        # Medusa wants addresses of the tracking page and of the label: nothing says that there is none.
        label = {"tracking_number": parcel.tracking_number, "tracking_url": "", "label_url": ""}
        content["labels"] = [label]
    return content


def _path(account: Account, order: Order, found: FulfillmentGiven, what: str) -> str:
    path = f"{order_path(order.external_id)}/fulfillments/{quote(found.id, safe='')}/{what}"
    return address(account, path, fields="id")


def _notifies(account: Account) -> bool:
    return account.settings.get(NOTIFY, "").strip().lower() in {"yes", "true"}
