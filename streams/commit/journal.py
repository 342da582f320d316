"""Appending to the partition's changelog, with the log itself as the fence."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from streams.commit.batches import BatchReader
from streams.commit.errors import BatchTooLargeError, OvertakenError
from streams.commit.ports import Changelog, LocalStore, Position
from streams.commit.rows import POSITION, PositionRow, encode_position


class Standing(NamedTuple):
    """Where a partition stands after a batch."""

    position: Position
    digest: bytes
    outbox_hash: bytes = b""


class Landed(NamedTuple):
    """A batch that counts: its records, and the offset after them."""

    rows: dict[bytes, bytes | None]
    end: int


class Journal:
    """The one writer of a changelog, as long as nobody else writes.

    Every batch names the offset where it must begin. If it lands further on, it is void for every reader. Then either
    a batch of another owner counts, and we are overtaken, or only void batches of a late writer came between, and ours
    is appended again, together with all keys that void batches touched: compaction keeps the newest record of a key,
    whether its batch was void or not.
    """

    def __init__(self, changelog: Changelog, store: LocalStore, *, writer: str, bytes_max: int) -> None:
        self._changelog = changelog
        self._store = store
        self._writer = writer
        self._bytes_max = bytes_max
        self._voided: set[bytes] = set()
        self.epoch = 0
        self.end = 0

    def begin(self, end: int, voided: Iterable[bytes]) -> None:
        """Go on where a restore ended."""
        self.end = end
        self._voided = set(voided)

    async def append(self, changed: Mapping[bytes, bytes | None], standing: Standing) -> Landed:
        """Append a batch that counts; OvertakenError if another owner has written."""
        rows = dict(changed)
        while True:
            # The store is where the log's last batch that counts left it, which the core may already have passed.
            rows |= {key: self._store.get(key) for key in sorted(self._voided - rows.keys())}
            expected = self.end
            batch = rows | {POSITION: self._position_row(standing, len(rows) + 1)}
            self._check_size(batch)
            base = await self._changelog.append(list(batch.items()))
            self.end = base + len(batch)
            if base == expected:
                self._voided.clear()
                return Landed(batch, self.end)
            await self._look_between(expected, base)
            self._voided |= rows.keys()

    def _position_row(self, standing: Standing, count: int) -> bytes:
        position = standing.position
        return encode_position(
            PositionRow(
                self.end,
                count,
                self.epoch,
                self._writer,
                position.offset,
                position.index,
                standing.digest,
                standing.outbox_hash,
            )
        )

    def _check_size(self, batch: Mapping[bytes, bytes | None]) -> None:
        size = sum(len(key) + len(value or b"") for key, value in batch.items())
        if size > self._bytes_max:
            raise BatchTooLargeError(
                f"a batch of {len(batch)} rows has {size} bytes, more than {self._bytes_max}: a command changed more "
                "than it may; look for it in the commands after the partition's position"
            )

    async def _look_between(self, start: int, stop: int) -> None:
        """Note the keys of void batches that came before ours, and see whether we are overtaken.

        A batch of our own may be there that counts, sent twice by a retry below us: then the same goes there once more,
        since compaction would keep the void copy and forget the one that counts.
        """
        reader = BatchReader()
        async for records in self._changelog.read(start, stop):
            for batch in reader.feed(records):
                self._voided.update(batch.voided)
                if batch.row is not None and batch.row.writer != self._writer:
                    raise OvertakenError(batch.row.writer, batch.row.epoch, batch.row.base)
