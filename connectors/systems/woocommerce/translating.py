"""From a payload of WooCommerce to facts: what it is about is told by its topic, else by its shape."""

from functools import partial

from msgspec.structs import replace

from connectors.frame.entries import translate_each
from connectors.frame.facts import OrderCancelled
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.reading import UnreadableError, within
from connectors.systems.woocommerce.kinds import (
    Kind,
    fields_of,
    is_batch,
    kind_of,
    list_of,
    looks_like_ours,
    unwrapped,
    wrapped,
)
from connectors.systems.woocommerce.orders import translate_order
from connectors.systems.woocommerce.refunds import translate_refund
from connectors.systems.woocommerce.shapes import given_id

_TOPIC = "x-wc-webhook-topic"
_PING = b"webhook_id="
_SAYS_NOTHING = {
    Kind.REQUEST: "this asks the shop for something: the order that comes of it tells what is",
    Kind.ANSWER: "this answers a request, and there is no order in it",
    Kind.NOTE: "a note on an order moves nothing",
    Kind.WEBHOOK: "a webhook that is set up at the shop",
    Kind.PRODUCT: "a product says what the shop lists; its stock is told to the shop, never by it",
    Kind.SUBSCRIPTION: "a subscription is no order: each of its renewals is one",
    Kind.TRACKING: "a tracking number names no units: the order says with it when they have left",
}


def topic_of(message: Message) -> str:
    """Give what a webhook is about, such as `order.updated`. Source: WooCommerce, "Webhooks", delivery headers."""
    return message.headers.get(_TOPIC, "") or message.topic


def recognise(message: Message) -> bool:
    """Know it by its header, else by its shape."""
    is_ours = any(name.startswith("x-wc-webhook-") for name in message.headers)
    return is_ours or message.body.startswith(_PING) or looks_like_ours(message.body)


def translate(message: Message, account: Account) -> Translation:
    """Give what a message says: an order, a list of orders, refunds, a batch, or that an order was deleted.

    Raises:
        UnreadableError: it is no JSON, or nothing that WooCommerce sends.
    """
    if message.body.startswith(_PING):
        return ignored("the shop tried whether its webhook arrives")
    message = replace(message, body=unwrapped(message.body))
    resource, _, event = topic_of(message).partition(".")
    if resource not in ("", "order", "orders", "refunds"):
        return ignored(f"a message about a {resource}, which moves no order and no stock")
    if event == "deleted":
        return _deleted(message.body, message)
    if message.body.lstrip()[:1] == b"[":
        return _each(message.body, "orders", None, message, account)
    return _object(message, account)


def _object(message: Message, account: Account) -> Translation:
    fields = fields_of(message.body)
    if is_batch(fields):
        return _batch(message, account)
    inside = wrapped(fields)
    if inside is None:
        return _one(message.body, None, message, account)
    name, kind = inside
    content = bytes(fields[name])
    if content[:1] == b"[":
        return _each(content, name, kind, message, account)
    with within(name):
        return _one(content, kind, message, account)


def _each(content: bytes, path: str, kind: Kind | None, message: Message, account: Account) -> Translation:
    return translate_each(list_of(content), path, lambda entry: _one(entry, kind, message, account), given_id)


def _one(entry: bytes, of: Kind | None, message: Message, account: Account) -> Translation:
    kind = kind_of(fields_of(entry), of=of)
    if kind is Kind.ORDER:
        return translate_order(entry, account)
    if kind is Kind.REFUND:
        return translate_refund(entry, message, account)
    if kind is None:
        raise UnreadableError("", "this is neither an order nor a refund, nor anything else that WooCommerce sends")
    return ignored(_SAYS_NOTHING[kind])


def _batch(message: Message, account: Account) -> Translation:
    """A batch asks with ids of what is to be deleted, and is answered with the orders themselves.

    Source: WooCommerce REST API, "Batch update orders".
    """
    said = [
        translate_each(list_of(bytes(raw)), name, partial(_of_batch, name, message, account), given_id)
        for name, raw in fields_of(message.body).items()
    ]
    facts = tuple(fact for one in said for fact in one.facts)
    refused = tuple(refusal for one in said for refusal in one.refused)
    fetch = tuple(pointed for one in said for pointed in one.fetch)
    why = "" if facts or refused else next((one.ignored for one in said), "")
    return Translation(facts=facts, refused=refused, fetch=fetch, ignored=why)


def _of_batch(name: str, message: Message, account: Account, entry: bytes) -> Translation:
    if entry[:1] != b"{":
        return ignored(_SAYS_NOTHING[Kind.REQUEST])
    fields = fields_of(entry)
    if "error" in fields:
        return ignored("the shop did not do this one of a batch")
    kind = kind_of(fields)
    if name == "delete" and kind is Kind.ORDER:
        return _deleted(entry, message)
    return _one(entry, kind or Kind.REQUEST, message, account)


def _deleted(body: bytes, message: Message) -> Translation:
    """A deleted order says no more than its id; the legacy API puts its name around it."""
    external_id = given_id(bytes(fields_of(body).get("order", body)))
    return Translation(facts=(OrderCancelled(external_id=external_id, at_ms=message.received_at_ms, cause="other"),))
