"""What goes on in a pool, as counters that are kept while orders are written: reading them costs the same however many
orders there are. What an order counts towards stands in its row, so that a later row takes back what it added.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec

from api.views import queues
from api.views.seen import SeenOrder

SCHEMA = """
CREATE TABLE IF NOT EXISTS counts (
    pool TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (pool, key)
) STRICT, WITHOUT ROWID;
"""
TABLES = ("counts",)

MINUTE_MS = 60_000
_OPEN_STATUSES = frozenset({"allocated", "accepted", "picked", "packed", "ready"})
_GIVEN_UP = frozenset({"rejected", "cancelled"})

_ADD = "INSERT INTO counts VALUES (?, ?, ?) ON CONFLICT (pool, key) DO UPDATE SET n = n + excluded.n"
_DROP = "DELETE FROM counts WHERE pool = ? AND key = ? AND n = 0"
_MINUTES = "SELECT key, n FROM counts WHERE pool = ? AND key BETWEEN ? AND ?"
_UNDER = "SELECT key, n FROM counts WHERE pool = ? AND key > ? AND key < ? LIMIT ?"
_ONE = "SELECT n FROM counts WHERE pool = ? AND key = ?"
# By pool, since the counters of a pool lie together.
_ALL_AT_RISK = "SELECT coalesce(sum(n), 0) FROM pools JOIN counts ON counts.pool = pools.pool AND key = 'at-risk'"
_ORDER = "SELECT body FROM orders WHERE order_id = ?"
_AMONG = "dead_letter_id IN (SELECT value FROM json_each(?))"
_LAST_ENTRY = "SELECT coalesce(max(entry), 0) FROM dead_letters"
_SENT_AGAIN = f"SELECT count(*) FROM dead_letters WHERE {_AMONG}"  # noqa: S608 # The constant above.
_LAST_LEFT = f"SELECT recorded_at_ms FROM dead_letters WHERE NOT {_AMONG} ORDER BY entry DESC LIMIT 1"  # noqa: S608


class AtRisk(NamedTuple):
    """Orders whose promise is near or past: how many, and rows of the first ones."""

    total: int
    bodies: list[bytes]


class DeadLetters(NamedTuple):
    """How many messages nothing could be done with and nobody has sent again, and when the last of them came."""

    total: int
    newest_at_ms: int | None


def counted_of(order: SeenOrder) -> str:
    """Give the keys that an order counts towards, as JSON."""
    keys = [_minute_key(order.placed_at_ms // MINUTE_MS), f"status/{order.status}"]
    for one in order.fulfillments:
        if one.status in _OPEN_STATUSES:
            keys.append(f"open/{one.location_id}/{one.status}")
        if one.capacity_day and one.status not in _GIVEN_UP:
            keys.append(_day_key(one.location_id, one.capacity_day))
    keys += queues.keys_of(order)
    return msgspec.json.encode(keys).decode()


def put_counts(connection: sqlite3.Connection, changes: Mapping[tuple[str, str], int]) -> None:
    """Add to counters, and drop those that come to nothing."""
    changed = [(*key, change) for key, change in changes.items() if change]
    connection.executemany(_ADD, changed)
    connection.executemany(_DROP, [row[:2] for row in changed if row[2] < 0])


def orders_by_minute(connection: sqlite3.Connection, pool: str, last_minute: int, minutes: int) -> list[int]:
    """Give how many orders were placed in each of the minutes up to the last one."""
    first = last_minute - minutes + 1
    rows = connection.execute(_MINUTES, (pool, _minute_key(first), _minute_key(last_minute))).fetchall()
    found = {int(key.rpartition("/")[2]): count for key, count in rows}
    return [found.get(minute, 0) for minute in range(first, last_minute + 1)]


def open_fulfillments(connection: sqlite3.Connection, pool: str) -> Mapping[tuple[str, str], int]:
    """Give how many fulfillments are open, by location and status."""
    rows = _under(connection, pool, "open")
    return {(key.split("/")[1], key.split("/")[2]): count for key, count in rows}


def taken_of_day(connection: sqlite3.Connection, pool: str, location_id: str, capacity_day: int) -> int:
    """Give how many fulfillments a location has taken for one of its days."""
    return _count(connection, pool, _day_key(location_id, capacity_day))


def orders_by_status(connection: sqlite3.Connection, pool: str) -> Mapping[str, int]:
    """Give how many orders stand in each status."""
    return {key.split("/")[1]: count for key, count in _under(connection, pool, "status")}


def orders_at_risk(connection: sqlite3.Connection, pool: str, limit: int) -> AtRisk:
    """Give how many orders are at risk, and the rows of those with the earliest promises."""
    order_ids = [key.split("/", 2)[2] for key, _ in _under(connection, pool, "risk", limit)]
    rows = [connection.execute(_ORDER, (order_id,)).fetchone()[0] for order_id in order_ids]
    return AtRisk(_count(connection, pool, "at-risk"), rows)


def all_orders_at_risk(connection: sqlite3.Connection) -> int:
    """Give how many orders of all pools are at risk."""
    return int(connection.execute(_ALL_AT_RISK).fetchone()[0])


def dead_letters(connection: sqlite3.Connection, sent_again: Collection[str] = ()) -> DeadLetters:
    """Give how many dead letters still wait for somebody. Entries count up and none is taken away."""
    handled = json.dumps(sorted(sent_again))
    [(entries,)], [(done,)] = connection.execute(_LAST_ENTRY), connection.execute(_SENT_AGAIN, (handled,))
    last = connection.execute(_LAST_LEFT, (handled,)).fetchone()
    return DeadLetters(entries - done, None if last is None else last[0])


def _under(connection: sqlite3.Connection, pool: str, kind: str, limit: int = -1) -> list[tuple[str, int]]:
    # "0" is the character after "/".
    return connection.execute(_UNDER, (pool, f"{kind}/", f"{kind}0", limit)).fetchall()


def _count(connection: sqlite3.Connection, pool: str, key: str) -> int:
    row = connection.execute(_ONE, (pool, key)).fetchone()
    return 0 if row is None else int(row[0])


def _minute_key(minute: int) -> str:
    # As wide as any minute there can be, so that text sorts as numbers do.
    return f"minute/{minute:012d}"


def _day_key(location_id: str, day: int) -> str:
    return f"day/{location_id}/{day}"
