import pytest

from streams.commit.digest import Digest
from streams.commit.errors import ChangelogReplacedError, ChangelogTornError, DigestMismatchError
from streams.commit.journal import Journal, Standing
from streams.commit.ports import Position, Row
from streams.commit.restoring import Restored, restore
from streams.commit.rows import POSITION, START, PositionRow, encode_position
from streams.store import MemoryStore
from tests.agents.bench_ports import BYTES_MAX, Log
from tests.agents.toy import ToyEngine


class Writer:
    """Writes rows as an owner does, with the right digest."""

    def __init__(self, log: Log, name: str = "a") -> None:
        self._digest = Digest()
        self._journal = Journal(log, MemoryStore(), writer=name, bytes_max=BYTES_MAX)
        self._offset = 0

    async def write(self, rows: dict[bytes, bytes | None]) -> None:
        self._digest.update(rows)
        self._offset += 1
        standing = Standing(Position(self._offset, 0), self._digest.value())
        await self._journal.append(rows, standing)


def _late(base: int, *rows: Row) -> list[Row]:
    position = PositionRow(base, len(rows) + 1, 1, "late", 9, 0, b"z" * 16)
    return [*rows, (POSITION, encode_position(position))]


async def _restored(log: Log, store: MemoryStore) -> tuple[Restored, dict[bytes, bytes]]:
    core = ToyEngine(0)
    return await restore(log, store, core), core.rows


async def test_a_log_without_records_restores_to_the_start() -> None:
    restored, rows = await _restored(Log(), MemoryStore())
    assert rows == {}
    assert (restored.end, restored.position, restored.outbox) == (0, START, ())


async def test_rows_deletes_and_position_come_back_from_the_log_alone() -> None:
    log = Log()
    writer = Writer(log)
    await writer.write({b"a": b"1", b"b": b"1"})
    await writer.write({b"a": b"2", b"b": None, b"c": b"3"})

    restored, rows = await _restored(log, MemoryStore())
    assert rows == {b"a": b"2", b"c": b"3"}
    assert restored.position == Position(2, 0)
    assert restored.end == log.next_offset


async def test_a_kept_store_reads_only_what_came_since() -> None:
    log, store = Log(), MemoryStore()
    writer = Writer(log)
    await writer.write({b"a": b"1"})
    await _restored(log, store)
    await writer.write({b"b": b"2"})
    log.records = log.records[2:]

    _, rows = await _restored(log, store)
    assert rows == {b"a": b"1", b"b": b"2"}


async def test_a_compacted_log_restores_the_same_rows() -> None:
    log = Log()
    writer = Writer(log)
    for number in range(20):
        await writer.write({b"k%d" % (number % 3): b"%d" % number, b"n%d" % number: b"x"})
    whole, rows = await _restored(log, MemoryStore())
    log.compact(before=log.next_offset - 5)
    assert len(log.records) < log.next_offset

    compacted, same = await _restored(log, MemoryStore())
    assert same == rows
    assert compacted.position == whole.position
    assert compacted.digest.value() == whole.digest.value()


async def test_void_batches_are_left_out_and_their_keys_are_to_be_written_again() -> None:
    log = Log()
    writer = Writer(log)
    await writer.write({b"a": b"1"})
    log.put(_late(100, (b"a", b"late"), (b"ghost", b"late")))

    restored, rows = await _restored(log, MemoryStore())
    assert rows == {b"a": b"1"}
    assert restored.voided == {b"a", b"ghost"}


async def test_keys_of_void_batches_are_remembered_over_a_restart_before_the_claim() -> None:
    log, store = Log(), MemoryStore()
    await Writer(log).write({b"a": b"1"})
    log.put(_late(100, (b"ghost", b"late")))
    await _restored(log, store)

    restored, _ = await _restored(log, store)
    assert restored.voided == {b"ghost"}


async def test_keys_that_a_later_batch_wrote_are_not_written_again() -> None:
    log = Log()
    log.first = [_late(100, (b"a", b"late"))]
    await Writer(log).write({b"a": b"1"})

    restored, rows = await _restored(log, MemoryStore())
    assert rows == {b"a": b"1"}
    assert restored.voided == set()


async def test_a_damaged_store_is_wiped_and_restored_from_the_log() -> None:
    log, store = Log(), MemoryStore()
    await Writer(log).write({b"a": b"1"})
    await _restored(log, store)
    store.write([(b"a", b"damaged")], store.end(), current=True)

    _, rows = await _restored(log, store)
    assert rows == {b"a": b"1"}
    assert store.get(b"a") == b"1"


async def test_a_log_whose_rows_do_not_have_their_digest_stops_the_partition() -> None:
    log = Log()
    await Writer(log).write({b"a": b"1"})
    log.records[0] = log.records[0]._replace(value=b"damaged")
    with pytest.raises(DigestMismatchError, match="rebuild it with `headrace replay`"):
        await _restored(log, MemoryStore())


async def test_a_log_that_lost_its_end_stops_the_partition_and_keeps_the_store() -> None:
    log, store = Log(), MemoryStore()
    writer = Writer(log)
    await writer.write({b"a": b"1"})
    await writer.write({b"a": b"2"})
    await _restored(log, store)
    log.next_offset = 2
    with pytest.raises(ChangelogReplacedError, match="up to offset 4, but the changelog ends at 2"):
        await _restored(log, store)
    assert store.get(b"a") == b"2"


async def test_a_log_that_ends_inside_a_batch_stops_the_partition() -> None:
    log = Log()
    await Writer(log).write({b"a": b"1", b"b": b"2"})
    log.next_offset = 2
    with pytest.raises(ChangelogTornError):
        await _restored(log, MemoryStore())
