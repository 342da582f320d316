"""Which dead letters have been sent again, so that each is sent once."""

import sqlite3

from api.control.audit import AuditLine, write_line
from api.control.database import ControlDatabase


class ReplayStore:
    """Claims a dead letter for one replay."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def claim(self, dead_letter_id: str, command_id: str, *, actor: str, now_ms: int) -> bool:
        """Take it; False when somebody did before."""

        def insert(connection: sqlite3.Connection) -> bool:
            added = connection.execute(
                "INSERT INTO replays (dead_letter_id, command_id, actor, created_at_ms) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (dead_letter_id, command_id, actor, now_ms),
            ).rowcount
            if added:
                line = AuditLine(
                    at_ms=now_ms,
                    actor=actor,
                    action="replay_dead_letter",
                    target=dead_letter_id,
                    command_id=command_id,
                )
                write_line(connection, line)
            return added == 1

        return self._database.write(insert)

    def give_back(self, dead_letter_id: str, *, actor: str, now_ms: int) -> None:
        """Undo a claim whose sending the broker has not acknowledged."""

        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM replays WHERE dead_letter_id = ?", (dead_letter_id,))
            line = AuditLine(at_ms=now_ms, actor=actor, action="give_back_dead_letter", target=dead_letter_id)
            write_line(connection, line)

        self._database.write(delete)

    def replayed(self) -> set[str]:
        """Give the ids of all that were sent again."""
        rows = self._database.connection().execute("SELECT dead_letter_id FROM replays").fetchall()
        return {row[0] for row in rows}
