"""Orders as Medusa's Admin API gives them, written for these tests, and what is read out of them."""

import json
from typing import Any

from connectors.frame.facts import OrderStated
from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.medusa import CONNECTOR

SHOP = "https://shop.example"
ADMIN = f"{SHOP}/admin"
ACCOUNT = Account(name="shop", connector="medusa", pool="eu", settings={"url": SHOP, "stock_location": "sloc_1"})
ORDER_ID = "order_01JSNXDH9BPJWWKVW03B9E9KW8"
AT_MS = 1_788_250_000_000
PLACED, PLACED_MS = "2026-09-01T08:30:00.000Z", 1_788_251_400_000
CHANGED, CHANGED_MS = "2026-09-01T08:31:00.000Z", 1_788_251_460_000
LATER, LATER_MS = "2026-09-01T08:32:00.000Z", 1_788_251_520_000


def item(**fields: Any) -> dict[str, Any]:
    """Three mugs of 10, a tenth off, 20 % tax: as totals of Medusa state them."""
    detail = {"version": 1, "quantity": fields.get("quantity", 3), "shipped_quantity": 0, "delivered_quantity": 0}
    known = {
        "id": "ordli_1",
        "title": "Mug",
        "product_title": "Mug",
        "variant_id": "variant_1",
        "variant_sku": "MUG",
        "requires_shipping": True,
        "is_giftcard": False,
        "is_tax_inclusive": False,
        "unit_price": 10,
        "quantity": 3,
        "subtotal": 30,
        "original_total": 36,
        "discount_subtotal": 3,
        "discount_total": 3.6,
        "tax_total": 5.4,
        "adjustments": [{"amount": 3}],
        "detail": detail | fields.pop("detail", {}),
    }
    return known | fields


def order(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    address = {"first_name": "Ada", "last_name": "Q", "address_1": "Ring 1", "city": "Ulm", "postal_code": "89073"}
    return {
        "id": ORDER_ID,
        "display_id": 7,
        "status": "pending",
        "version": 1,
        "email": "ada@shop.example",
        "currency_code": "eur",
        "customer_id": "cus_1",
        "created_at": PLACED,
        "updated_at": CHANGED,
        "canceled_at": None,
        "payment_status": "authorized",
        "total": 37.2,
        "tax_total": 6.2,
        "item_tax_total": 5.4,
        "shipping_total": 4.8,
        "shipping_tax_total": 0.8,
        "credit_line_total": 0,
        "items": list(items) or [item()],
        "shipping_address": address | {"country_code": "de"},
        "customer": {"id": "cus_1", "first_name": None, "last_name": None, "email": "ada@shop.example"},
        "shipping_methods": [{"name": "Standard"}],
        "payment_collections": [{"status": "authorized", "updated_at": CHANGED, "payments": [payment()]}],
        "fulfillments": [],
        "returns": [],
    } | fields


def payment(**fields: Any) -> dict[str, Any]:
    return {
        "id": "pay_1",
        "amount": 37.2,
        "currency_code": "eur",
        "provider_id": "pp_stripe",
        "created_at": PLACED,
        "updated_at": PLACED,
        "captures": [],
        "refunds": [],
    } | fields


def fulfillment(**fields: Any) -> dict[str, Any]:
    return {
        "id": "ful_1",
        "location_id": "sloc_1",
        "packed_at": CHANGED,
        "shipped_at": CHANGED,
        "delivered_at": None,
        "canceled_at": None,
        "updated_at": CHANGED,
        "metadata": None,
        "items": [{"line_item_id": "ordli_1", "quantity": 2}],
        "labels": [{"tracking_number": "00340"}],
    } | fields


def said(content: object, account: Account = ACCOUNT) -> Translation:
    return translate(CONNECTOR, Message(body=json.dumps(content).encode(), received_at_ms=AT_MS), account)


def the_order(*items: dict[str, Any], account: Account = ACCOUNT, **fields: Any) -> OrderStated:
    told = said(order(*items, **fields), account)
    assert told.refused == ()
    fact = told.facts[0]
    assert isinstance(fact, OrderStated)
    return fact
