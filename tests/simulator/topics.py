"""The broker: the log of commands, the changelog with compaction, and the topics that are told."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from streams.commit.ports import LogRecord, Position, Row, TopicKey
from streams.commit.rows import POSITION, PositionRow, decode_position


class Commands:
    """A partition of `commands`: what is produced is read from here, as far as it is still kept."""

    def __init__(self, records: Sequence[bytes]) -> None:
        self.records = records
        self.begin = 0
        self.end = 0
        # When each record was acknowledged for the first time.
        self._done_at: list[float] = []

    def produce(self) -> None:
        """The next record comes in."""
        self.end += 1

    def done(self, offset: int, now: float) -> None:
        """Records up to this one are acknowledged."""
        self._done_at.extend(now for _ in range(len(self._done_at), offset + 1))

    def trim(self, done_before: float) -> None:
        """Delete what was done with before; it is kept for longer than any freeze."""
        self.begin = max(self.begin, bisect_left(self._done_at, done_before))

    def read(self, offset: int) -> bytes | None:
        return self.records[offset] if self.begin <= offset < self.end else None


class Batch(NamedTuple):
    """One record batch as the changelog took it, and how it is judged by the only rule there is."""

    base: int
    at: float
    keys: frozenset[bytes]
    row: PositionRow | None
    sender: str

    def counts(self) -> bool:
        """It begins where its writer took the log to end."""
        return self.row is not None and self.row.base == self.base and self.row.count == len(self.keys)


class ChangelogTopic:
    """A partition of the changelog."""

    def __init__(self) -> None:
        self.end = 0
        self.batches: list[Batch] = []
        # The next item to decide as the newest batch that counts has it: nothing from there on is durable.
        self.durable = Position(0, 0)
        self._records: list[LogRecord] = []
        self._times: list[float] = []

    def append(self, rows: Sequence[Row], sender: str, now: float) -> int:
        base = self.end
        for key, value in rows:
            self._records.append(LogRecord(self.end, key, value))
            self._times.append(now)
            self.end += 1
        key, value = rows[-1]
        row = decode_position(value) if key == POSITION and value is not None else None
        batch = Batch(base, now, frozenset(key for key, _ in rows), row, sender)
        self.batches.append(batch)
        if batch.row is not None and batch.counts():
            self.durable = batch.row.position
        return base

    def read(self, start: int, end: int) -> list[LogRecord]:
        """What is left of a stretch."""
        return self._records[self._at(start) : self._at(end)]

    def compact(self, written_before: float, deleted_before: float) -> int:
        """Keep the newest of each key among records so old, and forget deletes that are older still."""
        clean = bisect_left(self._times, written_before)
        newest = {record.key: record.offset for record in self._records[:clean]}
        kept = [
            at
            for at, record in enumerate(self._records)
            if at >= clean
            or (newest[record.key] == record.offset and not (record.value is None and self._times[at] < deleted_before))
        ]
        gone = len(self._records) - len(kept)
        self._records, self._times = [self._records[at] for at in kept], [self._times[at] for at in kept]
        return gone

    def _at(self, offset: int) -> int:
        return bisect_left(self._records, offset, key=lambda record: record.offset)


COMPACTED = ("order-views", "stock-updates", "pool-updates", "catalogue-updates")


class Published(NamedTuple):
    """A record of a topic, and what was durable when it arrived."""

    key: bytes
    value: bytes
    durable: Position
    # The process, and the assignment in whose name it tells.
    sender: str


class Topics:
    """The partitions of all topics that are told, in the order of arrival."""

    def __init__(self) -> None:
        self.records: dict[str, list[Published]] = {}

    def append(self, topic: str, rows: Sequence[tuple[bytes, bytes]], durable: Position, sender: str) -> int:
        told = self.records.setdefault(topic, [])
        base = len(told)
        told.extend(Published(key, value, durable, sender) for key, value in rows)
        return base

    def keys(self, topic: str, start: int, end: int) -> set[TopicKey]:
        """The keys of a stretch."""
        return {(topic, record.key) for record in self.records[topic][start:end]}
