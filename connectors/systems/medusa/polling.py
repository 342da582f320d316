"""The polls of a Medusa: orders by their changes, and orders whose money has moved.

A capture or refund leaves `updated_at` and `version` of its order as they were (tried with 2.21). A capture changes its
payment; a refund not even that, so refunds are looked for among the payments of the last weeks.

Source: Medusa, Admin API reference, "List Orders" and "List Payments".
"""

from collections.abc import Generator, Iterable, Sequence

import msgspec

from connectors.frame.cursors import begin_ms, utc_text
from connectors.frame.declaration import Page, Poll, Polling
from connectors.frame.http import HttpRequest, HttpResponse, get_request
from connectors.frame.message import Account, Message
from connectors.frame.reading import Given, UnreadableError, instant, read_json
from connectors.systems.medusa.calls import ORDER_FIELDS, address
from connectors.systems.medusa.translating import ORDER

_PAGE_SIZE = 20
"""An order with all its lines may have some hundred kB."""

_MOST_PAGES = 500
"""What is left then is asked for next time."""

_OVERLAP_MS = 600_000
_REFUNDED_WITHIN_MS = 60 * 86_400_000
_PAYMENT_FIELDS = "id,created_at,updated_at,refunds.id,refunds.created_at,payment_collection.order.id"


class _Dated(Given):
    updated_at: str | None = None
    created_at: str | None = None


class _Order(Given):
    id: str


class _Collection(Given):
    order: _Order | None = None


class _Payment(Given):
    created_at: str | None = None
    updated_at: str | None = None
    refunds: tuple[_Dated | None, ...] | None = None
    payment_collection: _Collection | None = None


class _Orders(Given):
    orders: tuple[msgspec.Raw, ...]


class _Payments(Given):
    payments: tuple[_Payment, ...]


def poll_orders(account: Account, cursor: str, now_ms: int) -> Polling:
    """Ask for orders in the order of their changes; the cursor is the newest change seen, in ms.

    It goes on from the last change of a page, not by place: an order that changes meanwhile moves to the end, and would
    pull one that was not seen yet onto a page that was.

    Raises:
        UnreadableError: Medusa did not give orders.
    """
    since_ms, offset = begin_ms(cursor, now_ms, _OVERLAP_MS), 0
    newest_ms = int(cursor or since_ms)
    for _ in range(_MOST_PAGES):
        response = yield get_request(_listed(account, "/orders", "updated_at", since_ms, offset, ORDER_FIELDS))
        entries = [bytes(raw) for raw in read_json(_body(response), _Orders).orders]
        latest_ms = max((_changed_ms(entry) for entry in entries), default=0)
        newest_ms = max(newest_ms, latest_ms)
        yield Page(messages=tuple(_message(entry, now_ms) for entry in entries), cursor=str(newest_ms))
        if len(entries) < _PAGE_SIZE:
            return
        # Times are asked for by the second: more may have changed in that of the last one.
        moved = latest_ms // 1000 > since_ms // 1000
        since_ms, offset = (latest_ms, 0) if moved else (since_ms, offset + _PAGE_SIZE)


def poll_captures(account: Account, cursor: str, now_ms: int) -> Polling:
    """Ask for payments that changed, then for their orders; the cursor is the newest change seen, in ms.

    Raises:
        UnreadableError: Medusa did not give payments, or orders.
    """
    begin = begin_ms(cursor, now_ms, _OVERLAP_MS)
    newest_ms = int(cursor or begin)
    for number in range(_MOST_PAGES):
        payments = yield from _payments(account, "updated_at", begin, number)
        newest_ms = max((newest_ms, *(_ms(payment.updated_at) for payment in payments)))
        found = yield from _orders_of(account, payments, now_ms)
        yield Page(messages=found, cursor=str(newest_ms))
        if len(payments) < _PAGE_SIZE:
            return


def poll_refunds(account: Account, cursor: str, now_ms: int) -> Polling:
    """Look through the payments of the last weeks for refunds since the cursor, then ask for their orders.

    Raises:
        UnreadableError: Medusa did not give payments, or orders.
    """
    begin = begin_ms(cursor, now_ms, _OVERLAP_MS)
    newest_ms = int(cursor or begin)
    for number in range(_MOST_PAGES):
        payments = yield from _payments(account, "created_at", max(0, now_ms - _REFUNDED_WITHIN_MS), number)
        refunded = [payment for payment in payments if _refunded_ms(payment) >= begin]
        newest_ms = max((newest_ms, *(_refunded_ms(payment) for payment in refunded)))
        found = yield from _orders_of(account, refunded, now_ms)
        last = len(payments) < _PAGE_SIZE
        # Payments do not come in the order of their refunds: the cursor moves when all were looked at.
        yield Page(messages=found, cursor=str(newest_ms) if last else cursor or str(begin))
        if last:
            return


Asking = Generator[HttpRequest, HttpResponse | None, tuple[_Payment, ...]]
Found = Generator[HttpRequest, HttpResponse | None, tuple[Message, ...]]


def _payments(account: Account, by: str, since_ms: int, number: int) -> Asking:
    offset = number * _PAGE_SIZE
    response = yield get_request(_listed(account, "/payments", by, since_ms, offset, _PAYMENT_FIELDS))
    return read_json(_body(response), _Payments).payments


def _orders_of(account: Account, payments: Iterable[_Payment], now_ms: int) -> Found:
    named = (payment.payment_collection for payment in payments)
    ids: Sequence[str] = list(dict.fromkeys(one.order.id for one in named if one is not None and one.order is not None))
    if not ids:
        return ()
    query = {f"id[{number}]": order_id for number, order_id in enumerate(ids)}
    url = address(account, "/orders", limit=_PAGE_SIZE, fields=ORDER_FIELDS, **query)
    response = yield get_request(url)
    return tuple(_message(bytes(raw), now_ms) for raw in read_json(_body(response), _Orders).orders)


def _listed(account: Account, path: str, by: str, since_ms: int, offset: int, fields: str) -> str:
    since = {f"{by}[$gte]": utc_text(since_ms)}
    return address(account, path, limit=_PAGE_SIZE, offset=offset, order=by, fields=fields, **since)


def _body(response: HttpResponse | None) -> bytes:
    if response is None or not response.ok:
        status = response.status if response is not None else "nothing"
        raise UnreadableError("", f"Medusa answered {status} when it was asked what has changed")
    return response.body


def _message(body: bytes, now_ms: int) -> Message:
    return Message(body=body, topic=ORDER, received_at_ms=now_ms)


def _changed_ms(entry: bytes) -> int:
    """An entry that cannot be read is handed on all the same, and refused where a person sees it."""
    try:
        return _ms(read_json(entry, _Dated).updated_at)
    except UnreadableError:
        return 0


def _ms(given: str | None) -> int:
    try:
        return instant(given, "updated_at")
    except UnreadableError:
        return 0


def _refunded_ms(payment: _Payment) -> int:
    return max((_ms(refund.created_at) for refund in payment.refunds or () if refund is not None), default=-1)


POLLS = (
    Poll(topic=ORDER, every_seconds=120, overlap_ms=_OVERLAP_MS, run=poll_orders),
    Poll(topic="captures", every_seconds=300, overlap_ms=_OVERLAP_MS, run=poll_captures),
    Poll(topic="refunds", every_seconds=6 * 3600, overlap_ms=_OVERLAP_MS, run=poll_refunds),
)
