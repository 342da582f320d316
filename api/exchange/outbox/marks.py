"""SKUs whose availability a channel may have to be told of again: one row each, however often it changes meanwhile."""

import sqlite3
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple

from api.exchange.outbox.target import Target
from connectors.frame.documents import OccasionKind

_PUT = (
    "INSERT INTO availability_marks (target, sku, mark, since_ms) SELECT ?, ?, 1, ?"
    " WHERE EXISTS (SELECT 1 FROM outbox_targets WHERE target = ?)"
    " ON CONFLICT (target, sku) DO UPDATE SET mark = mark + 1, rank = NULL"
)


class Mark(NamedTuple):
    """A SKU to look at for a target."""

    target: str
    sku: str


class Rank(IntEnum):
    """The order in which channels are told: what is sold out, what falls, what rises."""

    GONE = 0
    FALLING = 1
    RISING = 2


def wants(target: Target) -> bool:
    """Tell whether a target is told of availability."""
    return target.watch is not None or (OccasionKind.AVAILABILITY in target.kinds and target.channel != "")


def put(connection: sqlite3.Connection, given: Iterable[Mark], now_ms: int) -> None:
    """Mark SKUs, of targets that are still there."""
    connection.executemany(_PUT, [(*one, now_ms, one.target) for one in given])


def unranked(connection: sqlite3.Connection, target: str, limit: int) -> dict[str, int]:
    """Give SKUs that have not been looked at since they were marked, with their marks."""
    found = connection.execute(
        "SELECT sku, mark FROM availability_marks WHERE target = ? AND rank IS NULL LIMIT ?", (target, limit)
    )
    return dict(found.fetchall())


def set_ranks(connection: sqlite3.Connection, target: str, ranks: Mapping[str, tuple[int, int | None]]) -> None:
    """Rank SKUs by (mark, rank), and drop those without a rank, of which there is nothing to tell; unless they have
    been marked again since.
    """
    for sku, (mark, rank) in ranks.items():
        if rank is None:
            drop(connection, target, {sku: mark})
        else:
            connection.execute(
                "UPDATE availability_marks SET rank = ? WHERE target = ? AND sku = ? AND mark = ?",
                (rank, target, sku, mark),
            )


def first(connection: sqlite3.Connection, target: str, up_to: Rank, limit: int) -> dict[str, int]:
    """Give the SKUs to tell of first, with their marks: by rank, then fast movers before slow ones (Linnworks).

    Each change counts as a minute of waiting, so that nobody waits for ever. The index of the schema has it alike.
    """
    found = connection.execute(
        "SELECT sku, mark FROM availability_marks WHERE target = ? AND rank <= ?"
        " ORDER BY rank, since_ms - 60000 * mark, sku LIMIT ?",
        (target, up_to, limit),
    )
    return dict(found.fetchall())


def are_as_they_were(connection: sqlite3.Connection, target: str, given: Mapping[str, int]) -> bool:
    """Tell whether none of the SKUs has been marked again."""
    query = "SELECT mark FROM availability_marks WHERE target = ? AND sku = ?"
    return all(connection.execute(query, (target, sku)).fetchone() == (mark,) for sku, mark in given.items())


def drop(connection: sqlite3.Connection, target: str, given: Mapping[str, int]) -> None:
    """Take the marks of SKUs off that have not been marked again."""
    connection.executemany(
        "DELETE FROM availability_marks WHERE target = ? AND sku = ? AND mark = ?",
        [(target, sku, mark) for sku, mark in given.items()],
    )


def count(connection: sqlite3.Connection, target: str) -> int:
    """Give how many SKUs of a target are marked."""
    return int(connection.execute("SELECT count(*) FROM availability_marks WHERE target = ?", (target,)).fetchone()[0])
