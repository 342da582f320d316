import asyncio

from models.updates import Update
from streams.commit.batches import BatchReader
from streams.commit.deciding import Limits
from streams.commit.errors import CommandsLostError, CommandsReplacedError, OvertakenError
from streams.commit.ports import Command, Position
from streams.commit.stats import Phase
from tests.agents.bench_ports import Bench, record, settled, until, values
from tests.agents.toy import Item


async def test_items_of_many_records_are_committed_once_and_told_in_order() -> None:
    bench = Bench()
    bench.commands += [record("a", "b"), record("a"), record("b", "a")]
    async with bench.owning() as owner:
        await settled(owner, 3)

    assert (bench.count("a"), bench.count("b")) == (3, 2)
    told = list(values(bench.told, "order-updates"))
    assert [(item["key"], item["count"], item["offset"], item["index"]) for item in told] == [
        ("a", 1, 0, 0),
        ("b", 1, 0, 1),
        ("a", 2, 1, 0),
        ("b", 2, 2, 0),
        ("a", 3, 2, 1),
    ]
    # Of a view only the newest of a batch is told.
    assert list(values(bench.told, "order-views")) == [3, 2]
    assert bench.acknowledged == [0, 1, 2]


async def test_nothing_is_decided_before_the_claim_and_nothing_told_before_the_log_and_the_store() -> None:
    bench = Bench()
    bench.commands.append(record("a"))
    async with bench.owning() as owner:
        await settled(owner, 1)
    assert bench.passed == [
        "before_claim",
        "after_claim",
        "after_outbox",
        "before_send",
        "after_send",
        "before_store",
        "after_store",
        "before_outbox",
        "after_outbox",
    ]


async def test_a_gap_decides_nothing_and_reads_again_from_the_position() -> None:
    bench = Bench()
    async with bench.owning() as owner:
        await settled(owner, 0)
        bench.commands += [record("a"), record("b"), record("c")]
        bench.offer(2)
        await settled(owner, 3)
    assert bench.seeks == [0, 0]
    assert [bench.count(key) for key in "abc"] == [1, 1, 1]
    assert owner.stats.gaps == 1


async def test_records_that_come_again_are_acknowledged_and_not_decided() -> None:
    bench = Bench()
    bench.commands += [record("a"), record("a")]
    async with bench.owning() as owner:
        await settled(owner, 2)
        bench.offer(0)
        bench.offer(1)
        await settled(owner, 2)
    assert bench.count("a") == 2
    assert bench.acknowledged == [0, 1, 0, 1]


async def test_a_full_queue_drops_records_and_reads_them_again() -> None:
    bench = Bench()
    bench.commands += [record("a") for _ in range(40)]
    async with bench.owning(limits=Limits(queue_records=4, batch_items=3)) as owner:
        for _ in range(200):
            await asyncio.sleep(0)
            if owner.waits_for() not in {None, 40}:
                owner.reread()
        await settled(owner, 40)
    assert bench.count("a") == 40


async def test_a_batch_may_end_inside_a_record_and_the_next_owner_goes_on_there() -> None:
    first = Bench()
    first.commands.append(record("a", "b", "c", "d", "e"))
    first.stops["before_send"] = frozen = asyncio.Event()
    limits = Limits(batch_items=2)
    async with first.owning(limits=limits, ends_with=OvertakenError):
        await until(lambda: "before_send" in first.passed)
        second = Bench(first.log, first.commands)
        second.stops["after_store"] = stopped = asyncio.Event()
        async with second.owning(writer="b", limits=limits) as owner:
            await until(lambda: "after_store" in second.passed)
            third = Bench(first.log, first.commands)
            third.store = second.store
            async with third.owning(writer="c", limits=limits) as last:
                await settled(last, 1)
            assert owner.stats.position == Position(0, 0)
            stopped.set()
            second.is_held = False
        frozen.set()

    assert [third.count(key) for key in "abcde"] == [1, 1, 1, 1, 1]
    # The second had not told its batch when the third took over: the third tells it first.
    told = [(item["index"], item["key"]) for item in values(third.told, "order-updates")]
    assert told == [(0, "a"), (1, "b"), (2, "c"), (3, "d"), (4, "e")]
    assert first.told == second.told == []


async def test_what_a_late_owner_appends_is_void_and_the_owner_goes_on() -> None:
    late = Bench()
    late.commands.append(record("a"))
    late.stops["before_send"] = frozen = asyncio.Event()
    async with late.owning(ends_with=OvertakenError):
        await until(lambda: "before_send" in late.passed)
        bench = Bench(late.log, late.commands)
        async with bench.owning(writer="b") as owner:
            await settled(owner, 1)
            frozen.set()
            await until(lambda: late.owner is not None and late.owner.stats.phase is Phase.STOPPED)
            bench.send(record("a"), record("b"))
            await settled(owner, 3)
    assert (bench.count("a"), bench.count("b")) == (2, 1)
    void = [batch for batch in BatchReader().feed(bench.log.records) if batch.row is None]
    assert len(void) == 2


