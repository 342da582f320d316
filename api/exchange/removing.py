"""The end of an account: its secrets destroyed, nothing left for one of its name, its log kept as long as others."""

import sqlite3
from typing import Final, NamedTuple

import msgspec

from api.control.audit import AuditLine, summary, write_line
from api.control.database import ControlDatabase
from api.exchange.accounts import shown
from api.exchange.outbox.target import ACCOUNT
from connectors.frame.accounts import SetUpAccount

_OF_ACCOUNT: Final = (
    "connector_secrets",
    "connector_cursors",
    "connector_counts",
    "parked_messages",
    "shadow_facts",
    "connector_accounts",
)
_OF_TARGET: Final = ("availability_marks", "availability_sent", "channel_edits")
_FIND = "SELECT connector, body, version, paused_at_ms FROM connector_accounts WHERE account = ? AND pool = ?"
_PENDING = "SELECT count(*) FROM deliveries WHERE target = ? AND state = 'pending'"
_LEAVE = (
    "INSERT INTO removed_accounts SELECT :account,"
    " 1 + (SELECT count(*) FROM removed_accounts WHERE account = :account), :pool, :connector, :version,"
    " coalesce((SELECT last_number FROM outbox_targets WHERE target = :target), 0), :now_ms, :actor RETURNING removal"
)
# What was refused is nobody's to send again any more either, so it ends with the rest, and is forgotten in time.
_END = (
    "UPDATE deliveries SET state = 'skipped', head = 0, ended_at_ms = coalesce(ended_at_ms, :now_ms),"
    " note = CASE WHEN state = 'refused' THEN note || '; its account is removed'"
    " WHEN attempts > 0 THEN 'its account is removed; an attempt may have arrived' ELSE 'its account is removed' END"
    " WHERE target = :target AND state IN ('pending', 'refused')"
)
_RENAME = (
    "UPDATE deliveries SET target = :log, delivery_id = delivery_id || :ending WHERE target = :target",
    "UPDATE delivery_attempts SET target = :log, delivery_id = delivery_id || :ending WHERE target = :target",
    "UPDATE outbox_targets SET target = :log, paused_at_ms = NULL, breaker = 'closed' WHERE target = :target",
)
_LOGS = (
    "SELECT account, removal, connector, removed_at_ms FROM removed_accounts WHERE pool = ? AND EXISTS ("
    "SELECT 1 FROM deliveries WHERE target = 'account/' || account || '~' || removal) ORDER BY removed_at_ms DESC"
)


class RemovedAccount(NamedTuple):
    """An account that was removed, of which there is still a log."""

    name: str
    removal: int
    connector: str
    at_ms: int

    @property
    def target(self) -> str:
        """Whose its deliveries are now, so that an account of its name has none of them."""
        return f"{ACCOUNT}{self.name}~{self.removal}"


class PendingError(Exception):
    """Deliveries wait for a live account; `count` is how many."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} deliveries wait for it")
        self.count = count


class Removing:
    """Ends accounts, and tells which have ended."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def remove(  # What is asked, and by whom.
        self, pool: str, name: str, *, drop_pending: bool, actor: str, reason: str, now_ms: int
    ) -> int | None:
        """End an account, and give how many deliveries it leaves unsent; None where there is none such.

        Raises:
            PendingError: it is live, deliveries wait, and nobody said that they are to be dropped.
        """

        def change(connection: sqlite3.Connection) -> int | None:
            row = connection.execute(_FIND, (name, pool)).fetchone()
            if row is None:
                return None
            connector, body, version, paused_at_ms = row
            setup, target = msgspec.json.decode(body, type=SetUpAccount), ACCOUNT + name
            [pending] = connection.execute(_PENDING, (target,)).fetchone()
            if setup.live and pending and not drop_pending:
                raise PendingError(pending)
            known = {"account": name, "pool": pool, "connector": connector, "version": version, "target": target}
            _end(connection, known | {"now_ms": now_ms, "actor": actor})
            before = shown(setup) | ({} if paused_at_ms is None else {"paused": True})
            line = AuditLine(
                at_ms=now_ms,
                actor=actor,
                action="remove_account",
                pool=pool,
                target=f"account:{name}",
                reason=reason,
                before=summary(before),
                after=summary({"dropped_deliveries": pending}),
            )
            write_line(connection, line)
            return int(pending)

        dropped = self._database.write(change)
        if dropped is not None:
            self._database.forget_deleted()
        return dropped

    def logs(self, pool: str) -> list[RemovedAccount]:
        """Give the accounts that were removed and whose deliveries are not forgotten yet, the last one first."""
        return [RemovedAccount(*row) for row in self._database.connection().execute(_LOGS, (pool,)).fetchall()]


def _end(connection: sqlite3.Connection, known: dict[str, object]) -> None:
    [removal] = connection.execute(_LEAVE, known).fetchone()
    connection.execute(_END, known)
    for statement in _RENAME:
        connection.execute(statement, known | {"log": f"{known['target']}~{removal}", "ending": f"~{removal}"})
    for table in _OF_ACCOUNT:
        connection.execute(f"DELETE FROM {table} WHERE account = :account", known)  # noqa: S608 # Of those above.
    for table in _OF_TARGET:
        connection.execute(f"DELETE FROM {table} WHERE target = :target", known)  # noqa: S608 # Of those above.
