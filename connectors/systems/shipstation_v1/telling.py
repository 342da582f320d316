"""What ShipStation v1 is told: our fulfillments as orders, and their cancellation; and what it is asked again.

An order is made or replaced by its `orderKey`, so that a repeat makes no second one.
Source: ShipStation API (v1) documentation, pages Create/Update Order, List Orders, List Shipments, API Rate Limits.
"""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from connectors.frame.answers import undone
from connectors.frame.cursors import begin_ms
from connectors.frame.declaration import Page, Polling, Sending
from connectors.frame.documents import Occasion, OccasionKind, Outcome, Sent
from connectors.frame.facts import Address
from connectors.frame.http import HttpRequest, get_request, json_request
from connectors.frame.message import Account, Message
from connectors.frame.reading import Given, read_json
from connectors.frame.streets import streets
from connectors.money import decimal_of
from connectors.systems.shipstation_v1.parcels import PACIFIC
from connectors.systems.shipstation_v1.reading import POLLED
from models.records.fulfillment import Fulfillment

BASE = "https://ssapi.shipstation.com"
OVERLAP_MS = 7_200_000
"""An hour for what comes late, and one for the hour that is twice in autumn."""

_READ_ONLY = frozenset(
    {"createDate", "modifyDate", "orderTotal", "holdUntilDate", "userId", "labelMessages"}
    | {"externallyFulfilled", "externallyFulfilledBy", "externallyFulfilledById", "externallyFulfilledByName"}
)
"""What an order says of itself and cannot be told. Source: ShipStation API (v1), model Order."""

_WAIT_HEADER = "x-rate-limit-reset"


class _Made(Given):
    orderId: int | str | None = None  # noqa: N815 - the vendor's name.


class _Orders(Given):
    orders: list[dict[str, Any]] = []


class _PageOf(Given):
    pages: int = 1


def authorise(request: HttpRequest, account: Account, secrets: dict[str, str]) -> HttpRequest:
    """Put the API key and its secret in."""
    del account
    pair = base64.b64encode(f"{secrets['api_key']}:{secrets['api_secret']}".encode()).decode()
    return msgspec.structs.replace(request, headers=request.headers | {"authorization": f"Basic {pair}"})


def send(occasion: Occasion, account: Account) -> Sending:
    """Ask for a fulfillment, or for it back."""
    fulfillment = occasion.fulfillment
    if fulfillment is None:
        return Sent(outcome=Outcome.REFUSED, note=f"a {occasion.kind} without a fulfillment")
    if occasion.kind is OccasionKind.CANCELLATION_REQUESTED:
        return (yield from _cancel(occasion, fulfillment))
    address = occasion.address
    if address is None or not address.lines or not address.country:
        return Sent(outcome=Outcome.REFUSED, note="the order has no address to ship to: add it and deliver again")
    order = _order(occasion, fulfillment, address, account)
    if not order["shipTo"]["name"] or "street1" not in order["shipTo"]:
        note = "ShipStation ships to no address without a name and a street: add them and deliver again"
        return Sent(outcome=Outcome.REFUSED, note=note)
    response = yield json_request("POST", f"{BASE}/orders/createorder", order)
    if response.ok:
        return Sent(outcome=Outcome.DONE, reference=str(read_json(response.body, _Made).orderId or ""))
    sent = undone(response, _WAIT_HEADER)
    if sent.outcome is Outcome.LATER:
        return sent
    # One that has shipped cannot be replaced: then an earlier attempt has made it, and its answer was lost.
    response = yield _look_up(fulfillment)
    there = _found(response.body, fulfillment) if response.ok else None
    if there is None:
        return sent
    return Sent(outcome=Outcome.DONE, reference=str(there.get("orderId", "")), note="it was there already")


def _look_up(fulfillment: Fulfillment) -> HttpRequest:
    return get_request(f"{BASE}/orders?{urlencode({'orderNumber': fulfillment.fulfillment_id, 'pageSize': '500'})}")


def _found(body: bytes, fulfillment: Fulfillment) -> dict[str, Any] | None:
    """Give our order; the search also finds numbers that only begin alike."""
    orders = read_json(body, _Orders).orders
    return next((order for order in orders if order.get("orderKey") == fulfillment.fulfillment_id), None)


