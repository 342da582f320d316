"""The poll of a shop's orders: what its webhooks lost, since Shopify gives one up after eight tries in four hours.

Source: Shopify, REST Admin API, "Retrieve a list of orders" and "Pagination".
"""

import re
from collections.abc import Iterator

import msgspec

from connectors.frame.cursors import begin_ms, utc_text
from connectors.frame.declaration import Page, Poll, Polling
from connectors.frame.http import HttpResponse, get_request
from connectors.frame.message import Account, Message
from connectors.frame.reading import Given, UnreadableError, instant, read_json
from connectors.systems.shopify.calls import rest
from connectors.systems.shopify.values import word

_PAGE_SIZE = 100
_OVERLAP_MS = 600_000
_NEXT = re.compile(r'<([^<>]{1,2000})>\s*;\s*rel="?next"?')
_HAS_LEFT = frozenset({"success", "cancelled"})


class _Orders(Given):
    orders: list[msgspec.Raw]


class _Fulfillment(Given):
    status: str | None = None
    updated_at: str | None = None


class _Changed(Given):
    updated_at: str | None = None
    fulfillments: list[msgspec.Raw] | None = None


def poll_orders(account: Account, cursor: str, now_ms: int) -> Polling:
    """Ask for orders in the order of their changes; the cursor is the newest change seen, in ms.

    What left or was taken back since then comes as messages of its own, as its webhooks would.

    Raises:
        UnreadableError: the shop did not give orders.
    """
    since_ms = begin_ms(cursor, now_ms, _OVERLAP_MS)
    newest_ms = int(cursor or since_ms)
    since = utc_text(since_ms)
    request = rest(account, "orders", status="any", order="updated_at asc", updated_at_min=since, limit=_PAGE_SIZE)
    while True:
        response = yield request
        if response is None or not response.ok:
            status = response.status if response is not None else "nothing"
            raise UnreadableError("", f"the shop answered {status} when it was asked for its orders")
        messages: list[Message] = []
        for raw in read_json(response.body, _Orders).orders:
            entry = bytes(raw)
            messages.append(Message(body=entry, topic="orders/updated", received_at_ms=now_ms))
            messages += _fulfillments(entry, since_ms, now_ms)
            newest_ms = max(newest_ms, _changed_ms(entry))
        yield Page(messages=tuple(messages), cursor=str(newest_ms))
        address = _next(response)
        if not address:
            return
        request = get_request(address)


def _next(response: HttpResponse) -> str:
    found = _NEXT.search(response.headers.get("link", ""))
    return found[1] if found else ""


def _changed_ms(entry: bytes) -> int:
    """An order that cannot be read is handed on all the same, and refused where a person sees it."""
    try:
        return instant(read_json(entry, _Changed).updated_at, "updated_at")
    except UnreadableError:
        return 0


def _fulfillments(entry: bytes, since_ms: int, now_ms: int) -> Iterator[Message]:
    try:
        found = read_json(entry, _Changed).fulfillments or ()
    except UnreadableError:
        return
    for raw in found:
        body = bytes(raw)
        try:
            one = read_json(body, _Fulfillment)
            changed_ms = instant(one.updated_at, "updated_at")
        except UnreadableError:
            continue
        if word(one.status) in _HAS_LEFT and changed_ms >= since_ms:
            yield Message(body=body, topic="fulfillments/update", received_at_ms=now_ms)


ORDERS = Poll(topic="orders/updated", every_seconds=300, overlap_ms=_OVERLAP_MS, run=poll_orders)
