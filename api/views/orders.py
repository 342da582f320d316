"""Writes rows of orders with all that hangs on them: what they are found by, their facet, what they count towards.

An order changes many times and most changes touch none of that, so the row is looked at before it is written: a
change that only moves the order along writes one row and no index.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from api.views import pulse, search
from api.views.search import PLACES_OF_SECOND, Facet, TermChange

_STANDING = (
    "SELECT place, offset, idx, placed_at_ms, status, promise_by_ms, facet, terms, counted FROM orders"
    " WHERE order_id = ?"
)
_NEXT_PLACE = "SELECT max(place) + 1 FROM orders WHERE place >= ? AND place < ?"
_INSERT = "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_MOVE_ALONG = "UPDATE orders SET updated_at_ms = ?, offset = ?, idx = ?, version = ?, body = ? WHERE place = ?"
_DELETE = "DELETE FROM orders WHERE place = ?"
_CHANGE = (
    "UPDATE orders SET status = ?, promise_by_ms = ?, facet = ?, terms = ?, counted = ?,"
    " updated_at_ms = ?, offset = ?, idx = ?, version = ?, body = ? WHERE place = ?"
)

_keys = msgspec.json.Decoder(list[str]).decode


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


class _Written(NamedTuple):
    """What changes beside the rows, gathered over a batch."""

    terms: list[TermChange]
    facets: dict[int, Facet]
    in_facet: Counter[int]
    counts: Counter[tuple[str, str]]

    def enter(self, row: OrderRow) -> None:
        self.facets[row.facet.facet] = row.facet
        self.in_facet[row.facet.facet] += 1
        self.counts.update((row.pool, key) for key in _keys(row.counted))

    def leave(self, pool: str, standing: _Standing) -> None:
        self.in_facet[standing.facet] -= 1
        self.counts.subtract((pool, key) for key in _keys(standing.counted))


def write_orders(connection: sqlite3.Connection, rows: Iterable[OrderRow]) -> None:
    """Store rows that are newer than what is there, in the transaction of the caller."""
    # Of an order that changed several times only the last row is worth writing.
    newest: dict[str, OrderRow] = {}
    for row in rows:
        known = newest.get(row.order_id)
        if known is None or (row.offset, row.step) > (known.offset, known.step):
            newest[row.order_id] = row
    written = _Written([], {}, Counter(), Counter())
    for row in newest.values():
        found = connection.execute(_STANDING, (row.order_id,)).fetchone()
        standing = None if found is None else _Standing(*found)
        if standing is None:
            _insert(connection, row, written)
        elif (row.offset, row.step) > (standing.offset, standing.step):
            _update(connection, row, standing, written)
    search.put_terms(connection, written.terms)
    search.put_facets(connection, written.facets.values(), written.in_facet)
    pulse.put_counts(connection, written.counts)


def _insert(connection: sqlite3.Connection, row: OrderRow, written: _Written) -> None:
    first = search.first_place(row.placed_at_ms // 1000)
    free = connection.execute(_NEXT_PLACE, (first, first + PLACES_OF_SECOND)).fetchone()[0]
    place = first if free is None else int(free)
    connection.execute(_INSERT, (place, *row[:8], row.facet.facet, *row[9:]))
    written.terms.append(TermChange(place, "", row.terms))
    written.enter(row)


def _update(connection: sqlite3.Connection, row: OrderRow, standing: _Standing, written: _Written) -> None:
    if standing.placed_at_ms != row.placed_at_ms:
        # It was placed at another time than was thought, so it has another place.
        written.terms.append(TermChange(standing.place, standing.terms, ""))
        written.leave(row.pool, standing)
        connection.execute(_DELETE, (standing.place,))
        _insert(connection, row, written)
        return
    moved = (row.updated_at_ms, row.offset, row.step, row.version, row.body, standing.place)
    shown = (row.status, row.promise_by_ms, row.facet.facet, row.terms, row.counted)
    if shown == standing[4:]:
        connection.execute(_MOVE_ALONG, moved)
        return
    connection.execute(_CHANGE, (*shown, *moved))
    if standing.terms != row.terms:
        written.terms.append(TermChange(standing.place, standing.terms, row.terms))
    written.leave(row.pool, standing)
    written.enter(row)
