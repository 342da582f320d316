"""One process of a worker: the production owner, fed with commands, until it is frozen, crashes or leaves."""

import asyncio
import traceback
from typing import TYPE_CHECKING

from streams.commit.errors import OvertakenError, PartitionStoppedError
from streams.commit.owner import Owner
from streams.commit.ports import Command
from streams.commit.stats import Phase
from tests.simulator.disk import Disk
from tests.simulator.faults import Fault

if TYPE_CHECKING:
    from tests.simulator.world import World

SESSION_SECONDS = 0.2
LEASE_SECONDS = 0.15
_WATCH_SECONDS = 0.1
BYTES_MAX = 8 << 20


class ProcessEndedError(BaseException):
    """Nothing of a process runs on after its end: no handler may take this for an error of its own."""


class BrokerError(Exception):
    """The broker did not answer in time: nobody knows what it did."""


class Process:
    """A member of the group."""

    def __init__(self, world: "World", name: str, number: int, disk: Disk) -> None:
        self.name = name
        self.writer = f"{name}.{number}"
        self.disk = disk
        self.dead_since: float | None = None
        self.frozen_since: float | None = None
        # The group has given the partition to somebody else without asking.
        self.expelled = False
        self.owner: Owner | None = None
        # The process and the generation for which it has the partition.
        self.assignment = ""
        self.read_at = 0
        self.seeks = 0
        self._world = world
        self._thawed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._running: asyncio.Task[None] | None = None

    # Life and death.

    def check(self) -> None:
        """Nothing goes on in a process that has ended."""
        if self.dead_since is not None:
            raise ProcessEndedError

    async def go_on(self) -> None:
        """Go on after a wait, unless the process was frozen or has ended meanwhile."""
        while self.frozen_since is not None:
            await self._thawed.wait()
        self.check()

    async def at(self, point: str) -> None:
        """A named point at which a process may crash or freeze."""
        await self.go_on()
        fault = self._world.armed.take(point)
        if fault is None:
            return
        if fault.kind == "freeze":
            self._freeze(fault.seconds)
            await self.go_on()
            return
        self.crash(fault)

    def at_once(self, point: str) -> None:
        """As `at`, where nothing can wait."""
        self.check()
        fault = self._world.armed.take(point)
        if fault is not None:
            self.crash(fault)

    def crash(self, fault: Fault) -> None:
        """End here and now, and leave the store as the fault has it."""
        self.end()
        self.disk.harm(fault.disk, self._world.random)
        raise ProcessEndedError

    def end(self) -> None:
        if self.dead_since is None:
            self.dead_since = self._world.now()
            self.disk.process_ended()
            for task in self._tasks:
                task.cancel()
            self._world.group.ended(self)

    def thaw(self) -> None:
        self.frozen_since = None
        self._thawed.set()

    def is_well(self) -> bool:
        return self.dead_since is None and self.frozen_since is None and not self.expelled

    def holds_lease(self) -> bool:
        self.check()
        if self._world.options.lax_lease:
            return True
        return self.frozen_since is None and not self.expelled

    def _freeze(self, seconds: float) -> None:
        self.frozen_since = self._world.now()
        self._thawed.clear()
        self._world.later(seconds, self.thaw)

    # What the group asks.

    def assign(self, generation: int) -> None:
        """The group gives the partition to this process."""
        if self.owner is None:
            self._begin()
        assert self.owner is not None
        self.assignment = f"{self.writer} in generation {generation}"
        # The group's committed offset, and beyond: what was read for an earlier assignment may be gone.
        self.seek(self._world.group.committed + self._world.random.choice((0, 0, 1, 5)))
        self.owner.assign(generation)

    async def suspend(self) -> None:
        if self.owner is not None:
            await self.owner.suspend()

    async def release(self) -> None:
        """Let go of the partition."""
        owner, running = self.owner, self._running
        if owner is None or running is None:
            return
        self.owner = self._running = None
        await owner.close()
        if owner.stats.phase is Phase.RESTORING:
            running.cancel()
        await asyncio.wait([running])

    async def learn(self) -> None:
        """Find out, after a freeze, that the group has gone on without us."""
        await self._world.pass_time(0.0, 0.1)
        await self.go_on()
        try:
            async with asyncio.timeout(LEASE_SECONDS):
                await self.suspend()
        except TimeoutError:
            # It was frozen once more, or waits for an answer of the broker.
            await self.go_on()
            self.end()
            return
        await self.release()
        self.expelled = False

    # What runs.

    def seek(self, offset: int) -> None:
        """Read on from there; what was read before may still come."""
        self.read_at = offset
        self.seeks += 1
        self._world.readable.set()

    def _begin(self) -> None:
        world = self._world
        self.owner = world.new_owner(self)
        self._running = asyncio.create_task(self._run(self.owner))
        self._tasks = [
            self._running,
            asyncio.create_task(self._feed(self.owner)),
            asyncio.create_task(self._watch(self.owner)),
        ]

    async def _run(self, owner: Owner) -> None:
        try:
            await owner.run()
        except ProcessEndedError:
            return
        except PartitionStoppedError as error:
            self._world.fail(f"{self.writer} stopped: {type(error).__name__}: {error}")
        except (OvertakenError, BrokerError) as error:
            self._world.coverage.found[type(error).__name__] += 1
            self.end()
        except Exception:  # noqa: BLE001 # Whatever it is, it is a bug: it ends the run.
            self._world.fail(f"{self.writer} failed:\n{traceback.format_exc()}")

    async def _feed(self, owner: Owner) -> None:
        """Read commands on and hand them over, as they are read or as faults have it."""
        world = self._world
        while owner is self.owner:
            await world.produced(self)
            await self.go_on()
            seeks, start = self.seeks, self.read_at
            count = world.random.randint(1, 6)
            read = [(at, world.commands.read(at)) for at in range(start, start + count)]
            records = [Command(at, value) for at, value in read if value is not None]
            await world.pass_time(0.001, 0.008)
            await self.go_on()
            if self.seeks == seeks:
                self.read_at = max(start + len(records), world.commands.begin)
                world.distort(self, records)
            elif world.armed.take("stale") is None:
                continue
            for record in records:
                owner.offer(record)

    async def _watch(self, owner: Owner) -> None:
        """Read again from the position when nothing comes though there is more, as the worker does."""
        waited_for: int | None = None
        while owner is self.owner:
            await asyncio.sleep(_WATCH_SECONDS)
            await self.go_on()
            waits_for = owner.waits_for()
            if waits_for is not None and waits_for == waited_for and waits_for < self._world.commands.end:
                owner.reread()
            waited_for = waits_for
