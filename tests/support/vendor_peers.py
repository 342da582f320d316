"""The other sides of deliveries: they answer what is asked as the vendor does who has the order and knows nothing yet.

What they remember is only what a delivery looks at again.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.frame.declaration import Connector
from connectors.frame.documents import Occasion, OccasionKind, Sent
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.message import Account
from tests.support.medusa_messages import fulfillment as medusa_fulfillment
from tests.support.scripted_peer import answer
from tests.support.shopify_messages import fulfillment as shopify_fulfillment
from tests.support.shopify_messages import line as shopify_line
from tests.support.shopify_messages import order as shopify_order

Peer = Callable[[HttpRequest, Occasion], HttpResponse]


def play(connector: Connector, account: Account, occasion: Occasion, peer: Peer) -> tuple[list[HttpRequest], Sent]:
    """Send an occasion to a peer: every request that was made, and what came of it."""
    assert connector.send is not None
    sending = connector.send(occasion, account)
    asked: list[HttpRequest] = []
    reply: HttpResponse | None = None
    while True:
        try:
            request = next(sending) if reply is None else sending.send(reply)
        except StopIteration as end:
            sent: Sent = end.value
            return asked, sent
        asked.append(request)
        reply = peer(request, occasion)


def shopify(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """A shop with the order open at one location; it knows a parcel that is tracked under another number."""
    path = urlsplit(request.url).path
    if path.endswith("/fulfillments.json"):
        lines = [{"id": 11, "quantity": 2}, {"id": 12, "quantity": 1}]
        old = shopify_fulfillment(tracking_number="OLD", tracking_numbers=["OLD"], line_items=lines)
        return answer({"fulfillments": [old] if occasion.kind is OccasionKind.PARCEL_TRACKED else []})
    if path.endswith("/fulfillment_orders.json"):
        parts = [{"id": 800 + line, "line_item_id": line, "fulfillable_quantity": 5} for line in (11, 12)]
        found = {"id": 81, "status": "open", "assigned_location_id": 71, "line_items": parts}
        return answer({"fulfillment_orders": [found]})
    if not path.endswith("/graphql.json"):
        return answer({"order": shopify_order(shopify_line(11, 2), shopify_line(12, 1))})
    asked = json.loads(request.body)
    return answer({"data": _shopify_data(asked["query"], asked["variables"])})


def _shopify_data(query: str, variables: dict[str, Any]) -> dict[str, Any]:
    done: dict[str, Any] = {"userErrors": []}
    if "productVariants" in query:
        skus = [term.strip('"') for term in variables["search"].replace("sku:", "").split(" OR ")]
        nodes = [_shopify_variant(sku) for sku in skus]
        return {"productVariants": {"nodes": nodes, "pageInfo": {"hasNextPage": False}}}
    if "fulfillmentCreate" in query:
        return {"fulfillmentCreate": done | {"fulfillment": {"id": "gid://shopify/Fulfillment/901"}}}
    if "fulfillmentTrackingInfoUpdate" in query:
        return {"fulfillmentTrackingInfoUpdate": done | {"fulfillment": {"id": "gid://shopify/Fulfillment/901"}}}
    if "orderEditBegin" in query:
        return {"orderEditBegin": done | {"calculatedOrder": {"id": "gid://shopify/CalculatedOrder/7"}}}
    if "orderCancel" in query:
        return {"orderCancel": {"orderCancelUserErrors": []}}
    name = next(one for one in ("orderEditSetQuantity", "orderEditCommit", "inventorySetQuantities") if one in query)
    return {name: done}


def _shopify_variant(sku: str) -> dict[str, Any]:
    number = sku.removeprefix("SKU-")
    level: dict[str, Any] = {"quantities": [{"name": "available", "quantity": 50, "updatedAt": "2026-08-01T08:00:00Z"}]}
    item: dict[str, Any] = {"id": f"gid://shopify/InventoryItem/{number}", "inventoryLevel": level}
    return {"id": f"gid://shopify/ProductVariant/{number}", "sku": sku, "inventoryItem": item}


def medusa(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """A Medusa with the order; a parcel that was delivered has left, and every item lies at the location."""
    parts = urlsplit(request.url)
    query = dict(parse_qsl(parts.query))
    if parts.path.endswith("/changes"):
        return answer({"order_changes": [{"status": "pending", "internal_note": "Headrace d1"}]})
    if parts.path.endswith("/inventory-items"):
        here = {"location_id": "sloc_1", "stocked_quantity": 50, "reserved_quantity": 3, "updated_at": None}
        skus = [text for name, text in query.items() if name.startswith("sku")]
        items = [{"id": f"iitem_{sku}", "sku": sku, "location_levels": [here]} for sku in skus]
        return answer({"inventory_items": items})
    if "/orders/" not in parts.path:
        return answer({})
    ours = medusa_fulfillment(metadata={"headrace_parcel": "P1"}, shipped_at=None, labels=[])
    has_left = occasion.kind is OccasionKind.PARCEL_DELIVERED
    is_made = parts.path.endswith("/fulfillments") or has_left
    found = [ours | {"shipped_at": "2026-09-01T08:30:00.000Z" if has_left else None}] if is_made else []
    lines: list[dict[str, Any]] = [{"id": "ordli_1", "quantity": 2}, {"id": "ordli_2", "quantity": 1}]
    return answer({"order": {"id": "order_1", "status": "pending", "items": lines, "fulfillments": found}})


def woocommerce(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """A shop with the order and no note of it; every third product is a variation."""
    del occasion
    parts = urlsplit(request.url)
    if parts.path.endswith("/products"):
        skus = dict(parse_qsl(parts.query))["sku"].split(",")
        numbers = {sku: int(sku.removeprefix("SKU-")) for sku in skus if not sku.endswith("5")}
        return answer(
            [
                {"id": number, "parent_id": 9000 if number % 3 == 0 else 0, "sku": sku, "stock_quantity": 50}
                for sku, number in numbers.items()
            ]
        )
    if parts.path.endswith("/providers"):
        return answer({"Global": {"DHL Express": "https://dhl.example/%1$s"}, "Germany": []})
    if parts.path.endswith("/batch"):
        return answer({"update": []})
    if parts.path.endswith(("/notes", "/shipment-trackings")):
        return answer([]) if request.method == "GET" else answer({"id": 1}, 201)
    return answer({"id": 501, "status": "processing"})


def amazon(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """The order without packages, and listings that show another quantity."""
    del occasion
    if request.method == "POST":
        return answer(None, 204)
    if request.method == "PATCH":
        return answer({"sku": "x", "status": "ACCEPTED", "submissionId": "s", "issues": []})
    if "/listings/" in request.url:
        return answer({"sku": "x", "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": 50}]})
    return answer({"order": {"packages": [], "salesChannel": {"marketplaceId": "A1PA6795UKMFR9"}}})


def square(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """A shop that has counted nothing yet."""
    del occasion
    return answer({"counts": []} if request.url.endswith("/batch-retrieve") else {"changes": []})


def shipstation_v1(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """It takes the order, and shows it as its model has it."""
    del occasion
    if request.method == "POST":
        return answer({"orderId": 5})
    person = {"name": "A. Person", "street1": "1 Way", "city": "Austin", "postalCode": "78701", "country": "US"}
    order = {
        "orderId": 5,
        "orderKey": "o1-1",
        "orderNumber": "o1-1",
        "orderDate": "2026-08-31T23:46:40.0000000",
        "createDate": "2026-08-31T23:47:00.0000000",
        "modifyDate": "2026-08-31T23:47:00.0000000",
        "orderStatus": "awaiting_shipment",
        "customerUsername": None,
        "billTo": {"name": "A. Person", "residential": None},
        "shipTo": person | {"residential": True, "addressVerified": "Address validated successfully"},
        "items": [
            {"orderItemId": 1, "lineItemKey": "l1", "sku": "MUG", "name": "Clay mug", "quantity": 2},
            {"orderItemId": 2, "lineItemKey": "l2", "sku": "CUP", "name": "Cup", "quantity": 1},
        ],
        "orderTotal": 12.5,
        "gift": False,
        "userId": None,
        "externallyFulfilled": False,
    }
    return answer({"orders": [order], "total": 1, "page": 1, "pages": 1})


def shipstation_v2(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """It has the shipment only where it is to be cancelled."""
    if request.method == "GET" and occasion.kind is OccasionKind.FULFILLMENT_REQUESTED:
        return answer({"errors": [{"message": "not found"}]}, 404)
    there = {"shipment_id": "se-3", "shipment_status": "pending"}
    return answer({"shipments": [there | {"errors": []}]} if request.method == "POST" else there)


def easypost(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """It knows no carrier by a name that is not its own."""
    del occasion
    carrier = json.loads(request.body)["tracker"].get("carrier", "USPS")
    return answer({"id": "trk_1"}) if carrier in ("USPS", "UPS") else answer({"error": {}}, 422)


def anybody(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """A receiver of webhooks."""
    del request, occasion
    return answer(None, 204)


PEERS: dict[str, Peer] = {
    "shopify": shopify,
    "medusa": medusa,
    "woocommerce": woocommerce,
    "amazon": amazon,
    "square": square,
    "shipstation_v1": shipstation_v1,
    "shipstation_v2": shipstation_v2,
    "easypost": easypost,
    "plain": anybody,
}
