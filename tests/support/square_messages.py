"""Messages of Square, written for these tests, and what is read out of them."""

import json
from typing import Any

from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.square import CONNECTOR

BY_ORDERS = Account(name="sq", connector="square", pool="us", settings={"stock_moves_by": "orders"})
BY_INVENTORY = Account(name="sq", connector="square", pool="us", settings={"stock_moves_by": "inventory"})
AT_MS = 1_788_250_000_000


def message(content: object, **fields: Any) -> Message:
    return Message(body=json.dumps(content).encode(), received_at_ms=AT_MS, **fields)


def said(content: object, account: Account = BY_ORDERS) -> Translation:
    return translate(CONNECTOR, message(content), account)


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def item(uid: str, variation: str | None, quantity: str = "1", **fields: Any) -> dict[str, Any]:
    return {
        "uid": uid,
        "catalog_object_id": variation,
        "quantity": quantity,
        "item_type": "ITEM" if variation else "CUSTOM_AMOUNT",
        "name": "Mug",
        "base_price_money": usd(1000),
        "total_tax_money": usd(0),
        "total_discount_money": usd(0),
    } | fields


def sale(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": "S1",
        "location_id": "SHOP",
        "state": "COMPLETED",
        "created_at": "2026-09-01T09:00:00Z",
        "updated_at": "2026-09-01T10:00:05Z",
        "closed_at": "2026-09-01T10:00:00Z",
        "line_items": list(items),
        "total_money": usd(1000),
    } | fields
