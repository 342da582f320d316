"""The consumer group: who holds the partition, and how it moves on joins, leaves, crashes and freezes."""

import asyncio
from typing import TYPE_CHECKING

from tests.simulator.disk import Disk
from tests.simulator.process import SESSION_SECONDS, Process

if TYPE_CHECKING:
    from tests.simulator.world import World

_LOOK_SECONDS = 0.02


class Group:
    """Gives the partition to one live process after the other; a frozen one may believe that it still has it."""

    def __init__(self, world: "World", workers: int) -> None:
        self.committed = 0
        self.generation = 0
        self.holder: Process | None = None
        self.members: dict[str, Process] = {}
        self._world = world
        self.disks: dict[str, Disk] = {}
        self._numbers: dict[str, int] = {}
        self._asked: list[str] = []
        # Nobody was well enough to be given the partition.
        self._is_taken_back = False
        for number in range(workers):
            self._start(f"worker-{number + 1}")

    def acknowledge(self, offset: int) -> None:
        self.committed = max(self.committed, offset + 1)
        self._world.commands.done(offset, self._world.now())

    def ask(self, what: str) -> None:
        """A worker joins or leaves, or the partition moves for no reason."""
        self._asked.append(what)

    def ended(self, process: Process) -> None:
        """A process has ended: its worker starts another one, sooner or later than the group notices."""
        if self.members.get(process.name) is process:
            del self.members[process.name]
            self._world.later(self._world.random.choice((0.02, 0.1, 0.4)), lambda: self._start(process.name))

    async def run(self) -> None:
        """Watch over the holder, and do what is asked."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if self._is_lost(self.holder):
                await self._rebalance()
            elif self._asked:
                await self._do(self._asked.pop(0))

    def _start(self, name: str) -> None:
        if name in self.members:
            return
        disk = self.disks.setdefault(name, Disk())
        self._numbers[name] = number = self._numbers.get(name, 0) + 1
        self.members[name] = Process(self._world, name, number, disk)

    async def _do(self, what: str) -> None:
        if what == "join" and len(self.members) < 3:
            joins = next(name for at in range(3) if (name := f"worker-{at + 1}") not in self.members)
            self._start(joins)
            await self._rebalance(joins)
        elif what == "leave" and len(self.members) > 1 and self.holder is not None:
            leaver = self.holder
            await self._rebalance(without=leaver.name)
            if self.holder is not leaver:
                leaver.end()
        else:
            await self._rebalance()

    def _is_lost(self, holder: Process | None) -> bool:
        if holder is None or holder.expelled or self._is_taken_back:
            return True
        if holder.dead_since is None and holder.owner is None:
            return True
        if holder.dead_since is not None:
            timed_out = self._world.now() - holder.dead_since >= SESSION_SECONDS
            return timed_out or holder.name in self.members
        return holder.frozen_since is not None and self._world.now() - holder.frozen_since >= SESSION_SECONDS

    async def _rebalance(self, wanted: str = "", without: str = "") -> None:
        """Take the partition back from its holder, as far as it answers, and give it to a member that does."""
        holder = self.holder
        self._is_taken_back = True
        if holder is not None and holder.dead_since is None and not holder.expelled:
            await self._take_back(holder)
        well = [one for name, one in sorted(self.members.items()) if one.is_well() and name != without]
        if not well:
            return
        taker = self.members[wanted] if wanted and self.members.get(wanted) in well else self._world.random.choice(well)
        if holder is not None and taker is not holder and holder.is_well():
            await holder.release()
        if not taker.is_well():
            return
        self.generation += 1
        self.holder = taker
        self._is_taken_back = False
        self._world.coverage.found["assignments"] += 1
        taker.assign(self.generation)

    async def _take_back(self, holder: Process) -> None:
        """Wait until it writes no more. One that is frozen too long is left behind; a slow one ends itself."""
        suspending = asyncio.create_task(self._suspend(holder))
        await asyncio.wait([suspending], timeout=SESSION_SECONDS)
        if suspending.done() and holder.frozen_since is None:
            return
        suspending.cancel()
        if holder.frozen_since is not None:
            holder.expelled = True
            self._world.coverage.found["left behind frozen"] += 1
            self._world.begin(holder.learn())
        else:
            holder.end()

    @staticmethod
    async def _suspend(holder: Process) -> None:
        await holder.go_on()
        await holder.suspend()
