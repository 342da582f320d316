"""From a message to what it says: a webhook, an answer of REST or GraphQL, a list, the lines of a bulk operation."""

import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from connectors.frame.entries import translate_each
from connectors.frame.facts import OrderCancelled
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, instant_or_none, read_json, shown, within
from connectors.systems.shopify import topics
from connectors.systems.shopify.graphql import from_lines, is_graphql, is_lines, plain
from connectors.systems.shopify.orders import order_stated
from connectors.systems.shopify.parcels import Said, parcel_stated
from connectors.systems.shopify.refunds import order_refunded
from connectors.systems.shopify.shapes import FulfillmentGiven, Named, OrderGiven, RefundGiven
from connectors.systems.shopify.stock import LevelGiven, levels_within, stock_counted
from connectors.systems.shopify.values import ident, needed

Fields = dict[str, msgspec.Raw]
_DELETED = "orders/delete"
_ITEMS = "inventory_items"
_HAVE_LEVELS = frozenset({_ITEMS, "variants", "products", "locations"})
_FOREIGN = re.compile(rb'"(view_order_url|address_line_1|address_1|idempotency_key)"\s*:')
"""Orders of WooCommerce's first versions, which look much the same, have the first, and its addresses the third (here
it is `address1`); what Square is asked has the others."""

_WRAPPINGS = 6
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _Opened(NamedTuple):
    """What is inside of a message: the topic or family that is told with it, and the path to it."""

    topic: str
    path: str
    body: bytes


class _Metadata(Given):
    """Headers as EventBridge has them, in its `detail`."""

    topic: str = msgspec.field(default="", name="X-Shopify-Topic")


def translate(message: Message, account: Account) -> Translation:
    """Give what a message says."""
    opened = _opened(topics.plain_topic(topics.topic_of(message)), _readable(message.body))

    def listed(entry: bytes) -> Translation:
        if entry == b"null":
            return ignored("GraphQL has nothing of that id")
        return _inside(_opened(opened.topic, entry), message, account)

    if opened.body.startswith(b"["):
        return translate_each(read_json(opened.body, list[msgspec.Raw]), opened.path, listed, _name_of)
    return _inside(opened, message, account)


def recognise(message: Message) -> bool:
    """Tell whether it looks like one of Shopify's."""
    if topics.header(message, "topic") or b"gid://shopify/" in message.body:
        return True
    if _FOREIGN.search(message.body):
        return False
    try:
        opened = _opened("", _readable(message.body))
        if opened.body.startswith(b"["):
            entries = read_json(opened.body, list[msgspec.Raw])
            if not entries:
                # An empty list may be anybody's, but for those that Shopify alone has.
                return opened.topic in topics.READ
            opened = _opened(opened.topic, bytes(entries[0]))
        fields = read_json(opened.body, Fields)
    except UnreadableError:
        return False
    if topics.family_of_marks(fields.keys()) or _is_cart(fields):
        return _is_numbered(fields)
    return opened.topic != "" and _is_numbered(fields)


def _is_numbered(fields: Fields) -> bool:
    """Tell whether ids are numbers and named as Shopify's: others name things of the same kind with words."""
    ids = [bytes(fields[name]) for name in ("id", "inventory_item_id", "order_id") if name in fields]
    foreign = any(name.endswith("Id") for name in fields)
    return not foreign and (_is_cart(fields) or all(one == b"null" or one.isdigit() for one in ids))


def _is_cart(fields: Fields) -> bool:
    """Tell a cart: its token is its id, and no number."""
    return {"id", "token", "line_items"} <= fields.keys() and bytes(fields["id"]) == bytes(fields["token"])


def _readable(body: bytes) -> bytes:
    """Give a body as one JSON value, in the form of REST."""
    body = body.removeprefix(_BYTE_ORDER_MARK).strip()
    if is_lines(body):
        body = from_lines(body)
    return plain(body) if is_graphql(body) else body


class _Around(NamedTuple):
    """What is around: the key that holds the rest, the topic that is told beside it, whether it names a resource."""

    key: str = ""
    topic: str = ""
    is_resource: bool = False


def _opened(topic: str, body: bytes) -> _Opened:
    """Take off what is around: `data`, the name of a resource, an event bus, a page of the documentation."""
    path: list[str] = []
    for _ in range(_WRAPPINGS):
        around = _around(read_json(body, Fields), topic) if body.startswith(b"{") else _Around()
        if not around.key:
            break
        body = bytes(read_json(body, Fields)[around.key]).strip()
        path.append(around.key)
        topic = topic or topics.plain_topic(around.topic)
        # What stands in a resource is its own, whatever it is called.
        if around.is_resource:
            break
    return _Opened(topic, ".".join(path), body)


