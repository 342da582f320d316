"""What lies at a location: one row a SKU and location, so that a location is searched without reading all SKUs.

Fed from `stock-updates` with the SKU's own row, by the same rule: a row is replaced only by a later position.
"""

import sqlite3
from enum import StrEnum
from typing import NamedTuple

SCHEMA = """
CREATE TABLE IF NOT EXISTS shelves (
    pool TEXT NOT NULL, location_id TEXT NOT NULL, sku TEXT NOT NULL, on_hand INTEGER NOT NULL,
    allocated INTEGER NOT NULL, unsellable INTEGER NOT NULL, safety_stock INTEGER NOT NULL,
    available INTEGER NOT NULL, waiting INTEGER NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL,
    PRIMARY KEY (pool, location_id, sku)
) STRICT, WITHOUT ROWID;
"""
TABLES = ("shelves",)

PUT_SHELF = (
    "INSERT INTO shelves VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pool, location_id, sku) DO UPDATE SET"
    " on_hand = excluded.on_hand, allocated = excluded.allocated, unsellable = excluded.unsellable,"
    " safety_stock = excluded.safety_stock, available = excluded.available, waiting = excluded.waiting,"
    " offset = excluded.offset, idx = excluded.idx"
    " WHERE (excluded.offset, excluded.idx) > (shelves.offset, shelves.idx)"
)
_PAGE = (
    "SELECT sku, on_hand, allocated, unsellable, safety_stock, available, waiting FROM shelves"
    " WHERE pool = ? AND location_id = ? AND sku > ?{more} ORDER BY sku LIMIT ?"
)
_CONTAINS = " AND instr(lower(sku), lower(?)) > 0"


class Shortage(StrEnum):
    """Which shelves to look at: those where something is wrong or soon will be."""

    SHORT = "short"  # less is on hand than is promised
    NEGATIVE = "negative"  # our book says less than nothing
    LOW = "low"  # little is left to promise
    WAITING = "waiting"  # orders wait for the SKU somewhere


_CONDITION = {
    Shortage.SHORT: "on_hand - unsellable < allocated",
    Shortage.NEGATIVE: "on_hand < 0",
    Shortage.LOW: "available <= {low}",
    Shortage.WAITING: "waiting > 0",
}
LOW_UNITS = 5
_SUMS = (
    "SELECT count(*), total(on_hand), total(allocated), total(available), "  # noqa: S608 # Conditions are ours.
    + ", ".join(f"count(*) FILTER (WHERE {_CONDITION[kind].format(low=LOW_UNITS)})" for kind in Shortage)
    + " FROM shelves WHERE pool = ? AND location_id = ?"
)


class Shelf(NamedTuple):
    """A SKU at a location; `waiting` counts the units that wait for the SKU in the whole pool."""

    sku: str
    on_hand: int
    allocated: int
    unsellable: int
    safety_stock: int
    available: int
    waiting: int


class ShelfSums(NamedTuple):
    """A location's stock in one line, and how many of its SKUs each filter would show."""

    skus: int
    on_hand: int
    allocated: int
    available: int
    counts: dict[Shortage, int]


def read_shelves(
    connection: sqlite3.Connection,
    pool: str,
    location_id: str,
    *,
    after: str = "",
    contains: str = "",
    shortage: Shortage | None = None,
    limit: int,
) -> list[Shelf]:
    """Give a location's SKUs in the order of their text, from one on."""
    more, values = "", list[object]()
    if contains:
        more += _CONTAINS
        values.append(contains)
    if shortage is not None:
        more += f" AND {_CONDITION[shortage].format(low=LOW_UNITS)}"
    rows = connection.execute(_PAGE.format(more=more), (pool, location_id, after, *values, limit))
    return [Shelf(*row) for row in rows.fetchall()]


def read_sums(connection: sqlite3.Connection, pool: str, location_id: str) -> ShelfSums:
    """Add up what a location has."""
    skus, on_hand, allocated, available, *counts = connection.execute(_SUMS, (pool, location_id)).fetchone()
    return ShelfSums(skus, int(on_hand), int(allocated), int(available), dict(zip(Shortage, counts, strict=True)))
