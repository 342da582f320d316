"""Reading the changelog back as batches, and telling those that count from those that are void."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from streams.commit.ports import LogRecord
from streams.commit.rows import POSITION, PositionRow, decode_position


class ReadBatch(NamedTuple):
    """One batch, and before it what compaction left of earlier ones whose position row is gone."""

    kept: list[LogRecord]
    # Keys that a void batch wrote. They must be written again before they could pass for rows.
    voided: list[bytes]
    # None for a void batch.
    row: PositionRow | None


class BatchReader:
    """Cuts records, given in order, into batches.

    A batch counts if it landed where its writer believed the log to end. Of two writers that believe the same, only
    the first can: so whoever wrote first is the owner, and everyone who reads the log agrees on it.
    """

    def __init__(self) -> None:
        self._records: list[LogRecord] = []

    def feed(self, records: Iterable[LogRecord]) -> Iterator[ReadBatch]:
        for record in records:
            self._records.append(record)
            if record.key == POSITION:
                yield self._cut(record)

    def is_whole(self) -> bool:
        """Whether nothing waits for the rest of its batch."""
        return not self._records

    def _cut(self, last: LogRecord) -> ReadBatch:
        assert last.value is not None, "a position row is never deleted"
        row = decode_position(last.value)
        records, self._records = self._records, []
        base = last.offset - row.count + 1
        if base == row.base:
            return ReadBatch(records, [], row)
        kept = [record for record in records if record.offset < base]
        voided = [record.key for record in records if base <= record.offset < last.offset]
        return ReadBatch(kept, voided, None)
