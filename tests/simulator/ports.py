"""The ports of one process: the simulated outside behind each, with its delays and faults."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from models.engine import Engine
from models.updates import Applied, Update
from streams.commit.ports import Attempt, LogRecord, Ports, Row, T, TopicKey
from tests.simulator.process import BrokerError, Process
from tests.simulator.topics import COMPACTED
from tests.simulator.workload import PARTITION

if TYPE_CHECKING:
    from tests.simulator.world import World

# Of the virtual time: deletes are forgotten after the first, and a store as old as half of it is wiped.
DELETE_RETENTION_SECONDS = 3.0
_LATE_SECONDS = 0.3


def ports_of(world: "World", process: Process) -> Ports:
    """Give a process its outside."""
    return Ports(
        new_core=lambda: _Core(world, process),
        changelog=_Changelog(world, process),
        store=_Store(world, process),
        source=_Source(world, process),
        publisher=_Publisher(world, process),
        lease=_Lease(world, process),
        pauses=process,
        attempts=_Attempts(process),
        clock=_Clock(process),
        aside=_Aside(world, process),
    )


class _Core(Engine):
    """The production engine, in a process that may crash while it decides."""

    def __init__(self, world: "World", process: Process) -> None:
        super().__init__(PARTITION, strict=True)
        self._world = world
        self._process = process

    def apply(self, item: bytes, offset: int, index: int) -> Applied:
        self._process.at_once("deciding")
        if item in self._world.workload.poison:
            self._world.coverage.found["poison"] += 1
            self._process.end()
            self._process.check()
        return super().apply(item, offset, index)


class _Changelog:
    def __init__(self, world: "World", process: Process) -> None:
        self._world = world
        self._process = process

    async def end(self) -> int:
        await self._world.pass_time(0.001, 0.005)
        await self._process.go_on()
        return self._world.changelog.end

    async def append(self, records: Sequence[Row]) -> int:
        """What was sent lands, whatever becomes of the sender."""
        world, process = self._world, self._process
        await process.at("append_unsent")
        if world.armed.take("append_lost"):
            raise BrokerError
        landed = self._send(list(records))
        if world.armed.take("append_twice"):
            # A retry below us, and the broker answers for its copy.
            landed = self._send(list(records), least=0.01, most=0.012)
        elif world.armed.take("append_twice_late"):
            self._send(list(records), least=0.01, most=_LATE_SECONDS)
        await process.at("append_unanswered")
        base = int(await landed)
        await world.pass_time(0.001, 0.005)
        await process.go_on()
        if world.armed.take("append_landed"):
            raise BrokerError
        return base

    def _send(self, rows: list[Row], least: float = 0.001, most: float = 0.01) -> "asyncio.Future[int]":
        world, sender, landed = self._world, self._process.writer, self._world.future()

        def land() -> None:
            base = world.changelog.append(rows, sender, world.now())
            # Nobody may wait for it any more.
            if not landed.done():
                landed.set_result(base)

        world.later(world.random.uniform(least, most), land)
        return landed

    async def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """Chunks are cut anywhere."""
        world = self._world
        while start < end:
            stop = min(end, start + world.random.choice((7, 50, 400)))
            await world.pass_time(0.0005, 0.002)
            await self._process.at("restoring")
            records = world.changelog.read(start, stop)
            if records:
                yield records
            start = stop


class _Store:
    def __init__(self, world: "World", process: Process) -> None:
        self._world = world
        self._process = process
        self._disk = process.disk
        if world.now() - self._disk.current_at > DELETE_RETENTION_SECONDS / 2:
            self._disk.wipe()

    def end(self) -> int:
        self._process.check()
        return self._disk.end

    def get(self, key: bytes) -> bytes | None:
        self._process.check()
        return self._disk.rows.get(key)

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        self._process.check()
        return self._disk.scan(self._world.random)

    def write(self, rows: Iterable[Row], end: int, *, current: bool) -> None:
        self._process.at_once("in_store")
        self._disk.write(rows, end, current_at=self._world.now() if current or end == 0 else None)

    def wipe(self) -> None:
        self._process.check()
        self._world.coverage.found["store wiped by its owner"] += 1
        self._disk.wipe()


class _Source:
    def __init__(self, world: "World", process: Process) -> None:
        self._world = world
        self._process = process

    async def bounds(self) -> tuple[int, int]:
        await self._world.pass_time(0.001, 0.005)
        await self._process.go_on()
        return self._world.commands.begin, self._world.commands.end

    async def seek(self, offset: int) -> None:
        await self._process.at("seeking")
        self._process.seek(offset)
        await self._world.pass_time(0.0005, 0.002)
        await self._process.go_on()

    def acknowledge(self, offset: int) -> None:
        self._process.check()
        self._world.group.acknowledge(offset)

    def committed(self) -> int:
        """What the group believes to be done, which no owner may believe."""
        return self._world.group.committed


class _Publisher:
    def __init__(self, world: "World", process: Process) -> None:
        self._world = world
        self._process = process
        self._assignment = ""
        self._ends: dict[str, int] = {}

    async def publish(self, updates: Sequence[Update]) -> set[TopicKey]:
        """One batch a topic; topics are independent of each other. The keys that a stranger told are given back."""
        world, process = self._world, self._process
        by_topic: dict[str, list[tuple[bytes, bytes]]] = {}
        for update in updates:
            assert update.value is not None, "what is published has its value"
            by_topic.setdefault(update.topic, []).append((update.key, update.value))
        await process.at("publish_none")
        if self._assignment != process.assignment:
            # Others may rightly have told until now.
            self._assignment = process.assignment
            self._ends.clear()
        failed, twice = world.armed.take("publish_failed"), world.armed.take("publish_twice")
        told = []
        for at, (topic, rows) in enumerate(by_topic.items()):
            if at:
                await process.at("publish_some")
            if failed and at == len(by_topic) // 2:
                raise BrokerError
            told.append((topic, len(rows), self._tell(topic, rows)))
            if twice:
                self._tell(topic, rows)
        await process.at("publish_unanswered")
        strange: set[TopicKey] = set()
        for topic, count, arrived in told:
            base = await arrived
            expected = self._ends.get(topic, base)
            self._ends[topic] = base + count
            if base > expected and topic in COMPACTED:
                strange |= world.topics.keys(topic, expected, base)
        await world.pass_time(0.001, 0.003)
        await process.go_on()
        return strange

    def _tell(self, topic: str, rows: list[tuple[bytes, bytes]]) -> "asyncio.Future[int]":
        world, sender, arrived = self._world, self._assignment, self._world.future()

        def arrive() -> None:
            base = world.topics.append(topic, rows, world.changelog.durable, sender)
            if not arrived.done():
                arrived.set_result(base)

        world.later(world.random.uniform(0.0005, 0.006), arrive)
        return arrived


class _Lease:
    def __init__(self, world: "World", process: Process) -> None:
        self._world = world
        self._process = process

    def held(self) -> bool:
        return self._process.holds_lease()

    async def wait(self) -> None:
        await self._world.pass_time(0.01, 0.02)
        await self._process.go_on()


class _Attempts:
    def __init__(self, process: Process) -> None:
        self._process = process

    def read(self) -> Attempt | None:
        self._process.check()
        return self._process.disk.note

    def write(self, attempt: Attempt) -> None:
        self._process.check()
        self._process.disk.note = attempt

    def clear(self) -> None:
        self._process.check()
        self._process.disk.note = None


class _Clock:
    """Shows no time: nothing may depend on it. It is asked all the time, so it also ends what is dead."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def seconds(self) -> float:
        self._process.check()
        return 0.0


class _Aside:
    """Work that takes time, in which a process may crash."""

    def __init__(self, world: "World", process: Process) -> None:
        self._world = world
        self._process = process

    async def __call__(self, work: Callable[[], T], /) -> T:
        await self._world.pass_time(0.0, 0.01)
        await self._process.at("restoring")
        return work()
