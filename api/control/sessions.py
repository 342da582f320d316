"""Who is signed in. A session's secret is 32 random bytes in a cookie; here lies only its hash."""

import secrets
import sqlite3
from hashlib import sha256
from hmac import compare_digest

from msgspec import Struct

from api.control.database import ControlDatabase
from api.control.user import SELECT, User, user_of
from api.security import Principal, digest_of

_NOTE_EVERY_MS = 60_000
_AGENT_MAX = 120
_FIND_USER = (
    SELECT.replace(" FROM users", ", seen_at_ms, ends_at_ms FROM users JOIN sessions USING (user_id)")
    + " WHERE digest = ? AND disabled_at_ms IS NULL"
)


class Session(Struct, frozen=True, kw_only=True):
    """A session as its owner may see it; `session_id` names it and opens nothing."""

    session_id: str
    agent: str
    created_at_ms: int
    seen_at_ms: int
    ends_at_ms: int


class Sessions:
    """Begins, finds and ends sessions. They end by themselves when nobody uses them, and after a time in any case."""

    def __init__(self, database: ControlDatabase, *, idle_ms: int, absolute_ms: int) -> None:
        self._database = database
        self._idle_ms = idle_ms
        self._absolute_ms = absolute_ms
        self._used: dict[bytes, int] = {}

    def begin(self, user_id: str, *, agent: str, now_ms: int, instead_of: str | None = None) -> str:
        """Begin a session under a new secret, which is given here and never again; `instead_of` ends."""
        secret = secrets.token_urlsafe(32)

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO sessions (digest, user_id, agent, created_at_ms, seen_at_ms, ends_at_ms)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (digest_of(secret), user_id, agent[:_AGENT_MAX], now_ms, now_ms, now_ms + self._absolute_ms),
            )
            if instead_of is not None:
                connection.execute("DELETE FROM sessions WHERE digest = ?", (digest_of(instead_of),))
            connection.execute(
                "DELETE FROM sessions WHERE ends_at_ms <= ? OR seen_at_ms <= ?", (now_ms, now_ms - self._idle_ms)
            )

        self._database.write(insert)
        return secret

    def find_user(self, digest: bytes, now_ms: int) -> User | None:
        """Give who is signed in by this session."""
        row = self._database.connection().execute(_FIND_USER, (digest,)).fetchone()
        if row is None:
            return None
        *user, seen_at_ms, ends_at_ms = row
        seen_at_ms = max(seen_at_ms, self._used.get(digest, 0))
        if now_ms >= ends_at_ms or now_ms - seen_at_ms >= self._idle_ms:
            return None
        self._used[digest] = now_ms
        return user_of(tuple(user))

    def find(self, digest: bytes, now_ms: int) -> Principal | None:
        """Give whom this session stands for."""
        user = self.find_user(digest, now_ms)
        return None if user is None else user.principal

    def list(self, user_id: str, now_ms: int) -> list[Session]:
        """Give the living sessions of somebody, the last used first."""
        rows = self._database.connection().execute(
            "SELECT digest, agent, created_at_ms, seen_at_ms, ends_at_ms FROM sessions"
            " WHERE user_id = ? AND ends_at_ms > ? AND seen_at_ms > ? ORDER BY seen_at_ms DESC",
            (user_id, now_ms, now_ms - self._idle_ms),
        )
        return [
            Session(
                session_id=session_id_of(row[0]),
                agent=row[1],
                created_at_ms=row[2],
                seen_at_ms=row[3],
                ends_at_ms=row[4],
            )
            for row in rows.fetchall()
        ]

    def end(self, secret: str) -> None:
        """End one session."""
        self._delete("digest = ?", digest_of(secret))

    def end_all(self, user_id: str, *, but: str | None = None) -> int:
        """End every session of somebody, `but` one, and say how many."""
        kept = digest_of(but) if but is not None else b""
        return self._delete("user_id = ? AND digest != ?", user_id, kept)

    def note_use(self) -> None:
        """Write when sessions were last used; called now and then, since nobody needs it to the second."""
        used, self._used = self._used, {}
        if not used:
            return

        def change(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "UPDATE sessions SET seen_at_ms = ? WHERE digest = ? AND seen_at_ms < ?",
                [(at_ms, digest, at_ms - _NOTE_EVERY_MS) for digest, at_ms in used.items()],
            )

        self._database.write(change)

    def _delete(self, test: str, *values: str | bytes) -> int:
        return self._database.write(
            lambda connection: connection.execute(f"DELETE FROM sessions WHERE {test}", values).rowcount  # noqa: S608
        )


def session_id_of(digest: bytes) -> str:
    """Give the name of a session."""
    return digest.hex()[:12]


def csrf_token_of(secret: str) -> str:
    """Give the token that a form of this session carries: it cannot be had without the cookie, nor lead to it."""
    return sha256(b"csrf\x00" + secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_csrf_token(secret: str, token: str) -> bool:
    """Tell whether a form came from one of this session's own pages."""
    return compare_digest(csrf_token_of(secret).encode(), token.encode("utf-8", "surrogatepass"))
