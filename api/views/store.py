"""The views' SQLite file: one writer that commits rows together with the offsets read, and readers beside it."""

import contextlib
import fcntl
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import msgspec
import structlog

from api.views import pulse, search, shelves, sql
from api.views.orders import OrderWriter
from api.views.rows import AddRow, Changes, Record

# A file of another layout is thrown away and read again from the topics.
LAYOUT = "9"
_FORGET_AT_ONCE = 1_000
_CACHE_KIB = 32 * 1024
_LOG_PAGES = 10_000

log = structlog.get_logger(__name__)
Offsets = dict[tuple[str, int], int]


class ViewsInUseError(RuntimeError):
    """Another process feeds these views."""


class ViewStore:
    """Call `apply`, `wipe` and `forget` from one thread; everything else from any."""

    def __init__(self, path: Path, readers: Mapping[str, AddRow]) -> None:
        self._path = path
        self._readers = readers
        self._orders = OrderWriter()
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self.reader = ThreadPoolExecutor(max_workers=4, thread_name_prefix="views-reader")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_file = _locked(path.with_suffix(".lock"))
        self._drop_other_layout()
        connection = self.connection()
        connection.executescript(sql.SCHEMA + shelves.SCHEMA + search.SCHEMA + pulse.SCHEMA)
        connection.execute(sql.PUT_FACT, ("layout", LAYOUT))

    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10.0)
            found.execute("PRAGMA journal_mode = WAL")
            # After a power failure the last views may be missing with their offsets: they are read again.
            found.execute("PRAGMA synchronous = NORMAL")
            found.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            # A page that changes again and again is copied from the log to the file once, not with every batch.
            found.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
            self._local.connection = found
            with self._lock:
                self._connections.append(found)
        return found

    def apply(self, records: Iterable[Record], next_offsets: Offsets) -> Changes:
        """Store what the records say and how far they go, in one transaction."""
        changes = Changes([], [], {}, [], {})
        for record in records:
            try:
                self._readers[record.topic](changes, record)
            except msgspec.DecodeError as error:
                # Ours is only to show: a record of a newer core that cannot be read must not stop the rest.
                place = f"{record.topic}[{record.partition}]"
                log.warning("a record cannot be shown", place=place, error=str(error))
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._orders.write(connection, changes.orders)
            shelves.write_skus(connection, changes.skus)
            for statement, rows in changes.statements.items():
                connection.executemany(statement, rows)
            connection.executemany(sql.PUT_OFFSET, [(*key, offset) for key, offset in next_offsets.items()])
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            self._orders.forget()
            raise
        return changes

    def offsets(self) -> Offsets:
        """Give the next offset to read, by topic and partition."""
        rows = self.connection().execute(sql.GET_OFFSETS).fetchall()
        return {(topic, partition): offset for topic, partition, offset in rows}

    def cluster(self) -> str | None:
        """Give the cluster that the views were read from."""
        row = self.connection().execute(sql.GET_FACT, ("cluster",)).fetchone()
        return None if row is None else row[0]

    def adopt(self, cluster: str) -> None:
        """Say which cluster the rows are from."""
        self.connection().execute(sql.PUT_FACT, ("cluster", cluster))

    def wipe(self, cluster: str) -> None:
        """Begin anew for a cluster."""
        self._orders.forget()
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        for table in (*sql.TABLES, *shelves.TABLES, *search.TABLES, *pulse.TABLES):
            connection.execute(sql.DELETE_ALL.format(table=table))
        connection.execute(search.FORGET_TERMS)
        connection.execute(sql.PUT_FACT, ("cluster", cluster))
        connection.execute("COMMIT")

    def forget(self, before_ms: int) -> int:
        """Drop some of the history that is too old, and say how many rows."""
        connection = self.connection()
        return sum(
            connection.execute(statement, (_FORGET_AT_ONCE, before_ms)).rowcount
            for statement in (sql.FORGET_UPDATES, sql.FORGET_MOVEMENTS)
        )

    def close(self) -> None:
        """Wait for what runs and close all connections."""
        self.reader.shutdown()
        with self._lock:
            while self._connections:
                self._connections.pop().close()
        self._lock_file.close()

    def _drop_other_layout(self) -> None:
        if not self._path.exists():
            return
        with contextlib.closing(sqlite3.connect(self._path)) as connection:
            try:
                row = connection.execute(sql.GET_FACT, ("layout",)).fetchone()
            except sqlite3.DatabaseError:
                row = None
        if row == (LAYOUT,):
            return
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _locked(path: Path) -> IO[bytes]:
    """Hold the file's lock; the kernel gives it back when the process ends, however it ends."""
    file = path.open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise ViewsInUseError(
            f"{path.parent} is in use by another API process: stop it, or give this one its own --views folder"
        ) from None
    return file