def _order(occasion: Occasion, fulfillment: Fulfillment, address: Address, account: Account) -> dict[str, Any]:
    ours, buyer, order = fulfillment.fulfillment_id, occasion.buyer, occasion.order
    placed_ms = order.placed_at_ms if order is not None else occasion.at_ms
    prices = {line.line_id: line.unit_price_minor for line in order.lines} if order is not None else {}
    currency = order.currency if order is not None else ""
    ship_to = _ship_to(occasion, address)
    options = {"customField1": order.external_id} if order is not None else {}
    numbers = {"warehouseId": "warehouse_id", "storeId": "store_id"}
    chosen = {name: int(account.settings[key]) for name, key in numbers.items() if account.settings.get(key)}
    return {
        "orderKey": ours,
        "orderNumber": ours,
        "orderDate": pacific_text(placed_ms, "T"),
        "orderStatus": "awaiting_shipment",
        "customerEmail": buyer.email or None if buyer is not None else None,
        "billTo": {"name": ship_to["name"]},
        "shipTo": ship_to,
        "items": [
            {
                "lineItemKey": line.line_id,
                "sku": line.sku,
                "name": occasion.titles.get(line.sku) or line.sku,
                "quantity": line.allocated,
                "unitPrice": float(decimal_of(prices.get(line.line_id, 0), currency)),
            }
            for line in fulfillment.lines
            if line.allocated
        ],
        "advancedOptions": options | chosen,
    }


def _ship_to(occasion: Occasion, address: Address) -> dict[str, Any]:
    buyer = occasion.buyer
    return streets(address.lines, ("street1", "street2", "street3")) | {
        "name": address.name or (buyer.name if buyer is not None else "") or address.company,
        "company": address.company or None,
        "city": address.city,
        "state": address.region,
        "postalCode": address.postcode,
        "country": address.country,
        "phone": buyer.phone or None if buyer is not None else None,
    }


def _cancel(occasion: Occasion, fulfillment: Fulfillment) -> Sending:
    """Take the units out of the order, or cancel it where none is left. An order is replaced whole, as it is there."""
    response = yield _look_up(fulfillment)
    if not response.ok:
        return undone(response, _WAIT_HEADER)
    order = _found(response.body, fulfillment)
    if order is None:
        return Sent(outcome=Outcome.DONE, note="it is not there")
    status = order.get("orderStatus")
    if status == "cancelled":
        return Sent(outcome=Outcome.DONE, note="it was cancelled already")
    if status == "shipped":
        return Sent(outcome=Outcome.REFUSED, note="it has shipped: too late")
    back = {units.line_id: units.quantity for units in occasion.units}
    if fulfillment.cancellation is not None and not back:
        back = {units.line_id: units.quantity for units in fulfillment.cancellation.units}
    items = [_less(item, fulfillment, back) for item in order.get("items") or [] if isinstance(item, dict)]
    left = [item for item in items if item.get("quantity")] if back else []
    changed = {"items": left} if left else {"orderStatus": "cancelled"}
    told = {name: value for name, value in order.items() if name not in _READ_ONLY}
    response = yield json_request("POST", f"{BASE}/orders/createorder", told | changed)
    if not response.ok:
        return undone(response, _WAIT_HEADER)
    return Sent(outcome=Outcome.DONE, reference=str(order.get("orderId", "")))


def _less(item: dict[str, Any], fulfillment: Fulfillment, back: dict[str, int]) -> dict[str, Any]:
    """Give an item with what is left of it: counted from our side, so that a repeat takes nothing off twice."""
    line_id = item.get("lineItemKey")
    ours = next((line.allocated for line in fulfillment.lines if line.line_id == line_id), None)
    if ours is None or line_id not in back:
        return item
    return item | {"quantity": max(0, ours - back[str(line_id)])}


def pacific_text(at_ms: int, between: str = " ") -> str:
    """Write a time as ShipStation reads it: Pacific, without an offset."""
    return datetime.fromtimestamp(at_ms // 1000, ZoneInfo(PACIFIC)).strftime(f"%Y-%m-%d{between}%H:%M:%S")


def poll_of(path: str, since_parameter: str) -> Callable[[Account, str, int], Polling]:
    """Give a poll that reads a list since the last time, page by page."""

    def run(account: Account, cursor: str, now_ms: int) -> Polling:
        query = {since_parameter: pacific_text(begin_ms(cursor, now_ms, OVERLAP_MS)), "pageSize": "500"}
        if path == "shipments":
            query["includeShipmentItems"] = "True"
        if path != "fulfillments" and account.settings.get("store_id"):
            query["storeId"] = account.settings["store_id"]
        page, pages = 1, 1
        while page <= pages:
            response = yield get_request(f"{BASE}/{path}?{urlencode(query | {'page': str(page)})}")
            if response is None or not response.ok:
                return
            pages = read_json(response.body, _PageOf).pages
            message = Message(body=response.body, topic=POLLED, received_at_ms=now_ms)
            yield Page(messages=(message,), cursor=cursor if page < pages else str(now_ms))
            page += 1

    return run
