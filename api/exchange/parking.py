"""Messages, or facts of them, that wait: for an order that is not known yet, for a fetch, for an account to go on."""

import sqlite3
from typing import NamedTuple

from api.control.database import ControlDatabase
from api.control.secret_box import SecretBox
from api.exchange.kept import Kept, opened, sealed

FIRST_WAIT_MS = 1_000
_LONGEST_WAIT_MS = 15 * 60_000
_ACCOUNTS_DUE = (
    "SELECT DISTINCT account FROM parked_messages WHERE due_at_ms <= ?"
    " AND account NOT IN (SELECT account FROM connector_accounts WHERE paused_at_ms IS NOT NULL)"
)
_DUE = (
    "SELECT entry, account, sealed, why, parked_at_ms, tries FROM parked_messages WHERE account = ? AND due_at_ms <= ?"
    " ORDER BY entry LIMIT ?"
)


class Parked(NamedTuple):
    """What waits, since when, and how often it was tried."""

    entry: int
    kept: Kept
    why: str
    parked_at_ms: int
    tries: int


class Parking:
    """Keeps what waits, sealed, and gives it when it is due."""

    def __init__(self, database: ControlDatabase, box: SecretBox) -> None:
        self._database = database
        self._box = box

    def park(self, identity: str, kept: Kept, why: str, *, now_ms: int, wait_ms: int = FIRST_WAIT_MS) -> None:
        """Keep a message or fact; one that waits already stays as it is, and one of a removed account is not kept."""
        row = (identity, kept.account, sealed(self._box, kept), why, now_ms, now_ms + wait_ms, kept.account)

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO parked_messages (identity, account, sealed, why, parked_at_ms, tries, due_at_ms)"
                " SELECT ?, ?, ?, ?, ?, 0, ? WHERE EXISTS (SELECT 1 FROM connector_accounts WHERE account = ?)"
                " ON CONFLICT (identity) DO NOTHING",
                row,
            )

        self._database.write(insert)

    def accounts_due(self, now_ms: int) -> list[str]:
        """Give the accounts of which something is due, except those that are paused."""
        rows = self._database.connection().execute(_ACCOUNTS_DUE, (now_ms,)).fetchall()
        return [row[0] for row in rows]

    def due(self, account: str, now_ms: int, limit: int) -> list[Parked]:
        """Give what is due of an account, in the order in which it came."""
        rows = self._database.connection().execute(_DUE, (account, now_ms, limit)).fetchall()
        return [
            Parked(entry, opened(self._box, account, bytes(text)), why, parked_at_ms, tries)
            for entry, account, text, why, parked_at_ms, tries in rows
        ]

    def wait_on(self, parked: Parked, why: str, now_ms: int, least_ms: int = 0) -> None:
        """Let it wait again, twice as long as before."""
        wait_ms = max(least_ms, min(FIRST_WAIT_MS << min(parked.tries, 20), _LONGEST_WAIT_MS))

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE parked_messages SET tries = tries + 1, due_at_ms = ?, why = ? WHERE entry = ?",
                (now_ms + wait_ms, why, parked.entry),
            )

        self._database.write(change)

    def done(self, parked: Parked) -> None:
        """Forget what waits no more."""

        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM parked_messages WHERE entry = ?", (parked.entry,))

        self._database.write(delete)

    def since(self) -> dict[str, tuple[int, int]]:
        """Give how many wait, and since when the first of them, by account."""
        rows = self._database.connection().execute(
            "SELECT account, count(*), min(parked_at_ms) FROM parked_messages GROUP BY account"
        )
        return {account: (count, since_ms) for account, count, since_ms in rows.fetchall()}

    def counts(self) -> dict[str, int]:
        """Give how many wait, by account."""
        return {account: count for account, (count, _) in self.since().items()}
