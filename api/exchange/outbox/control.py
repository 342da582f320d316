"""What people do about deliveries: look, pause and resume, close the breaker, send again, replay, test."""

import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from itertools import chain

from msgspec.structs import replace

from api.control.audit import AuditLine, summary, write_line
from api.control.database import ControlDatabase
from api.exchange.accounts import Accounts
from api.exchange.outbox import noting, rows
from api.exchange.outbox.breaker import Breaker, looked_at
from api.exchange.outbox.connection import ChannelEdit, Connection, LoggedAttempt
from api.exchange.outbox.names import TEST
from api.exchange.outbox.rows import Delivery
from api.exchange.outbox.subscriptions import Subscriptions, enable
from api.exchange.outbox.target import ACCOUNT, MAIL, WEBHOOK
from api.exchange.outbox.telling import NewDelivery, delivery_id
from api.exchange.removing import Removing
from api.present import iso
from connectors.frame.documents import OccasionKind

_BACKLOG = "SELECT count(*), min(created_at_ms) FROM deliveries WHERE target = ? AND state = 'pending'"
_REFUSED = "SELECT count(*) FROM deliveries WHERE target = ? AND state = 'refused'"
_TARGET = (
    "SELECT paused_at_ms, paused_by, last_error, last_error_at_ms, last_done_at_ms FROM outbox_targets WHERE target = ?"
)


_STOPPED = (
    "SELECT (SELECT count(*) FROM connector_accounts WHERE pool = ? AND paused_at_ms IS NOT NULL)"
    " + (SELECT count(*) FROM webhook_subscriptions WHERE pool = ? AND disabled_at_ms IS NOT NULL)"
    " + (SELECT count(*) FROM outbox_targets WHERE pool = ?"
    " AND (paused_at_ms IS NOT NULL OR (breaker = 'open' AND retry_at_ms > ?)))"
)
_WRITES = "SELECT 1 FROM outbox_targets WHERE pool = ? AND target = ?"
_ATTEMPTS = (
    "SELECT at_ms, outcome, status, latency_ms, answer, note FROM delivery_attempts"
    " WHERE delivery_id = ? ORDER BY attempt DESC LIMIT ?"
)


