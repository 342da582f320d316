"""Idempotency: the command that a key of the client stood for is kept, so a repeat is the same command."""

import sqlite3
from hashlib import blake2b

from api.control.database import ControlDatabase

_DELETE_AT_ONCE = 200


def command_id_of(*, pool: str, owner: str, key: str) -> str:
    """Derive the command's id, so that another process or a wiped store gives a repeat the same one."""
    text = f"{pool}\x00{owner}\x00{key}"
    return "k" + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class RequestStore:
    """Commands by id, kept for some days. What was stored first stays."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def find(self, command_id: str) -> bytes | None:
        """Give the command that was first stored under an id."""
        row = (
            self._database.connection()
            .execute("SELECT command FROM requests WHERE command_id = ?", (command_id,))
            .fetchone()
        )
        return None if row is None else bytes(row[0])

    def keep(self, new: list[tuple[str, bytes]], now_ms: int) -> list[bytes | None]:
        """Store commands; for each, None if it is new, else the one that was there (of two at once, one wins)."""

        def insert(connection: sqlite3.Connection) -> list[bytes | None]:
            return [_keep(connection, command_id, command, now_ms) for command_id, command in new]

        return self._database.write(insert)

    def forget(self, before_ms: int) -> int:
        """Drop some of those that are too old, and say how many."""

        def delete(connection: sqlite3.Connection) -> int:
            return connection.execute(
                "DELETE FROM requests WHERE command_id IN"
                " (SELECT command_id FROM requests WHERE created_at_ms < ? LIMIT ?)",
                (before_ms, _DELETE_AT_ONCE),
            ).rowcount

        return self._database.write(delete)


def _keep(connection: sqlite3.Connection, command_id: str, command: bytes, now_ms: int) -> bytes | None:
    added = connection.execute(
        "INSERT INTO requests (command_id, command, created_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (command_id, command, now_ms),
    ).rowcount
    if added:
        return None
    row = connection.execute("SELECT command FROM requests WHERE command_id = ?", (command_id,)).fetchone()
    return bytes(row[0])
