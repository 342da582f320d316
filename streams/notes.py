"""Small things an owner needs from the machine: its note of attempts, its clock, and pauses for chaos tests."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from streams.commit.ports import Attempt


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
