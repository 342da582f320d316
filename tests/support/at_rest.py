"""What stands in files that a running system has open."""

import subprocess
from collections.abc import Iterable
from pathlib import Path


def bytes_at_rest(paths: Iterable[Path]) -> bytes:
    """Read the files by a process of its own.

    SQLite guards its file with POSIX locks, and a process loses all of those on a file as soon as it closes any
    descriptor of it (https://www.sqlite.org/howtocorrupt.html, 2.2): reading the control store of a system that runs
    in this process, besides another one that writes to it, ruins the store.
    """
    return subprocess.run(["cat", *paths], check=True, capture_output=True).stdout
