"""What ShipStation v2 is told: our fulfillments as shipments, and their cancellation; and what it is asked again.

A shipment carries our fulfillment as `external_shipment_id`, by which it is looked up before it is made.
Source: ShipStation API documentation, pages Create shipments, Get shipment by external id, Cancel shipment, Labels.
"""

from typing import Any
from urllib.parse import quote

import msgspec

from connectors.frame.answers import undone
from connectors.frame.cursors import begin_ms, utc_text
from connectors.frame.declaration import Page, Polling, Sending
from connectors.frame.documents import Occasion, OccasionKind, Outcome, Sent
from connectors.frame.facts import Address
from connectors.frame.http import HttpRequest, get_request, json_request
from connectors.frame.message import Account, Message
from connectors.frame.reading import Given, read_json
from connectors.frame.streets import streets
from connectors.systems.shipstation_v2.reading import POLLED
from models.records.fulfillment import Fulfillment

OVERLAP_MS = 3_600_000
_BASES = {"shipstation": "https://api.shipstation.com/v2", "shipengine": "https://api.shipengine.com/v1"}
_MISSING = 404
_NEEDED = {"name": "a name", "address_line1": "a street", "city_locality": "a city", "postal_code": "a postcode"}
_UNWEIGHED = {"value": 1, "unit": "ounce"}
"""A package has to weigh something: who makes the label weighs it."""


class _Shipment(Given):
    shipment_id: str = ""
    shipment_status: str = ""
    errors: list[str] | None = None


class _Created(Given):
    shipments: list[_Shipment] = []


class _LabelPage(Given):
    page: int = 1
    pages: int = 1


def base_of(account: Account) -> str:
    """Give where its API is: ShipStation's own unless the account's setting `api` is shipengine."""
    return _BASES.get(account.settings.get("api", ""), _BASES["shipstation"])


def authorise(request: HttpRequest, account: Account, secrets: dict[str, str]) -> HttpRequest:
    """Put the API key in."""
    del account
    return msgspec.structs.replace(request, headers=request.headers | {"api-key": secrets["api_key"]})


def send(occasion: Occasion, account: Account) -> Sending:
    """Ask for a fulfillment, or for it back."""
    fulfillment = occasion.fulfillment
    if fulfillment is None:
        return Sent(outcome=Outcome.REFUSED, note=f"a {occasion.kind} without a fulfillment")
    url = f"{base_of(account)}/shipments/external_shipment_id/{quote(fulfillment.fulfillment_id, safe='')}"
    response = yield get_request(url)
    if not response.ok and response.status != _MISSING:
        return undone(response)
    there = read_json(response.body, _Shipment) if response.ok else None
    if occasion.kind is OccasionKind.CANCELLATION_REQUESTED:
        return (yield from _cancel(occasion, fulfillment, there, base_of(account)))
    if there is not None:
        return Sent(outcome=Outcome.DONE, reference=there.shipment_id, note="it was there already")
    return (yield from _create(occasion, fulfillment, account))


def _create(occasion: Occasion, fulfillment: Fulfillment, account: Account) -> Sending:
    address = occasion.address
    if address is None or not address.lines or not address.country:
        return Sent(outcome=Outcome.REFUSED, note="the order has no address to ship to: add it and deliver again")
    ship_to = _ship_to(occasion, address, account)
    missing = [what for field, what in _NEEDED.items() if field not in ship_to]
    if missing:
        note = f"ShipStation ships to no address without {' and '.join(missing)}: add it and deliver again"
        return Sent(outcome=Outcome.REFUSED, note=note)
    shipment = _shipment(occasion, fulfillment, ship_to, account)
    if base_of(account) != _BASES["shipstation"] and not {"carrier_id", "service_code"} <= shipment.keys():
        note = "ShipEngine wants the account's settings carrier_id and service_code: set them and deliver again"
        return Sent(outcome=Outcome.REFUSED, note=note)
    content = {"shipments": [shipment]}
    response = yield json_request("POST", f"{base_of(account)}/shipments", content)
    if not response.ok:
        return undone(response)
    made = read_json(response.body, _Created).shipments
    wrong = [text for one in made for text in one.errors or ()]
    if wrong or not made:
        return Sent(outcome=Outcome.REFUSED, note="; ".join(wrong)[:300] or "ShipStation made no shipment of it")
    return Sent(outcome=Outcome.DONE, reference=made[0].shipment_id)


