"""SKUs that orders wait for because nobody knows them, by channel; and the item that a channel's SKU stands for."""

import sqlite3
from typing import NamedTuple

import msgspec
from msgspec import Struct

from api.views.queues import read_queue
from models.records.hold import HoldType
from models.records.pool import CatalogueView
from models.rules.holds import HOLD_RULES

QUEUE = HOLD_RULES[HoldType.UNMAPPED_SKU].queue
MOST_ORDERS = 5_000
"""So many orders are looked at, those that wait longest."""

# A listing is an array, whose beginning is looked for in the rows' own bytes: a rare question needs no index.
_LISTED = "SELECT body FROM items WHERE pool = ? AND instr(body, CAST(? AS BLOB)) > 0"
_CATALOGUE = "SELECT body FROM items WHERE pool = ? ORDER BY sku"
_STAND = "SELECT count(*), coalesce(sum(offset), 0) FROM items WHERE pool = ?"
_KNOWN = "SELECT 1 FROM items WHERE pool = ? AND sku = ?"


class Unmapped(NamedTuple):
    """A channel's SKU that nobody knows: how many orders wait for it, for how many of it, and since when."""

    channel: str
    sku: str
    orders: int
    units: int
    oldest_ms: int


class Found(NamedTuple):
    """What orders wait for, most orders first, and whether all orders were looked at."""

    groups: list[Unmapped]
    complete: bool


class _Line(Struct, gc=False):
    sku: str
    quantity: int
    cancelled: int = 0
    listing: str = ""


class _Hold(Struct, gc=False):
    type: str
    applied_at_ms: int = 0


class _Order(Struct, gc=False):
    channel: str
    lines: list[_Line]
    holds: list[_Hold] = []


class _Named(Struct, gc=False):
    sku: str
    name: str = ""


class _Item(Struct, gc=False):
    item: _Named


_order = msgspec.json.Decoder(_Order).decode
_named = msgspec.json.Decoder(_Item).decode
_item = msgspec.json.Decoder(CatalogueView).decode


def read_unmapped(connection: sqlite3.Connection, pool: str, most: int = MOST_ORDERS) -> Found:
    """Give the SKUs that the orders of a pool wait for."""
    entries = read_queue(connection, pool, QUEUE, after="", limit=most + 1)
    known: dict[str, bool] = {}
    found: dict[tuple[str, str], Unmapped] = {}
    for entry in entries[:most]:
        order = _order(entry.body)
        since_ms = min((hold.applied_at_ms for hold in order.holds if hold.type == HoldType.UNMAPPED_SKU), default=None)
        if since_ms is None:
            continue
        for sku, units in _unknown(connection, pool, order, known).items():
            before = found.get((order.channel, sku), Unmapped(order.channel, sku, 0, 0, since_ms))
            found[order.channel, sku] = before._replace(
                orders=before.orders + 1, units=before.units + units, oldest_ms=min(before.oldest_ms, since_ms)
            )
    groups = sorted(found.values(), key=lambda one: (-one.orders, one.oldest_ms, one.channel, one.sku))
    return Found(groups, complete=len(entries) <= most)


def find_listed(connection: sqlite3.Connection, pool: str, channel: str, sku: str) -> CatalogueView | None:
    """Give the item that a channel's SKU stands for."""
    begins = msgspec.json.encode([channel, sku])[:-1]
    for (body,) in connection.execute(_LISTED, (pool, begins)):
        view = _item(body)
        # The same bytes may be within a name.
        if any((listing.channel, listing.sku) == (channel, sku) for listing in view.item.listings):
            return view
    return None


def read_names(connection: sqlite3.Connection, pool: str) -> list[tuple[str, str]]:
    """Give all SKUs of a catalogue with their names."""
    items = (_named(body).item for (body,) in connection.execute(_CATALOGUE, (pool,)))
    return [(item.sku, item.name) for item in items]


def catalogue_stand(connection: sqlite3.Connection, pool: str) -> tuple[int, int]:
    """Give what differs whenever a catalogue does."""
    row: tuple[int, int] = connection.execute(_STAND, (pool,)).fetchone()
    return row


def _unknown(connection: sqlite3.Connection, pool: str, order: _Order, known: dict[str, bool]) -> dict[str, int]:
    """Give the units of each SKU of an order that nobody knows."""
    units: dict[str, int] = {}
    for line in order.lines:
        if line.listing:
            continue
        if line.sku not in known:
            known[line.sku] = connection.execute(_KNOWN, (pool, line.sku)).fetchone() is not None
        if not known[line.sku]:
            units[line.sku] = units.get(line.sku, 0) + line.quantity - line.cancelled
    return units
