"""The poll of Amazon's orders, by either version of the API; both ask only for orders that the seller sends.

Source: Selling Partner API, Orders 2026-01-01, `searchOrders`; Orders v0, `getOrders` and `getOrderItems`.
"""

from collections.abc import Generator

import msgspec

from connectors.frame.cursors import begin_ms, utc_text
from connectors.frame.declaration import Page, Poll, Polling
from connectors.frame.http import HttpRequest, HttpResponse, get_request
from connectors.frame.message import Account, Message
from connectors.frame.reading import Given, UnreadableError, instant, read_json
from connectors.systems.amazon.calls import ORDER_TOPIC, ORDERS_V0, address, page_of_orders, segment
from connectors.systems.amazon.kinds import Fields, fields_of
from connectors.systems.amazon.marketplaces import own_marketplaces

OLD_API = "v0"
_OVERLAP_MS = 900_000
_MOST_PAGES = 200
"""What is left then is asked for next time, with the same cursor."""

Asking = Generator[HttpRequest | Page, HttpResponse | None, HttpResponse]


class NextGiven(Given, rename="camel"):
    next_token: str = ""


class FoundGiven(Given, rename="camel"):
    orders: list[msgspec.Raw]
    pagination: NextGiven = NextGiven()


class ChangedGiven(Given, rename="camel"):
    last_updated_time: str


class PageV0Given(Given, rename="pascal"):
    orders: list[msgspec.Raw]
    next_token: str = ""


class ItemsV0Given(Given, rename="pascal"):
    order_items: list[msgspec.Raw]
    next_token: str = ""


class AnswerV0Given(Given):
    payload: PageV0Given


class ItemsAnswerV0Given(Given):
    payload: ItemsV0Given


class HeadV0Given(Given, rename="pascal"):
    amazon_order_id: str
    last_update_date: str


def poll_orders(account: Account, cursor: str, now_ms: int) -> Polling:
    """Ask for changed orders; the cursor is the newest change seen, in ms, kept once all pages are read.

    Raises:
        UnreadableError: Amazon did not give orders.
    """
    if account.settings.get("orders_api") == OLD_API:
        yield from _poll_v0(account, cursor, now_ms)
    else:
        yield from _poll_2026(account, cursor, now_ms)


def _poll_2026(account: Account, cursor: str, now_ms: int) -> Polling:
    since_ms = begin_ms(cursor, now_ms, _OVERLAP_MS)
    newest_ms = int(cursor or since_ms)
    query: dict[str, str] = {
        "lastUpdatedAfter": utc_text(since_ms),
        "marketplaceIds": ",".join(own_marketplaces(account)),
        "maxResultsPerPage": "100",
    }
    token = ""
    for _ in range(_MOST_PAGES):
        asked = query | {"paginationToken": token} if token else query
        response = yield from _ask(page_of_orders(account, **asked))
        found = read_json(response.body, FoundGiven)
        entries = [bytes(raw) for raw in found.orders]
        newest_ms = max(newest_ms, *(_changed_ms(entry, "lastUpdatedTime") for entry in entries), 0)
        token = found.pagination.next_token
        messages = tuple(_message(entry, now_ms) for entry in entries)
        # Pages come in no promised order: until the last is read, everything since the old cursor may be missing.
        yield Page(messages=messages, cursor=cursor if token else str(newest_ms))
        if not token:
            return


def _poll_v0(account: Account, cursor: str, now_ms: int) -> Polling:
    """An order and its items are two answers: they are handed on joined, as if the API gave orders whole."""
    since_ms = begin_ms(cursor, now_ms, _OVERLAP_MS)
    newest_ms = int(cursor or since_ms)
    query: dict[str, str] = {
        "LastUpdatedAfter": utc_text(since_ms),
        "MarketplaceIds": ",".join(own_marketplaces(account)),
        "FulfillmentChannels": "MFN",
        "MaxResultsPerPage": "100",
    }
    token = ""
    for _ in range(_MOST_PAGES):
        asked = query | {"NextToken": token} if token else query
        response = yield from _ask(get_request(address(account, ORDERS_V0, **asked)))
        page = read_json(response.body, AnswerV0Given).payload
        token = page.next_token
        for raw in page.orders:
            entry = bytes(raw)
            newest_ms = max(newest_ms, _changed_ms(entry, "LastUpdateDate"))
            body = yield from _with_items(entry, account)
            yield Page(messages=(_message(body, now_ms),), cursor=cursor)
        if not token:
            yield Page(messages=(), cursor=str(newest_ms))
            return


def _with_items(entry: bytes, account: Account) -> Generator[HttpRequest | Page, HttpResponse | None, bytes]:
    """Join an order of v0 with all pages of its items; one that cannot be read is handed on, to be refused."""
    try:
        order_id = read_json(entry, HeadV0Given).amazon_order_id
    except UnreadableError:
        return entry
    items: list[msgspec.Raw] = []
    token = ""
    for _ in range(_MOST_PAGES):
        query = {"NextToken": token} if token else {}
        response = yield from _ask(
            get_request(address(account, f"{ORDERS_V0}/{segment(order_id)}/orderItems", **query))
        )
        page = read_json(response.body, ItemsAnswerV0Given).payload
        items += page.order_items
        token = page.next_token
        if not token:
            break
    order: Fields = fields_of(entry) | {"OrderItems": msgspec.Raw(msgspec.json.encode(items))}
    return msgspec.json.encode({"payload": order})


def _ask(request: HttpRequest) -> Asking:
    response = yield request
    if response is None or not response.ok:
        status = response.status if response is not None else "nothing"
        raise UnreadableError("", f"Amazon answered {status} when it was asked for orders")
    return response


def _message(body: bytes, now_ms: int) -> Message:
    return Message(body=body, topic=ORDER_TOPIC, received_at_ms=now_ms)


def _changed_ms(entry: bytes, field: str) -> int:
    """An entry that cannot be read is handed on all the same, and refused where a person sees it."""
    try:
        if field == "LastUpdateDate":
            return instant(read_json(entry, HeadV0Given).last_update_date, field)
        return instant(read_json(entry, ChangedGiven).last_updated_time, field)
    except UnreadableError:
        return 0


CHANGED = Poll(topic=ORDER_TOPIC, every_seconds=300, overlap_ms=_OVERLAP_MS, run=poll_orders)