async def test_a_suspended_owner_keeps_what_it_decided_and_goes_on_if_nobody_wrote() -> None:
    bench = Bench()
    bench.commands.append(record("a"))
    async with bench.owning() as owner:
        await settled(owner, 1)
        await owner.suspend()
        written = bench.log.next_offset
        bench.commands.append(record("a"))
        bench.offer(1)
        for _ in range(50):
            await asyncio.sleep(0)
        assert bench.log.next_offset == written
        owner.assign(2)
        await settled(owner, 2)
    assert bench.count("a") == 2
    assert owner.stats.restores == 1
    assert owner.stats.claims == 2


async def test_an_owner_that_comes_back_after_another_restores_what_that_one_wrote() -> None:
    bench = Bench()
    bench.commands.append(record("a"))
    async with bench.owning() as owner:
        await settled(owner, 1)
        await owner.suspend()
        other = Bench(bench.log, bench.commands)
        async with other.owning(writer="b") as another:
            other.send(record("a"))
            await settled(another, 2)
        owner.assign(3)
        bench.send(record("a"))
        await settled(owner, 3)
    assert bench.count("a") == 3
    assert owner.stats.restores == 2
    # The second was told by the other, which cannot be known: it is told again.
    assert [item["count"] for item in values(bench.told, "order-updates")] == [1, 2, 3]


async def test_nothing_is_written_while_the_lease_is_not_held() -> None:
    bench = Bench()
    async with bench.owning() as owner:
        await settled(owner, 0)
        written = bench.log.next_offset
        bench.is_held = False
        bench.send(record("a"))
        for _ in range(50):
            await asyncio.sleep(0)
        assert bench.log.next_offset == written
        bench.is_held = True
        await settled(owner, 1)
    assert bench.count("a") == 1


async def test_a_continuation_is_drained_before_the_next_command_and_after_a_restart() -> None:
    bench = Bench()
    bench.commands += [record(Item(key="a", slices=5)), record("a")]
    limits = Limits(batch_rows=2)
    bench.stops["after_outbox"] = stopped = asyncio.Event()
    stopped.set()
    async with bench.owning(limits=limits) as owner:
        await until(lambda: owner.stats.batches == 1)
    left = int(bench.store.get(b"rest") or b"0")
    assert left > 0
    async with bench.owning(writer="b", limits=limits) as owner:
        await settled(owner, 2)
    assert bench.store.get(b"slices") == b"5"
    assert bench.store.get(b"rest") is None
    assert bench.count("a") == 2


async def test_values_that_a_late_owner_published_over_ours_are_told_again() -> None:
    bench = Bench()
    bench.commands += [record("a"), record("a", "b")]
    async with bench.owning() as owner:
        await settled(owner, 2)
        bench.told.clear()
        bench.overwritten = {("order-views", b"a"), ("order-views", b"gone")}
        bench.send(record("b"))
        await settled(owner, 3)
        await until(lambda: Update("order-views", b"a", b"2") in bench.told)
    assert [update for update in bench.told if update.topic == "order-views"] == [
        Update("order-views", b"b", b"2"),
        Update("order-views", b"a", b"2"),
    ]


async def test_commands_that_are_gone_stop_the_partition() -> None:
    bench = Bench()
    bench.commands += [record("a"), record("a")]
    bench.begins = 1
    async with bench.owning(ends_with=CommandsLostError) as owner:
        await until(lambda: owner.stats.phase is Phase.STOPPED)
    assert bench.count("a") == 0


async def test_a_topic_that_ends_before_the_position_stops_the_partition() -> None:
    bench = Bench()
    bench.commands += [record("a"), record("a")]
    async with bench.owning() as owner:
        await settled(owner, 2)
    bench.commands.clear()
    async with bench.owning(writer="b", ends_with=CommandsReplacedError) as owner:
        await until(lambda: owner.stats.phase is Phase.STOPPED)
    assert bench.count("a") == 2


async def test_a_record_that_is_no_list_is_a_dead_letter_and_its_neighbours_are_decided() -> None:
    bench = Bench()
    bench.commands += [record("a"), b"{broken", b'[{"key":"a"},{"key":7},{"key":"a"}]', b"[]"]
    async with bench.owning() as owner:
        await settled(owner, 4)
    assert bench.count("a") == 3
    dead = [update for update in bench.told if update.topic == "dead-letters"]
    assert [update.value for update in dead] == [b"{broken", b'{"key":7}']


async def test_commands_before_the_claim_are_not_taken() -> None:
    bench = Bench()
    bench.stops["before_claim"] = asyncio.Event()
    bench.commands.append(record("a"))
    async with bench.owning() as owner:
        await until(lambda: "before_claim" in bench.passed)
        assert not owner.offer(Command(0, bench.commands[0]))
        bench.stops["before_claim"].set()
        await settled(owner, 1)
    assert bench.count("a") == 1
