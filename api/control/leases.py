"""Leases: of several processes on one control store, one does a work, until it ends or falls silent."""

import sqlite3

from api.control.database import ControlDatabase


class Leases:
    """Takes, keeps and gives back leases by name."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def hold(self, name: str, holder: str, *, now_ms: int, for_ms: int) -> bool:
        """Take a lease that is free or has run out, or keep one's own; False while it is another's."""

        def change(connection: sqlite3.Connection) -> bool:
            held = connection.execute(
                "INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " holder = excluded.holder, until_ms = excluded.until_ms"
                " WHERE leases.holder = excluded.holder OR leases.until_ms <= ? RETURNING 1",
                (name, holder, now_ms + for_ms, now_ms),
            ).fetchone()
            return held is not None

        return self._database.write(change)

    def give_back(self, name: str, holder: str) -> None:
        """Let the next one take it at once."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM leases WHERE name = ? AND holder = ?", (name, holder))

        self._database.write(change)
