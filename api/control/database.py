"""The control store's one SQLite file: its tables, one connection a thread, and audited writes."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

_BUSY_TIMEOUT_SECONDS = 10.0
_PRIVATE = 0o600

_SCHEMA = """
CREATE TABLE IF NOT EXISTS api_keys (
    key_id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, scopes TEXT NOT NULL,
    pools TEXT NOT NULL, created_at_ms INTEGER NOT NULL, expires_at_ms INTEGER, revoked_at_ms INTEGER,
    last_used_at_ms INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS customer_keys (
    key_id TEXT PRIMARY KEY, pool TEXT NOT NULL, customer_id TEXT NOT NULL, wrapped BLOB,
    created_at_ms INTEGER NOT NULL, destroyed_at_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS living_customer_key ON customer_keys (pool, customer_id) WHERE wrapped IS NOT NULL;
CREATE TABLE IF NOT EXISTS requests (
    command_id TEXT PRIMARY KEY, command BLOB NOT NULL, created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS requests_by_age ON requests (created_at_ms);
CREATE TABLE IF NOT EXISTS replays (
    dead_letter_id TEXT PRIMARY KEY, command_id TEXT NOT NULL, actor TEXT NOT NULL, created_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS audit (
    entry INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    subject TEXT NOT NULL, reason TEXT NOT NULL, before_hash TEXT NOT NULL, after_hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS audit_is_kept BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_final BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
"""

Result = TypeVar("Result")


class ControlDatabase:
    """Reads on any thread; writes, which are few, in transactions that take the file's one write lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        # Nobody but the owner reads who may do what.
        path.touch(mode=_PRIVATE, exist_ok=True)
        self.connection().executescript(_SCHEMA)

    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(
                self._path, timeout=_BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
            )
            found.execute("PRAGMA journal_mode = WAL")
            found.execute("PRAGMA synchronous = NORMAL")
            # A destroyed key must not be left behind in a free page.
            found.execute("PRAGMA secure_delete = ON")
            self._local.connection = found
            with self._lock:
                self._connections.append(found)
        return found

    def write(self, change: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run a change in one transaction."""
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = change(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return result

    def forget_deleted(self) -> None:
        """Take what was deleted out of the write-ahead log too."""
        self.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def data_version(self) -> int:
        """Give a number that changes when another connection has written."""
        return int(self.connection().execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            while self._connections:
                self._connections.pop().close()
        self._local = threading.local()


class Entry:
    """One line of the audit, written in the transaction of what it tells."""

    def __init__(self, *, at_ms: int, actor: str, action: str, subject: str, reason: str = "") -> None:
        self.values = (at_ms, actor, action, subject, reason)

    def write(self, connection: sqlite3.Connection, before: object, after: object) -> None:
        """Add the line; what was there before and after stands in it as a hash only."""
        connection.execute(
            "INSERT INTO audit (at_ms, actor, action, subject, reason, before_hash, after_hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*self.values, _hash(before), _hash(after)),
        )


def audit_entries(database: ControlDatabase) -> list[tuple[str, str, str, str]]:
    """Give actor, action, subject and reason of every write, oldest first."""
    with closing(database.connection().cursor()) as cursor:
        return cursor.execute("SELECT actor, action, subject, reason FROM audit ORDER BY entry").fetchall()


def one_writer() -> ThreadPoolExecutor:
    """A thread for the writes of a process, which would only wait for each other on more."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="control")


def _hash(value: object) -> str:
    return "" if value is None else sha256(repr(value).encode()).hexdigest()
