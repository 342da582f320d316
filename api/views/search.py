"""Finding orders: an inverted index of what they can be found by, and facets for what they are filtered by.

A facet is one mix of pool, status, channel, locations, held, at risk and waiting. There are few of them however many
orders there are, so a filter picks facets, and each has its orders in order of time. An order's `place` is its row's
number and begins with the second it was placed in: indexes of rows are in order of time by themselves.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

PLACES_OF_SECOND = 2**25
"""Orders of one second are in the order they came in."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS facets (
    facet INTEGER PRIMARY KEY, pool TEXT NOT NULL, status TEXT NOT NULL, channel TEXT NOT NULL,
    locations TEXT NOT NULL, held INTEGER NOT NULL, at_risk INTEGER NOT NULL, waiting INTEGER NOT NULL,
    orders INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS facets_by_pool ON facets (pool);
CREATE VIRTUAL TABLE IF NOT EXISTS order_terms USING fts5 (
    terms, content = '', columnsize = 0, detail = none, tokenize = "ascii tokenchars '_'"
);
CREATE VIRTUAL TABLE IF NOT EXISTS order_vocabulary USING fts5vocab (order_terms, row);
CREATE INDEX IF NOT EXISTS orders_by_pool ON orders (pool, place, facet);
CREATE INDEX IF NOT EXISTS orders_by_facet ON orders (facet, place);
CREATE INDEX IF NOT EXISTS orders_by_promise ON orders (pool, promise_by_ms, place)
    WHERE promise_by_ms IS NOT NULL AND status NOT IN ('shipped', 'delivered', 'cancelled', 'expired');
"""
TABLES = ("facets",)
FORGET_TERMS = "INSERT INTO order_terms (order_terms) VALUES ('delete-all')"

_PUT_FACET = (
    "INSERT INTO facets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (facet) DO UPDATE SET orders = orders + excluded.orders"
)
_COUNT_FACET = "UPDATE facets SET orders = orders + ? WHERE facet = ?"
_ADD_TERMS = "INSERT INTO order_terms (rowid, terms) VALUES (?, ?)"
_TAKE_TERMS = "INSERT INTO order_terms (order_terms, rowid, terms) VALUES ('delete', ?, ?)"
_LAST = "~"
_CHANNELS = "SELECT DISTINCT channel FROM facets WHERE pool = ? AND orders > 0 ORDER BY channel"
_HAS_TERM = "SELECT 1 FROM order_terms WHERE order_terms MATCH ? LIMIT 1"
_ORDERS_WITH = "SELECT body FROM order_terms JOIN orders ON place = order_terms.rowid WHERE order_terms MATCH ? LIMIT ?"
_MOST_WITH = 100
_TERMS_FROM = "SELECT term FROM order_vocabulary WHERE term >= ? AND term < ? LIMIT ?"
# By the plus sign the pool is only checked: it has an index, along which all its orders would be looked at.
_ORDERS_FROM = "SELECT order_id FROM orders WHERE order_id >= ? AND order_id < ? AND +pool = ? LIMIT ?"


class Facet(NamedTuple):
    """One mix of what orders are filtered by."""

    facet: int
    pool: str
    status: str
    channel: str
    locations: str
    held: bool
    at_risk: bool
    waiting: bool


@lru_cache(maxsize=16_384)
def facet_of(
    pool: str, status: str, channel: str, locations: frozenset[str], *, held: bool, at_risk: bool, waiting: bool
) -> Facet:
    """Give the facet of an order; its number follows from what it is, so that it is the same in every file."""
    listed = listed_locations(locations)
    key = "\x00".join((pool, status, channel, listed, f"{held:d}{at_risk:d}{waiting:d}"))
    number = int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True)
    return Facet(number, pool, status, channel, listed, held, at_risk, waiting)


def listed_locations(locations: Iterable[str]) -> str:
    """Write locations so that one is found in the text between two bars."""
    return "".join(f"|{location}" for location in sorted(locations)) + "|"


def put_facets(connection: sqlite3.Connection, facets: Iterable[Facet], changes: Mapping[int, int]) -> None:
    """Add facets that are new, and how many orders came into each or left it."""
    entered = [(*facet, changes[facet.facet]) for facet in facets]
    connection.executemany(_PUT_FACET, entered)
    known = {row[0] for row in entered}
    left = [(change, facet) for facet, change in changes.items() if change and facet not in known]
    connection.executemany(_COUNT_FACET, left)


class TermChange(NamedTuple):
    """What an order at a place was found by, and is from now on."""

    place: int
    before: str
    after: str


def put_terms(connection: sqlite3.Connection, changes: Iterable[TermChange]) -> None:
    """Let orders be found by other terms. The index keeps no text, so it is told what was there.

    It gathers what it is told as long as places do not go back, and writes once.
    """
    for change in sorted(changes):
        if change.before:
            connection.execute(_TAKE_TERMS, (change.place, change.before))
        if change.after:
            connection.execute(_ADD_TERMS, (change.place, change.after))


def first_place(second: int) -> int:
    """Give the first place of a second."""
    return second * PLACES_OF_SECOND


def has_term(connection: sqlite3.Connection, term: str) -> bool:
    """Tell whether an order can be found by a term."""
    return connection.execute(_HAS_TERM, (term,)).fetchone() is not None


def orders_with(connection: sqlite3.Connection, term: str) -> list[bytes]:
    """Give the rows of the orders that can be found by a term; of something that few have."""
    return [row[0] for row in connection.execute(_ORDERS_WITH, (term, _MOST_WITH)).fetchall()]


def terms_like(connection: sqlite3.Connection, term: str, *, limit: int) -> list[str]:
    """Give the first terms that begin with one."""
    return [row[0] for row in connection.execute(_TERMS_FROM, (term, term + _LAST, limit)).fetchall()]


def read_channels(connection: sqlite3.Connection, pool: str) -> list[str]:
    """Give the channels of a pool's orders."""
    return [row[0] for row in connection.execute(_CHANNELS, (pool,)).fetchall()]


def orders_like(connection: sqlite3.Connection, pool: str, prefix: str, *, limit: int) -> list[str]:
    """Give ids of orders that begin with a text."""
    return [row[0] for row in connection.execute(_ORDERS_FROM, (prefix, prefix + _LAST, pool, limit)).fetchall()]
