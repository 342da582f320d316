"""One run: the outside of all workers, the producer of commands, and the faults of a plan."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from random import Random
from typing import Any

from streams.commit.owner import Owner
from streams.commit.ports import Command
from tests.simulator.faults import Armed, Coverage, Fault
from tests.simulator.group import Group
from tests.simulator.options import SHARE_WITH_FAULTS, Options
from tests.simulator.ports import DELETE_RETENTION_SECONDS, ports_of
from tests.simulator.process import BYTES_MAX, Process, ProcessEndedError
from tests.simulator.topics import ChangelogTopic, Commands, Topics
from tests.simulator.workload import Workload

_COMPACTION_LAG_SECONDS = 1.5
_RETENTION_SECONDS = 1.5
_QUIET_SECONDS = 0.8
_SECONDS_MAX = 60.0


class World:
    """Everything that the processes share."""

    def __init__(self, options: Options, workload: Workload) -> None:
        self.options = options
        self.workload = workload
        self.random = Random(f"run {options.seed}")
        self.coverage = Coverage()
        self.armed = Armed(self.coverage)
        self.commands = Commands(workload.records)
        self.changelog = ChangelogTopic()
        self.topics = Topics()
        self.failure = ""
        self._loop = asyncio.get_running_loop()
        self.readable = asyncio.Event()
        self._ended = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.group = Group(self, options.workers)

    async def run(self) -> None:
        """Produce, go wrong, calm down and come to rest; or fail."""
        self.begin(self.group.run())
        self.begin(self._go_wrong())
        self.begin(self._produce())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), _SECONDS_MAX)
        if not self._ended.is_set():
            self.failure = self.failure or f"not at rest after {_SECONDS_MAX} s: {self._standing()}"

    def fail(self, why: str) -> None:
        """End the run: what has happened must never happen."""
        self.failure = self.failure or f"at {self.now():.3f} s: {why}"
        self._ended.set()

    # Time and tasks.

    def now(self) -> float:
        return self._loop.time()

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        self._loop.call_later(seconds, what)

    def future(self) -> "asyncio.Future[int]":
        return self._loop.create_future()

    async def pass_time(self, least: float, most: float) -> None:
        await asyncio.sleep(self.random.uniform(least, most))

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)

    # What processes ask.

    def new_owner(self, process: Process) -> Owner:
        ports = ports_of(self, process)
        return Owner(ports, writer=process.writer, bytes_max=BYTES_MAX, limits=self.options.limits)

    async def produced(self, process: Process) -> None:
        """Wait until there is something to read, wherever the process seeks meanwhile."""
        while process.read_at >= self.commands.end:
            self.readable.clear()
            await self.readable.wait()

    def distort(self, process: Process, records: list[Command]) -> None:
        """Hand records over otherwise than they were read."""
        if self.armed.take("gap"):
            process.read_at += self.random.randint(1, 6)
        if self.armed.take("duplicate"):
            again = range(max(self.commands.begin, process.read_at - 8), process.read_at)
            read = [(at, self.commands.read(at)) for at in again]
            records.extend(Command(at, value) for at, value in read if value is not None)
        if self.armed.take("reorder"):
            self.random.shuffle(records)
        if self.armed.take("delay"):
            late = list(records)
            records.clear()
            self.later(0.1, lambda: self._hand_over(process, late))

    @staticmethod
    def _hand_over(process: Process, records: list[Command]) -> None:
        if process.owner is not None and process.is_well():
            for record in records:
                process.owner.offer(record)

    # What happens.

    async def _produce(self) -> None:
        random, records = self.random, len(self.workload.records)
        loud = int(records * SHARE_WITH_FAULTS)
        pause = 2 * self.options.seconds / loud
        for _ in range(loud):
            self._produce_one()
            if random.random() < 0.4:
                await asyncio.sleep(random.uniform(0.0, 2 * pause))
        await asyncio.sleep(max(0.0, self.options.seconds - self.now()))
        self.armed.end()
        for process in list(self.group.members.values()):
            process.thaw()
        # Whatever is still on its way arrives.
        await asyncio.sleep(_QUIET_SECONDS)
        for _ in range(records - loud):
            self._produce_one()
            await asyncio.sleep(random.uniform(0.0, 0.03))
        while not self._is_at_rest():  # noqa: ASYNC110 # Rest is not an event; and time costs nothing here.
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.1)
        self._ended.set()

    def _produce_one(self) -> None:
        self.commands.produce()
        self.readable.set()

    def _is_at_rest(self) -> bool:
        holder = self.group.holder
        if holder is None or not holder.is_well() or holder.owner is None:
            return False
        end = self.commands.end
        return holder.owner.waits_for() == end == self.changelog.durable.offset == self.group.committed

    async def _go_wrong(self) -> None:
        for fault in self.options.faults:
            await asyncio.sleep(max(0.0, fault.at - self.now()))
            if fault.point:
                self.armed.arm(fault)
            else:
                self._strike(fault)

    def _strike(self, fault: Fault) -> None:
        self.coverage.faults[fault.kind] += 1
        if fault.kind == "compact":
            self.compact(self.now() - _COMPACTION_LAG_SECONDS, self.now() - DELETE_RETENTION_SECONDS)
        elif fault.kind == "trim":
            self.commands.trim(self.now() - _RETENTION_SECONDS)
        else:
            self.group.ask(fault.kind)

    def compact(self, written_before: float, deleted_before: float) -> None:
        gone = self.changelog.compact(written_before, deleted_before)
        self.coverage.found["records compacted"] += gone

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ProcessEndedError:
            return
        except Exception as error:  # noqa: BLE001 # A bug of the simulator itself must not pass for a calm run.
            self.fail(f"the simulator failed: {error!r}")

    def _standing(self) -> str:
        holder = self.group.holder
        owner = holder.owner if holder is not None else None
        return (
            f"commands end at {self.commands.end}, durable are those before {self.changelog.durable}, acknowledged "
            f"{self.group.committed}; holder {holder.writer if holder is not None else None}, "
            f"phase {owner.stats.phase if owner is not None else None}"
        )
