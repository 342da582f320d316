"""Bringing the local store to the end of the changelog, and the core to memory."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from models.updates import Update
from streams.commit.batches import BatchReader
from streams.commit.digest import Digest
from streams.commit.errors import (
    ChangelogReplacedError,
    ChangelogTornError,
    DigestMismatchError,
    StoreDamagedError,
)
from streams.commit.ports import Aside, Changelog, Core, LocalStore, LogRecord, Position, Row, at_once
from streams.commit.rows import (
    OUTBOX,
    POSITION,
    RESERVED,
    START,
    decode_outbox,
    decode_position,
    outbox_hash,
)

# Only in the local store: keys that void batches touched and that no batch has written since.
_VOIDED = RESERVED + b"voided"
_ROWS_A_WRITE = 5_000


class Restored(NamedTuple):
    """A partition as the changelog has it at an offset."""

    end: int
    voided: frozenset[bytes]
    position: Position
    digest: Digest
    # Updates of the last batch; whether they were published is not known.
    outbox: Sequence[Update]
    outbox_hash: bytes


async def restore(changelog: Changelog, store: LocalStore, core: Core, aside: Aside = at_once) -> Restored:
    """Restore from the local store and the log after it; from the log alone if the store is not what it should be."""
    try:
        restored = await _restore_once(changelog, store, core, aside)
    except (StoreDamagedError, msgspec.DecodeError):
        restored = None
    if restored is None:
        store.wipe()
        restored = await _restore_once(changelog, store, core, aside)
    if restored is None:
        raise DigestMismatchError(store.end())
    return restored


async def _restore_once(changelog: Changelog, store: LocalStore, core: Core, aside: Aside) -> Restored | None:
    """None if the rows do not have the digest that the log recorded."""
    end = await changelog.end()
    voided = await catch_up(changelog, store, end)
    return await aside(lambda: _load(store, core, end, voided))


def _load(store: LocalStore, core: Core, end: int, voided: frozenset[bytes]) -> Restored | None:
    """Take all rows into memory, if they are those that the log says."""
    rows = [row for row in store.scan() if not row[0].startswith(RESERVED)]
    digest = Digest(rows)
    value = store.get(POSITION)
    if value is None:
        return Restored(end, voided, START, digest, (), b"") if not rows else None
    row = decode_position(value)
    outbox = store.get(OUTBOX)
    if row.digest != digest.value() or row.outbox_hash != outbox_hash(outbox):
        return None
    core.load(rows)
    updates = decode_outbox(outbox) if outbox is not None else []
    return Restored(end, voided, row.position, digest, updates, row.outbox_hash)


async def catch_up(changelog: Changelog, store: LocalStore, end: int) -> frozenset[bytes]:
    """Read the log from where the store ends into the store; return the keys that void batches left behind."""
    start = store.end()
    if start > end:
        raise ChangelogReplacedError(start, end)
    tail = _Tail(store)
    reader = BatchReader()
    async for records in changelog.read(start, end):
        for batch in reader.feed(records):
            tail.take(batch.kept, batch.voided)
        await asyncio.sleep(0)
    if not reader.is_whole():
        raise ChangelogTornError(end)
    tail.finish(end)
    return frozenset(tail.voided)


class _Tail:
    """Rows of the log on their way to the store, in writes that end where a batch ends."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store
        self._rows: dict[bytes, bytes | None] = {}
        self._end = store.end()
        voided = store.get(_VOIDED)
        self.voided: set[bytes] = set(msgspec.msgpack.decode(voided, type=list[bytes])) if voided else set()

    def take(self, kept: Sequence[LogRecord], voided: Sequence[bytes]) -> None:
        for record in kept:
            self._rows[record.key] = record.value
        if self.voided:
            self.voided.difference_update(record.key for record in kept)
        self.voided.update(voided)
        if kept:
            self._end = kept[-1].offset + 1
        if len(self._rows) >= _ROWS_A_WRITE:
            self._write(self._end, current=False)

    def finish(self, end: int) -> None:
        self._write(end, current=True)

    def _write(self, end: int, *, current: bool) -> None:
        voided = msgspec.msgpack.encode(sorted(self.voided)) if self.voided else None
        rows: list[Row] = [*self._rows.items(), (_VOIDED, voided)]
        self._store.write(rows, end, current=current)
        self._rows = {}
