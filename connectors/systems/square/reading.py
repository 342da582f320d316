"""Which of its messages a message of Square is: events, which mostly point, and answers of its API.

Source: Square documentation, Webhook events reference; Square API reference.
"""

from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import msgspec

from connectors.frame.entries import translate_each
from connectors.frame.message import Account, Fetch, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, read_json, within
from connectors.systems.square import inventory
from connectors.systems.square.orders import order
from connectors.systems.square.shapes import NOTHING

_BASES = {"sandbox": "https://connect.squareupsandbox.com/v2", "production": "https://connect.squareup.com/v2"}
_SETTLED = ("APPROVED", "COMPLETED", "CANCELED")
_GIVEN_BACK = ("APPROVED", "COMPLETED")


class _Object(Given):
    order_created: msgspec.Raw = NOTHING
    order_updated: msgspec.Raw = NOTHING
    order_fulfillment_updated: msgspec.Raw = NOTHING
    order: msgspec.Raw = NOTHING
    payment: msgspec.Raw = NOTHING
    refund: msgspec.Raw = NOTHING
    inventory_counts: list[msgspec.Raw] | None = None


class _Data(Given):
    id: str | None = None
    object: _Object | None = None


class _Event(Given):
    type: str | None = None
    event_id: str | None = None
    merchant_id: str | None = None
    data: _Data | None = None


class _Related(Given):
    orders: list[msgspec.Raw] | None = None


class _Seen(_Event):
    """Whatever tells what a payload is."""

    idempotency_key: str | None = None
    order: msgspec.Raw = NOTHING
    orders: list[msgspec.Raw] | None = None
    order_entries: list[msgspec.Raw] | None = None
    related_resources: _Related | None = None
    payment: msgspec.Raw = NOTHING
    payments: list[msgspec.Raw] | None = None
    refund: msgspec.Raw = NOTHING
    refunds: list[msgspec.Raw] | None = None
    changes: list[msgspec.Raw] | None = None
    counts: list[msgspec.Raw] | None = None
    count: msgspec.Raw = NOTHING
    adjustment: msgspec.Raw = NOTHING
    transfer: msgspec.Raw = NOTHING
    events: list[msgspec.Raw] | None = None
    location_id: str | None = None
    line_items: msgspec.Raw = NOTHING
    returns: msgspec.Raw = NOTHING


class _Pointer(Given):
    """What names an order: an event of it, a payment, a refund, an entry of a search."""

    id: str | None = None
    order_id: str | None = None
    status: str | None = None


class _Named(Given):
    id: str | None = None
    order_id: str | None = None
    event_id: str | None = None


def base_of(account: Account) -> str:
    """Give where its API is; the setting `environment` may say sandbox."""
    return _BASES.get(account.settings.get("environment", ""), _BASES["production"])


def translate(message: Message, account: Account) -> Translation:
    """Give what an event, or an answer of the API, says; of a list without a name what each of its entries says."""
    if message.body.lstrip()[:1] == b"[":
        entries = read_json(message.body, list[msgspec.Raw])
        return translate_each(entries, "list", lambda entry: _one(entry, message, account), _name)
    return _one(message.body, message, account)


def _one(body: bytes, message: Message, account: Account) -> Translation:
    seen = read_json(body, _Seen)
    if seen.type is not None and seen.data is not None:
        return _event(seen, account)
    if seen.idempotency_key is not None:
        return ignored("a request to Square is nothing that it says")
    return _answer(body, seen, message, account)


def _event(event: _Event, account: Account) -> Translation:
    named = event.type or ""
    said = event.data.object if event.data is not None and event.data.object is not None else _Object()
    if named.startswith("order."):
        return _event_of_order(event, said, account)
    for field, raw, settled in (("payment", said.payment, _SETTLED), ("refund", said.refund, _GIVEN_BACK)):
        if raw != NOTHING and named.startswith(f"{field}."):
            with within(f"data.object.{field}"):
                return _follow(bytes(raw), field, settled, account)
    if named == "inventory.count.updated":
        return inventory.counts(said.inventory_counts or [], "data.object.inventory_counts", account)
    return ignored(f"{named} moves no order, stock or refund")


