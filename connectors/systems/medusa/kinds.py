"""What sort of thing a payload of Medusa is, by the names of its fields: neither files nor subscribers say it."""

import re
from enum import StrEnum

import msgspec

from connectors.frame.reading import UnreadableError, read_json

Fields = dict[str, msgspec.Raw]


class Kind(StrEnum):
    """The sorts that are told apart."""

    ORDER = "order"
    NAMED_ORDER = "an order by its id alone"
    FIRST_VERSION = "an order of Medusa 1"
    PAYMENT = "payment"
    REQUEST = "request"
    RETURN = "return"
    EXCHANGE = "exchange"
    CLAIM = "claim"
    LINE = "line"
    DRAFT = "draft"
    CART = "cart"
    CHANGE = "change"
    FULFILLMENT = "fulfillment"


_MARKS: tuple[tuple[frozenset[str], Kind], ...] = (
    (frozenset({"additional_items", "difference_due"}), Kind.EXCHANGE),
    (frozenset({"additional_items", "claim_items"}), Kind.CLAIM),
    (frozenset({"id", "items", "display_id", "version"}), Kind.ORDER),
    (frozenset({"id", "items", "display_id", "currency_code"}), Kind.ORDER),
    (frozenset({"id", "items", "payment_collections"}), Kind.ORDER),
    (frozenset({"id", "items", "shipping_methods", "currency_code"}), Kind.ORDER),
    (frozenset({"id", "items", "status", "received_at"}), Kind.RETURN),
    (frozenset({"id", "payment_collection_id", "amount"}), Kind.PAYMENT),
    (frozenset({"id", "packed_at", "shipped_at"}), Kind.FULFILLMENT),
    (frozenset({"quantity", "detail"}), Kind.LINE),
    (frozenset({"items", "summary", "version", "status"}), Kind.DRAFT),
)
"""Fields that only a thing of that kind has all of; the first that fits counts."""

_FIRST_VERSION = frozenset({"cart_id", "draft_order_id", "swaps", "refunded_total", "refundable_amount"})
"""Fields of an order of Medusa 1 alone, and not of one of Medusa 2. Source: Medusa 1, Admin API reference, "Orders"."""

_ASKED_FOR = frozenset({"email", "items", "sales_channel_id"}), frozenset({"email", "items", "region_id"})
"""Fields of an order that does not exist yet, and so has no id."""

_WRAPPED = {
    "order": Kind.ORDER,
    "orders": Kind.ORDER,
    "draft_order": Kind.DRAFT,
    "draft_orders": Kind.DRAFT,
    "return": Kind.RETURN,
    "returns": Kind.RETURN,
    "exchange": Kind.EXCHANGE,
    "exchanges": Kind.EXCHANGE,
    "claim": Kind.CLAIM,
    "claims": Kind.CLAIM,
    "payment": Kind.PAYMENT,
    "payments": Kind.PAYMENT,
    "order_change": Kind.CHANGE,
    "order_changes": Kind.CHANGE,
    "order_preview": Kind.CHANGE,
    "fulfillment": Kind.FULFILLMENT,
}
"""What the Admin API puts around a thing, or a list of it."""

_BESIDE = frozenset({"count", "offset", "limit", "estimate_count"})
_ORDER_ID = re.compile(rb'"order_[0-9A-HJKMNP-TV-Z]{26}"')
"""Others have ids that begin so as well; what follows is a ULID in Medusa's."""

EVENT_NAMES = ("name", "event", "event_name", "eventName", "type")


def fields_of(body: bytes) -> Fields:
    """Give the fields of an object.

    Raises:
        UnreadableError: it is none.
    """
    return read_json(body, Fields)


def list_of(body: bytes) -> list[msgspec.Raw]:
    """Give the entries of a list.

    Raises:
        UnreadableError: it is none.
    """
    return read_json(body, list[msgspec.Raw])


def kind_of(fields: Fields) -> Kind | None:
    """Tell what an object is; nothing: this is nothing of Medusa's."""
    names = frozenset(fields)
    if _is(fields, "object", b'"order"') and {"id", "items", "currency_code"} <= names:
        return Kind.FIRST_VERSION
    found = next((kind for marks, kind in _MARKS if marks <= names), None)
    if found is Kind.ORDER and _id_begins(fields, (b'"cart_',)):
        return Kind.CART
    if found is Kind.ORDER and names & _FIRST_VERSION:
        return Kind.FIRST_VERSION
    if found is not None:
        return found
    if "id" not in names and any(marks <= names for marks in _ASKED_FOR):
        return Kind.REQUEST
    if names == {"items"} and is_line(bytes(fields["items"])):
        return Kind.LINE
    return Kind.NAMED_ORDER if named_order(fields) else None


def first_version_field(fields: Fields) -> str:
    """Give the field by which an order of Medusa 1 is known."""
    return min(fields.keys() & _FIRST_VERSION, default="object")


def is_line(content: bytes) -> bool:
    """Tell whether these are lines of an order."""
    entries = list_of(content) if content[:1] == b"[" else []
    return bool(entries) and bytes(entries[0])[:1] == b"{" and kind_of(fields_of(bytes(entries[0]))) is Kind.LINE


def named_order(fields: Fields) -> str:
    """Give the id of the order that a thing names, or is."""
    for name in ("order_id", "id"):
        given = bytes(fields[name]) if name in fields else b""
        if _ORDER_ID.fullmatch(given):
            return read_json(given, str)
    return ""


def _is(fields: Fields, name: str, value: bytes) -> bool:
    return name in fields and bytes(fields[name]) == value


def wrapped(fields: Fields) -> tuple[str, Kind] | None:
    """Give the name and the kind of what the Admin API wraps."""
    inside = frozenset(fields) - _BESIDE
    name = next(iter(inside)) if len(inside) == 1 else ""
    return (name, _WRAPPED[name]) if name in _WRAPPED else None


def event_of(fields: Fields) -> str:
    """Give the name of an event that a subscriber handed on: `{"name": "order.placed", "data": {"id": ...}}`.

    Source: Medusa, "Events and Subscribers", `SubscriberArgs`.
    """
    if "data" not in fields or bytes(fields["data"])[:1] != b"{":
        return ""
    name = next((name for name in EVENT_NAMES if name in fields and bytes(fields[name])[:1] == b'"'), "")
    return read_json(bytes(fields[name]), str) if name else ""


def looks_like_ours(body: bytes) -> bool:
    """Tell whether a payload has a shape that only Medusa's have, as far as can be told; garbage is not ours."""
    try:
        return _looks_like_ours(body)
    except UnreadableError:
        return False


def _looks_like_ours(body: bytes) -> bool:
    if body.lstrip()[:1] == b"[":
        return _first_is_marked(body)
    fields = fields_of(body)
    if event_of(fields):
        data = fields_of(bytes(fields["data"]))
        return bool(named_order(data)) or _id_begins(data, (b'"pay_', b'"ful_')) or kind_of(data) is Kind.ORDER
    inside = wrapped(fields)
    if inside is None:
        return kind_of(fields) is not None
    content = bytes(fields[inside[0]])
    return _first_is_marked(content) if content[:1] == b"[" else _is_marked(content)


def _id_begins(fields: Fields, begins: tuple[bytes, ...]) -> bool:
    return "id" in fields and bytes(fields["id"]).startswith(begins)


def _first_is_marked(content: bytes) -> bool:
    return any(_is_marked(bytes(entry)) for entry in list_of(content)[:1])


def _is_marked(entry: bytes) -> bool:
    return entry[:1] == b"{" and kind_of(fields_of(entry)) is not None
