"""What the routes need from outside, as protocols: tests and other transports give their own."""

import asyncio
from typing import Protocol

from msgspec import Struct


class Position(Struct, frozen=True, gc=False):
    """Where a command stands: broker's order is the order of events."""

    partition: int
    offset: int
    index: int


class SendError(Exception):
    """The broker has not taken a command, or has not said so in time."""

    def __init__(self, detail: str, *, overloaded: bool = False) -> None:
        super().__init__(detail)
        self.overloaded = overloaded


class CommandSender(Protocol):
    """Puts commands into the topic `commands`."""

    def submit(self, pool: str, command: bytes, *, after: bytes | None = None) -> asyncio.Future[Position]:
        """Take an encoded command; the future is done when the broker has it on record.

        With `after`, that command stands before it in the same record.

        Raises:
            SendError: it was not even taken.
        """

    async def append(self, topic: str, key: bytes, value: bytes) -> None:
        """Put one record into another topic; returns when the broker has it on record.

        Raises:
            SendError: it is not known to be.
        """

    def is_connected(self) -> bool:
        """Tell whether the broker answers."""

    def pending(self) -> int:
        """Give how many commands wait for the broker."""
