"""Webhook subscriptions: made and ended here; a secret is shown once, and two are good while one replaces the other.

Credentials of another transport than HTTP are sealed too, and never shown at all.
"""

import json
import secrets
import sqlite3
from base64 import b64encode
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from api.control.audit import AuditLine, summary, write_line
from api.control.database import ControlDatabase
from api.control.secret_box import SecretBox
from api.exchange.outbox.levels import Watch
from api.exchange.outbox.names import wants_availability
from api.exchange.outbox.watches import is_watching, unwatch

_SECRET_BYTES = 32
_COLUMNS = (
    "webhook_id, pool, url, patterns, note, secret, former_secret, former_until_ms, created_at_ms, created_by,"
    " disabled_at_ms, disabled_why,"
    " (SELECT watch FROM webhook_watches AS one WHERE one.webhook_id = webhook_subscriptions.webhook_id)"
)
_PUT_WATCH = "INSERT INTO webhook_watches VALUES (?, ?) ON CONFLICT (webhook_id) DO UPDATE SET watch = excluded.watch"
_SELECT = f"SELECT {_COLUMNS} FROM webhook_subscriptions"  # noqa: S608 - the columns above
_PUT_CREDENTIALS = "INSERT INTO webhook_credentials (webhook_id, sealed) VALUES (?, ?)"
FORMER_LIVES_MS = 86_400_000
"""How long the secret before the last one still signs."""


class Subscription(Struct, frozen=True, gc=False):
    """A subscription, in the order of its columns, its secrets sealed."""

    webhook_id: str
    pool: str
    url: str
    pattern_text: str
    note: str
    secret: bytes
    former_secret: bytes | None
    former_until_ms: int | None
    created_at_ms: int
    created_by: str
    disabled_at_ms: int | None
    disabled_why: str
    watch_text: str | None

    @property
    def patterns(self) -> tuple[str, ...]:
        """Which events it is sent."""
        return tuple(self.pattern_text.split())

    @property
    def watch(self) -> Watch | None:
        """What it is told of availability; None where nothing."""
        if not wants_availability(self.patterns):
            return None
        return Watch() if self.watch_text is None else msgspec.json.decode(self.watch_text, type=Watch)


