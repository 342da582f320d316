"""Brings a pool to what its folder says: compares, sends what differs, and looks again whether it is so now."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from cli.console import fail
from cli.remote import Refused, Remote
from connectors.folder.difference import Change, differences, is_done, refusals
from connectors.folder.requests import Request, requests_of
from connectors.folder.setup import Running, Setup
from connectors.folder.shown import stamps_of
from models.records.pool import AppliedPart

# Enough to keep the broker busy, few enough that orders find their turn in between.
_AT_ONCE = 4
_TOGETHER = frozenset({"catalogue", "opening stock"})
_SETTLED_SECONDS = 20.0
_LOOK_AGAIN_SECONDS = 0.25

_STAYS = "What was applied stays: run `headrace apply` again to see what is left"

Applied = dict[str, AppliedPart]


class Applying:
    """One pool of a folder, from what differs to done."""

    def __init__(self, remote: Remote, wanted: Setup, *, prune: bool, reason: str) -> None:
        self._remote = remote
        self._wanted = wanted
        self._prune = prune
        self._reason = reason
        self._running: Running | None = None
        self._applied: Applied = {}
        self.changes: tuple[Change, ...] = ()
        self.requests: tuple[Request, ...] = ()

    @property
    def pool(self) -> str:
        """Give the pool's id."""
        return self._wanted.head.pool

    async def compare(self) -> None:
        """Find what differs.

        Raises:
            Failure: the core would refuse the folder.
        """
        self._running = await self._read()
        refused = refusals(self._wanted, self._running)
        if refused:
            fail("\n".join(refused))
        self.changes = differences(self._wanted, self._running, prune=self._prune)
        self.requests = tuple(requests_of(self._wanted, self._running, self.changes, self._reason))

    async def apply(self, done: Callable[[Request], None]) -> None:
        """Send what differs, and return when all of it can be read.

        Raises:
            Failure: somebody else changes the pool at the same time, or the API refuses.
        """
        present = await self._remote.running(self.pool, catalogue=False, stock=False)
        self._applied = {} if self._running is None else dict(self._running.applied)
        self._check("", {} if present is None else present.applied)
        for group in _groups(self.requests):
            turn = asyncio.Semaphore(_AT_ONCE)
            try:
                async with asyncio.TaskGroup() as tasks:
                    for request in group:
                        tasks.create_task(self._send(request, turn, done))
            except ExceptionGroup as errors:
                # The first says why; the others follow from it.
                raise errors.exceptions[0] from None
        await self._look_again()

    async def _send(self, request: Request, turn: asyncio.Semaphore, done: Callable[[Request], None]) -> None:
        async with turn:
            try:
                shown = await self._remote.send(self.pool, request)
            except Refused as refused:
                fail(f"{self.pool}: {request.part}: {refused}. {_STAYS}")
            if "pool" in shown:
                self._check(request.part, stamps_of(shown))
            done(request)

    def _check(self, ours: str, applied: Applied) -> None:
        """Stop when a part stands since another time than it did, and it was not us."""
        for part, stamp in applied.items():
            if part != ours and stamp != self._applied.get(part):
                at = datetime.fromtimestamp(stamp.at_ms / 1_000, UTC)
                fail(f"{self.pool}: {stamp.actor} changed its {part} at {at:%H:%M:%S} UTC meanwhile. {_STAYS}")
        self._applied = applied

    async def _look_again(self) -> None:
        """Return when nothing is left to do; views are behind for a moment."""
        deadline = asyncio.get_running_loop().time() + _SETTLED_SECONDS
        while True:
            left = differences(self._wanted, await self._read(), prune=self._prune)
            if is_done(left):
                return
            if asyncio.get_running_loop().time() > deadline:
                names = ", ".join(f"{change.part} {change.name}" for change in left if change.what != "left")
                fail(f"{self.pool}: all was sent, but this runs otherwise: {names[:500]}. {_STAYS}")
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _read(self) -> Running | None:
        wanted = self._wanted
        return await self._remote.running(
            self.pool,
            catalogue=wanted.catalogue is not None,
            stock=bool(wanted.opening),
            accounts=wanted.accounts is not None,
        )


def _groups(requests: Sequence[Request]) -> list[list[Request]]:
    """Give what may be sent at once, in order: parts one after the other, catalogue and stock many together."""
    groups: list[list[Request]] = []
    for request in requests:
        if groups and groups[-1][0].part == request.part and request.part in _TOGETHER:
            groups[-1].append(request)
        else:
            groups.append([request])
    return groups
