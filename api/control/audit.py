"""The audit log: one line for every change, each hashed over the one before, so that none can be altered or taken out
without the chain telling. Lines hold no personal data: who asked by name, what, on what, and why.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from api.control.database import ControlDatabase

_GENESIS = bytes(32)
UNKNOWN = "not known when this was written: see the command's outcome"
_COLUMNS = "at_ms, actor, action, pool, target, reason, before, after, refusal, command_id, correlation_id"
_NAMES = _COLUMNS.split(", ")
_INSERT = f"INSERT INTO audit_lines ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_LAST_HASH = "SELECT hash FROM audit_lines ORDER BY line DESC LIMIT 1"
_SELECT = f"SELECT line, hash, {_COLUMNS} FROM audit_lines"  # noqa: S608 # The columns above.


class AuditLine(Struct, frozen=True, kw_only=True):
    """Who did what to what, when and why; what it was before and after; and the refusal, if it was refused."""

    at_ms: int
    actor: str
    action: str
    target: str
    pool: str = ""
    reason: str = ""
    before: str = ""
    after: str = ""
    refusal: str = ""
    command_id: str = ""
    correlation_id: str = ""

    def values(self) -> tuple[int | str, ...]:
        """Give the fields in the order of the table."""
        return (
            self.at_ms,
            self.actor,
            self.action,
            self.pool,
            self.target,
            self.reason,
            self.before,
            self.after,
            self.refusal,
            self.command_id,
            self.correlation_id,
        )


class StoredLine(NamedTuple):
    """A line with its number in the log."""

    number: int
    line: AuditLine


class Wanted(Struct, frozen=True, kw_only=True):
    """Which lines to give: None does not restrict."""

    actor: str | None = None
    target: str | None = None
    from_ms: int | None = None
    before_ms: int | None = None


class Damage(NamedTuple):
    """The first line at which the chain does not hold."""

    number: int
    text: str


def write_line(connection: sqlite3.Connection, line: AuditLine) -> None:
    """Add a line in the transaction of what it tells; that transaction holds the file's one write lock."""
    found = connection.execute(_LAST_HASH).fetchone()
    previous = _GENESIS if found is None else bytes(found[0])
    connection.execute(_INSERT, (*line.values(), _hash(previous, line.values())))


def summary(values: Mapping[str, object]) -> str:
    """Write before or after as one line of JSON, in the order given."""
    return json.dumps(values, ensure_ascii=False, default=str)


class AuditLog:
    """Reads the log and checks its chain; lines are written by `write_line` where the change is made."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def lines(self, wanted: Wanted, *, before_number: int | None = None, limit: int = 100) -> list[StoredLine]:
        """Give the newest lines that fit, newest first; `before_number` leads on to older ones."""
        tests = {
            "line < ?": before_number,
            "actor = ?": wanted.actor,
            "target = ?": wanted.target,
            "at_ms >= ?": wanted.from_ms,
            "at_ms < ?": wanted.before_ms,
        }
        given = {test: value for test, value in tests.items() if value is not None}
        where = f"WHERE {' AND '.join(given)}" if given else ""
        query = f"{_SELECT} {where} ORDER BY line DESC LIMIT ?"
        with closing(self._database.connection().cursor()) as cursor:
            return [_stored(row) for row in cursor.execute(query, (*given.values(), limit))]

    def damage(self) -> Damage | None:
        """Walk the whole chain; None when every line is there as it was written."""
        previous, expected = _GENESIS, 1
        with closing(self._database.connection().cursor()) as cursor:
            for number, stored, *values in cursor.execute(_SELECT + " ORDER BY line"):
                if number != expected:
                    return Damage(expected, f"line {expected} is missing")
                if _hash(previous, tuple(values)) != stored:
                    return Damage(number, f"line {number} is not as it was written, or the one before it is not")
                previous, expected = stored, number + 1
        return None

    def head(self) -> tuple[int, str]:
        """Give number and hash of the last line: kept elsewhere, they show later that the end was not cut off."""
        row = (
            self._database.connection()
            .execute("SELECT line, hash FROM audit_lines ORDER BY line DESC LIMIT 1")
            .fetchone()
        )
        return (0, _GENESIS.hex()) if row is None else (row[0], bytes(row[1]).hex())


class PendingLines:
    """Lines of commands on their way: kept before one is sent, so that no crash leaves a change without its line."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def keep(self, line: AuditLine) -> None:
        """Keep the line of a command that is about to be sent."""

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO audit_pending (command_id, line, created_at_ms) VALUES (?, ?, ?)",
                (line.command_id, msgspec.json.encode(line), line.at_ms),
            )

        self._database.write(insert)

    def finish(self, line: AuditLine | None, command_id: str) -> None:
        """Write the line with what became of the command; none when it was only a repeat."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM audit_pending WHERE command_id = ?", (command_id,))
            if line is not None:
                write_line(connection, line)

        self._database.write(change)

    def finish_left(self, before_ms: int) -> int:
        """Write the lines that some process has left behind: their command may be on record, its outcome is there."""

        def change(connection: sqlite3.Connection) -> int:
            rows = connection.execute(
                "DELETE FROM audit_pending WHERE created_at_ms < ? RETURNING created_at_ms, line", (before_ms,)
            ).fetchall()
            for _, line in sorted(rows):
                left = msgspec.json.decode(line, type=AuditLine)
                write_line(connection, msgspec.structs.replace(left, after=UNKNOWN))
            return len(rows)

        return self._database.write(change)


def _stored(row: tuple[Any, ...]) -> StoredLine:
    number, _, *values = row
    return StoredLine(number, AuditLine(**dict(zip(_NAMES, values, strict=True))))


def _hash(previous: bytes, values: tuple[int | str, ...]) -> bytes:
    return sha256(previous + json.dumps(values, ensure_ascii=True).encode()).digest()
