import pytest

from models.updates import Applied
from streams.commit.deciding import CRASHES_MAX, Limits
from streams.commit.ports import Attempt, Position
from tests.agents.bench_ports import Bench, record, settled, until
from tests.agents.toy import Item, ToyEngine


class CrashError(BaseException):
    """Stands for the end of the process while an item is decided."""


class Fragile(ToyEngine):
    """Crashes on items that say so."""

    def apply(self, item: bytes, offset: int, index: int) -> Applied:
        if b'"crash":true' in item:
            raise CrashError
        return super().apply(item, offset, index)


_POISON = Item(key="p", crash=True)


async def _start_until_crash(bench: Bench, number: int, limits: Limits) -> None:
    async with bench.owning(writer=str(number), core=Fragile, limits=limits, ends_with=CrashError) as owner:
        await until(lambda: owner.stats.phase == "stopped")


async def test_an_item_that_ends_the_process_again_and_again_is_skipped_and_dead_lettered() -> None:
    bench, limits = Bench(), Limits(batch_items=4)
    bench.commands += [record("a", "b", _POISON, "c"), record("d")]
    crashes = 0
    while bench.notes.note is None or bench.notes.note.count < CRASHES_MAX or not bench.notes.note.single:
        await _start_until_crash(bench, crashes, limits)
        crashes += 1
        assert crashes < 10
    # Three times as part of a batch, then three times on its own.
    assert crashes == 2 * CRASHES_MAX
    assert bench.notes.note == Attempt(Position(0, 2), CRASHES_MAX, single=True)

    async with bench.owning(writer="last", core=Fragile, limits=limits) as owner:
        await settled(owner, 2)
    assert [bench.count(key) for key in "abcd"] == [1, 1, 1, 1]
    assert owner.stats.skipped == 1
    dead = [update for update in bench.told if update.topic == "dead-letters"]
    assert [update.key for update in dead] == [b"skipped/0/2"]
    assert bench.store.get(b"skipped/0/2") == b"the worker ended 3 times while deciding this"


async def test_after_three_crashes_items_go_one_by_one_and_only_from_that_position() -> None:
    bench = Bench()
    bench.notes.note = Attempt(Position(0, 0), CRASHES_MAX, single=False)
    bench.commands += [record("a"), record("b")]
    async with bench.owning() as owner:
        await settled(owner, 2)
    assert owner.stats.skipped == 0
    assert owner.stats.batches == 2
    bench.commands.append(record("c"))
    async with bench.owning(writer="b") as owner:
        await settled(owner, 3)
    assert owner.stats.skipped == 0


async def test_the_note_is_cleared_when_the_first_batch_has_landed() -> None:
    bench = Bench()
    bench.commands.append(record("a"))
    async with bench.owning() as owner:
        await settled(owner, 1)
    assert bench.notes.note is None


@pytest.mark.parametrize("count", [1, 2])
async def test_a_few_crashes_change_nothing(count: int) -> None:
    bench = Bench()
    bench.notes.note = Attempt(Position(0, 0), count, single=False)
    bench.commands.append(record("a", "b", "c"))
    async with bench.owning() as owner:
        await settled(owner, 1)
    assert owner.stats.batches == 1
