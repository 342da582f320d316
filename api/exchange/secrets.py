"""Secrets of accounts: sealed in the control store, two values of each while one is replaced, never shown again."""

import sqlite3
from typing import Literal

from api.control.audit import AuditLine, write_line
from api.control.database import ControlDatabase
from api.control.secret_box import SecretBox

Place = Literal["current", "next"]
_PUT = (
    "INSERT INTO connector_secrets VALUES (?, ?, ?, ?, ?) ON CONFLICT (account, name, place) DO UPDATE SET"
    " sealed = excluded.sealed, created_at_ms = excluded.created_at_ms"
)


class Secrets:
    """Keeps and gives secrets of accounts."""

    def __init__(self, database: ControlDatabase, box: SecretBox) -> None:
        self._database = database
        self._box = box

    def put(self, account: str, name: str, value: str, place: Place, *, actor: str, now_ms: int) -> None:
        """Keep a value: the one that counts now, or the one that is good as well from now on."""
        sealed = self._box.seal(value, _bound(account, name))

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(_PUT, (account, name, place, sealed, now_ms))
            _tell(connection, "put_secret", account, f"{name} ({place})", actor, now_ms)

        self._database.write(change)

    def retire(self, account: str, name: str, *, actor: str, now_ms: int) -> bool:
        """Forget the value that counted, and let the next one be it; False without a next one."""

        def change(connection: sqlite3.Connection) -> bool:
            key = (account, name)
            if not connection.execute(
                "SELECT 1 FROM connector_secrets WHERE account = ? AND name = ? AND place = 'next'", key
            ).fetchone():
                return False
            connection.execute(
                "DELETE FROM connector_secrets WHERE account = ? AND name = ? AND place = 'current'", key
            )
            connection.execute(
                "UPDATE connector_secrets SET place = 'current' WHERE account = ? AND name = ? AND place = 'next'", key
            )
            _tell(connection, "retire_secret", account, name, actor, now_ms)
            return True

        done = self._database.write(change)
        if done:
            self._database.forget_deleted()
        return done

    def values(self, account: str, name: str) -> tuple[str, ...]:
        """Give every value that is good now: to verify with."""
        rows = self._database.connection().execute(
            "SELECT sealed FROM connector_secrets WHERE account = ? AND name = ? ORDER BY place", (account, name)
        )
        return tuple(self._opened(account, name, row[0]) for row in rows.fetchall())

    def current(self, account: str) -> dict[str, str]:
        """Give the values that count now, by name: to authorise with."""
        rows = self._database.connection().execute(
            "SELECT name, sealed FROM connector_secrets WHERE account = ? AND place = 'current'", (account,)
        )
        return {name: self._opened(account, name, sealed) for name, sealed in rows.fetchall()}

    def names(self, account: str) -> dict[str, tuple[str, ...]]:
        """Give which secrets there are, and whether one is being replaced; no value."""
        found: dict[str, tuple[str, ...]] = {}
        rows = self._database.connection().execute(
            "SELECT name, place FROM connector_secrets WHERE account = ? ORDER BY name, place", (account,)
        )
        for name, place in rows.fetchall():
            found[name] = (*found.get(name, ()), place)
        return found

    def _opened(self, account: str, name: str, sealed: bytes) -> str:
        return self._box.open(bytes(sealed), _bound(account, name))


def _bound(account: str, name: str) -> str:
    return f"secret\x00{account}\x00{name}"


def _tell(connection: sqlite3.Connection, action: str, account: str, what: str, actor: str, now_ms: int) -> None:
    line = AuditLine(at_ms=now_ms, actor=actor, action=action, target=f"account:{account}", after=what)
    write_line(connection, line)
