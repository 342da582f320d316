"""Planted bugs in reading, deciding and restoring."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from models.indexes import Indexes
from models.rules.turns import Turn
from models.updates import Applied
from streams.commit import deciding, restoring
from streams.commit.batches import BatchReader, ReadBatch
from streams.commit.deciding import Decider
from streams.commit.draft import Draft, Sealed
from streams.commit.owner import Owner
from streams.commit.ports import Command, Core, LogRecord, Position
from streams.commit.rows import PositionRow, decode_position


class Bug(NamedTuple):
    """What stands in the place of the right thing."""

    target: Any
    attribute: str
    instead: Any


def gap_accepted() -> Iterable[Bug]:
    """A record beyond the position is decided, and what lies between is not."""
    right = Decider._open_record

    def open_record(self: Decider, draft: Draft, clock: Any) -> bool:
        if self._queue and self._queue[0].offset > self.next.offset:
            self.next = Position(self._queue[0].offset, 0)
        return right(self, draft, clock)

    yield Bug(Decider, "_open_record", open_record)


def skip_off() -> Iterable[Bug]:
    """A record that was applied is decided again when it comes again."""
    right = Decider._open_record

    def open_record(self: Decider, draft: Draft, clock: Any) -> bool:
        if self._queue and self._queue[0].offset < self.next.offset:
            self.next = Position(self._queue[0].offset, 0)
        return right(self, draft, clock)

    def offer(self: Owner, command: Command) -> bool:
        if self._state is None:
            return False
        self._wake.set()
        return self._state.decider.offer(command)

    yield Bug(Decider, "_open_record", open_record)
    yield Bug(Owner, "offer", offer)


def acknowledged_early() -> Iterable[Bug]:
    """A record is acknowledged when it is decided, and a restart goes on after what was acknowledged."""
    begin, right = Owner._begin_commit, Owner._restore

    def begin_commit(self: Owner, state: Any) -> None:
        for offset in state.draft.done:
            self._ports.source.acknowledge(offset)
        begin(self, state)

    async def restore(self: Owner) -> Any:
        state = await right(self)
        source: Any = self._ports.source
        state.decider.next = max(state.decider.next, Position(source.committed(), 0))
        return state

    yield Bug(Owner, "_begin_commit", begin_commit)
    yield Bug(Owner, "_restore", restore)


def index_left_out() -> Iterable[Bug]:
    """The position is that of a record, though a batch may end within one."""
    right = Draft.seal

    def seal(self: Draft, core: Core, digest: Any, position: Position) -> Sealed:
        return right(self, core, digest, Position(position.offset, 0))

    yield Bug(Draft, "seal", seal)


class _Undrained:
    """A core that keeps what it left over to itself."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)

    def drain(self) -> Applied | None:
        return None


def leftovers_last() -> Iterable[Bug]:
    """What a command left over is done when nothing else is to do, not before the next command."""
    right = Decider.decide_one

    def decide_one(self: Decider, draft: Draft, clock: Any) -> bool:
        core = self._core
        if self._items or self._queue:
            self._core = _Undrained(core)
        try:
            return right(self, draft, clock)
        finally:
            self._core = core

    yield Bug(Decider, "decide_one", decide_one)


def poison_never_skipped() -> Iterable[Bug]:
    """An item that ends the process is tried for ever."""
    yield Bug(deciding, "CRASHES_MAX", 1 << 30)


def index_by_insertion() -> Iterable[Bug]:
    """Waiting orders are served as they came into memory, not by what their rows say."""

    def waiting_turns(self: Indexes, sku: str) -> list[Turn]:
        return list(self.waiting.get(sku, {}).values())

    yield Bug(Indexes, "waiting_turns", waiting_turns)


class _LikeAny(bytes):
    """Is equal to all bytes."""

    __slots__ = ()
    __hash__ = bytes.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, bytes)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, bytes)


def digest_ignored() -> Iterable[Bug]:
    """The rows of the local store are taken as they are."""

    def decode(value: bytes) -> PositionRow:
        row = decode_position(value)
        return msgspec.structs.replace(row, digest=_LikeAny(row.digest))

    yield Bug(restoring, "decode_position", decode)


def void_batches_kept() -> Iterable[Bug]:
    """Batches of an owner of the past are restored like any other."""

    def cut(self: BatchReader, last: LogRecord) -> ReadBatch:
        assert last.value is not None, "a position row is never deleted"
        records, self._records = self._records, []
        return ReadBatch(records, [], decode_position(last.value))

    yield Bug(BatchReader, "_cut", cut)
