"""Writes rows of orders with all that hangs on them: what they are found by, their facet, what they count towards.

An order changes many times and most changes touch none of that, so the row is looked at before it is written: a
change that only moves the order along writes one row and no index.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from api.views import pulse, search
from api.views.search import PLACES_OF_SECOND, Facet, TermChange

_STANDING = (
    "SELECT place, offset, idx, placed_at_ms, status, promise_by_ms, facet, terms, counted FROM orders"
    " WHERE order_id = ?"
)
_NEXT_PLACE = "SELECT max(place) + 1 FROM orders WHERE place >= ? AND place < ?"
_INSERT = "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_MOVE_ALONG = (
    "UPDATE orders SET terms = ?, counted = ?, updated_at_ms = ?, offset = ?, idx = ?, version = ?, body = ?"
    " WHERE place = ?"
)
_DELETE = "DELETE FROM orders WHERE place = ?"
_CHANGE = (
    "UPDATE orders SET status = ?, promise_by_ms = ?, facet = ?, terms = ?, counted = ?,"
    " updated_at_ms = ?, offset = ?, idx = ?, version = ?, body = ? WHERE place = ?"
)

_KNOWN_MAX = 40_000


@lru_cache(maxsize=16_384)
def _keys(counted: str) -> tuple[str, ...]:
    return _decode(counted)


_decode = msgspec.json.Decoder(tuple[str, ...]).decode


class OrderRow(NamedTuple):
    """An order as it is stored."""

    order_id: str
    pool: str
    status: str
    channel: str
    external_id: str
    placed_at_ms: int
    updated_at_ms: int
    promise_by_ms: int | None
    facet: Facet
    terms: str
    counted: str
    offset: int
    step: int
    version: int
    body: bytes


class _Standing(NamedTuple):
    """An order's row as it is there."""

    place: int
    offset: int
    step: int
    placed_at_ms: int
    status: str
    promise_by_ms: int | None
    facet: int
    terms: str
    counted: str


class _Batch:
    """What a batch writes, gathered so that each index is gone through once and in its order."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._free: dict[int, int] = {}
        self._inserts: list[tuple[Any, ...]] = []
        self._deletes: list[tuple[int]] = []
        self._changes: list[tuple[Any, ...]] = []
        self._moves: list[tuple[Any, ...]] = []
        self._terms: list[TermChange] = []
        self._facets: dict[int, Facet] = {}
        self._in_facet: Counter[int] = Counter()
        self._counts: Counter[tuple[str, str]] = Counter()

    def insert(self, row: OrderRow) -> int:
        """Add an order that is new, and give its place."""
        place = self._next_place(row.placed_at_ms // 1000)
        self._inserts.append((place, *row[:8], row.facet.facet, *row[9:]))
        self._terms.append(TermChange(place, "", row.terms))
        self._enter(row)
        return place

    def update(self, row: OrderRow, standing: _Standing) -> int:
        """Change an order that is there, and give its place."""
        place = standing.place
        if standing.placed_at_ms != row.placed_at_ms:
            # It was placed at another time than was thought, so it has another place.
            self._terms.append(TermChange(place, standing.terms, ""))
            self._leave(row.pool, standing)
            self._deletes.append((place,))
            return self.insert(row)
        moved = (row.terms, row.counted, row.updated_at_ms, row.offset, row.step, row.version, row.body, place)
        listed = (row.status, row.promise_by_ms, row.facet.facet)
        if listed == standing[4:7]:
            # What no list is made by is written without its indexes.
            self._moves.append(moved)
        else:
            self._changes.append((*listed, *moved))
        if standing.terms != row.terms:
            self._terms.append(TermChange(place, standing.terms, row.terms))
        if standing.facet != row.facet.facet or standing.counted != row.counted:
            self._leave(row.pool, standing)
            self._enter(row)
        return place

    def write(self) -> None:
        """Write all of it."""
        connection, by_place = self._connection, itemgetter(-1)
        connection.executemany(_DELETE, self._deletes)
        connection.executemany(_MOVE_ALONG, sorted(self._moves, key=by_place))
        connection.executemany(_CHANGE, sorted(self._changes, key=by_place))
        connection.executemany(_INSERT, self._inserts)
        search.put_terms(connection, self._terms)
        search.put_facets(connection, self._facets.values(), self._in_facet)
        pulse.put_counts(connection, self._counts)

    def _next_place(self, second: int) -> int:
        place = self._free.get(second)
        if place is None:
            first = search.first_place(second)
            found = self._connection.execute(_NEXT_PLACE, (first, first + PLACES_OF_SECOND)).fetchone()[0]
            place = first if found is None else int(found)
        self._free[second] = place + 1
        return place

    def _enter(self, row: OrderRow) -> None:
        self._facets[row.facet.facet] = row.facet
        self._in_facet[row.facet.facet] += 1
        for key in _keys(row.counted):
            self._counts[row.pool, key] += 1

    def _leave(self, pool: str, standing: _Standing) -> None:
        self._in_facet[standing.facet] -= 1
        for key in _keys(standing.counted):
            self._counts[pool, key] -= 1


class OrderWriter:
    """Knows the orders it wrote last, since what changes now changes again soon; others are looked up."""

    def __init__(self) -> None:
        self._known: dict[str, _Standing] = {}

    def forget(self) -> None:
        """Look everything up again: what was written last is not on record."""
        self._known.clear()

    def write(self, connection: sqlite3.Connection, rows: Iterable[OrderRow]) -> None:
        """Store rows that are newer than what is there, in the transaction of the caller."""
        # Of an order that changed several times only the last row is worth writing.
        newest: dict[str, OrderRow] = {}
        for row in rows:
            known = newest.get(row.order_id)
            if known is None or (row.offset, row.step) > (known.offset, known.step):
                newest[row.order_id] = row
        batch = _Batch(connection)
        for row in newest.values():
            standing = self._find(connection, row.order_id)
            if standing is None:
                place = batch.insert(row)
            elif (row.offset, row.step) > (standing.offset, standing.step):
                place = batch.update(row, standing)
            else:
                continue
            self._remember(row, place)
        batch.write()

    def _find(self, connection: sqlite3.Connection, order_id: str) -> _Standing | None:
        known = self._known.pop(order_id, None)
        if known is not None:
            return known
        found = connection.execute(_STANDING, (order_id,)).fetchone()
        return None if found is None else _Standing(*found)

    def _remember(self, row: OrderRow, place: int) -> None:
        if len(self._known) >= _KNOWN_MAX:
            # What was written longest ago stands first.
            del self._known[next(iter(self._known))]
        self._known[row.order_id] = _Standing(
            place,
            row.offset,
            row.step,
            row.placed_at_ms,
            row.status,
            row.promise_by_ms,
            row.facet.facet,
            row.terms,
            row.counted,
        )
