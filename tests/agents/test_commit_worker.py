"""Real worker processes on the embedded broker; `tests/chaos` does the same at length, on real Kafka too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from streams.admin import ensure_topics
from streams.brokers.embedded import EmbeddedBroker
from tests.agents.fleet import Fleet, Traffic, Worker
from tests.agents.told import Found, read_all

# Spread so that two workers have some each.
_PARTITIONS = range(0, 48, 6)
_ALL = 48
_SECONDS = 120.0

pytestmark = pytest.mark.timeout(400)


class Scenario:
    """Traffic, the workers under it, and the judgement at the end."""

    def __init__(self, fleet: Fleet, traffic: Traffic) -> None:
        self.fleet = fleet
        self._traffic = traffic

    async def judge(self, *alive: Worker) -> Found:
        """Stop sending, wait until all is decided, and check what the topics say."""
        self._traffic.stop()
        await self.fleet.until_idle(*alive, seconds=_SECONDS)
        found = await read_all(self.fleet.bootstrap, self.fleet.topics, _PARTITIONS)
        assert found.problems(self._traffic.sent) == []
        return found


@asynccontextmanager
async def _scenario(directory: Path, pause_at: str = "") -> AsyncIterator[tuple[Scenario, Worker]]:
    async with EmbeddedBroker() as broker, Fleet(broker.bootstrap, "t-", directory) as fleet:
        await asyncio.to_thread(ensure_topics, broker.bootstrap, fleet.topics)
        first = fleet.start("first", pause_at)
        await fleet.until_running(_ALL, first, seconds=_SECONDS)
        traffic = Traffic(broker.bootstrap, fleet.topics, partitions=_PARTITIONS, seed=1)
        sending = asyncio.create_task(traffic.run(per_second=400, per_record=20))
        try:
            yield Scenario(fleet, traffic), first
        finally:
            traffic.stop()
            await sending


async def _until_shared(fleet: Fleet, joined: Worker, *others: Worker) -> None:
    async with asyncio.timeout(_SECONDS):
        while not await joined.running():  # noqa: ASYNC110 # Another process.
            await asyncio.sleep(0.2)
    await fleet.until_running(_ALL, joined, *others, seconds=_SECONDS)


async def test_killed_workers_with_and_without_their_store_count_every_item_once(tmp_path: Path) -> None:
    async with _scenario(tmp_path) as (scenario, worker):
        for wipe in (False, True):
            await asyncio.sleep(1.5)
            worker.kill(wipe=wipe)
            await asyncio.sleep(1)
            await scenario.fleet.until_running(_ALL, worker, seconds=_SECONDS)
        found = await scenario.judge(worker)
        assert worker.exits == [-9, -9]
        assert found.voided == 0
        assert worker.stop() == 0


async def test_workers_that_join_and_leave_count_every_item_once(tmp_path: Path) -> None:
    async with _scenario(tmp_path) as (scenario, first):
        second = scenario.fleet.start("second")
        await _until_shared(scenario.fleet, second, first)
        await asyncio.sleep(1)
        assert second.stop() == 0
        await scenario.fleet.until_running(_ALL, first, seconds=_SECONDS)
        await scenario.judge(first)
        assert (first.exits, second.exits) == ([], [])


@pytest.mark.parametrize("point", ["before_send", "before_outbox"])
async def test_a_worker_frozen_past_its_session_changes_nothing_when_it_goes_on(tmp_path: Path, point: str) -> None:
    async with _scenario(tmp_path, point) as (scenario, first):
        fleet = scenario.fleet
        second = fleet.start("second")
        await _until_shared(fleet, second, first)
        first.pause_file.touch()
        async with asyncio.timeout(_SECONDS):
            while not first.is_frozen():  # noqa: ASYNC110 # Another process.
                await asyncio.sleep(0.01)
        await fleet.until_running(_ALL, second, seconds=_SECONDS)
        await asyncio.sleep(1)
        first.thaw()
        await asyncio.sleep(1)
        await _until_shared(fleet, first, second)
        await scenario.judge(first, second)
        assert second.exits == []
