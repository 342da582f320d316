"""API keys: 32 random bytes, kept as a hash; a prefix stays visible so that people can name one."""

import secrets
import sqlite3
import time
from collections.abc import Collection

from msgspec import Struct

from api.control.audit import AuditLine, summary, write_line
from api.control.database import ControlDatabase
from api.security import Principal, Scope, digest_of

_SELECT = (
    "SELECT key_id, name, scopes, pools, created_at_ms, expires_at_ms, revoked_at_ms, last_used_at_ms FROM api_keys"
)
_LIST = _SELECT + " ORDER BY created_at_ms, key_id"
_FIND_LIVING = _SELECT + " WHERE key_id = ? AND revoked_at_ms IS NULL"
_FIND_BY_DIGEST = _SELECT + " WHERE digest = ?"
_LAST_USED_EVERY_MS = 60_000
_LOOK_EVERY_SECONDS = 0.2


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key as it may be shown: without what opens anything."""

    key_id: str
    name: str
    scopes: tuple[Scope, ...]
    pools: tuple[str, ...]
    created_at_ms: int
    expires_at_ms: int | None
    revoked_at_ms: int | None
    last_used_at_ms: int | None

    def holds(self, now_ms: int) -> bool:
        """Tell whether it opens anything now."""
        return self.revoked_at_ms is None and (self.expires_at_ms is None or now_ms < self.expires_at_ms)


class ApiKeys:
    """Creates, lists, revokes and finds keys. Found ones are kept in memory until the file changes."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database
        self._found: dict[bytes, ApiKey] = {}
        self._used: dict[str, int] = {}
        self._version = -1
        self._look_at = 0.0

    def create(
        self,
        *,
        name: str,
        scopes: Collection[Scope],
        pools: Collection[str],
        actor: str,
        now_ms: int,
        expires_at_ms: int | None = None,
    ) -> tuple[str, ApiKey]:
        """Make a key; its text is given here and never again."""
        prefix = secrets.token_hex(4)
        text = f"hr_{prefix}_{secrets.token_urlsafe(32)}"
        key = ApiKey(
            key_id=f"hr_{prefix}",
            name=name,
            scopes=tuple(sorted(scopes)),
            pools=tuple(sorted(pools)),
            created_at_ms=now_ms,
            expires_at_ms=expires_at_ms,
            revoked_at_ms=None,
            last_used_at_ms=None,
        )

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO api_keys (key_id, name, digest, scopes, pools, created_at_ms, expires_at_ms)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    key.key_id,
                    name,
                    digest_of(text),
                    " ".join(key.scopes),
                    " ".join(key.pools),
                    now_ms,
                    expires_at_ms,
                ),
            )
            after = summary({"name": name, "scopes": key.scopes, "pools": key.pools, "expires_at_ms": expires_at_ms})
            line = AuditLine(at_ms=now_ms, actor=actor, action="create_api_key", target=key.key_id, after=after)
            write_line(connection, line)

        self._database.write(insert)
        self._found.clear()
        return text, key

    def list(self) -> list[ApiKey]:
        """Give all keys, also those that no longer hold, oldest first."""
        rows = self._database.connection().execute(_LIST)
        return [_key(row) for row in rows.fetchall()]

    def revoke(self, key_id: str, *, actor: str, reason: str, now_ms: int) -> bool:
        """End a key now; False when there is no living key of that id."""

        def change(connection: sqlite3.Connection) -> bool:
            row = connection.execute(_FIND_LIVING, (key_id,)).fetchone()
            if row is None:
                return False
            connection.execute("UPDATE api_keys SET revoked_at_ms = ? WHERE key_id = ?", (now_ms, key_id))
            before = summary({"name": row[1], "scopes": row[2].split(), "pools": row[3].split()})
            line = AuditLine(
                at_ms=now_ms, actor=actor, action="revoke_api_key", target=key_id, reason=reason, before=before
            )
            write_line(connection, line)
            return True

        done = self._database.write(change)
        self._found.clear()
        return done

    def find(self, digest: bytes, now_ms: int) -> Principal | None:
        """Give whom the key of this digest stands for, unless it is revoked or expired."""
        if time.monotonic() >= self._look_at:
            # Another process may have revoked a key.
            version = self._database.data_version()
            if version != self._version:
                self._found.clear()
            self._version = version
            self._look_at = time.monotonic() + _LOOK_EVERY_SECONDS
        key = self._found.get(digest)
        if key is None:
            row = self._database.connection().execute(_FIND_BY_DIGEST, (digest,)).fetchone()
            if row is None:
                return None
            key = self._found[digest] = _key(row)
        if not key.holds(now_ms):
            return None
        self._used[key.key_id] = now_ms
        return Principal(key.key_id, key.name, frozenset(key.scopes), frozenset(key.pools))

    def note_use(self) -> None:
        """Write when keys were last used; called now and then, since nobody needs it to the second."""
        used, self._used = self._used, {}
        if not used:
            return

        def change(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "UPDATE api_keys SET last_used_at_ms = ? WHERE key_id = ? AND coalesce(last_used_at_ms, 0) < ?",
                [(at_ms, key_id, at_ms - _LAST_USED_EVERY_MS) for key_id, at_ms in used.items()],
            )

        self._database.write(change)


def _key(row: tuple[str, str, str, str, int, int | None, int | None, int | None]) -> ApiKey:
    return ApiKey(
        key_id=row[0],
        name=row[1],
        scopes=tuple(Scope(scope) for scope in row[2].split()),
        pools=tuple(row[3].split()),
        created_at_ms=row[4],
        expires_at_ms=row[5],
        revoked_at_ms=row[6],
        last_used_at_ms=row[7],
    )
