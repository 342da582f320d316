"""Files of a folder on this machine, of which others may change what they are at any moment: no link is followed.

Only the folder itself, which an account names, may be one. A link that a partner lays would show files of this machine,
or have them written over.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO

_MODE = 0o644
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK


class LocalFiles:
    """Opens, writes and renames files by the folder that they are in."""

    def __init__(self, root: str) -> None:
        self._root = root

    def opened(self, path: str) -> IO[bytes]:
        """Open a file to be read.

        Raises:
            OSError: it is a link, or something else than a file.
        """
        return self._open(path, _READ, "rb")

    def write(self, path: str, content: bytes) -> None:
        """Write a file, over one of that name."""
        with self._open(path, _WRITE, "wb") as file:
            file.write(content)

    def rename(self, old: str, new: str) -> None:
        """Rename a file."""
        with self._parent(old) as source, self._parent(new) as target:
            os.replace(_name(old), _name(new), src_dir_fd=source, dst_dir_fd=target)

    def _open(self, path: str, flags: int, mode: str) -> IO[bytes]:
        with self._parent(path) as parent:
            number = os.open(_name(path), flags, _MODE, dir_fd=parent)
        if not stat.S_ISREG(os.fstat(number).st_mode):
            os.close(number)
            raise OSError(f"{_name(path)!a} is no file")
        return os.fdopen(number, mode)

    @contextmanager
    def _parent(self, path: str) -> Iterator[int]:
        parent = str(PurePosixPath(path).parent)
        is_root = PurePosixPath(parent) == PurePosixPath(self._root)
        number = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | (0 if is_root else os.O_NOFOLLOW))
        try:
            yield number
        finally:
            os.close(number)


def _name(path: str) -> str:
    return PurePosixPath(path).name
