"""From a payload of Amazon to facts: answers of its APIs, and notifications in whatever envelope brought them."""

from collections.abc import Iterable

from connectors.frame.entries import translate_each
from connectors.frame.facts import OrderCancelled
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, instant, read_json, within
from connectors.systems.amazon import orders_2026, orders_v0
from connectors.systems.amazon.calls import whole_order
from connectors.systems.amazon.external import translate_shipment
from connectors.systems.amazon.kinds import (
    PAYLOADS,
    Fields,
    entries_of,
    fields_of,
    is_order_2026,
    is_sheet,
    is_shipment,
    looks_like_ours,
    why_nothing,
)
from connectors.systems.amazon.notifications import (
    DEEPEST,
    SENT_BY_AMAZON,
    contents,
    is_envelope,
    is_notification,
    notification_id,
    translate_notification,
)


class SenderGiven(Given, rename="camel"):
    fulfilled_by: str = ""


class SentGiven(Given, rename="camel"):
    fulfillment: SenderGiven = SenderGiven()


class HeadGiven(Given, rename="pascal"):
    """What decides about an order of v0 before its items are looked at."""

    amazon_order_id: str
    fulfillment_channel: str = ""
    order_status: str = ""
    last_update_date: str | None = None


class NamedGiven(Given):
    """Ids of whatever an entry may be."""

    orderId: str = ""  # noqa: N815 - the vendor's names.
    AmazonOrderId: str = ""
    id: str = ""


def recognise(message: Message) -> bool:
    """Know it by its shape."""
    return looks_like_ours(message.body)


def message_id(message: Message) -> str:
    """Give the id of the notification, also inside of an envelope; an answer to a poll has none."""
    try:
        return notification_id(fields_of(message.body))
    except UnreadableError:
        return ""


def translate(message: Message, account: Account) -> Translation:
    """Give what a message says.

    Raises:
        UnreadableError: it is no JSON, nothing of Amazon's, or a field is missing or wrong.
    """
    if is_sheet(message.body):
        return ignored("a report of money or orders as a sheet: orders come by the API, and money moves nothing")
    return _any(message.body, message, account, 0)


def _any(body: bytes, message: Message, account: Account, depth: int) -> Translation:
    if depth > DEEPEST:
        raise UnreadableError("", "this is an envelope in envelopes")
    if body.lstrip()[:1] == b"[":
        return translate_each(entries_of(body), "", lambda one: _any(one, message, account, depth + 1), _name)
    fields = fields_of(body)
    if is_notification(fields):
        return translate_notification(fields, message, account)
    if is_envelope(fields):
        return joined(_any(content, message, account, depth + 1) for content in contents(fields))
    return _answer(body, fields, account)


def _answer(body: bytes, fields: Fields, account: Account) -> Translation:
    """An answer of an API: with the name of what it holds around it, or bare."""
    if "payload" in fields:
        with within("payload"):
            return _payload(bytes(fields["payload"]), account)
    if "Orders" in fields:
        return _payload(body, account)
    if "orders" in fields:
        return translate_each(entries_of(bytes(fields["orders"])), "orders", _order_2026, _name)
    if "shipments" in fields:
        return translate_each(entries_of(bytes(fields["shipments"])), "shipments", translate_shipment, _name)
    if "order" in fields:
        with within("order"):
            return _order_2026(bytes(fields["order"]))
    if is_order_2026(fields):
        return _order_2026(body)
    if is_shipment(fields):
        return translate_shipment(body)
    if "AmazonOrderId" in fields:
        return _of_order_v0(body, fields, account)
    why = why_nothing(fields)
    if not why:
        raise UnreadableError("", "this is neither an order nor a notification, nor anything else that Amazon sends")
    return ignored(why)


def _payload(payload: bytes, account: Account) -> Translation:
    if payload[:1] == b"[":
        return ignored(PAYLOADS["destinationId"])
    fields = fields_of(payload)
    if "Orders" in fields:
        orders = entries_of(bytes(fields["Orders"]))
        return translate_each(orders, "Orders", lambda one: _of_order_v0(one, fields_of(one), account), _name)
    if "AmazonOrderId" in fields and "ShipmentId" not in fields:
        return _of_order_v0(payload, fields, account)
    why = next((why for name, why in PAYLOADS.items() if name in fields), "")
    if not why:
        raise UnreadableError("", "this is neither an order nor anything else that Amazon answers")
    return ignored(why)


def _of_order_v0(body: bytes, fields: Fields, account: Account) -> Translation:
    """Of v0 only an order with its items says what is to be sent; whatever comes alone points at the whole."""
    head = read_json(body, HeadGiven)
    items = bytes(fields["OrderItems"]) if "OrderItems" in fields else b"[]"
    if "PurchaseDate" not in fields and "OrderStatus" not in fields:
        if b'"QuantityOrdered"' not in items:
            return ignored(PAYLOADS["AmazonOrderId"])
        why = "items without their order, which is fetched whole"
    elif head.fulfillment_channel == "AFN":
        return ignored(SENT_BY_AMAZON)
    elif entries_of(items):
        return orders_v0.translate_order(body)
    elif head.order_status == "Canceled":
        at_ms = instant(head.last_update_date, "LastUpdateDate")
        return Translation(facts=(OrderCancelled(external_id=head.amazon_order_id, at_ms=at_ms, cause="other"),))
    else:
        why = "an order without its items: it is fetched whole"
    return Translation(fetch=(whole_order(account, head.amazon_order_id),), ignored=why)


def _order_2026(body: bytes) -> Translation:
    if read_json(body, SentGiven).fulfillment.fulfilled_by == "AMAZON":
        return ignored(SENT_BY_AMAZON)
    return orders_2026.translate_order(body)


def joined(said: Iterable[Translation]) -> Translation:
    """Join what the contents of an envelope say."""
    all_of_it = tuple(said)
    facts = tuple(fact for one in all_of_it for fact in one.facts)
    refused = tuple(refusal for one in all_of_it for refusal in one.refused)
    fetch = tuple(pointed for one in all_of_it for pointed in one.fetch)
    why = "" if facts or refused else next((one.ignored for one in all_of_it), "an envelope with nothing in it")
    return Translation(facts=facts, refused=refused, fetch=fetch, ignored=why)


def _name(entry: bytes) -> str:
    named = read_json(entry, NamedGiven)
    return named.orderId or named.AmazonOrderId or named.id
