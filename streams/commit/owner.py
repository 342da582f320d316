"""The life of one partition on this worker: restore, claim, tell, then decide and commit until it is taken away."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from models.updates import Update
from streams.commit.deciding import Decider, Limits
from streams.commit.digest import Digest
from streams.commit.draft import Draft, Sealed, rendered
from streams.commit.errors import CommandsLostError, CommandsReplacedError, OvertakenError
from streams.commit.journal import Journal, Standing
from streams.commit.ports import Command, Core, Ports
from streams.commit.restoring import restore
from streams.commit.stats import Phase, Stats, Step

_ITEMS_A_TURN = 32


class _State:
    """What an owner has in memory of its partition; dropped when another owner has written."""

    def __init__(self, core: Core, digest: Digest, decider: Decider, standing: Standing) -> None:
        self.core = core
        self.digest = digest
        # The decider may be ahead of the log, by one batch being written and one being gathered.
        self.decider = decider
        self.draft = Draft()
        # Where the log stands.
        self.standing = standing
        # Updates of the log's last batch, if it is not known that they were published.
        self.untold: Sequence[Update] = ()


class Owner:
    """Owns one partition while the group assigns it to this worker.

    Whatever `run` raises must end the process at once, except PartitionStoppedError, which stops only this partition.
    While one batch is written and told, the next one is decided, but not written.
    """

    def __init__(self, ports: Ports, *, writer: str, bytes_max: int, limits: Limits) -> None:
        self.stats = Stats()
        self._ports = ports
        self._limits = limits
        self._journal = Journal(ports.changelog, ports.store, writer=writer, bytes_max=bytes_max)
        self._state: _State | None = None
        self._commit: asyncio.Task[None] | None = None
        self._assigned = False
        self._closed = False
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()

    def assign(self, epoch: int) -> None:
        """The group gave us the partition, or gave it to us again; it may have been another's in between."""
        self._journal.epoch = epoch
        self._assigned = True
        self._wake.set()

    async def suspend(self) -> None:
        """Write nothing from now on; return when what is being written has landed.

        What is in memory is kept: the claim after the next assignment tells whether it is still the newest.
        """
        self._assigned = False
        self._wake.set()
        await self._quiet.wait()

    async def close(self) -> None:
        """End `run`, which returns soon after."""
        self._closed = True
        await self.suspend()

    def is_closed(self) -> bool:
        return self._closed

    def offer(self, command: Command) -> bool:
        """Hand over a record that was read; False if it was dropped, and will be read again."""
        state = self._state
        if state is None or self.stats.phase is not Phase.RUNNING:
            return False
        if command.offset < state.standing.position.offset:
            self._ports.source.acknowledge(command.offset)
            return True
        accepted = state.decider.offer(command)
        self._wake.set()
        return accepted

    def backlog(self) -> float:
        """How full the queue of commands is, from 0 to 1; at 1, records are dropped and read again."""
        return 0.0 if self._state is None else self._state.decider.backlog()

    def waits_for(self) -> int | None:
        """The offset of the next command, if nothing that was read is left to decide."""
        if self._state is None or self.stats.phase is not Phase.RUNNING:
            return None
        decider = self._state.decider
        return decider.next.offset if decider.is_idle() else None

    def tick(self, now_ms: int, sequence: int) -> bytes | None:
        """A record of `commands` that tells the partition's pools the time; None if none of them wants it."""
        return self._state.core.tick(now_ms, sequence) if self._state is not None else None

    def reread(self) -> None:
        """Read again from the position: the log has more, but nothing is handed over."""
        if self._state is not None:
            self._state.decider.gap = True
            self._wake.set()

    async def run(self) -> None:
        try:
            while await self._until_assigned():
                await self._own()
        except BaseException:
            self.stats.phase = Phase.STOPPED
            raise

    async def _until_assigned(self) -> bool:
        while not (self._assigned or self._closed):
            self.stats.phase = Phase.SUSPENDED
            self._wake.clear()
            await self._wake.wait()
        return not self._closed

    async def _own(self) -> None:
        """One stretch of ownership: until the partition is taken away, or another owner turns out to have written."""
        state = self._state or await self._restore()
        if not await self._may_write():
            return
        epoch = self._journal.epoch
        try:
            await self._claim(state)
        except OvertakenError:
            self._state = None
            return
        await self._begin_reading(state)
        await self._decide_and_commit(state, epoch)

    async def _restore(self) -> _State:
        self.stats.phase = Phase.RESTORING
        self.stats.restores += 1
        ports = self._ports
        core = ports.new_core()
        restored = await restore(ports.changelog, ports.store, core, ports.aside)
        self._journal.begin(restored.end, restored.voided)
        decider = Decider(core, restored.position, self._limits, ports.attempts, self.stats)
        standing = Standing(restored.position, restored.digest.value(), restored.outbox_hash)
        state = _State(core, restored.digest, decider, standing)
        state.untold = rendered(core, restored.outbox)
        self._stand(state, standing)
        self._state = state
        return state

    async def _claim(self, state: _State) -> None:
        """Be the first to write after what we have read; nothing is decided or told before."""
        self.stats.phase = Phase.CLAIMING
        with self._writing():
            await self._ports.pauses.at("before_claim")
            landed = await self._journal.append({}, state.standing)
            self._ports.store.write(landed.rows.items(), landed.end, current=True)
            self.stats.claims += 1
            await self._ports.pauses.at("after_claim")
            await self._tell(state)

    async def _begin_reading(self, state: _State) -> None:
        begins, ends = await self._ports.source.bounds()
        wanted = state.decider.next.offset
        if wanted < begins:
            raise CommandsLostError(wanted, begins)
        if wanted > ends:
            raise CommandsReplacedError(wanted, ends)
        state.decider.forget_queue()
        self.stats.phase = Phase.RUNNING
        await self._ports.source.seek(wanted)

    async def _decide_and_commit(self, state: _State, epoch: int) -> None:
        # Taken away and given back while we waited for something, the partition must be claimed anew.
        while self._assigned and self._journal.epoch == epoch:
            self._wake.clear()
            self._take_result()
            busy = self._decide_some(state)
            if state.decider.gap:
                await self._begin_reading(state)
                continue
            if not state.draft.is_empty() and self._commit is None:
                if not self._ports.lease.held():
                    await self._ports.lease.wait()
                    continue
                if not busy:
                    self._begin_commit(state)
                    busy = True
            await (asyncio.sleep(0) if busy else self._wake.wait())
        if self._commit is not None:
            await asyncio.wait([self._commit])
            self._take_result()

    def _take_result(self) -> None:
        if self._commit is not None and self._commit.done():
            self._commit.result()
            self._commit = None

    def _decide_some(self, state: _State) -> bool:
        """Decide for a moment; whether there may be more to add to the draft."""
        decider = state.decider
        if decider.singly and self._commit is not None:
            return False
        with self.stats.timed(Step.DECIDE, self._ports.clock):
            for _ in range(_ITEMS_A_TURN):
                if decider.is_enough(state.draft):
                    return False
                if not decider.decide_one(state.draft, self._ports.clock):
                    return False
        return True

    def _begin_commit(self, state: _State) -> None:
        with self.stats.timed(Step.ENCODE, self._ports.clock):
            sealed = state.draft.seal(state.core, state.digest, state.decider.next)
        state.draft = Draft()
        # Now, since a suspension that comes before the task has begun must wait for it too.
        self._quiet.clear()
        self._commit = asyncio.create_task(self._write(state, sealed))
        self._commit.add_done_callback(lambda _: self._wake.set())

    async def _write(self, state: _State, sealed: Sealed) -> None:
        """Log first, then the store, then tell. Nothing here is retried or undone: the restart of the process is."""
        ports, clock = self._ports, self._ports.clock
        began = clock.seconds()
        with self._writing():
            await ports.pauses.at("before_send")
            with self.stats.timed(Step.APPEND, clock):
                landed = await self._journal.append(sealed.rows, sealed.standing)
            await ports.pauses.at("after_send")
            await ports.pauses.at("before_store")
            with self.stats.timed(Step.STORE, clock):
                ports.store.write(landed.rows.items(), landed.end, current=True)
            await ports.pauses.at("after_store")
            state.untold = sealed.updates
            self._stand(state, sealed.standing)
            state.decider.committed()
            await self._tell(state)
        for offset in sealed.done:
            ports.source.acknowledge(offset)
        self._count(sealed, clock.seconds() - began)

    async def _tell(self, state: _State) -> None:
        """Publish the last batch's updates, unless the partition is being taken away: then its next owner will."""
        if state.untold and await self._may_write():
            await self._ports.pauses.at("before_outbox")
            with self.stats.timed(Step.PUBLISH, self._ports.clock):
                overwritten = await self._ports.publisher.publish(state.untold)
            state.untold = ()
            if overwritten:
                state.draft.tell_again(overwritten)
        await self._ports.pauses.at("after_outbox")

    async def _may_write(self) -> bool:
        """Wait while we cannot know that the group still counts on us; False if the partition is taken away."""
        while self._assigned and not self._ports.lease.held():
            await self._ports.lease.wait()
        return self._assigned

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._quiet.clear()
        try:
            yield
        finally:
            self._quiet.set()

    def _stand(self, state: _State, standing: Standing) -> None:
        state.standing = standing
        self.stats.position = standing.position
        self.stats.rows_held = len(state.digest)

    def _count(self, sealed: Sealed, seconds: float) -> None:
        self.stats.batches += 1
        self.stats.rows += len(sealed.rows)
        self.stats.bytes += sum(len(key) + len(value or b"") for key, value in sealed.rows.items())
        self.stats.last_batch_seconds = seconds
