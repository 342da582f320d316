"""The poll of a shop's orders: what its webhooks lost, since WooCommerce gives a webhook up after five failures.

An order tells only the sums of its refunds: the refunds themselves, with their units, are asked for here.

Source: WooCommerce, "Webhooks", and REST API, "List all orders".
"""

import msgspec

from connectors.frame.cursors import begin_ms, utc_text
from connectors.frame.declaration import Page, Poll, Polling
from connectors.frame.http import HttpResponse, get_request
from connectors.frame.message import Account, Message
from connectors.frame.reading import Given, UnreadableError, instant, read_json
from connectors.systems.woocommerce.calls import API, address, order_path
from connectors.systems.woocommerce.shapes import Id

_PAGE_SIZE = 100
_MOST_PAGES = 500
"""What is left then is asked for next time."""

_SECOND_MS = 1000
_OVERLAP_MS = 600_000


class ChangedGiven(Given):
    id: Id
    date_modified_gmt: str | None = None
    refunds: tuple[msgspec.Raw, ...] = ()


def poll_orders(account: Account, cursor: str, now_ms: int) -> Polling:
    """Ask for orders in the order of their changes; the cursor is the newest change seen, in ms.

    It goes on from the last change of a page, not by page number: an order that changes meanwhile moves to the end,
    and would pull one that was not seen yet onto a page that was.

    Raises:
        UnreadableError: the shop did not give orders.
    """
    since_ms, page = begin_ms(cursor, now_ms, _OVERLAP_MS), 1
    newest_ms = int(cursor or since_ms)
    for _ in range(_MOST_PAGES):
        response = yield get_request(
            address(
                account,
                f"{API}/orders",
                modified_after=utc_text(since_ms).removesuffix("Z"),
                dates_are_gmt="true",
                orderby="modified",
                order="asc",
                per_page=_PAGE_SIZE,
                page=page,
            )
        )
        entries = [bytes(raw) for raw in read_json(_body(response), list[msgspec.Raw])]
        latest_ms = max((_changed_ms(entry) for entry in entries), default=0)
        newest_ms = max(newest_ms, latest_ms)
        messages = [_message(entry, "order.updated", now_ms) for entry in entries]
        for order_id in filter(None, map(_refunded, entries)):
            refunds = yield get_request(address(account, f"{order_path(order_id)}/refunds", per_page=_PAGE_SIZE))
            messages.append(_message(_body(refunds), "refunds", now_ms))
        yield Page(messages=tuple(messages), cursor=str(newest_ms))
        if len(entries) < _PAGE_SIZE:
            return
        # `modified_after` leaves out that very second: it is asked for again, as more may have changed in it.
        moved = latest_ms - _SECOND_MS > since_ms
        since_ms, page = (latest_ms - _SECOND_MS, 1) if moved else (since_ms, page + 1)


def _body(response: HttpResponse | None) -> bytes:
    if response is None or not response.ok:
        status = response.status if response is not None else "nothing"
        raise UnreadableError("", f"the shop answered {status} when it was asked for its orders")
    return response.body


def _message(body: bytes, topic: str, now_ms: int) -> Message:
    return Message(body=body, topic=topic, received_at_ms=now_ms)


def _refunded(entry: bytes) -> str:
    """Give the id of an order that has refunds."""
    try:
        order = read_json(entry, ChangedGiven)
    except UnreadableError:
        return ""
    return str(order.id) if order.refunds else ""


def _changed_ms(entry: bytes) -> int:
    """An entry that cannot be read is handed on all the same, and refused where a person sees it."""
    try:
        return instant(read_json(entry, ChangedGiven).date_modified_gmt, "date_modified_gmt")
    except UnreadableError:
        return 0


ORDERS = Poll(topic="order.updated", every_seconds=300, overlap_ms=_OVERLAP_MS, run=poll_orders)