def _shipment(
    occasion: Occasion, fulfillment: Fulfillment, ship_to: dict[str, Any], account: Account
) -> dict[str, Any]:
    settings = account.settings
    ours = fulfillment.fulfillment_id
    chosen: dict[str, Any] = {
        name: settings[name] for name in ("carrier_id", "service_code", "warehouse_id") if settings.get(name)
    }
    if base_of(account) == _BASES["shipstation"]:
        # Only this makes it an order on ShipStation's pages; ShipEngine has none, and refuses the field.
        chosen["create_sales_order"] = True
    return chosen | {
        "external_shipment_id": ours,
        "shipment_number": ours,
        "external_order_id": occasion.order.external_id if occasion.order is not None else None,
        "ship_to": ship_to,
        "items": [
            {
                "name": occasion.titles.get(line.sku) or line.sku,
                "sku": line.sku,
                "quantity": line.allocated,
                "external_order_item_id": line.line_id,
            }
            for line in fulfillment.lines
            if line.allocated
        ],
        # A label repeats this, so that its parcel is known to be ours.
        "packages": [{"package_code": "package", "external_package_id": ours, "weight": _UNWEIGHED}],
    }


def _ship_to(occasion: Occasion, address: Address, account: Account) -> dict[str, Any]:
    """No field may be empty: what is not known is left out."""
    buyer = occasion.buyer
    told = streets(address.lines, ("address_line1", "address_line2", "address_line3")) | {
        "name": address.name or (buyer.name if buyer is not None else "") or address.company,
        "company_name": address.company,
        "phone": (buyer.phone if buyer is not None else "") or account.settings.get("phone", ""),
        "email": buyer.email if buyer is not None else "",
        "city_locality": address.city,
        # It is asked for of every country, and most have none: then it is printed on no label.
        "state_province": address.region or address.city,
        "postal_code": address.postcode,
        "country_code": address.country,
        "address_residential_indicator": "unknown",
    }
    return {name: text for name, text in told.items() if text}


def _cancel(occasion: Occasion, fulfillment: Fulfillment, there: _Shipment | None, base: str) -> Sending:
    if there is None or there.shipment_status == "cancelled":
        return Sent(outcome=Outcome.DONE, note="it is not there" if there is None else "it was cancelled already")
    if there.shipment_status not in ("pending", "processing", "on_hold"):
        return Sent(outcome=Outcome.REFUSED, note=f"it is {there.shipment_status} in ShipStation: too late")
    wanted = sum(units.quantity for units in occasion.units)
    if wanted and wanted < sum(line.allocated for line in fulfillment.lines):
        return Sent(
            outcome=Outcome.REFUSED,
            note=f"ShipStation cancels whole shipments: take the units out of {there.shipment_id} by hand",
        )
    response = yield HttpRequest(method="PUT", url=f"{base}/shipments/{quote(there.shipment_id, safe='')}/cancel")
    return Sent(outcome=Outcome.DONE, reference=there.shipment_id) if response.ok else undone(response)


def poll_labels(account: Account, cursor: str, now_ms: int) -> Polling:
    """Read the labels that were made since."""
    since = utc_text(begin_ms(cursor, now_ms, OVERLAP_MS))
    page, pages = 1, 1
    while page <= pages:
        response = yield get_request(
            f"{base_of(account)}/labels?created_at_start={since}&sort_by=created_at&sort_dir=asc&page_size=100&page={page}"
        )
        if response is None or not response.ok:
            return
        pages = read_json(response.body, _LabelPage).pages
        message = Message(body=response.body, topic=POLLED, received_at_ms=now_ms)
        yield Page(messages=(message,), cursor=cursor if page < pages else str(now_ms))
        page += 1
