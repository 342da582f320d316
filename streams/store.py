"""A partition's rows on this machine: RocksDB by default, a dictionary for tests.

Written in batches, read only at takeover.
"""

import shutil
import struct
import time
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from rocksdict import (
    BlockBasedOptions,
    Cache,
    Options,
    Rdict,
    WriteBatch,
)

from models.topics import DELETE_RETENTION_MS
from streams.commit.errors import StoreDamagedError
from streams.commit.ports import LocalStore, Row
from streams.commit.rows import RESERVED

# Both are written with every batch, beside its rows.
_END = RESERVED + b"local-end"
_CURRENT_AT = RESERVED + b"local-current-at-ms"
_NUMBER = struct.Struct(">q")

# Older than this, and the log may have forgotten deletes that the store never saw: deleted rows would come back.
_AGE_MAX_MS = DELETE_RETENTION_MS // 2

# One worker may hold 48 partitions, each a database of its own, and reads them only when it takes them over.
_WRITE_BUFFER_BYTES = 4 << 20
_WRITE_BUFFERS = 2
_LOG_BYTES_MAX = 16 << 20
_SHARED_CACHE_BYTES = 32 << 20
_OPEN_FILES_MAX = 32

# What RocksDB says when another process has the database open.
_LOCKED = "lock"


class StoreKind(StrEnum):
    """Where the rows of a partition are kept on this machine."""

    ROCKSDB = "rocksdb"
    MEMORY = "memory"


class ClosableStore(LocalStore, Protocol):
    """A local store that holds a handle; closed when the partition is taken away."""

    def close(self) -> None: ...


class Stores:
    """Opens the local stores of one changelog topic, each in its own folder below the cluster's and the topic's ids.

    A topic made anew, or another cluster, has other ids: no store is ever taken for that of another life.
    """

    def __init__(self, kind: StoreKind, state_dir: Path, *, cluster_id: str, topic_id: str) -> None:
        self._kind = kind
        self.directory = state_dir / _folder(cluster_id) / _folder(topic_id)
        self._cache = Cache(_SHARED_CACHE_BYTES)
        self.directory.mkdir(parents=True, exist_ok=True)

    def open(self, partition: int) -> ClosableStore:
        if self._kind is StoreKind.MEMORY:
            return MemoryStore()
        return RocksStore(self.directory / f"{partition:03}", self._cache)


class MemoryStore:
    """Forgets everything with the process, so that every start restores from the log."""

    def __init__(self) -> None:
        self._rows: dict[bytes, bytes] = {}
        self._end = 0

    def end(self) -> int:
        return self._end

    def get(self, key: bytes) -> bytes | None:
        return self._rows.get(key)

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        return iter(list(self._rows.items()))

    def write(self, rows: Iterable[Row], end: int, *, current: bool) -> None:  # noqa: ARG002 # It has no age.
        for key, value in rows:
            if value is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = value
        self._end = end

    def wipe(self) -> None:
        self._rows.clear()
        self._end = 0

    def close(self) -> None:
        self.wipe()


class RocksStore:
    """One RocksDB. Its own log is not synced: what a power cut takes, the persisted offset goes with it."""

    def __init__(self, path: Path, cache: Cache) -> None:
        self._path = path
        self._options = _options(cache)
        self._db = self._open()
        if self._is_too_old():
            self.wipe()

    def end(self) -> int:
        return self._number(_END) or 0

    def get(self, key: bytes) -> bytes | None:
        try:
            value: bytes | None = self._db.get(key)
        except Exception as error:
            raise StoreDamagedError(f"{self._path}: {error}") from error
        return value

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        try:
            yield from self._db.items()
        except Exception as error:
            raise StoreDamagedError(f"{self._path}: {error}") from error

    def write(self, rows: Iterable[Row], end: int, *, current: bool) -> None:
        batch = WriteBatch(raw_mode=True)
        for key, value in rows:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(_END, _NUMBER.pack(end))
        if current or end == 0:
            batch.put(_CURRENT_AT, _NUMBER.pack(_now_ms()))
        self._db.write(batch)

    def wipe(self) -> None:
        self.close()
        shutil.rmtree(self._path)
        self._db = self._open()

    def close(self) -> None:
        self._db.close()

    def _is_too_old(self) -> bool:
        """Whether the log may have forgotten deletes since; what cannot be read is found out by the restore."""
        try:
            current_at_ms = self._number(_CURRENT_AT)
        except StoreDamagedError:
            return True
        return current_at_ms is not None and _now_ms() - current_at_ms > _AGE_MAX_MS

    def _number(self, key: bytes) -> int | None:
        value = self.get(key)
        if value is None:
            return None
        (number,) = _NUMBER.unpack(value)
        return int(number)

    def _open(self) -> Rdict:
        try:
            return Rdict(str(self._path), self._options)
        except Exception as error:
            if _LOCKED in str(error).lower():
                raise StoreError(
                    f"the local store {self._path} is in use ({error}): another worker runs on this state directory; "
                    "give each its own (HEADRACE_STATE_DIR)"
                ) from error
            # Damaged files, or a RocksDB that an older version cannot read: the changelog has it all.
            shutil.rmtree(self._path, ignore_errors=True)
            return Rdict(str(self._path), self._options)


class StoreError(RuntimeError):
    """The local store cannot be used; the message says what to do about it."""


def _options(cache: Cache) -> Options:
    table = BlockBasedOptions()
    table.set_block_cache(cache)
    options = Options(raw_mode=True)
    options.create_if_missing(create_if_missing=True)
    options.set_write_buffer_size(_WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(_WRITE_BUFFERS)
    options.set_max_total_wal_size(_LOG_BYTES_MAX)
    options.set_max_open_files(_OPEN_FILES_MAX)
    options.set_keep_log_file_num(1)
    options.set_stats_dump_period_sec(0)
    options.set_stats_persist_period_sec(0)
    options.set_block_based_table_factory(table)
    return options


def _folder(name: str) -> str:
    """A name from the broker, safe as a folder's."""
    return "".join(char if char.isalnum() or char in "-_" else "_" for char in name) or "_"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
