"""Accounts of connectors in the control store: what is set up, what is paused, and how far each has been read."""

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from api.control.audit import AuditLine, summary, write_line
from api.control.database import ControlDatabase
from connectors.frame.accounts import SetUpAccount

_SELECT = (
    "SELECT account, version, live_since_ms, paused_at_ms, (SELECT count(*) FROM removed_accounts AS removed"
    " WHERE removed.account = connector_accounts.account) FROM connector_accounts"
)
_IS_THERE = "EXISTS (SELECT 1 FROM connector_accounts WHERE account = ?)"
_PUT = (
    "INSERT INTO connector_accounts (account, pool, connector, body, version, live_since_ms) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (account) DO UPDATE SET body = excluded.body, version = excluded.version,"
    " live_since_ms = excluded.live_since_ms"
)
# What a partner has seen of an account that was removed is not said again under the same number or version.
_VERSION_BEFORE = "SELECT coalesce(max(version), 0) FROM removed_accounts WHERE account = ?"
_PUT_TARGET = (
    "INSERT INTO outbox_targets (target, pool, last_number) VALUES (?, ?, coalesce("
    "(SELECT max(last_number) FROM removed_accounts WHERE account = ?), 0)) ON CONFLICT DO NOTHING"
)
_ALIASES_SHOWN = 20


class StoredAccount(NamedTuple):
    """An account as it is set up, and since when it is paused."""

    setup: SetUpAccount
    live_since_ms: int | None
    paused_at_ms: int | None
    removals: int = 0
    """How many accounts of its name were removed before: whoever works with one of them works with another one."""

    @property
    def name(self) -> str:
        """Its name, which no other pool has."""
        return self.setup.name

    @property
    def actor(self) -> str:
        """How commands and histories name it."""
        return f"connector:{self.setup.name}"


class Accounts:
    """Reads and changes accounts; each change has its line in the audit log."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database
        self._read: dict[str, tuple[int, SetUpAccount]] = {}

    def find(self, name: str) -> StoredAccount | None:
        """Give an account; what it says is decoded once for each version of it."""
        row = self._database.connection().execute(f"{_SELECT} WHERE account = ?", (name,)).fetchone()
        return None if row is None else self._stored(*row)

    def running(self, stored: StoredAccount) -> StoredAccount | None:
        """Give an account as it is now; None where it is paused, or was removed since it was read."""
        found = self.find(stored.name)
        if found is None or found.removals != stored.removals or found.paused_at_ms is not None:
            return None
        return found

    def all(self, pool: str | None = None) -> list[StoredAccount]:
        """Give all accounts, or those of a pool, by name."""
        where, values = ("", ()) if pool is None else (" WHERE pool = ?", (pool,))
        rows = self._database.connection().execute(f"{_SELECT}{where} ORDER BY account", values).fetchall()
        return [found for row in rows if (found := self._stored(*row)) is not None]

    def put(self, setup: SetUpAccount, *, actor: str, reason: str, now_ms: int, is_known: bool = False) -> bool:
        """Set an account up, or change it; False where it is so already, or is to be known and is not there.

        Raises:
            AccountTakenError: another pool has an account of that name, or it is of another connector.
        """

        def change(connection: sqlite3.Connection) -> bool:
            row = connection.execute(
                "SELECT pool, connector, body, version, live_since_ms FROM connector_accounts WHERE account = ?",
                (setup.name,),
            ).fetchone()
            body = msgspec.json.encode(setup)
            if (row is None and is_known) or (row is not None and bytes(row[2]) == body):
                return False
            if row is not None and row[:2] != (setup.pool, setup.connector):
                raise AccountTakenError(f"there is an account {setup.name} of {row[1]} in another pool or connector")
            if row is None:
                version, live_since_ms = connection.execute(_VERSION_BEFORE, (setup.name,)).fetchone()[0], None
            else:
                version, live_since_ms = row[3:]
            since_ms = None if not setup.live else live_since_ms or now_ms
            connection.execute(_PUT, (setup.name, setup.pool, setup.connector, body, version + 1, since_ms))
            connection.execute(_PUT_TARGET, (f"account/{setup.name}", setup.pool, setup.name))
            before = {} if row is None else shown(msgspec.json.decode(row[2], type=SetUpAccount))
            line = AuditLine(
                at_ms=now_ms,
                actor=actor,
                action="put_account",
                pool=setup.pool,
                target=f"account:{setup.name}",
                reason=reason,
                before=summary(before),
                after=summary(shown(setup)),
            )
            write_line(connection, line)
            return True

        return self._database.write(change)

    def pause(self, name: str, *, paused: bool, actor: str, reason: str, now_ms: int) -> bool:
        """Pause an account or let it go on; False where there is none, or it is so already."""

        def change(connection: sqlite3.Connection) -> bool:
            changed = connection.execute(
                "UPDATE connector_accounts SET paused_at_ms = ? WHERE account = ? AND (paused_at_ms IS NULL) = ?"
                " RETURNING pool",
                (now_ms if paused else None, name, paused),
            ).fetchone()
            if changed is None:
                return False
            # What waited for this is due now.
            connection.execute("UPDATE parked_messages SET due_at_ms = ? WHERE account = ?", (now_ms, name))
            action = "pause_account" if paused else "resume_account"
            line = AuditLine(
                at_ms=now_ms, actor=actor, action=action, pool=changed[0], target=f"account:{name}", reason=reason
            )
            write_line(connection, line)
            return True

        return self._database.write(change)

    def _stored(
        self, name: str, version: int, live_since_ms: int | None, paused_at_ms: int | None, removals: int
    ) -> StoredAccount | None:
        known = self._read.get(name)
        if known is None or known[0] != version:
            row = (
                self._database.connection()
                .execute("SELECT body FROM connector_accounts WHERE account = ?", (name,))
                .fetchone()
            )
            if row is None:
                # It was removed between the two looks.
                return None
            known = self._read[name] = (version, msgspec.json.decode(row[0], type=SetUpAccount))
        return StoredAccount(known[1], live_since_ms, paused_at_ms, removals)


class AccountTakenError(ValueError):
    """The name of an account is another's."""


