"""The control store's one SQLite file: one connection a thread, writes in transactions."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from api.control.schema import SCHEMA

_BUSY_TIMEOUT_SECONDS = 10.0
_PRIVATE = 0o600

Result = TypeVar("Result")


class ControlDatabase:
    """Reads on any thread; writes, which are few, in transactions that take the file's one write lock.

    Nothing else in the process may open the file, not even to read it: closing it would drop the locks that SQLite
    holds against other processes (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        # Nobody but the owner reads who may do what.
        path.touch(mode=_PRIVATE, exist_ok=True)
        self.connection().executescript(SCHEMA)

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


def one_writer() -> ThreadPoolExecutor:
    """A thread for the writes of a process, which would only wait for each other on more."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="control")
