"""What sort of thing a payload of Amazon is, by the names of its fields: neither files nor answers say it."""

import msgspec

from connectors.frame.reading import UnreadableError, read_json
from connectors.systems.amazon.notifications import DEEPEST, contents, is_envelope, is_notification

Fields = dict[str, msgspec.Raw]

_REQUEST = "this asks Amazon for something: what comes of it tells what is"
_ANSWER = "this answers a request, and there is no order in it"
_MONEY = "money that Amazon pays out: it moves no order and no stock"
_STOCK = "what Amazon has been told of stock: it is no word on what there is"
_WHO = "it says who bought, without the order itself, which says it too"
_LABEL = "a label that was bought of Amazon: that the parcel has left is told when it has"
_SHEETS = (b"settlement-id\t", b"amazon-order-id\t")

TELLING: dict[str, tuple[bytes, str]] = {
    "errors": (b'"code"', "a request failed, and this is why"),
    "packageDetail": (b"", _REQUEST),
    "shipmentStatus": (b"", _REQUEST),
    "regulatedOrderVerificationStatus": (b'"status"', _REQUEST),
    "packageIds": (b"", _REQUEST),
    "packages": (b'"packageLineItems"', _REQUEST),
    "packageLineItems": (b"", _REQUEST),
    "resourceSpecification": (b"", _REQUEST),
    "destinationId": (b"", _REQUEST),
    "packageShipLabelList": (b"", _ANSWER),
    "shippingOptions": (b"", _ANSWER),
    "document": (b'"format"', _ANSWER),
    "requests": (b'"uri"', _STOCK),
    "responses": (b'"statusCode"', _STOCK),
    "body": (b'"uri"', _STOCK),
    "returns": (b'"marketplaceChannelDetails"', "a return on its way: the location that receives it says what came"),
    "marketplaceChannelDetails": (b"", "a return on its way: the location that receives it says what came"),
    "invoiceHeader": (b"", _MONEY),
    "balances": (b'"balanceType"', _MONEY),
    "invoices": (b'"invoiceIdentifier"', _MONEY),
}
"""Fields that tell what a payload is, with what stands in them, and why it says nothing to us."""

PAYLOADS: dict[str, str] = {
    "FinancialEvents": _MONEY,
    "FinancialEventGroupList": _MONEY,
    "transactions": _MONEY,
    "destinationId": _ANSWER,
    "subscriptionId": _ANSWER,
    "subscriptions": _ANSWER,
    "ShipmentId": _LABEL,
    "AmazonOrderId": _WHO,
}
"""The same, inside the `payload` that answers of some APIs have around them."""


def fields_of(body: bytes) -> Fields:
    """Give the fields of an object.

    Raises:
        UnreadableError: it is none.
    """
    return read_json(body, Fields)


def entries_of(body: bytes) -> list[msgspec.Raw]:
    """Give the entries of a list.

    Raises:
        UnreadableError: it is none.
    """
    return read_json(body, list[msgspec.Raw])


def is_sheet(body: bytes) -> bool:
    """Tell a settlement report, or one of orders, by its first line."""
    return body.removeprefix(b"\xef\xbb\xbf").startswith(_SHEETS)


def why_nothing(fields: Fields) -> str:
    """Give why a payload says nothing to us; empty where it is none of those."""
    for name, (mark, why) in TELLING.items():
        if name in fields and mark in bytes(fields[name]) and not (name == "errors" and _is_foreign(fields[name])):
            return why
    return ""


def _is_foreign(errors: msgspec.Raw) -> bool:
    """Tell errors of other systems, which say more of each than Amazon's do, or are no list."""
    given = bytes(errors)
    return not given.startswith(b"[") or any(mark in given for mark in (b'"category"', b'"extensions"', b'"field"'))


def is_order_2026(fields: Fields) -> bool:
    """Tell an order of the orders API 2026-01-01."""
    return {"orderId", "orderItems"} <= fields.keys() and bool({"salesChannel", "lastUpdatedTime"} & fields.keys())


def is_shipment(fields: Fields) -> bool:
    """Tell a shipment of External Fulfillment."""
    return {"lineItems", "marketplaceAttributes"} <= fields.keys()


def looks_like_ours(body: bytes) -> bool:
    """Tell whether a payload has a shape that only Amazon's have, as far as can be told; garbage is not ours."""
    try:
        return is_sheet(body) or _looks_like_ours(body, 0)
    except UnreadableError:
        return False


def _looks_like_ours(body: bytes, depth: int) -> bool:
    if body.lstrip()[:1] == b"[":
        return depth == 0 and any(_looks_like_ours(bytes(entry), depth + 1) for entry in entries_of(body)[:1])
    fields = fields_of(body)
    if is_notification(fields) or is_order_2026(fields) or is_shipment(fields) or "AmazonOrderId" in fields:
        return True
    if is_envelope(fields):
        return depth < DEEPEST and any(_looks_like_ours(content, depth + 1) for content in contents(fields))
    if "payload" in fields:
        return _is_payload(bytes(fields["payload"]))
    if "Orders" in fields:
        return any("AmazonOrderId" in fields_of(bytes(one)) for one in entries_of(bytes(fields["Orders"]))[:1])
    for name, tells in (("order", is_order_2026), ("orders", is_order_2026), ("shipments", is_shipment)):
        if name in fields:
            content = bytes(fields[name])
            first = entries_of(content)[:1] if content[:1] == b"[" else [content]
            return any(tells(fields_of(bytes(entry))) for entry in first)
    return bool(why_nothing(fields))


def _is_payload(payload: bytes) -> bool:
    first = entries_of(payload)[:1] if payload[:1] == b"[" else [msgspec.Raw(payload)]
    known = PAYLOADS.keys() | {"Orders"}
    return any(known & fields_of(bytes(entry)).keys() for entry in first)
