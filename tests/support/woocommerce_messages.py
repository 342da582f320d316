"""Messages of a WooCommerce shop, written for these tests, and what is read out of them."""

import json
from typing import Any

from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.woocommerce import CONNECTOR

ACCOUNT = Account(name="shop", connector="woocommerce", pool="eu", currency="EUR", time_zone="Europe/Berlin")
WITH_URL = Account(name="shop", connector="woocommerce", pool="eu", settings={"url": "https://shop.example/wp/"})
AT_MS = 1_788_250_000_000
CREATED_MS = 1_788_251_400_000
CHANGED_MS = 1_788_251_460_000


def line(**fields: Any) -> dict[str, Any]:
    return {
        "id": 11,
        "product_id": 7,
        "variation_id": 0,
        "sku": "MUG",
        "name": "Mug",
        "quantity": 3,
        "subtotal": "30.00",
        "subtotal_tax": "5.70",
        "total": "24.00",
        "total_tax": "4.56",
        "meta_data": [],
    } | fields


def order(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    address = {"first_name": "Ada", "last_name": "Q", "address_1": "Ring 1", "city": "Ulm", "postcode": "89073"}
    return {
        "id": 501,
        "number": "W-501",
        "order_key": "wc_order_x",
        "status": "processing",
        "currency": "EUR",
        "prices_include_tax": False,
        "date_created": "2026-09-01T10:30:00",
        "date_created_gmt": "2026-09-01T08:30:00",
        "date_modified_gmt": "2026-09-01T08:31:00",
        "date_paid_gmt": None,
        "total": "33.32",
        "total_tax": "5.32",
        "shipping_total": "4.00",
        "shipping_tax": "0.76",
        "customer_id": 9,
        "billing": address | {"country": "DE", "email": "ada@shop.example", "phone": "1"},
        "shipping": dict.fromkeys(address, ""),
        "payment_method": "stripe",
        "transaction_id": "ch_1",
        "line_items": list(lines) or [line()],
        "shipping_lines": [{"method_title": "DHL", "method_id": "flat_rate", "total": "4.00"}],
        "fee_lines": [],
        "refunds": [],
        "customer_note": "Ring twice",
    } | fields


def refund(**fields: Any) -> dict[str, Any]:
    given_back = line(
        id=90,
        quantity=-2,
        total="-16.00",
        total_tax="-3.04",
        meta_data=[{"key": "_refunded_item_id", "value": "11"}, {"key": "_restock_refunded_items", "value": "2"}],
    )
    return {
        "id": 77,
        "date_created_gmt": "2026-09-03T08:00:00",
        "amount": "19.04",
        "reason": "broken",
        "refunded_by": 1,
        "line_items": [given_back, line(id=91, quantity=0, total="0.00")],
        "_links": {"up": [{"href": "https://shop.example/wp-json/wc/v3/orders/501"}]},
    } | fields


def said(content: object, account: Account = ACCOUNT, topic: str = "", url: str = "") -> Translation:
    headers = {"x-wc-webhook-topic": topic} if topic else {}
    body = json.dumps(content).encode()
    return translate(CONNECTOR, Message(body=body, headers=headers, url=url, received_at_ms=AT_MS), account)
