import pytest

from streams.commit.batches import BatchReader
from streams.commit.errors import BatchTooLargeError, OvertakenError
from streams.commit.journal import Journal, Standing
from streams.commit.ports import Position, Row
from streams.commit.rows import POSITION, PositionRow, decode_position, encode_position
from streams.store import MemoryStore
from tests.agents.bench_ports import BYTES_MAX, Log

_STANDING = Standing(Position(5, 2), b"d" * 16)


def _journal(log: Log, store: MemoryStore, writer: str = "a") -> Journal:
    journal = Journal(log, store, writer=writer, bytes_max=BYTES_MAX)
    journal.epoch = 3
    return journal


def _batch(base: int, writer: str, *rows: Row) -> list[Row]:
    """A batch of another writer, which believes the log to end at `base`."""
    position = PositionRow(base, len(rows) + 1, 2, writer, 9, 0, b"z" * 16)
    return [*rows, (POSITION, encode_position(position))]


async def test_a_batch_ends_with_a_position_row_that_says_what_the_batch_is() -> None:
    log = Log()
    landed = await _journal(log, MemoryStore()).append({b"k": b"1", b"gone": None}, _STANDING)

    assert [(found.key, found.value) for found in log.records[:-1]] == [(b"k", b"1"), (b"gone", None)]
    last = log.records[-1]
    assert last.key == POSITION
    assert last.value is not None
    assert decode_position(last.value) == PositionRow(0, 3, 3, "a", 5, 2, b"d" * 16)
    assert landed.end == 3


async def test_batches_follow_each_other_without_a_gap() -> None:
    log, store = Log(), MemoryStore()
    journal = _journal(log, store)
    await journal.append({b"k": b"1"}, _STANDING)
    landed = await journal.append({b"k": b"2"}, _STANDING)

    value = landed.rows[POSITION]
    assert value is not None
    assert decode_position(value).base == 2
    assert landed.end == 4


async def test_another_owner_that_wrote_first_overtakes_us_and_our_batch_is_void() -> None:
    log = Log()
    log.first = [_batch(0, "b", (b"k", b"theirs"))]
    with pytest.raises(OvertakenError, match="b \\(generation 2\\) wrote at changelog offset 0"):
        await _journal(log, MemoryStore()).append({b"k": b"ours"}, _STANDING)

    first, second = BatchReader().feed(log.records)
    assert first.row is not None
    assert first.row.writer == "b"
    assert second.row is None
    assert second.voided == [b"k"]


async def test_after_a_late_writer_ours_is_appended_again_with_the_keys_it_touched() -> None:
    log, store = Log(), MemoryStore()
    store.write([(b"touched", b"as it was")], 0, current=True)
    # The late writer believes the log to end at 100: what it writes counts nowhere.
    log.first = [_batch(100, "late", (b"touched", b"late"), (b"new", b"late"), (b"k", b"late"))]
    landed = await _journal(log, store).append({b"k": b"ours"}, _STANDING)

    late, void, ours = BatchReader().feed(log.records)
    assert (late.row, void.row) == (None, None)
    assert ours.row is not None
    rows = {found.key: found.value for found in ours.kept if found.key != POSITION}
    assert rows == {b"k": b"ours", b"touched": b"as it was", b"new": None}
    assert landed.end == log.next_offset == 4 + 2 + 4


async def test_a_batch_that_a_retry_sent_twice_is_appended_once_more_or_compaction_would_lose_it() -> None:
    log = Log()
    log.times = 2
    landed = await _journal(log, MemoryStore()).append({b"k": b"1"}, _STANDING)
    assert landed.end == 6
    log.compact(before=6)

    (batch,) = BatchReader().feed(log.records)
    assert batch.row is not None
    assert [(found.key, found.value) for found in batch.kept[:-1]] == [(b"k", b"1")]


async def test_a_batch_larger_than_the_broker_takes_is_not_sent() -> None:
    log = Log()
    with pytest.raises(BatchTooLargeError, match="more than 1048576"):
        await _journal(log, MemoryStore()).append({b"k": b"x" * BYTES_MAX}, _STANDING)
    assert log.records == []
