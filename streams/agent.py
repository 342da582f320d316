"""The pool agent: hands records from Faust to the partitions' owners, and partitions from the group to this worker."""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from aiokafka import AIOKafkaProducer
from faust.types import TP

from models.topics import BATCH_BYTES_MAX, Catalogue, Topic
from streams.changelog import KafkaChangelog
from streams.commit.owner import Owner
from streams.commit.ports import Core, Pauses, Ports
from streams.commit.stats import Phase
from streams.lease import GroupLease
from streams.notes import FileAttempts, MonotonicClock, in_thread
from streams.partition import FaustSource, Partition, Parts
from streams.publisher import KafkaPublisher
from streams.restore import BulkReader
from streams.settings import WorkerSettings
from streams.store import Stores

logger = logging.getLogger(__name__)

# "Internal software error": whoever supervises the worker starts it again, and it restores.
EXIT_RESTART = 70

_WATCH_SECONDS = 0.5
# So many sessions without a confirmed membership, and the worker is of no use to anybody.
_SESSIONS_MAX = 5


class CoreClass(Protocol):
    """What the agent needs of `models.engine.Engine`."""

    def __call__(self, partition: int) -> Core: ...


@dataclass(frozen=True)
class Outside:
    """What all partitions of a worker share."""

    settings: WorkerSettings
    catalogue: Catalogue
    producer: AIOKafkaProducer
    reader: BulkReader
    stores: Stores
    lease: GroupLease
    pauses: Pauses
    # Another with every process: a batch that an earlier one wrote is another writer's.
    writer: str


def exit_now(reason: str, error: BaseException | None = None) -> NoReturn:
    """End the process without any clean-up that could still write: restoring is the only way on."""
    logger.critical("the worker ends: %s", reason, exc_info=error)
    logging.shutdown()
    os._exit(EXIT_RESTART)


class PoolAgent:
    """All partitions of `commands` that the group has given to this worker."""

    def __init__(self, outside: Outside, core_class: CoreClass) -> None:
        self._outside = outside
        self._core_class = core_class
        self._partitions: dict[int, Partition] = {}
        self._topics = _told_topics(outside.catalogue)

    @property
    def partitions(self) -> Mapping[int, Partition]:
        return self._partitions

    async def consume(self, stream: Any) -> None:
        """The body of the Faust agent. Owners acknowledge; the agent itself never waits for one."""
        async for event in stream.noack().events():
            partition = self._partitions.get(event.message.partition)
            if partition is not None:
                partition.hand_over(event)

    async def on_revoked(self) -> None:
        """A rebalance begins: return when nothing is being written, or end the process when that takes too long."""
        try:
            async with asyncio.timeout(self._outside.settings.lease_seconds):
                await asyncio.gather(*(item.owner.suspend() for item in self._partitions.values()))
        except TimeoutError:
            exit_now("a commit was still on its way when the lease ended in a rebalance")

    async def on_assigned(self, consumer: Any, assigned: set[int], generation: int) -> None:
        """A rebalance ends: let go of partitions that are gone, go on with those that stay, begin the new ones."""
        for number in sorted(self._partitions.keys() - assigned):
            await self._partitions.pop(number).close()
        for number in sorted(assigned):
            if number not in self._partitions:
                self._partitions[number] = self._begin(consumer, number)
            self._partitions[number].assign(generation)
        logger.info("generation %d: %d partitions", generation, len(self._partitions))

    async def watch(self) -> None:
        """Runs as long as the worker: looks after the partitions' reading, and after the membership.

        A member that comes back after its session can get into joining again and again, without end: on the embedded
        broker it was seen. A new process joins as a new member.
        """
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            lost_seconds = self._outside.lease.lost_for_seconds()
            if lost_seconds > _SESSIONS_MAX * self._outside.settings.session_timeout_seconds:
                exit_now(f"no member of its group for {lost_seconds:.0f} s after the lease ended")
            for partition in self._partitions.values():
                partition.watch()

    async def close(self) -> None:
        await asyncio.gather(*(item.close() for item in self._partitions.values()))
        self._partitions.clear()

    def _begin(self, consumer: Any, number: int) -> Partition:
        tp = TP(self._outside.catalogue.commands.name, number)
        source = FaustSource(consumer, self._outside.reader, tp)
        return Partition(tp, consumer, source, self._maker(number), _on_failure)

    def _maker(self, number: int) -> Callable[[FaustSource], Parts]:
        outside, settings = self._outside, self._outside.settings

        def make(source: FaustSource) -> Parts:
            store = outside.stores.open(number)
            publisher = KafkaPublisher(outside.producer, outside.reader, self._topics, number)
            ports = Ports(
                new_core=lambda: self._core_class(number),
                changelog=KafkaChangelog(
                    outside.producer, outside.reader, outside.catalogue.pool_changelog.name, number
                ),
                store=store,
                source=source,
                publisher=publisher,
                lease=outside.lease,
                pauses=outside.pauses,
                attempts=FileAttempts(outside.stores.directory / f"{number:03}.attempt"),
                clock=MonotonicClock(),
                aside=in_thread,
            )
            owner = Owner(ports, writer=outside.writer, bytes_max=BATCH_BYTES_MAX, limits=settings.limits())
            return Parts(owner, store, publisher)

        return make


class Ticker:
    """Sends each partition its ticks: the next one only after the last was applied."""

    def __init__(self, outside: Outside, agent: PoolAgent) -> None:
        self._producer = outside.producer
        self._topic = outside.catalogue.commands.name
        self._interval_seconds = outside.settings.tick_interval_ms / 1000
        self._agent = agent
        self._sent: dict[int, int] = {}
        self._sequence = 0

    async def run(self) -> None:
        while self._interval_seconds:
            await asyncio.sleep(self._interval_seconds)
            due = [number for number in self._agent.partitions if self._is_due(number)]
            await asyncio.gather(*(self._tick(number) for number in due))

    def _is_due(self, number: int) -> bool:
        stats = self._agent.partitions[number].owner.stats
        if stats.phase is not Phase.RUNNING or not stats.rows_held:
            return False
        return stats.position.offset > self._sent.get(number, -1)

    async def _tick(self, number: int) -> None:
        self._sequence += 1
        partition = self._agent.partitions.get(number)
        value = partition.owner.tick(time.time_ns() // 1_000_000, self._sequence) if partition is not None else None
        if value is None:
            return
        sent = await self._producer.send_and_wait(self._topic, value, partition=number)
        self._sent[number] = sent.offset


def _told_topics(catalogue: Catalogue) -> dict[str, Topic]:
    """The topics that the core tells, by its own names, which know no prefix."""
    topics = [
        catalogue.order_updates,
        catalogue.order_views,
        catalogue.stock_updates,
        catalogue.stock_movements,
        catalogue.pool_updates,
        catalogue.catalogue_updates,
        catalogue.dead_letters,
    ]
    prefix = catalogue.commands.name.removesuffix("commands")
    return {topic.name.removeprefix(prefix): topic for topic in topics}


def _on_failure(tp: TP, error: BaseException) -> None:
    exit_now(f"{tp} failed", error)
