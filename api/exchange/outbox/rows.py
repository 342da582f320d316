"""The rows of deliveries: added once, sent in order of their lane, ended; written in the caller's transaction."""

import sqlite3
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from api.exchange.outbox.telling import NewDelivery

NEVER_MS = 2**62
_COLUMNS = (
    "sequence, delivery_id, target, pool, lane, kind, event_id, event_type, order_id, order_version, about,"
    " occurred_at_ms, created_at_ms, state, head, due_at_ms, attempts, number, reference, note, ended_at_ms"
)
# The statements below hold the columns above and nothing of anybody else's.
_SELECT = f"SELECT {_COLUMNS} FROM deliveries"  # noqa: S608
_INSERT = (
    "INSERT INTO deliveries (delivery_id, target, pool, lane, kind, event_id, event_type, order_id, order_version,"
    " about, occurred_at_ms, created_at_ms, state, head, due_at_ms)"
    " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', NOT EXISTS ("
    "SELECT 1 FROM deliveries WHERE target = ? AND lane = ? AND state = 'pending'), ?"
    " WHERE EXISTS (SELECT 1 FROM outbox_targets WHERE target = ?) ON CONFLICT DO NOTHING"
)
_DUE = _SELECT + " WHERE target = ? AND head = 1 AND due_at_ms <= ? ORDER BY due_at_ms, sequence LIMIT ?"
_NEXT_DUE = "SELECT min(due_at_ms) FROM deliveries WHERE target = ? AND head = 1"
_NEXT_IN_LANE = (
    "UPDATE deliveries SET head = 1 WHERE sequence = ("
    "SELECT min(sequence) FROM deliveries WHERE target = ? AND lane = ? AND state = 'pending')"
)
_LOOK_AGAIN = (
    "UPDATE deliveries SET due_at_ms = min(due_at_ms, ?), order_version = max(order_version, ?)"
    " WHERE order_id = ? AND head = 1 AND attempts = 0"
)


class State(StrEnum):
    """What became of a delivery."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    SKIPPED = "skipped"


class Delivery(Struct, frozen=True, gc=False):
    """A row, in the order of its columns."""

    sequence: int
    delivery_id: str
    target: str
    pool: str
    lane: str
    kind: str
    event_id: str
    event_type: str
    order_id: str
    order_version: int
    about: str
    occurred_at_ms: int
    created_at_ms: int
    state: str
    head: int
    due_at_ms: int
    attempts: int
    number: int | None
    reference: str
    note: str
    ended_at_ms: int | None


def add(connection: sqlite3.Connection, rows: Iterable[NewDelivery], now_ms: int) -> int:
    """Add rows that are not there yet, and give how many those are; of a target that was removed, none."""
    added = 0
    for row in rows:
        values = (
            row.delivery_id,
            row.target,
            row.pool,
            row.lane,
            row.kind,
            row.event_id,
            row.event_type,
            row.order_id,
            row.order_version,
            row.about,
            row.occurred_at_ms,
            now_ms,
            row.target,
            row.lane,
            now_ms,
            row.target,
        )
        added += connection.execute(_INSERT, values).rowcount
    return added


def due(connection: sqlite3.Connection, target: str, now_ms: int, limit: int) -> list[Delivery]:
    """Give what may be sent to a target now: of each lane only the first."""
    return [Delivery(*row) for row in connection.execute(_DUE, (target, now_ms, limit)).fetchall()]


def next_due_ms(connection: sqlite3.Connection, target: str) -> int:
    """Give when the next row of a target is due."""
    found = connection.execute(_NEXT_DUE, (target,)).fetchone()[0]
    return NEVER_MS if found is None else int(found)


def find(connection: sqlite3.Connection, delivery_id: str) -> Delivery | None:
    """Give a row by its id."""
    row = connection.execute(_SELECT + " WHERE delivery_id = ?", (delivery_id,)).fetchone()
    return None if row is None else Delivery(*row)


def before(connection: sqlite3.Connection, row: Delivery, kind: str) -> list[Delivery]:
    """Give the earlier rows of a kind in the row's lane, oldest first."""
    query = _SELECT + " WHERE target = ? AND order_id = ? AND kind = ? AND sequence < ? ORDER BY sequence"
    found = connection.execute(query, (row.target, row.order_id, kind, row.sequence))
    return [Delivery(*one) for one in found.fetchall()]


def newest(  # What a list is asked by.
    connection: sqlite3.Connection,
    target: str,
    *,
    state: str = "",
    order_id: str = "",
    before_sequence: int,
    limit: int,
) -> list[Delivery]:
    """Give a target's rows, newest first."""
    tests = {"state = ?": state, "order_id = ?": order_id}
    given = {test: value for test, value in tests.items() if value}
    where = "".join(f" AND {test}" for test in given)
    query = f"{_SELECT} WHERE target = ? AND sequence < ?{where} ORDER BY sequence DESC LIMIT ?"
    found = connection.execute(query, (target, before_sequence, *given.values(), limit))
    return [Delivery(*row) for row in found.fetchall()]


