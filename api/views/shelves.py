"""What lies at a location: one row a SKU and location, so that a location is searched without reading all SKUs.

Fed from `stock-updates` with the SKU's own row. That tells all levels whenever one has changed, so it is compared with
what is there, and only the rows that changed are written.
"""

import sqlite3
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

from api.views import sql

SCHEMA = """
CREATE TABLE IF NOT EXISTS shelves (
    pool TEXT NOT NULL, location_id TEXT NOT NULL, sku TEXT NOT NULL, on_hand INTEGER NOT NULL,
    allocated INTEGER NOT NULL, unsellable INTEGER NOT NULL, safety_stock INTEGER NOT NULL,
    available INTEGER NOT NULL, waiting INTEGER NOT NULL,
    PRIMARY KEY (pool, location_id, sku)
) STRICT, WITHOUT ROWID;
"""
TABLES = ("shelves",)

_PUT = "INSERT OR REPLACE INTO shelves VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PAGE = (
    "SELECT sku, on_hand, allocated, unsellable, safety_stock, available, waiting FROM shelves"
    " WHERE pool = ? AND location_id = ? AND sku > ?{more} ORDER BY sku LIMIT ?"
)
_ONE = (
    "SELECT sku, on_hand, allocated, unsellable, safety_stock, available, waiting FROM shelves"
    " WHERE pool = ? AND location_id = ? AND sku = ?"
)
_STOCKED = "SELECT sku FROM shelves WHERE pool = ? AND location_id = ? AND on_hand <> 0 ORDER BY sku"
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


Level: TypeAlias = tuple[str, int, int, int, int, int]
"""Location, on hand, allocated, unsellable, safety stock, available."""


class SkuRow(Struct):
    """As much of `stock-updates` as is searched."""

    pool: str
    sku: str
    offset: int
    index: int
    waiting: int
    levels: list[Level]


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


sku_row_of = msgspec.json.Decoder(SkuRow).decode


def write_skus(connection: sqlite3.Connection, rows: Iterable[tuple[SkuRow, bytes]]) -> None:
    """Store rows, with their bytes, that are newer than what is there, in the transaction of the caller."""
    # Of a SKU that changed several times only the last row is worth writing.
    newest: dict[tuple[str, str], tuple[SkuRow, bytes]] = {}
    for row, body in rows:
        known = newest.get((row.pool, row.sku))
        if known is None or (row.offset, row.index) > (known[0].offset, known[0].index):
            newest[row.pool, row.sku] = (row, body)
    skus, shelves = [], []
    for row, body in newest.values():
        found = connection.execute(sql.GET_SKU, (row.pool, row.sku)).fetchone()
        before = None if found is None else sku_row_of(found[2])
        if before is not None and (before.offset, before.index) >= (row.offset, row.index):
            continue
        same = set(before.levels) if before is not None and before.waiting == row.waiting else set()
        skus.append((row.pool, row.sku, row.offset, row.index, body))
        shelves += [(row.pool, level[0], row.sku, *level[1:], row.waiting) for level in row.levels if level not in same]
    connection.executemany(sql.PUT_SKU, skus)
    connection.executemany(_PUT, shelves)


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


def read_shelf(connection: sqlite3.Connection, pool: str, location_id: str, sku: str) -> Shelf | None:
    """Give one SKU at a location."""
    row = connection.execute(_ONE, (pool, location_id, sku)).fetchone()
    return None if row is None else Shelf(*row)


def read_stocked(connection: sqlite3.Connection, pool: str, location_id: str) -> list[str]:
    """Give the SKUs of which a location has any."""
    return [row[0] for row in connection.execute(_STOCKED, (pool, location_id)).fetchall()]


def read_sums(connection: sqlite3.Connection, pool: str, location_id: str) -> ShelfSums:
    """Add up what a location has."""
    skus, on_hand, allocated, available, *counts = connection.execute(_SUMS, (pool, location_id)).fetchone()
    return ShelfSums(skus, int(on_hand), int(allocated), int(available), dict(zip(Shortage, counts, strict=True)))
