"""Lists of work: the orders that somebody has to look at, each since when, oldest first.

An order's queues stand among the counters that are kept while orders are written (`pulse`): one counter for each queue,
and one row for each order in it, whose key sorts by time. So a page of a queue is one range of a primary key, however
many orders there are.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from api.views.seen import SeenOrder
from models.records.hold import HoldType
from models.rules.holds import HOLD_RULES, QUEUES
from models.rules.orders.scans import TROUBLE

WAITING = "waiting"
AT_RISK = "at-risk"
CANCELLATION_REQUESTED = "cancellation-requested"
SILENT_PARCELS = "silent-parcels"
CARRIER_EXCEPTIONS = "carrier-exceptions"
READY_TO_COLLECT = "ready-to-collect"

ALL_QUEUES: Mapping[str, str] = {
    **QUEUES,
    WAITING: "units wait for stock: find some, or tell the customer when it comes",
    AT_RISK: "the promise is near or past and units have not shipped",
    CANCELLATION_REQUESTED: "a partner was asked to give units back and has not answered",
    SILENT_PARCELS: "the carrier has said nothing for too long: ask it",
    CARRIER_EXCEPTIONS: "the carrier cannot deliver a parcel: find out why, and tell it or the customer",
    READY_TO_COLLECT: "lies ready at a store, and nobody has come for it yet",
}
"""By name what is to be done: those of holds, and those of where an order stands. Orders at risk are by promise."""

_OF_HOLD: Mapping[str, str] = {kind.value: HOLD_RULES[kind].queue for kind in HoldType}
_ENDED = frozenset({"delivered", "cancelled", "expired"})
_BODY = "SELECT body FROM orders WHERE order_id = ?"
_COUNTS = "SELECT key, n FROM counts WHERE pool = ? AND key > 'queue/' AND key < 'queue0'"
_COUNT = "SELECT n FROM counts WHERE pool = ? AND key = ?"
_PAGE = "SELECT key FROM counts WHERE pool = ? AND key > ? AND key < ? ORDER BY key LIMIT ?"


class QueueCount(NamedTuple):
    """How many orders stand in a queue, and since when the first of them."""

    orders: int
    oldest_ms: int | None


class Entry(NamedTuple):
    """An order in a queue: where it stands in it, since when, and its row."""

    place: str
    since_ms: int
    body: bytes


def keys_of(order: SeenOrder) -> list[str]:
    """Give the counters that an order's queues are kept by; an order stands in a queue once."""
    since: dict[str, int] = {}
    for name, at_ms in _standing(order):
        since[name] = min(at_ms, since.get(name, at_ms))
    keys = [f"queue/{name}" for name in since]
    return keys + [f"in-queue/{name}/{at_ms:015d}/{order.order_id}" for name, at_ms in since.items()]


def count_queues(connection: sqlite3.Connection, pool: str) -> dict[str, QueueCount]:
    """Give how many orders stand in each queue."""
    counts = {key.removeprefix("queue/"): n for key, n in connection.execute(_COUNTS, (pool,)).fetchall()}
    counts[AT_RISK] = _count(connection, pool, AT_RISK)
    return {name: QueueCount(counts.get(name, 0), _oldest(connection, pool, name)) for name in ALL_QUEUES}


def read_queue(connection: sqlite3.Connection, pool: str, name: str, *, after: str, limit: int) -> list[Entry]:
    """Give the orders of a queue, from a place in it on."""
    return [
        Entry(key, _since(key), connection.execute(_BODY, (key.rpartition("/")[2],)).fetchone()[0])
        for key in _page(connection, pool, name, after, limit)
    ]


def _standing(order: SeenOrder) -> Iterator[tuple[str, int]]:
    if order.status not in _ENDED:
        for hold in order.holds:
            # A type of a newer core, whose queue is not known here.
            yield _OF_HOLD.get(hold.type, "other"), hold.applied_at_ms
        if order.status != "reserved" and any(line.waiting for line in order.lines):
            yield WAITING, order.placed_at_ms
    for one in order.fulfillments:
        if one.cancellation is not None and one.cancellation.status == "requested":
            yield CANCELLATION_REQUESTED, one.cancellation.requested_at_ms
        if one.status == "ready" and one.ready_at_ms is not None:
            yield READY_TO_COLLECT, one.ready_at_ms
    for parcel in order.parcels:
        if parcel.silent and parcel.status == "in_transit":
            heard = parcel.tracking
            yield SILENT_PARCELS, parcel.shipped_at_ms if heard is None else heard.scanned_at_ms
        if parcel.tracking is not None and parcel.status == "in_transit" and parcel.tracking.status in TROUBLE:
            yield CARRIER_EXCEPTIONS, parcel.tracking.scanned_at_ms


def _count(connection: sqlite3.Connection, pool: str, key: str) -> int:
    row = connection.execute(_COUNT, (pool, key)).fetchone()
    return 0 if row is None else int(row[0])


def _oldest(connection: sqlite3.Connection, pool: str, name: str) -> int | None:
    first = _page(connection, pool, name, "", 1)
    return _since(first[0]) if first else None


def _page(connection: sqlite3.Connection, pool: str, name: str, after: str, limit: int) -> Sequence[str]:
    # Those at risk are kept by promise already. "0" is the character after "/".
    kept = "risk" if name == AT_RISK else f"in-queue/{name}"
    rows = connection.execute(_PAGE, (pool, max(after, f"{kept}/"), f"{kept}0", limit)).fetchall()
    return [row[0] for row in rows]


def _since(key: str) -> int:
    return int(key.rsplit("/", 2)[1])