class Subscriptions:
    """Keeps subscriptions; each change has its line in the audit log."""

    def __init__(self, database: ControlDatabase, box: SecretBox) -> None:
        self._database = database
        self._box = box

    def all(self, pool: str | None = None) -> list[Subscription]:
        """Give all subscriptions, or those of a pool, oldest first."""
        where, values = ("", ()) if pool is None else (" WHERE pool = ?", (pool,))
        rows = self._database.connection().execute(f"{_SELECT}{where} ORDER BY created_at_ms, webhook_id", values)
        return [Subscription(*row) for row in rows.fetchall()]

    def find(self, pool: str, webhook_id: str) -> Subscription | None:
        """Give one of a pool."""
        return next((one for one in self.all(pool) if one.webhook_id == webhook_id), None)

    def create(
        self,
        *,
        pool: str,
        url: str,
        patterns: tuple[str, ...],
        note: str,
        actor: str,
        now_ms: int,
        credentials: Mapping[str, str] | None = None,
        watch: Watch | None = None,
    ) -> tuple[str, str]:
        """Make a subscription and give its id and its secret, which is given here and never again."""
        webhook_id, secret = "wh_" + secrets.token_hex(8), _new_secret()
        sealed = self._box.seal(secret, webhook_id)
        sealed_credentials = self._sealed(webhook_id, credentials)

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO webhook_subscriptions"
                " (webhook_id, pool, url, patterns, note, secret, created_at_ms, created_by)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (webhook_id, pool, url, " ".join(patterns), note, sealed, now_ms, actor),
            )
            connection.execute(
                "INSERT INTO outbox_targets (target, pool) VALUES (?, ?)", (f"webhook/{webhook_id}", pool)
            )
            if sealed_credentials is not None:
                connection.execute(_PUT_CREDENTIALS, (webhook_id, sealed_credentials))
            if watch is not None:
                connection.execute(_PUT_WATCH, (webhook_id, msgspec.json.encode(watch).decode()))
            after = summary({"url": url, "events": patterns, "note": note})
            _tell(connection, "create_webhook", (pool, webhook_id), actor, now_ms, after)

        self._database.write(insert)
        return webhook_id, secret

    def rotate(self, pool: str, webhook_id: str, *, actor: str, now_ms: int) -> str | None:
        """Give it a new secret, beside which the one until now signs for a day more; None where there is none such."""
        secret = _new_secret()
        sealed = self._box.seal(secret, webhook_id)

        def change(connection: sqlite3.Connection) -> bool:
            changed = connection.execute(
                "UPDATE webhook_subscriptions SET former_secret = secret, former_until_ms = ?, secret = ?"
                " WHERE webhook_id = ? AND pool = ?",
                (now_ms + FORMER_LIVES_MS, sealed, webhook_id, pool),
            ).rowcount
            if changed:
                _tell(connection, "rotate_webhook_secret", (pool, webhook_id), actor, now_ms)
            return changed > 0

        return secret if self._database.write(change) else None

    def give_credentials(
        self, pool: str, webhook_id: str, credentials: Mapping[str, str], *, actor: str, now_ms: int
    ) -> bool:
        """Replace what it is sent with; False where there is none such."""
        sealed = self._sealed(webhook_id, credentials)

        def change(connection: sqlite3.Connection) -> bool:
            found = connection.execute(
                "SELECT 1 FROM webhook_subscriptions WHERE webhook_id = ? AND pool = ?", (webhook_id, pool)
            ).fetchone()
            if found is None:
                return False
            connection.execute("DELETE FROM webhook_credentials WHERE webhook_id = ?", (webhook_id,))
            if sealed is not None:
                connection.execute(_PUT_CREDENTIALS, (webhook_id, sealed))
            _tell(connection, "replace_webhook_credentials", (pool, webhook_id), actor, now_ms)
            return True

        return self._database.write(change)

    def set_watch(self, pool: str, webhook_id: str, watch: Watch, *, actor: str, now_ms: int) -> None:
        """Change what a subscription is told of availability."""
        after = msgspec.json.encode(watch).decode()

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(_PUT_WATCH, (webhook_id, after))
            _tell(connection, "set_webhook_thresholds", (pool, webhook_id), actor, now_ms, after)

        self._database.write(change)

    def is_watching(self, webhook_id: str) -> bool:
        """Tell whether everything that a subscription's SKUs cross from now on is told."""
        return is_watching(self._database.connection(), f"webhook/{webhook_id}")

    def delete(self, pool: str, webhook_id: str, *, actor: str, now_ms: int) -> bool:
        """End a subscription with all that waits for it; False where there is none such."""

        def change(connection: sqlite3.Connection) -> bool:
            key = (webhook_id, pool)
            changed = connection.execute(
                "DELETE FROM webhook_subscriptions WHERE webhook_id = ? AND pool = ?", key
            ).rowcount
            if changed:
                connection.execute("DELETE FROM webhook_credentials WHERE webhook_id = ?", (webhook_id,))
                for table in ("deliveries", "delivery_attempts", "outbox_targets"):
                    connection.execute(f"DELETE FROM {table} WHERE target = ?", (f"webhook/{webhook_id}",))  # noqa: S608 - of the three above
                connection.execute("DELETE FROM webhook_watches WHERE webhook_id = ?", (webhook_id,))
                unwatch(connection, f"webhook/{webhook_id}")
                _tell(connection, "delete_webhook", (pool, webhook_id), actor, now_ms)
            return changed > 0

        return self._database.write(change)

    def secrets_of(self, subscription: Subscription, now_ms: int) -> tuple[str, ...]:
        """Give the secrets that sign now, the newest first."""
        found = [subscription.secret]
        if subscription.former_secret is not None and now_ms < (subscription.former_until_ms or 0):
            found.append(subscription.former_secret)
        return tuple(self._box.open(bytes(one), subscription.webhook_id) for one in found)

    def with_credentials(self) -> frozenset[str]:
        """Give the ids of those that have some."""
        rows = self._database.connection().execute("SELECT webhook_id FROM webhook_credentials")
        return frozenset(row[0] for row in rows.fetchall())

    def credentials_of(self, webhook_id: str) -> dict[str, str]:
        """Give what a subscription is sent with, for whoever sends; empty where nothing is needed."""
        query = "SELECT sealed FROM webhook_credentials WHERE webhook_id = ?"
        row = self._database.connection().execute(query, (webhook_id,)).fetchone()
        if row is None:
            return {}
        opened: dict[str, str] = json.loads(self._box.open(bytes(row[0]), _bound(webhook_id)))
        return opened

    def _sealed(self, webhook_id: str, credentials: Mapping[str, str] | None) -> bytes | None:
        return self._box.seal(json.dumps(credentials), _bound(webhook_id)) if credentials else None


def disable(connection: sqlite3.Connection, webhook_id: str, why: str, now_ms: int) -> None:
    """Send nothing more to it, because its receiver said so, until somebody enables it."""
    connection.execute(
        "UPDATE webhook_subscriptions SET disabled_at_ms = ?, disabled_why = ? WHERE webhook_id = ?",
        (now_ms, why, webhook_id),
    )


def enable(connection: sqlite3.Connection, webhook_id: str) -> None:
    """Send to it again."""
    connection.execute(
        "UPDATE webhook_subscriptions SET disabled_at_ms = NULL, disabled_why = '' WHERE webhook_id = ?", (webhook_id,)
    )


def _bound(webhook_id: str) -> str:
    """Give what credentials are bound to, so that they open in no other place."""
    return f"{webhook_id}/credentials"


def _new_secret() -> str:
    return "whsec_" + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _tell(
    connection: sqlite3.Connection, action: str, subscription: tuple[str, str], actor: str, now_ms: int, after: str = ""
) -> None:
    pool, webhook_id = subscription
    line = AuditLine(at_ms=now_ms, actor=actor, action=action, pool=pool, target=f"webhook:{webhook_id}", after=after)
    write_line(connection, line)
