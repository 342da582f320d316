"""Work of many accounts side by side: one turn at a time of each, so that none waits for another."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self


class Turns:
    """Turns that run now, by whose they are. A turn that fails fails whoever waits in `pause`."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Future[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for turn in self._running.values():
            turn.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def begin(self, whose: str, turn: Callable[[], Awaitable[None]]) -> bool:
        """Begin a turn, unless the last one still runs."""
        if whose in self._running:
            return False
        self._running[whose] = asyncio.ensure_future(turn())
        return True

    async def pause(self, seconds: float) -> None:
        """Wait, and take note of turns that are over.

        Raises:
            Exception: what a turn failed with.
        """
        await asyncio.sleep(seconds)
        over = [whose for whose, turn in self._running.items() if turn.done()]
        for whose in over:
            self._running.pop(whose).result()
