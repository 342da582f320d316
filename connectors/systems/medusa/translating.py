"""From a payload of Medusa to facts: an order as the Admin API gives it, or an event that names one to ask for.

Source: Medusa, "Events Reference": data of an event are ids alone.
"""

from connectors.frame.entries import translate_each
from connectors.frame.message import Account, Fetch, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, read_json, within
from connectors.systems.medusa.calls import ORDER_FIELDS, URL, address, order_path
from connectors.systems.medusa.kinds import (
    Kind,
    event_of,
    fields_of,
    first_version_field,
    kind_of,
    list_of,
    looks_like_ours,
    named_order,
    wrapped,
)
from connectors.systems.medusa.orders import translate_order
from connectors.systems.medusa.shapes import given_id

ORDER, PAYMENT = "order", "payment"
PAYMENT_FIELDS = "id,amount,payment_collection_id,payment_collection.order.id"

_OF_ORDERS = frozenset({"order", "order-edit"})
_SAYS_NOTHING = {
    Kind.REQUEST: "this asks Medusa for an order: the order that comes of it has an id",
    Kind.RETURN: "a return by itself: what came back is told with its order",
    Kind.EXCHANGE: "an exchange by itself: its lines are told with its order",
    Kind.CLAIM: "a claim by itself: its lines are told with its order",
    Kind.LINE: "lines without their order say nothing of what is to be sent",
    Kind.CART: "a cart is no order yet: nothing is ordered before it is completed",
    Kind.DRAFT: "a draft of an order: the customer has not placed it",
    Kind.CHANGE: "a change that is asked for: the order says when it counts",
    Kind.FULFILLMENT: "a fulfillment by itself: what has left is told with its order",
}


class _OrderNamed(Given):
    id: str


class _CollectionNamed(Given):
    order: _OrderNamed | None = None


class _PaymentNamed(Given):
    payment_collection: _CollectionNamed | None = None


def recognise(message: Message) -> bool:
    """Know it by its shape: Medusa sends no header of its own."""
    return looks_like_ours(message.body)


def translate(message: Message, account: Account) -> Translation:
    """Give what a message says: an order, a list of orders, or an event of one.

    Raises:
        UnreadableError: it is no JSON, or nothing that Medusa gives.
    """
    if message.body.lstrip()[:1] == b"[":
        return _each(message.body, "orders", None, account)
    fields = fields_of(message.body)
    event = event_of(fields)
    if event:
        with within("data"):
            return _event(event, bytes(fields["data"]), account)
    inside = wrapped(fields)
    if inside is None:
        return _one(message.body, None, account)
    name, kind = inside
    content = bytes(fields[name])
    if content[:1] == b"[":
        return _each(content, name, kind, account)
    with within(name):
        return _one(content, kind, account)


def _each(content: bytes, path: str, kind: Kind | None, account: Account) -> Translation:
    return translate_each(list_of(content), path, lambda entry: _one(entry, kind, account), given_id)


def _one(entry: bytes, of: Kind | None, account: Account) -> Translation:
    """Read a thing; `of` is what the wrapping around it says."""
    fields = fields_of(entry)
    kind = kind_of(fields) if of in (None, Kind.ORDER) else of
    if kind is Kind.FIRST_VERSION:
        reason = "this is an order of Medusa 1, which counts in cents: Medusa 2 is spoken here"
        raise UnreadableError(first_version_field(fields), reason)
    if kind is Kind.NAMED_ORDER:
        return _asked_for(named_order(fields), account)
    if kind is Kind.ORDER or (kind is None and of is Kind.ORDER):
        return translate_order(entry, account)
    if kind is Kind.PAYMENT:
        return _payment(entry, account)
    if kind is None:
        raise UnreadableError("", "this is neither an order nor an event of one, nor anything else that Medusa gives")
    return ignored(_SAYS_NOTHING[kind])


def _event(name: str, data: bytes, account: Account) -> Translation:
    fields = fields_of(data)
    if kind_of(fields) is Kind.ORDER:
        return translate_order(data, account)
    subject = name.partition(".")[0]
    order = named_order(fields)
    if order and (subject in _OF_ORDERS or "order_id" in fields):
        return _asked_for(order, account)
    if subject == PAYMENT:
        url = address(_reached(account), f"/payments/{given_id(data)}", fields=PAYMENT_FIELDS)
        return Translation(fetch=(Fetch(url=url, topic=PAYMENT),))
    if subject in ("shipment", "delivery"):
        return ignored("it names no order: what has left is told by the next poll of orders")
    return ignored(f"an event of a {subject}, which moves no order and no stock")


def _payment(entry: bytes, account: Account) -> Translation:
    collection = read_json(entry, _PaymentNamed).payment_collection
    if collection is None or collection.order is None:
        return ignored("a payment of no order: its cart was not completed")
    return _asked_for(collection.order.id, account)


def _asked_for(order_id: str, account: Account) -> Translation:
    url = address(_reached(account), order_path(order_id), fields=ORDER_FIELDS)
    return Translation(fetch=(Fetch(url=url, topic=ORDER),))


def _reached(account: Account) -> Account:
    if not account.settings.get(URL):
        raise UnreadableError("id", f"only an id is given, and the account has no setting '{URL}' to ask for the rest")
    return account