def begin(connection: sqlite3.Connection, row: Delivery) -> int | None:
    """Note that it is about to be sent, and give its number: the next of the target's, the same at each attempt.

    None where its target was removed meanwhile, and it is not to be sent.
    """
    if connection.execute("SELECT 1 FROM outbox_targets WHERE target = ?", (row.target,)).fetchone() is None:
        return None
    number = row.number
    if number is None:
        [number] = connection.execute(
            "UPDATE outbox_targets SET last_number = last_number + 1 WHERE target = ? RETURNING last_number",
            (row.target,),
        ).fetchone()
    connection.execute(
        "UPDATE deliveries SET attempts = attempts + 1, number = ? WHERE delivery_id = ?", (number, row.delivery_id)
    )
    return int(number)


def note_staged(connection: sqlite3.Connection, row: Delivery, text: str) -> None:
    """Note how far a document is; it is the row's reference until that is known."""
    connection.execute("UPDATE deliveries SET reference = ? WHERE delivery_id = ?", (text, row.delivery_id))


def give_back_number(connection: sqlite3.Connection, row: Delivery) -> None:
    """Let the next delivery have a number under which nothing was sent, so that none is missing."""
    given_back = connection.execute(
        "UPDATE outbox_targets SET last_number = last_number - 1 WHERE target = ? AND last_number = ?",
        (row.target, row.number),
    ).rowcount
    if given_back:
        connection.execute("UPDATE deliveries SET number = NULL WHERE delivery_id = ?", (row.delivery_id,))


def end(connection: sqlite3.Connection, row: Delivery, state: State, now_ms: int, *, note: str, reference: str) -> None:
    """End a row and let the next of its lane be sent."""
    connection.execute(
        "UPDATE deliveries SET state = ?, head = 0, ended_at_ms = ?, note = ?, reference = ? WHERE delivery_id = ?",
        (state, now_ms, note, reference, row.delivery_id),
    )
    connection.execute(_NEXT_IN_LANE, (row.target, row.lane))


def put_off(connection: sqlite3.Connection, row: Delivery, due_at_ms: int, note: str) -> None:
    """Let it be tried later; the rest of its lane waits with it."""
    connection.execute(
        "UPDATE deliveries SET due_at_ms = ?, note = ? WHERE delivery_id = ? AND state = 'pending'",
        (due_at_ms, note, row.delivery_id),
    )


def look_again(connection: sqlite3.Connection, versions: Mapping[str, int], now_ms: int) -> None:
    """Let what waits for something of its order look whether that is there, once the views have this version of it."""
    connection.executemany(_LOOK_AGAIN, [(now_ms, version, order_id) for order_id, version in versions.items()])


def reopen(connection: sqlite3.Connection, row: Delivery, now_ms: int) -> bool:
    """Send an ended row again, under its own id and number; False while it is pending."""
    changed = connection.execute(
        "UPDATE deliveries SET state = 'pending', head = 0, due_at_ms = ?, ended_at_ms = NULL, note = '',"
        " reference = '' WHERE delivery_id = ? AND state <> 'pending'",
        (now_ms, row.delivery_id),
    ).rowcount
    if changed:
        # It is older than whatever waits in its lane, so it goes first.
        connection.execute(
            "UPDATE deliveries SET head = 0 WHERE target = ? AND lane = ? AND state = 'pending'", (row.target, row.lane)
        )
        connection.execute(_NEXT_IN_LANE, (row.target, row.lane))
    return changed > 0


def note_attempt(connection: sqlite3.Connection, row: Delivery, at_ms: int, **values: Any) -> None:
    """Add an attempt to the log: `outcome`, `status`, `latency_ms`, `answer` and `note`."""
    connection.execute(
        "INSERT INTO delivery_attempts (delivery_id, target, at_ms, outcome, status, latency_ms, answer, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.delivery_id,
            row.target,
            at_ms,
            values["outcome"],
            values["status"],
            values["latency_ms"],
            values["answer"],
            values["note"],
        ),
    )


def forget(connection: sqlite3.Connection, before_ms: int, limit: int) -> int:
    """Drop some ended rows and attempts that are too old, and say how many."""
    dropped = connection.execute(
        "DELETE FROM deliveries WHERE sequence IN ("
        "SELECT sequence FROM deliveries WHERE ended_at_ms < ? AND state IN ('done', 'skipped') LIMIT ?)",
        (before_ms, limit),
    ).rowcount
    return (
        dropped
        + connection.execute(
            "DELETE FROM delivery_attempts WHERE attempt IN ("
            "SELECT attempt FROM delivery_attempts WHERE at_ms < ? LIMIT ?)",
            (before_ms, limit),
        ).rowcount
    )