def _around(fields: Fields, topic: str) -> _Around:
    names = fields.keys()
    carried = _carried(fields)
    if carried is not None:
        return carried
    if topics.family_of_marks(names):
        return _Around()
    if "data" in names:
        return _Around("data")
    only = next(iter(names)) if len(names) == 1 else ""
    # GraphQL puts the name of a mutation around what came of it.
    if only == "node" or (only and b'"user_errors"' in bytes(fields[only])):
        return _Around(only)
    family, key = topics.family_of_envelope(names)
    if topic and family != topics.family_of_topic(topic):
        return _Around()
    # A word or a number is a field of that name (`locale`), and nothing is inside of it.
    if key and not bytes(fields[key]).lstrip().startswith((b"{", b"[")):
        return _Around()
    return _Around(key, family, is_resource=True)


def _carried(fields: Fields) -> _Around | None:
    """Give what carries a webhook: an event bus, an app's library, a page of the documentation."""
    names = fields.keys()
    if {"detail", "detail-type"} <= names:
        return _Around("detail")
    if {"payload", "metadata"} <= names:
        return _Around("payload", read_json(bytes(fields["metadata"]), _Metadata).topic)
    if {"payload", "topic"} <= names:
        # Others have such names as well, and topics of their own.
        topic = topics.plain_topic(read_json(bytes(fields["topic"]), str))
        return _Around("payload", topic) if topics.family_of_topic(topic) in topics.FAMILIES else None
    if {"response", "name", "available_on"} <= names:
        return _Around("response", read_json(bytes(fields["name"]), str))
    return None


def _inside(opened: _Opened, message: Message, account: Account) -> Translation:
    if not opened.path:
        return _one(opened.body, opened.topic, message, account)
    with within(opened.path):
        told = _one(opened.body, opened.topic, message, account)
    return replace(told, refused=tuple(replace(it, field=f"{opened.path}.{it.field}") for it in told.refused))


def _one(entry: bytes, topic: str, message: Message, account: Account) -> Translation:
    fields = read_json(entry, Fields)
    family = topics.family_of_topic(topic) or _family_of(fields)
    if topic == _DELETED:
        return _deleted(entry, message)
    levels = levels_within(entry) if family in _HAVE_LEVELS and b'"inventory_level' in entry else []
    # Who asks for products mostly asks for their levels to show them: those without a time are no count.
    if levels and (family == _ITEMS or b'"updated_at":"' in b"".join(map(bytes, levels))):
        return translate_each(levels, "inventory_levels", lambda level: _said(_level(level, account)))
    if topic in topics.WHY:
        return ignored(topics.WHY[topic])
    read = _READ.get(family)
    if read is not None and not fields:
        return ignored("the message holds nothing")
    if read is not None:
        return _said(read(entry, account))
    if family in topics.WHY:
        return ignored(topics.WHY[family])
    if topic:
        reason = (
            f"{shown(topic)} is no topic that is known: take it off the app's subscriptions if nothing is to come of it"
        )
        raise UnreadableError("x-shopify-topic", reason)
    return ignored("it looks like no order, fulfillment, refund or inventory level, and no header names its topic")


def _said(said: Said) -> Translation:
    return ignored(said) if isinstance(said, str) else Translation(facts=said)


def _family_of(fields: Fields) -> str:
    if b'"gid://shopify/Checkout/' in bytes(fields.get("id", b"")):
        # The storefront's checkouts have the fields of an order.
        return "checkouts"
    family = topics.family_of_marks(fields.keys()) or topics.family_of_envelope(fields.keys())[0]
    family = family or ("carts" if _is_cart(fields) else "")
    for name in ("admin_graphql_api_id", "id"):
        text = bytes(fields.get(name, b"")).strip(b'"').decode("utf-8", "replace")
        family = family or topics.family_of_global_id(text)
    return family


def _order(entry: bytes, account: Account) -> Said:
    return (order_stated(read_json(entry, OrderGiven), account),)


def _parcel(entry: bytes, account: Account) -> Said:
    del account
    return parcel_stated(read_json(entry, FulfillmentGiven))


def _refund(entry: bytes, account: Account) -> Said:
    return (order_refunded(read_json(entry, RefundGiven), account),)


def _level(entry: bytes, account: Account) -> Said:
    del account
    return stock_counted(read_json(entry, LevelGiven))


_READ: dict[str, Callable[[bytes, Account], Said]] = {
    topics.ORDERS: _order,
    topics.FULFILLMENTS: _parcel,
    topics.REFUNDS: _refund,
    topics.LEVELS: _level,
}


def _deleted(entry: bytes, message: Message) -> Translation:
    """Take an order off that the shop has deleted: it says no more than its id, and no time but the message's own."""
    order = needed(read_json(entry, Named).id, "id")
    triggered = instant_or_none(topics.header(message, "triggered-at"), "x-shopify-triggered-at")
    at_ms = message.received_at_ms if triggered is None else triggered
    return Translation(facts=(OrderCancelled(external_id=order, at_ms=at_ms, cause="other"),))


def _name_of(entry: bytes) -> str:
    return ident(read_json(_opened("", entry).body, Named).id)
