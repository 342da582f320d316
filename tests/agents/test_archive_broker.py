"""The archiver on a broker: nothing twice and nothing lost, through kills, repeats and a rival."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from models.engine import Engine
from models.partition import partition_of
from models.topics import catalogue
from pipelines.audit import audit_lake, audit_topics
from streams.admin import ensure_topics
from streams.archive.archiver import Progress, _start, run_archiver
from streams.archive.lake import ArchiveError
from streams.archive.options import ArchiveOptions
from streams.brokers.embedded import EmbeddedBroker
from tests.agents.archiving import Feeder, archive_process, archived, until_archived
from tests.pipelines.played import Log, play
from tests.pipelines.session import POOL, Session

PARTITION = partition_of(POOL)
PLACE = TopicPartition("commands", 3)


@pytest.fixture
async def bootstrap() -> AsyncIterator[str]:
    async with EmbeddedBroker() as broker:
        await asyncio.to_thread(ensure_topics, broker.bootstrap, catalogue())
        yield broker.bootstrap


def session_log(records: int) -> Log:
    engine = Engine(PARTITION, strict=True)
    return play(engine, POOL, Session(engine, 1).records(records), batch_items=20)


def distinct_counts(log: Log) -> dict[str, int]:
    return {
        "commands": sum(len(Engine.split(value)) for _, value in log["commands"]),
        "order_updates": len(log["order-updates"]),
        "stock_movements": len(log["stock-movements"]),
        "dead_letters": len(log["dead-letters"]),
    }


async def test_all_is_archived_and_passes_the_audit_from_the_topics_and_from_the_lake(
    bootstrap: str, tmp_path: Path
) -> None:
    log = session_log(150)
    counts = distinct_counts(log)
    await Feeder(bootstrap, PARTITION).send_all(log)
    told: list[Progress] = []
    stop = asyncio.Event()
    options = ArchiveOptions(bootstrap=bootstrap, lake=str(tmp_path / "lake"), flush_seconds=0.2)

    archiver = asyncio.create_task(run_archiver(options, stop, told.append))
    await until_archived(tmp_path / "lake", counts)
    stop.set()
    await archiver

    assert {p.table: sum(q.rows for q in told if q.table == p.table) for p in told} == counts
    topics = await asyncio.to_thread(audit_topics, bootstrap)
    lake = await asyncio.to_thread(audit_lake, str(tmp_path / "lake"), grace_seconds=None, replay=True)
    for report in (topics, lake):
        assert {f.statement: f.examples for f in report.findings if f.violations} == {}
        assert (report.commands, report.updates, report.movements) == (
            counts["commands"],
            counts["order_updates"],
            counts["stock_movements"],
        )


async def test_killed_again_and_again_it_loses_nothing_and_writes_nothing_twice(bootstrap: str, tmp_path: Path) -> None:
    log, lake, draw = session_log(200), tmp_path / "lake", random.Random(7)
    feeder = Feeder(bootstrap, PARTITION)
    parts = 6

    def feed(part: int) -> None:
        for topic, records in log.items():
            share = records[len(records) * part // parts : len(records) * (part + 1) // parts]
            # A producer that crashed publishes its last records again, but for the commands, which are not its own.
            feeder.send(topic, share + (share[-5:] if topic != "commands" else []))

    for part in range(parts - 1):
        with archive_process(bootstrap, lake) as process:
            await asyncio.to_thread(feed, part)
            # Somewhere between its start and its commits.
            await asyncio.sleep(draw.uniform(0.5, 3.0))
            assert process.poll() is None

    with archive_process(bootstrap, lake) as process:
        # Only this process can archive the last part: once all of it is there it runs, and hears what it is told.
        await asyncio.to_thread(feed, parts - 1)
        await until_archived(lake, distinct_counts(log))
        process.terminate()
        assert await asyncio.to_thread(process.wait, 30) == 0

    updates = archived(lake, "order_updates", "command_offset, command_index")
    movements = archived(lake, "stock_movements", "command_offset, command_index, sequence")
    commands = archived(lake, "commands", "record_offset, command_index")
    assert len(updates) == len(set(updates)) == len(log["order-updates"])
    assert len(movements) == len(set(movements)) == len(log["stock-movements"])
    assert len(commands) == len(set(commands)) == distinct_counts(log)["commands"]
    assert (await asyncio.to_thread(audit_lake, str(lake), grace_seconds=None)).ok


async def test_of_two_archivers_one_ends_and_says_why(bootstrap: str, tmp_path: Path) -> None:
    log, lake = session_log(60), tmp_path / "lake"
    feeder = Feeder(bootstrap, PARTITION)
    half = {topic: records[: len(records) // 2] for topic, records in log.items()}
    rest = {topic: records[len(records) // 2 :] for topic, records in log.items()}

    with archive_process(bootstrap, lake) as one:
        await feeder.send_all(half)
        await until_archived(lake, {"commands": 1, "order_updates": 1, "stock_movements": 1})
        with archive_process(bootstrap, lake) as two:
            async with asyncio.timeout(60):
                while one.poll() is None and two.poll() is None:
                    await feeder.send_all({topic: rest[topic][:1] for topic in ("commands",)})
                    await asyncio.sleep(0.3)
            ended, running = (one, two) if one.poll() is not None else (two, one)
            assert ended.returncode == 1
            assert running.poll() is None

    assert "another archiver writes to" in (tmp_path / "archive.log").read_text()
    commands = archived(lake, "commands", "record_offset, command_index")
    assert len(commands) == len(set(commands))


async def test_a_lake_of_another_cluster_is_refused(bootstrap: str, tmp_path: Path) -> None:
    options = ArchiveOptions(bootstrap=bootstrap, lake=str(tmp_path), flush_seconds=0.1)
    stop = asyncio.Event()
    stop.set()
    await run_archiver(options, stop)

    async with EmbeddedBroker() as other:
        await asyncio.to_thread(ensure_topics, other.bootstrap, catalogue())
        with pytest.raises(ArchiveError, match="give the archive another lake directory"):
            await run_archiver(ArchiveOptions(bootstrap=other.bootstrap, lake=str(tmp_path)), stop)


def test_it_goes_on_where_the_lake_ends_and_refuses_a_gap_and_an_emptied_topic() -> None:
    assert _start(PLACE, 5, 0, 9, accept_loss=False) == 5
    assert _start(PLACE, 9, 9, 9, accept_loss=False) == 9
    assert _start(PLACE, 5, 7, 9, accept_loss=True) == 7
    with pytest.raises(ArchiveError, match=r"commands\[3\] begins at offset 7, and the lake ends at 5"):
        _start(PLACE, 5, 7, 9, accept_loss=False)
    with pytest.raises(ArchiveError, match=r"commands\[3\] up to offset 5, but the topic ends at 4"):
        _start(PLACE, 5, 0, 4, accept_loss=True)