class OutboxControl:
    """Reads and changes the outbox; each change has its line in the audit log."""

    def __init__(self, database: ControlDatabase, accounts: Accounts, subscriptions: Subscriptions) -> None:
        self._database = database
        self._accounts = accounts
        self._subscriptions = subscriptions
        self._removing = Removing(database)

    def connections(self, pool: str, now_ms: int) -> list[Connection]:
        """Give all targets of a pool, accounts first."""
        found = [
            self._connection(
                ACCOUNT + one.name,
                pool,
                f"{one.name} ({one.setup.connector})",
                now_ms,
                is_live=one.setup.live,
                paused_at_ms=one.paused_at_ms,
            )
            for one in self._accounts.all(pool)
        ]
        found += [
            self._connection(WEBHOOK + one.webhook_id, pool, one.note or one.url, now_ms, disabled_why=one.disabled_why)
            for one in self._subscriptions.all(pool)
        ]
        if self._database.connection().execute(_WRITES, (pool, MAIL + pool)).fetchone() is not None:
            found.append(self._connection(MAIL + pool, pool, "Mails to customers", now_ms))
        return found

    def removed(self, pool: str, now_ms: int) -> list[Connection]:
        """Give the accounts of a pool that were removed, of which there is still a log."""
        return [
            replace(
                self._connection(one.target, pool, f"{one.name} ({one.connector})", now_ms, is_live=False),
                removed_at_ms=one.at_ms,
            )
            for one in self._removing.logs(pool)
        ]

    def stopped(self, pool: str, now_ms: int) -> int:
        """Count the connections of a pool to which nothing goes out, though it should; asked with every page."""
        return int(self._database.connection().execute(_STOPPED, (pool, pool, pool, now_ms)).fetchone()[0])

    def find(self, pool: str, target: str, now_ms: int) -> Connection | None:
        """Give one target of a pool."""
        known = chain(self.connections(pool, now_ms), self.removed(pool, now_ms))
        return next((one for one in known if one.target == target), None)

    def deliveries(
        self, target: str, *, state: str = "", order_id: str = "", before: int | None = None, limit: int = 50
    ) -> list[Delivery]:
        """Give a target's deliveries, newest first."""
        place = rows.NEVER_MS if before is None else before
        connection = self._database.connection()
        return rows.newest(connection, target, state=state, order_id=order_id, before_sequence=place, limit=limit)

    def delivery(self, target: str, wanted: str) -> Delivery | None:
        """Give one of a target's deliveries."""
        found = rows.find(self._database.connection(), wanted)
        return found if found is not None and found.target == target else None

    def attempts(self, wanted: str, limit: int = 50) -> list[LoggedAttempt]:
        """Give the newest attempts of a delivery."""
        found = self._database.connection().execute(_ATTEMPTS, (wanted, limit))
        return [LoggedAttempt(*row) for row in found.fetchall()]

    def channel_edits(self, target: str, limit: int = 50) -> list[ChannelEdit]:
        """Give the newest edits that were found at a channel; what it is told overwrites them."""
        query = "SELECT listing, sent, observed, at_ms FROM channel_edits WHERE target = ? ORDER BY edit DESC LIMIT ?"
        found = self._database.connection().execute(query, (target, limit))
        return [ChannelEdit(*row) for row in found.fetchall()]

    def pause(self, one: Connection, *, paused: bool, actor: str, now_ms: int) -> bool:
        """Pause a target or let it go on; an account comes to rest both ways. False where it is so already."""
        if one.target.startswith(ACCOUNT):
            name = one.target.removeprefix(ACCOUNT)
            return self._accounts.pause(name, paused=paused, actor=actor, reason="", now_ms=now_ms)

        def change(connection: sqlite3.Connection) -> bool:
            if not paused:
                enable(connection, one.target.removeprefix(WEBHOOK))
            connection.execute(
                "INSERT INTO outbox_targets (target, pool, paused_at_ms, paused_by) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (target) DO UPDATE SET paused_at_ms = excluded.paused_at_ms,"
                " paused_by = excluded.paused_by",
                (one.target, one.pool, now_ms if paused else None, actor if paused else ""),
            )
            _tell(connection, "pause_deliveries" if paused else "resume_deliveries", one, actor, now_ms)
            return True

        return self._database.write(change)

    def reset(self, one: Connection, *, actor: str, now_ms: int) -> None:
        """Close the breaker and let everything that waits be tried now."""

        def change(connection: sqlite3.Connection) -> None:
            noting.put_breaker(connection, one.target, Breaker())
            connection.execute(
                "UPDATE deliveries SET due_at_ms = ? WHERE target = ? AND head = 1", (now_ms, one.target)
            )
            _tell(connection, "reset_breaker", one, actor, now_ms)

        self._database.write(change)

    def redeliver(self, one: Connection, wanted: str, *, actor: str, now_ms: int) -> bool:
        """Send a delivery again, or try it now if it waits; False where there is none, or it is of stock, which is
        told as it is now and not as it was.
        """

        def change(connection: sqlite3.Connection) -> bool:
            row = rows.find(connection, wanted)
            if row is None or row.target != one.target or row.kind == OccasionKind.AVAILABILITY:
                return False
            if not rows.reopen(connection, row, now_ms):
                rows.put_off(connection, row, now_ms, row.note)
            _tell(connection, "redeliver", one, actor, now_ms, after={"delivery": wanted})
            return True

        return self._database.write(change)

    def replay(self, one: Connection, given: Sequence[NewDelivery], *, actor: str, now_ms: int) -> int:
        """Send what a time's events came to again, each under the id that it had; gives how many."""

        def change(connection: sqlite3.Connection) -> int:
            count = 0
            for new in given:
                count += rows.add(connection, [new], now_ms)
                row = rows.find(connection, new.delivery_id)
                count += row is not None and rows.reopen(connection, row, now_ms)
            _tell(connection, "replay_deliveries", one, actor, now_ms, after={"deliveries": count})
            return count

        return self._database.write(change)

    def test(self, one: Connection, *, actor: str, now_ms: int) -> str:
        """Send a webhook subscription an event that says nothing, and give the delivery's id."""
        identity = "e" + secrets.token_hex(12)
        event = {"type": TEST, "timestamp": iso(now_ms), "event_id": identity, "pool": one.pool, "data": {}}
        row = NewDelivery(
            delivery_id=delivery_id(one.target, identity),
            target=one.target,
            pool=one.pool,
            lane=identity,
            kind=OccasionKind.EVENT,
            event_id=identity,
            event_type=TEST,
            about=json.dumps(event),
            occurred_at_ms=now_ms,
        )

        def change(connection: sqlite3.Connection) -> None:
            rows.add(connection, [row], now_ms)
            _tell(connection, "test_webhook", one, actor, now_ms)

        self._database.write(change)
        return row.delivery_id

    def _connection(  # What the account or subscription says of itself.
        self,
        target: str,
        pool: str,
        title: str,
        now_ms: int,
        *,
        is_live: bool = True,
        paused_at_ms: int | None = None,
        disabled_why: str = "",
    ) -> Connection:
        connection = self._database.connection()
        pending, oldest_at_ms = connection.execute(_BACKLOG, (target,)).fetchone()
        paused, _, last_error, last_error_at_ms, last_done_at_ms = connection.execute(
            _TARGET, (target,)
        ).fetchone() or ((None, "", "", None, None))
        return Connection(
            target=target,
            pool=pool,
            title=title,
            is_live=is_live,
            paused_at_ms=paused_at_ms or paused,
            disabled_why=disabled_why,
            breaker=looked_at(noting.breaker_of(connection, target), now_ms),
            pending=pending,
            oldest_at_ms=oldest_at_ms,
            refused=connection.execute(_REFUSED, (target,)).fetchone()[0],
            last_error=last_error,
            last_error_at_ms=last_error_at_ms,
            last_done_at_ms=last_done_at_ms,
        )


def _tell(
    connection: sqlite3.Connection,
    action: str,
    one: Connection,
    actor: str,
    now_ms: int,
    *,
    after: Mapping[str, object] | None = None,
) -> None:
    line = AuditLine(
        at_ms=now_ms,
        actor=actor,
        action=action,
        pool=one.pool,
        target=one.target,
        after="" if after is None else summary(after),
    )
    write_line(connection, line)
