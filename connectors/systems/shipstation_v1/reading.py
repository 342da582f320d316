"""What ShipStation v1 tells: webhooks that only point, and the orders, shipments and fulfillments that it answers with.

Our fulfillment is the order's `orderKey` and its `orderNumber`. Times come without an offset and are Pacific.
Source: ShipStation API (v1) documentation, pages Webhooks, Shipments, Fulfillments and Orders.
"""

from functools import partial
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from connectors.frame.entries import translate_each
from connectors.frame.facts import FulfillmentAnswered
from connectors.frame.http import https_host
from connectors.frame.message import Account, Fetch, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, instant_or_none, read_json, shown
from connectors.systems.shipstation_v1.parcels import NOWHERE, PACIFIC, fulfillment, order_named, shipment

HOSTS = tuple(f"ssapi{number}.shipstation.com" for number in ("", *range(1, 31)))
"""Every shard that a webhook may point at. Nothing signs a webhook, so nothing else is ever fetched for one."""

POLLED = "polled"
"""The topic of pages that a poll brings, which turns them itself."""

_POINTERS = {
    "SHIP_NOTIFY": "shipments",
    "ITEM_SHIP_NOTIFY": "shipments",
    "FULFILLMENT_SHIPPED": "fulfillments",
    "FULFILLMENT_REJECTED": "orders",
    "ORDER_NOTIFY": "orders",
    "ITEM_ORDER_NOTIFY": "orders",
}
_TAKEN = ("awaiting_shipment", "pending_fulfillment")
_REFUSED = {"cancelled": "cancelled in ShipStation", "rejected_fulfillment": "refused by its fulfillment provider"}


class _Order(Given):
    orderId: int | str | None = None  # noqa: N815 - the vendor's name.
    orderKey: int | str | None = None  # noqa: N815
    orderNumber: int | str | None = None  # noqa: N815
    orderStatus: str | None = None  # noqa: N815
    modifyDate: str | None = None  # noqa: N815


class _Result(Given):
    orderId: int | str | None = None  # noqa: N815
    orderKey: int | str | None = None  # noqa: N815
    orderNumber: int | str | None = None  # noqa: N815
    success: bool | None = None
    errorMessage: str | None = None  # noqa: N815


class _Seen(Given):
    """Whatever tells what a payload is."""

    resource_url: str | None = None
    resource_type: str | None = None
    shipments: list[msgspec.Raw] | None = None
    fulfillments: list[msgspec.Raw] | None = None
    orders: list[msgspec.Raw] | None = None
    results: list[msgspec.Raw] | None = None
    hasErrors: bool | None = None  # noqa: N815
    page: int = 1
    pages: int = 1
    shipmentId: int | str | None = None  # noqa: N815
    fulfillmentId: int | str | None = None  # noqa: N815
    orderId: int | str | None = None  # noqa: N815
    orderKey: int | str | None = None  # noqa: N815
    orderNumber: int | str | None = None  # noqa: N815
    orderStatus: str | None = None  # noqa: N815


class _One(Protocol):
    """Reads one entry of a list."""

    def __call__(self, body: bytes, message: Message, account: Account) -> Translation: ...


def translate(message: Message, account: Account) -> Translation:
    """Give what a webhook, or an answer of the API, says."""
    if message.body.lstrip()[:1] == b"[":
        entries = read_json(message.body, list[msgspec.Raw])
        return translate_each(entries, "list", lambda entry: _entry(entry, message, account), _name)
    seen = read_json(message.body, _Seen)
    if seen.resource_type is not None or seen.resource_url is not None:
        return _webhook(seen)
    lists: tuple[tuple[str, list[msgspec.Raw] | None, _One], ...] = (
        ("shipments", seen.shipments, shipment),
        ("fulfillments", seen.fulfillments, fulfillment),
        ("orders", seen.orders, _order),
        ("results", seen.results, _result),
    )
    for name, listed, one in lists:
        if listed is not None:
            said = translate_each(listed, name, partial(one, message=message, account=account), _name)
            return _with_next_page(said, seen, name, message)
    return _entry(message.body, message, account)


def _entry(body: bytes, message: Message, account: Account) -> Translation:
    seen = read_json(body, _Seen)
    if seen.shipmentId is not None:
        return shipment(body, message, account)
    if seen.fulfillmentId is not None:
        return fulfillment(body, message, account)
    if seen.orderStatus is not None and seen.orderId is None:
        return ignored("a request to ShipStation is nothing that it says")
    if seen.orderStatus is not None:
        return _order(body, message, account)
    return ignored("this tells of no order, shipment or fulfillment")


