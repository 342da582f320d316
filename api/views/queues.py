"""Lists of work: the orders that somebody has to look at, each since when, oldest first.

An order's queues stand among the counters that are kept while orders are written (`pulse`): one counter for each queue,
and one row for each order in it, whose key sorts by time. So a page of a queue is one range of a primary key, however
many orders there are. What is the work of a location is kept by location too, for those who see no other.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from api.views.seen import SeenOrder, SeenParcel
from models.records.fulfillment import Parcel
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

OF_LOCATIONS: Mapping[str, str] = {
    name: ALL_QUEUES[name]
    for name in (AT_RISK, CANCELLATION_REQUESTED, SILENT_PARCELS, CARRIER_EXCEPTIONS, READY_TO_COLLECT)
}
"""Those about a location's own parts of orders. Holds and waiting units are of whole orders, for others to settle."""

_OF_HOLD: Mapping[str, str] = {kind.value: HOLD_RULES[kind].queue for kind in HoldType}
_ENDED = frozenset({"delivered", "cancelled", "expired"})
_SETTLED = _ENDED | {"reserved", "shipped"}
_TO_DO = frozenset({"allocated", "accepted", "picked", "packed", "ready"})
_BODY = "SELECT body FROM orders WHERE order_id = ?"
_COUNT = "SELECT n FROM counts WHERE pool = ? AND key = ?"
_PAGE = "SELECT key FROM counts WHERE pool = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?"


class QueueCount(NamedTuple):
    """How many orders stand in a queue, and since when the first of them."""

    orders: int
    oldest_ms: int | None


class Entry(NamedTuple):
    """An order in a queue: where it stands in it, since when, and its row; in a location's queue, of which one."""

    place: str
    since_ms: int
    location_id: str
    body: bytes


class _Standing(NamedTuple):
    """That an order stands in a queue, and which location's work that is; empty where it is none's."""

    name: str
    since_ms: int
    location_id: str = ""


def is_silent(parcel: SeenParcel | Parcel) -> bool:
    """Tell whether the carrier has said nothing of a parcel for too long."""
    return parcel.silent and parcel.status == "in_transit"


def is_in_trouble(parcel: SeenParcel | Parcel) -> bool:
    """Tell whether the carrier cannot deliver a parcel."""
    return parcel.tracking is not None and parcel.status == "in_transit" and parcel.tracking.status in TROUBLE


OF_PARCELS: Mapping[str, Callable[[SeenParcel | Parcel], bool]] = {
    SILENT_PARCELS: is_silent,
    CARRIER_EXCEPTIONS: is_in_trouble,
}
"""For which of its parcels an order stands in a queue."""


def queues_for(locations: frozenset[str] | None) -> Mapping[str, str]:
    """Give the queues of those bound to these locations; None is bound to none."""
    return ALL_QUEUES if locations is None else OF_LOCATIONS


def keys_of(order: SeenOrder) -> list[str]:
    """Give the counters that an order's queues are kept by; an order stands in a queue once, and once by location."""
    since: dict[tuple[str, str], int] = {}
    for name, at_ms, location_id in _standing(order):
        for kept_for in ("", location_id) if location_id else ("",):
            since[name, kept_for] = min(at_ms, since.get((name, kept_for), at_ms))
    keys = []
    for (name, location_id), at_ms in since.items():
        counter, rows = _kept(name, location_id)
        keys += [counter, f"{rows}{at_ms:015d}/{order.order_id}"]
    return keys


def count_queues(
    connection: sqlite3.Connection, pool: str, locations: frozenset[str] | None = None
) -> dict[str, QueueCount]:
    """Give how many orders stand in each queue; of locations how many parts of orders that are theirs."""
    return {name: _counted(connection, pool, name, locations) for name in queues_for(locations)}


def read_queue(
    connection: sqlite3.Connection,
    pool: str,
    name: str,
    *,
    after: str,
    limit: int,
    locations: frozenset[str] | None = None,
) -> list[Entry]:
    """Give the orders of a queue, from a place in it on; of locations an order for each that has work with it."""
    found: list[str] = []
    for location_id in _places(locations):
        _, rows = _kept(name, location_id)
        keys = _page(connection, pool, rows, after.rpartition("/")[0], limit + 1)
        found += [place for key in keys if (place := f"{key.removeprefix(rows)}/{location_id}") > after]
    return [_entry(connection, place) for place in sorted(found)[:limit]]


def _standing(order: SeenOrder) -> Iterator[_Standing]:
    if order.status not in _ENDED:
        for hold in order.holds:
            # A type of a newer core, whose queue is not known here.
            yield _Standing(_OF_HOLD.get(hold.type, "other"), hold.applied_at_ms)
        if order.status != "reserved" and any(line.waiting for line in order.lines):
            yield _Standing(WAITING, order.placed_at_ms)
    if order.at_risk and order.promise_by_ms is not None and order.status not in _SETTLED:
        yield _Standing(AT_RISK, order.promise_by_ms)
        for one in order.fulfillments:
            if one.status in _TO_DO:
                yield _Standing(AT_RISK, order.promise_by_ms, one.location_id)
    yield from _of_parts(order)


def _of_parts(order: SeenOrder) -> Iterator[_Standing]:
    places = {one.fulfillment_id: one.location_id for one in order.fulfillments}
    for one in order.fulfillments:
        if one.cancellation is not None and one.cancellation.status == "requested":
            yield _Standing(CANCELLATION_REQUESTED, one.cancellation.requested_at_ms, one.location_id)
        if one.status == "ready" and one.ready_at_ms is not None:
            yield _Standing(READY_TO_COLLECT, one.ready_at_ms, one.location_id)
    for parcel in order.parcels:
        heard_ms = parcel.shipped_at_ms if parcel.tracking is None else parcel.tracking.scanned_at_ms
        for name, stands in OF_PARCELS.items():
            if stands(parcel):
                yield _Standing(name, heard_ms, places.get(parcel.fulfillment_id, ""))


def _kept(name: str, location_id: str) -> tuple[str, str]:
    """Give by which key a queue is counted, and under which its orders are."""
    if name == AT_RISK and not location_id:
        return "at-risk", "risk/"
    shelf = f"-at/{location_id}/{name}" if location_id else f"/{name}"
    return f"queue{shelf}", f"in-queue{shelf}/"


def _places(locations: frozenset[str] | None) -> Sequence[str]:
    return ("",) if locations is None else sorted(locations)


def _counted(connection: sqlite3.Connection, pool: str, name: str, locations: frozenset[str] | None) -> QueueCount:
    orders, oldest_ms = 0, []
    for location_id in _places(locations):
        counter, rows = _kept(name, location_id)
        row = connection.execute(_COUNT, (pool, counter)).fetchone()
        orders += 0 if row is None else int(row[0])
        oldest_ms += [int(key.rsplit("/", 2)[1]) for key in _page(connection, pool, rows, "", 1)]
    return QueueCount(orders, min(oldest_ms, default=None))


def _page(connection: sqlite3.Connection, pool: str, rows: str, begin: str, limit: int) -> list[str]:
    # "0" is the character after "/".
    found = connection.execute(_PAGE, (pool, f"{rows}{begin}", f"{rows.removesuffix('/')}0", limit)).fetchall()
    return [row[0] for row in found]


def _entry(connection: sqlite3.Connection, place: str) -> Entry:
    since_ms, order_id, location_id = place.split("/")
    return Entry(place, int(since_ms), location_id, connection.execute(_BODY, (order_id,)).fetchone()[0])
