"""How long this worker may take itself for a member of its group, by what the group's coordinator last confirmed."""

import asyncio
import time

_LOOK_AGAIN_SECONDS = 0.05


class GroupLease:
    """Runs from when the last heartbeat that was answered without error was sent, for as long as the session.

    It does not fence, since a process may be frozen between looking at it and sending: the log does. It makes it rare
    that the log has to. It is renewed by the consumer's thread and read by the owners'.
    """

    def __init__(self, duration_seconds: float) -> None:
        self._duration_seconds = duration_seconds
        self._until = self.now()

    def renew(self, sent_at: float) -> None:
        """A heartbeat that was sent at this time, on this lease's clock, was answered without error."""
        self._until = sent_at + self._duration_seconds

    def held(self) -> bool:
        return self.now() < self._until

    def lost_for_seconds(self) -> float:
        """How long ago it ended; 0 while it is held."""
        return max(0.0, self.now() - self._until)

    async def wait(self) -> None:
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    @staticmethod
    def now() -> float:
        """Seconds on a clock that goes on while the machine sleeps, where there is one."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
