"""Messages of Shopify's, as small as they can be, and what they say."""

import json
from typing import Any

from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.shopify import CONNECTOR

ACCOUNT = Account(
    name="acme", connector="shopify", pool="eu", channel="web", settings={"shop": "acme", "stock_location": "71"}
)
AT = "2026-09-01T10:30:00+02:00"
AT_MS = 1_788_251_400_000
CHANGED = "2026-09-01T08:45:00Z"
CHANGED_MS = AT_MS + 900_000
CAME_MS = AT_MS + 1_000_000


def money(shop: str, customer: str = "1.00", currency: str = "EUR") -> dict[str, Any]:
    """An amount in both currencies; the customer's is another one, and never counts."""
    return {
        "shop_money": {"amount": shop, "currency_code": currency},
        "presentment_money": {"amount": customer, "currency_code": "USD"},
    }


def line(line_id: int = 11, quantity: int | None = 2, **fields: Any) -> dict[str, Any]:
    return {
        "id": line_id,
        "sku": "TEA-1",
        "name": "Tea - green",
        "variant_id": 808,
        "quantity": quantity,
        "price": "10.00",
        "price_set": money("10.00"),
        "requires_shipping": True,
        "gift_card": False,
    } | fields


def order(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": 5001,
        "name": "#1001",
        "currency": "EUR",
        "created_at": AT,
        "updated_at": CHANGED,
        "financial_status": "paid",
        "line_items": list(lines or (line(),)),
    } | fields


def fulfillment(**fields: Any) -> dict[str, Any]:
    return {
        "id": 901,
        "order_id": 5001,
        "status": "success",
        "created_at": AT,
        "updated_at": CHANGED,
        "tracking_company": "DHL",
        "tracking_number": "JD01",
        "tracking_numbers": ["JD01"],
        "location_id": 71,
        "line_items": [{"id": 11, "sku": "TEA-1", "quantity": 2}],
    } | fields


def refund(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": 701,
        "order_id": 5001,
        "created_at": AT,
        "note": "broken",
        "refund_line_items": list(lines),
        "transactions": [],
    } | fields


def refunded(quantity: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "line_item_id": 11,
        "quantity": quantity,
        "restock_type": "cancel",
        "subtotal": 10.0,
        "subtotal_set": money("10.00"),
        "total_tax": 1.9,
        "total_tax_set": money("1.90"),
    } | fields


def given_back(amount: str, **fields: Any) -> dict[str, Any]:
    return {"id": 301, "kind": "refund", "status": "success", "amount": amount, "currency": "EUR"} | fields


def message(content: object, topic: str = "", **headers: str) -> Message:
    named = {"x-shopify-topic": topic} if topic else {}
    named |= {name.replace("_", "-"): text for name, text in headers.items()}
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Message(body=body, headers=named, received_at_ms=CAME_MS)


def said(content: object, topic: str = "", account: Account = ACCOUNT, **headers: str) -> Translation:
    return translate(CONNECTOR, message(content, topic, **headers), account)
