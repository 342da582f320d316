"""What sort of thing a payload of WooCommerce is, by the names of its fields: files have no header that would say."""

from enum import StrEnum

import msgspec

from connectors.frame.reading import UnreadableError, read_json

Fields = dict[str, msgspec.Raw]


class Kind(StrEnum):
    """The sorts that are told apart."""

    ORDER = "order"
    REFUND = "refund"
    REQUEST = "request"
    ANSWER = "answer"
    NOTE = "note"
    WEBHOOK = "webhook"
    PRODUCT = "product"
    SUBSCRIPTION = "subscription"
    TRACKING = "tracking"


_MARKS: tuple[tuple[frozenset[str], Kind], ...] = (
    (frozenset({"billing_period", "line_items"}), Kind.SUBSCRIPTION),
    (frozenset({"refunded_by"}), Kind.REFUND),
    (frozenset({"refunded_payment"}), Kind.REFUND),
    (frozenset({"id", "date_created", "amount", "reason", "line_items"}), Kind.REFUND),
    (frozenset({"id", "order_key", "line_items"}), Kind.ORDER),
    (frozenset({"id", "prices_include_tax", "line_items"}), Kind.ORDER),
    (frozenset({"id", "date_created", "billing", "shipping_lines", "line_items"}), Kind.ORDER),
    (frozenset({"id", "created_at", "billing_address", "shipping_methods", "line_items"}), Kind.ORDER),
    (frozenset({"id", "created_at", "total_line_items_quantity", "line_items"}), Kind.ORDER),
    (frozenset({"set_paid"}), Kind.REQUEST),
    (frozenset({"note", "customer_note"}), Kind.NOTE),
    (frozenset({"delivery_url"}), Kind.WEBHOOK),
    (frozenset({"tracking_id", "tracking_provider", "date_shipped"}), Kind.TRACKING),
    (frozenset({"order_statuses"}), Kind.ANSWER),
    (frozenset({"regular_price", "permalink"}), Kind.PRODUCT),
)
"""Fields that only a thing of that kind has all of; the first that fits counts."""

_ASKED_FOR = (frozenset({"payment_method", "line_items"}), frozenset({"payment_details", "line_items"}))
"""Fields of an order that does not exist yet, and so has no id."""

_ALONE = {frozenset({"note"}): Kind.NOTE, frozenset({"status"}): Kind.REQUEST}
"""Things of a single field."""

_BEGINS = {
    "message": (b'"Permanently deleted', Kind.ANSWER),
    # Methods of shipping as one text are WooCommerce's alone.
    "shipping_methods": (b'"', Kind.REQUEST),
}
"""Fields that tell by how their value begins."""

_WRAPPED = {
    "order": Kind.ORDER,
    "orders": Kind.ORDER,
    "order_refund": Kind.REFUND,
    "order_refunds": Kind.REFUND,
    "order_note": Kind.NOTE,
    "order_notes": Kind.NOTE,
    "product": Kind.PRODUCT,
    "products": Kind.PRODUCT,
    "webhook": Kind.WEBHOOK,
    "webhooks": Kind.WEBHOOK,
}
"""What the legacy API puts around a thing, or a list of it."""

BATCH = ("create", "update", "delete")
_SIGNIFICANT = frozenset({"order_refund", "order_refunds", "order_note", "order_notes"})


def fields_of(body: bytes) -> Fields:
    """Give the fields of an object.

    Raises:
        UnreadableError: it is none.
    """
    return read_json(body, dict[str, msgspec.Raw])


def list_of(body: bytes) -> list[msgspec.Raw]:
    """Give the entries of a list.

    Raises:
        UnreadableError: it is none.
    """
    return read_json(body, list[msgspec.Raw])


def kind_of(fields: Fields, *, of: Kind | None = None) -> Kind | None:
    """Tell what an object is; `of` is what the wrapping around it says. Nothing: this is nothing of WooCommerce's."""
    names = frozenset(fields)
    found = next((kind for marks, kind in _MARKS if marks <= names), None) or _ALONE.get(names)
    if found is None and "id" not in names and any(marks <= names for marks in _ASKED_FOR):
        found = Kind.REQUEST
    found = found or next((kind for name, (begin, kind) in _BEGINS.items() if _begins(fields, name, begin)), None)
    if of is None or found is of:
        return found
    if of in (Kind.ORDER, Kind.REFUND):
        # What has an id and a time is there, even where it lacks what is needed to read it; any other is asked for.
        return of if {"id", "created_at"} <= names or {"id", "date_created"} <= names else Kind.REQUEST
    return of


def _begins(fields: Fields, name: str, begin: bytes) -> bool:
    return name in fields and bytes(fields[name]).startswith(begin)


def wrapped(fields: Fields) -> tuple[str, Kind] | None:
    """Give the name and the kind of what a legacy payload holds."""
    return next(((name, kind) for name, kind in _WRAPPED.items() if name in fields and len(fields) <= 2), None)  # noqa: PLR2004


def unwrapped(body: bytes) -> bytes:
    """Give what stands in the `data` that tunnels through other hosts put around an answer of the shop."""
    if not body.lstrip().startswith(b"{"):
        return body
    fields = fields_of(body)
    return bytes(fields["data"]) if fields.keys() == {"data"} else body


def is_batch(fields: Fields) -> bool:
    """Tell a batch, or what it is answered with."""
    return bool(fields) and all(name in BATCH for name in fields)


def looks_like_ours(body: bytes) -> bool:
    """Tell whether a payload has a shape that only WooCommerce's have, as far as can be told; garbage is not ours."""
    try:
        return _looks_like_ours(unwrapped(body))
    except UnreadableError:
        return False


def _looks_like_ours(body: bytes) -> bool:
    if body.lstrip()[:1] == b"[":
        entries = list_of(body)
        return bool(entries) and _is_marked(bytes(entries[0]))
    fields = fields_of(body)
    if is_batch(fields):
        return any(_is_marked(bytes(entry)) for raw in fields.values() for entry in list_of(bytes(raw))[:1])
    inside = wrapped(fields)
    if inside is None or inside[0] in _SIGNIFICANT:
        # A status or a note alone is anybody's; what the legacy API wraps is not.
        return inside is not None or (kind_of(fields) is not None and frozenset(fields) not in _ALONE)
    content = bytes(fields[inside[0]])
    if content[:1] == b"[":
        return any(_is_marked(bytes(entry)) for entry in list_of(content)[:1])
    return _is_marked(content)


def _is_marked(entry: bytes) -> bool:
    return entry[:1] == b"{" and kind_of(fields_of(entry)) is not None