def _webhook(seen: _Seen) -> Translation:
    named = seen.resource_type or ""
    topic = _POINTERS.get(named)
    if topic is None:
        return ignored(f"{named or 'a webhook without a type'} tells of no order or shipment")
    url = seen.resource_url or ""
    if https_host(url) not in HOSTS:
        raise UnreadableError("resource_url", f"{shown(url)} is not at ssapi.shipstation.com or a shard of it")
    # Without its items a shipment would stand for all that is left, which a part of a split order is not.
    changes = {"pageSize": "500"} | ({"includeShipmentItems": "True"} if topic == "shipments" else {})
    fetch = Fetch(url=_with_query(url, changes), topic=topic)
    return Translation(fetch=(fetch,), ignored=f"{named} only points at what it tells, which is fetched")


def _with_query(url: str, changes: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | changes
    return parts._replace(query=urlencode(query), fragment="").geturl()


def _with_next_page(said: Translation, seen: _Seen, topic: str, message: Message) -> Translation:
    if message.topic == POLLED or seen.page >= seen.pages or https_host(message.url) not in HOSTS:
        return said
    fetch = Fetch(url=_with_query(message.url, {"page": str(seen.page + 1)}), topic=topic)
    return msgspec.structs.replace(said, fetch=(*said.fetch, fetch))


def _order(body: bytes, message: Message, account: Account) -> Translation:
    """Give whether it takes the order; one that is cancelled there is not sent, whoever cancelled it."""
    del account
    order = read_json(body, _Order)
    ours = order_named(order.orderKey, order.orderNumber)
    if not ours:
        raise UnreadableError("orderKey", NOWHERE)
    taken = order.orderStatus in _TAKEN
    if not taken and order.orderStatus not in _REFUSED:
        told = "told by its shipments" if order.orderStatus == "shipped" else "neither taken nor refused"
        return ignored(f"order {ours} is {order.orderStatus}, which is {told}")
    at_ms = instant_or_none(order.modifyDate, "modifyDate", time_zone=PACIFIC)
    answer = FulfillmentAnswered(
        fulfillment_id=ours,
        accepted=taken,
        at_ms=message.received_at_ms if at_ms is None else at_ms,
        note=_REFUSED.get(order.orderStatus or "", ""),
        partner_reference=str(order.orderId or ""),
    )
    return Translation(facts=(answer,))


def _result(body: bytes, message: Message, account: Account) -> Translation:
    """Give what became of one of several orders that it was sent."""
    del account
    result = read_json(body, _Result)
    ours = order_named(result.orderKey, result.orderNumber)
    if not ours or result.success is None:
        raise UnreadableError("orderKey" if not ours else "success", NOWHERE)
    answer = FulfillmentAnswered(
        fulfillment_id=ours,
        accepted=result.success,
        at_ms=message.received_at_ms,
        note=result.errorMessage or "",
        partner_reference=str(result.orderId or ""),
    )
    return Translation(facts=(answer,))


def _name(entry: bytes) -> str:
    read = read_json(entry, _Seen)
    return order_named(read.shipmentId, read.fulfillmentId, read.orderId, read.orderNumber)


def recognise(message: Message) -> bool:
    """Tell its messages by the host they point at, or by ids in its spelling: `shipmentId`, `orderKey`."""
    try:
        if message.body.lstrip()[:1] == b"[":
            entries = read_json(message.body, list[msgspec.Raw])
            return bool(entries) and _is_entry(bytes(entries[0]))
        seen = read_json(message.body, _Seen)
        if seen.resource_type is not None:
            return https_host(seen.resource_url or "") in HOSTS or seen.resource_type in _POINTERS
        lists = (seen.shipments, seen.fulfillments, seen.orders, seen.results)
        heads = [bytes(entries[0]) for entries in lists if entries]
        return any(map(_is_entry, heads)) if heads else _is_entry(message.body)
    except UnreadableError:
        return False


def _is_entry(entry: bytes) -> bool:
    seen = read_json(entry, _Seen)
    if seen.orderNumber is not None and (seen.orderStatus is not None or seen.orderKey is not None):
        return True
    ids = (seen.shipmentId, seen.fulfillmentId)
    return isinstance(ids[0], int) or isinstance(ids[1], int)
