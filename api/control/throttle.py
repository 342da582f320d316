"""Failed sign-ins slow the next one down, by name and by address, in every API process alike."""

import sqlite3
from typing import NamedTuple

from api.control.database import ControlDatabase

_FORGET_AFTER_MS = 86_400_000
_DELAY_MAX_MS = 900_000
_DELAY_FIRST_MS = 1_000


class Subject(NamedTuple):
    """Whose failures are counted, and how many are free: people mistype, and an office has one address."""

    key: str
    free: int


def of_user(user_id: str) -> Subject:
    """Count for somebody, whatever the address."""
    return Subject(f"user:{user_id}", 5)


def of_address(address: str) -> Subject:
    """Count for an address, whatever the name."""
    return Subject(f"address:{address}", 30)


def delay_ms(failures: int, free: int) -> int:
    """Give how long after so many failures the next attempt has to wait: doubled each time, up to 15 minutes."""
    over = failures - free
    # The exponent is bounded before the power, which would else grow with what an attacker does.
    return 0 if over < 0 else min(_DELAY_FIRST_MS << min(over, 20), _DELAY_MAX_MS)


class Throttle:
    """An attempt is counted before its password is looked at, so that many at once do not slip through."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def attempt(self, subjects: list[Subject], now_ms: int) -> int:
        """Count one more attempt and give 0, or give the milliseconds to wait and count nothing."""

        def change(connection: sqlite3.Connection) -> int:
            connection.execute("DELETE FROM attempts WHERE last_at_ms <= ?", (now_ms - _FORGET_AFTER_MS,))
            wait_ms = max(_wait_ms(connection, subject, now_ms) for subject in subjects)
            if wait_ms == 0:
                connection.executemany(
                    "INSERT INTO attempts (subject, failures, last_at_ms) VALUES (?, 1, ?) ON CONFLICT (subject)"
                    " DO UPDATE SET failures = failures + 1, last_at_ms = excluded.last_at_ms",
                    [(subject.key, now_ms) for subject in subjects],
                )
            return wait_ms

        return self._database.write(change)

    def succeeded(self, user: Subject, address: Subject) -> None:
        """Forget the user's failures, and take this one attempt back from the address."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM attempts WHERE subject = ?", (user.key,))
            # Not all of the address: who has one right password must not get free guesses at others.
            connection.execute("UPDATE attempts SET failures = failures - 1 WHERE subject = ?", (address.key,))

        self._database.write(change)


def _wait_ms(connection: sqlite3.Connection, subject: Subject, now_ms: int) -> int:
    row = connection.execute("SELECT failures, last_at_ms FROM attempts WHERE subject = ?", (subject.key,)).fetchone()
    return 0 if row is None else max(0, row[1] + delay_ms(row[0], subject.free) - now_ms)
