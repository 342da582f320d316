"""Links that sign somebody in once: the first admin's, an invitation, a way back for who forgot."""

import secrets
import sqlite3
from typing import NamedTuple

from api.control.audit import AuditLine, write_line
from api.control.database import ControlDatabase
from api.control.user import User
from api.security import digest_of

ADMIN_LINK_MS = 3_600_000
INVITATION_MS = 3 * 86_400_000


class Link(NamedTuple):
    """Whom a link is for, and whether they have to choose a password there."""

    user_id: str
    is_password_needed: bool
    ends_at_ms: int


class Links:
    """Makes links and uses each up once; only the hash of one is kept, and the newest of somebody is the only one."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def make(self, user: User, *, actor: str, now_ms: int, life_ms: int, is_password_needed: bool = True) -> str:
        """Make a link for somebody and give its token, here and never again."""
        token = secrets.token_urlsafe(32)

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM links WHERE user_id = ? OR ends_at_ms <= ?", (user.user_id, now_ms))
            connection.execute(
                "INSERT INTO links (digest, user_id, password_needed, created_at_ms, ends_at_ms)"
                " VALUES (?, ?, ?, ?, ?)",
                (digest_of(token), user.user_id, is_password_needed, now_ms, now_ms + life_ms),
            )
            line = AuditLine(at_ms=now_ms, actor=actor, action="make_sign_in_link", target=f"user:{user.name}")
            write_line(connection, line)

        self._database.write(insert)
        return token

    def find(self, token: str, now_ms: int) -> Link | None:
        """Give what a link is for without using it up: mail programs look at links before people do."""
        return _living(self._database.connection(), token, now_ms)

    def use(self, token: str, now_ms: int) -> Link | None:
        """Use a link up; None when it is used, over or never was."""

        def take(connection: sqlite3.Connection) -> Link | None:
            found = _living(connection, token, now_ms)
            connection.execute("DELETE FROM links WHERE digest = ?", (digest_of(token),))
            return found

        return self._database.write(take)


def _living(connection: sqlite3.Connection, token: str, now_ms: int) -> Link | None:
    row = connection.execute(
        "SELECT user_id, password_needed, ends_at_ms FROM links JOIN users USING (user_id)"
        " WHERE digest = ? AND ends_at_ms > ? AND disabled_at_ms IS NULL",
        (digest_of(token), now_ms),
    ).fetchone()
    return None if row is None else Link(row[0], bool(row[1]), row[2])
