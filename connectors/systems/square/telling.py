"""What Square is told: how many units a shop may sell, as counts; and what it is asked again: orders and inventory.

Source: Square API reference, SearchOrders, BatchRetrieveInventoryChanges, BatchRetrieveInventoryCounts and
BatchChangeInventory.
"""

from collections.abc import Generator, Iterator
from hashlib import blake2b
from typing import Any

import msgspec

from connectors.frame.answers import undone
from connectors.frame.cursors import begin_ms, utc_text
from connectors.frame.declaration import Page, Polling, Sending
from connectors.frame.documents import Available, Occasion, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse, json_request
from connectors.frame.message import Account, Message
from connectors.frame.reading import Given, UnreadableError, read_json, whole
from connectors.systems.square.inventory import IN_STOCK, OURS
from connectors.systems.square.orders import BY_INVENTORY
from connectors.systems.square.reading import base_of
from models.types import MAX_QUANTITY

VERSION = "2025-01-23"
OVERLAP_MS = 900_000
_MOST_CHANGES = 100
_MOST_LOCATIONS = 10


class _Count(Given):
    catalog_object_id: str = ""
    location_id: str = ""
    state: str = ""
    quantity: str | float = "0"


class _Counts(Given):
    counts: list[_Count] = []
    cursor: str = ""


class _PageOf(Given):
    cursor: str | None = None


def authorise(request: HttpRequest, account: Account, secrets: dict[str, str]) -> HttpRequest:
    """Put the access token in, and the version of the API for which all this is written."""
    del account
    headers = {"authorization": f"Bearer {secrets['access_token']}", "square-version": VERSION}
    return msgspec.structs.replace(request, headers=request.headers | headers)


def send(occasion: Occasion, account: Account) -> Sending:
    """Set what a shop may sell. Square cannot compare and set: what it had is read first, to report other hands."""
    if account.settings.get("stock_moves_by") == BY_INVENTORY:
        return Sent(outcome=Outcome.DONE, note="Square is the authority of its stock, and is told no counts")
    observed: dict[str, int] = {}
    for part in _parts(occasion.available):
        response = yield _ask_counts(part, account)
        if not response.ok:
            return undone(response)
        observed |= _changed_there(part, response, account)
        response = yield _set_counts(part, occasion, account)
        if not response.ok:
            return undone(response)
    return Sent(outcome=Outcome.DONE, observed=observed)


def _parts(available: tuple[Available, ...]) -> Iterator[tuple[Available, ...]]:
    for start in range(0, len(available), _MOST_CHANGES):
        yield available[start : start + _MOST_CHANGES]


def _variation(item: Available) -> str:
    return item.listing_ref or item.sku


def _shop(item: Available, account: Account) -> str:
    """Give Square's id of the shop; an account with one shop need not say which."""
    return item.location or next(iter(account.locations), "")


def _ask_counts(part: tuple[Available, ...], account: Account) -> HttpRequest:
    wanted = {
        "catalog_object_ids": sorted({_variation(item) for item in part}),
        "location_ids": sorted({_shop(item, account) for item in part}),
        "states": [IN_STOCK],
        # A hundred variations in a few shops: the first page holds them all.
        "limit": 1000,
    }
    return json_request("POST", f"{base_of(account)}/inventory/counts/batch-retrieve", wanted)


def _changed_there(part: tuple[Available, ...], response: HttpResponse, account: Account) -> dict[str, int]:
    """Give what Square had where it is neither what it was last sent nor what it is sent now."""
    there: dict[tuple[str, str], int] = {}
    for count in read_json(response.body, _Counts).counts:
        try:
            units = whole(count.quantity, "quantity", least=-MAX_QUANTITY)
        except UnreadableError:
            continue
        there[count.catalog_object_id, count.location_id] = units
    observed: dict[str, int] = {}
    for item in part:
        found = there.get((_variation(item), _shop(item, account)))
        if found is not None and item.last_sent is not None and found not in (item.last_sent, item.quantity):
            observed[item.sku] = found
    return observed


def _set_counts(part: tuple[Available, ...], occasion: Occasion, account: Account) -> HttpRequest:
    changes = [
        {
            "type": "PHYSICAL_COUNT",
            "physical_count": {
                "reference_id": f"{OURS}{occasion.delivery_id}",
                "catalog_object_id": _variation(item),
                "state": IN_STOCK,
                "location_id": _shop(item, account),
                "quantity": str(max(0, item.quantity)),
                "occurred_at": utc_text(occasion.at_ms),
            },
        }
        for item in part
    ]
    # The same key with other content is refused, so the content is part of it.
    told = occasion.delivery_id.encode() + b"\x00" + msgspec.json.encode(changes)
    content = {
        "idempotency_key": blake2b(told, digest_size=16).hexdigest(),
        "changes": changes,
        "ignore_unchanged_counts": True,
    }
    return json_request("POST", f"{base_of(account)}/inventory/changes/batch-create", content)


def poll_orders(account: Account, cursor: str, now_ms: int) -> Polling:
    """Search for orders that changed since; a search takes ten shops at most."""
    since = utc_text(begin_ms(cursor, now_ms, OVERLAP_MS))
    query = {
        "filter": {"date_time_filter": {"updated_at": {"start_at": since}}},
        "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
    }
    shops = sorted(account.locations)
    for start in range(0, len(shops), _MOST_LOCATIONS):
        wanted = {"location_ids": shops[start : start + _MOST_LOCATIONS], "query": query, "limit": 500}
        is_last = start + _MOST_LOCATIONS >= len(shops)
        cursors = (cursor, str(now_ms) if is_last else cursor)
        if not (yield from _pages(account, "orders/search", wanted, cursors, now_ms)):
            return


def poll_inventory(account: Account, cursor: str, now_ms: int) -> Polling:
    """Read what was counted, adjusted and transferred since."""
    since = utc_text(begin_ms(cursor, now_ms, OVERLAP_MS))
    wanted = {"location_ids": sorted(account.locations), "updated_after": since, "limit": 1000}
    yield from _pages(account, "inventory/changes/batch-retrieve", wanted, (cursor, str(now_ms)), now_ms)


def _pages(
    account: Account, path: str, wanted: dict[str, Any], cursors: tuple[str, str], now_ms: int
) -> Generator[HttpRequest | Page, HttpResponse | None, bool]:
    """Turn the pages of a list: all but the last keep the first of the poll's cursors, the last has the second.

    Tells whether the last was reached.
    """
    onward: str | None = ""
    while onward is not None:
        content = wanted | ({"cursor": onward} if onward else {})
        response = yield json_request("POST", f"{base_of(account)}/{path}", content)
        if response is None or not response.ok:
            return False
        onward = read_json(response.body, _PageOf).cursor or None
        message = Message(body=response.body, topic=path, received_at_ms=now_ms)
        yield Page(messages=(message,), cursor=cursors[1] if onward is None else cursors[0])
    return True
