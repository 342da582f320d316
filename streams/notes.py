"""Small things an owner needs from the machine: its note of attempts, clock, threads, and pauses for chaos tests."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from streams.commit.ports import Attempt

T = TypeVar("T")


class FileAttempts:
    """The note is a file that a killed process leaves behind; a torn one counts as none."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Attempt | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Attempt)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def write(self, attempt: Attempt) -> None:
        self._path.write_bytes(msgspec.json.encode(attempt))

    def clear(self) -> None:
        with suppress(FileNotFoundError):
            self._path.unlink()


class MonotonicClock:
    """Seconds since some moment."""

    def seconds(self) -> float:
        return time.perf_counter()


async def in_thread(work: Callable[[], T], /) -> T:
    """Do it in a thread. Cancelled, it waits for the thread's end, since the thread uses what would be closed next."""
    thread = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        raise


class NoPauses:
    """Production."""

    async def at(self, name: str) -> None:
        """Nothing happens at any point."""
        del name


class FilePauses:
    """Freezes the whole process at a named point when a file appears; whoever made the file thaws it by SIGCONT."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path

    async def at(self, name: str) -> None:
        if name != self._name:
            return
        try:
            # Taken away first, so that one file is one freeze.
            self._path.unlink()
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGSTOP)


def pauses_from(setting: str) -> NoPauses | FilePauses:
    """`point:file`, or nothing."""
    if not setting:
        return NoPauses()
    name, _, path = setting.partition(":")
    return FilePauses(name, Path(path))