class Reached(NamedTuple):
    """How far a poll came, since when that stands, and what kept it from going on."""

    account: str
    topic: str
    cursor: str
    at_ms: int
    trouble: str


class Cursors:
    """How far each poll of an account has been read, and when it last was."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def find(self, account: str, topic: str) -> str:
        """Give the cursor of a poll; empty before its first page."""
        row = (
            self._database.connection()
            .execute("SELECT cursor FROM connector_cursors WHERE account = ? AND topic = ?", (account, topic))
            .fetchone()
        )
        return "" if row is None else str(row[0])

    def all(self) -> list[Reached]:
        """Give how far each poll came."""
        rows = self._database.connection().execute("SELECT * FROM connector_cursors ORDER BY account, topic")
        return [Reached(*row) for row in rows.fetchall()]

    def keep(self, account: str, topic: str, cursor: str, now_ms: int, trouble: str = "") -> None:
        """Keep a cursor once everything before it is on record, and what was left aside."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO connector_cursors (account, topic, cursor, at_ms, trouble)"
                f" SELECT ?, ?, ?, ?, ? WHERE {_IS_THERE}"
                " ON CONFLICT (account, topic) DO UPDATE SET"
                " cursor = excluded.cursor, at_ms = excluded.at_ms, trouble = excluded.trouble",
                (account, topic, cursor, now_ms, trouble, account),
            )

        self._database.write(change)

    def note_trouble(self, account: str, topic: str, trouble: str) -> None:
        """Note why a poll did not get on; its age goes on."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO connector_cursors (account, topic, cursor, at_ms, trouble)"  # A constant.
                f" SELECT ?, ?, '', 0, ? WHERE {_IS_THERE}"
                " ON CONFLICT (account, topic) DO UPDATE SET trouble = excluded.trouble",
                (account, topic, trouble, account),
            )

        self._database.write(change)


class Counts:
    """How many messages of each account came to what; in the control store, so that every process adds to the same."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def add(self, account: str, counts: Mapping[str, int]) -> None:
        """Count messages by outcome."""
        given = [(account, outcome, count, account) for outcome, count in counts.items() if count]

        def change(connection: sqlite3.Connection) -> None:
            connection.executemany(
                f"INSERT INTO connector_counts SELECT ?, ?, ? WHERE {_IS_THERE}"  # A constant.
                " ON CONFLICT (account, outcome) DO UPDATE SET messages = messages + excluded.messages",
                given,
            )

        if given:
            self._database.write(change)

    def all(self) -> dict[str, dict[str, int]]:
        """Give counts by account and outcome."""
        found: dict[str, dict[str, int]] = {}
        rows = self._database.connection().execute("SELECT * FROM connector_counts ORDER BY 1, 2")
        for account, outcome, count in rows.fetchall():
            found.setdefault(account, {})[outcome] = count
        return found


def shown(setup: SetUpAccount) -> dict[str, object]:
    """Give an account as the audit log has it."""
    fields: dict[str, object] = msgspec.to_builtins(setup)
    aliases = setup.aliases
    if len(aliases) > _ALIASES_SHOWN:
        fields["aliases"] = f"{len(aliases)} of them"
    return fields