def _event_of_order(event: _Event, said: _Object, account: Account) -> Translation:
    for raw in (said.order_created, said.order_updated, said.order_fulfillment_updated):
        pointed = read_json(bytes(raw), _Pointer).order_id if raw != NOTHING else None
        if pointed:
            return _fetched(f"{event.type} only points at", pointed, account)
    inside = read_json(bytes(said.order), _Pointer).id if said.order != NOTHING else None
    if inside:
        return _fetched(f"{event.type} only points at", inside, account)
    if event.data is not None and event.data.id and event.type in ("order.created", "order.updated"):
        return _fetched(f"{event.type} only points at", event.data.id, account)
    return ignored(f"{event.type} names no order")


def _follow(body: bytes, kind: str, settled: tuple[str, ...], account: Account) -> Translation:
    """Fetch the order of a payment or of a refund, which has all payments; a refund's is that of what comes back."""
    pointer = read_json(body, _Pointer)
    if pointer.status not in settled:
        return ignored(f"{kind} {pointer.id} is {pointer.status}, which settles nothing")
    if not pointer.order_id:
        return ignored(f"{kind} {pointer.id} is of no order")
    return _fetched(f"{kind} {pointer.id} is told by", pointer.order_id, account)


def _fetched(why: str, order_id: str, account: Account) -> Translation:
    fetch = Fetch(url=f"{base_of(account)}/orders/{quote(order_id, safe='')}", topic="order")
    return Translation(fetch=(fetch,), ignored=f"{why} order {order_id}, which is fetched")


def _answer(body: bytes, seen: _Seen, message: Message, account: Account) -> Translation:
    one_order = partial(order, message=message, account=account)
    if seen.location_id is not None and (seen.line_items != NOTHING or seen.returns != NOTHING):
        # Before the lists: an order by itself may have refunds, and they are not an answer about refunds.
        return one_order(body)
    one_payment = partial(_follow, kind="payment", settled=_SETTLED, account=account)
    one_refund = partial(_follow, kind="refund", settled=_GIVEN_BACK, account=account)
    linked = seen.related_resources.orders if seen.related_resources is not None else None
    lists: tuple[tuple[str, list[msgspec.Raw] | None, Callable[[bytes], Translation]], ...] = (
        ("orders", seen.orders, one_order),
        ("related_resources.orders", linked, one_order),
        ("order_entries", seen.order_entries, lambda entry: _entry(entry, account)),
        ("payments", seen.payments, one_payment),
        ("refunds", seen.refunds, one_refund),
        ("events", seen.events, lambda entry: _event(read_json(entry, _Event), account)),
    )
    for field, entries, one in lists:
        if entries is not None:
            return translate_each(entries, field, one, _name)
    changed = inventory.changes(seen.changes, account) if seen.changes is not None else None
    if changed is not None and (changed.facts or changed.refused or seen.counts is None):
        return changed
    if seen.counts is not None:
        return inventory.counts(seen.counts, "counts", account)
    singles: tuple[tuple[str, msgspec.Raw, Callable[[bytes], Translation]], ...] = (
        ("order", seen.order, one_order),
        ("payment", seen.payment, one_payment),
        ("refund", seen.refund, one_refund),
    )
    for field, raw, read in singles:
        if raw != NOTHING:
            with within(field):
                return read(bytes(raw))
    for kind, raw in (("physical_count", seen.count), ("adjustment", seen.adjustment), ("transfer", seen.transfer)):
        # Answers about others have a number of them of the same name.
        if bytes(raw).startswith(b"{"):
            return inventory.one_change(kind, bytes(raw), account)
    return ignored("this moves no order, stock or refund")


def _entry(body: bytes, account: Account) -> Translation:
    pointer = read_json(body, _Pointer)
    if not pointer.order_id:
        raise UnreadableError("order_id", "it names no order")
    return _fetched("the entry only points at", pointer.order_id, account)


def _name(entry: bytes) -> str:
    read = read_json(entry, _Named)
    return read.id or read.order_id or read.event_id or ""


def message_id(message: Message) -> str:
    """Give the id of an event, the same at each attempt."""
    try:
        return read_json(message.body, _Event).event_id or ""
    except UnreadableError:
        return ""


def topic_of(message: Message) -> str:
    """Give the type of an event, which stands in its body."""
    try:
        return message.topic or read_json(message.body, _Event).type or ""
    except UnreadableError:
        return message.topic
