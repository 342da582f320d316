"""An event loop without a clock: time jumps to whatever is due next, so a seed always runs the same."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class StuckError(Exception):
    """Nothing is left to happen, yet the main task has not ended."""


class _Selector:
    """Stands where a loop waits for sockets and timers, and lets time pass instead."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[object]:
        if timeout is None:
            raise StuckError("every task waits for another one")
        if timeout > 0:
            self._loop.now += timeout
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks in the order in which they become due."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._selector = _Selector(self)

    def time(self) -> float:
        return self.now

    def _process_events(self, events: list[object]) -> None:
        """There are no sockets."""

    def _write_to_self(self) -> None:
        """No other thread has to wake this loop."""


def run_virtual(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end of `main`, and end whatever it has left behind."""
    loop = VirtualLoop()
    # Tasks of a process that has died end in an exception that nobody is there to take.
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(_ended(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _ended(tasks: set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
