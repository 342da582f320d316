"""Folders that partners share with us, on any file system that fsspec knows: local, SFTP, object storage, in memory.

Names come from others and are never made into paths: a file is taken only by a name that is one part of a path.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import IO, Any, NamedTuple

from api.exchange.folder_systems import FileSystem, FolderError

_NAME = re.compile(r"[^/\\\x00-\x1f\x7f\ud800-\udfff]+")
_NAME_BYTES_MAX = 200
_OURS = frozenset({"done", "failed"})
_CHUNK_BYTES = 1 << 18

__all__ = ["Folder", "FolderError", "Seen", "TooLongError", "is_name"]


class TooLongError(FolderError):
    """A file is longer than its connector reads; it will not become shorter."""


class Seen(NamedTuple):
    """A file of a folder as it is now; while somebody writes it, it changes."""

    name: str
    size: int
    stamp: str


class Folder:
    """A folder by its address, such as `sftp://user@host/in` or `/var/partner/in`."""

    def __init__(self, address: str, secret: str = "", host_key: str = "") -> None:
        """`secret` is a password, a private key, or KEY:SECRET of object storage; `host_key` what SFTP shows."""
        with _told("the folder cannot be reached"):
            self._files = FileSystem(address, secret, host_key)
        self._path = self._files.path

    def close(self) -> None:
        """End the connection."""
        self._files.close()

    def files(self) -> list[Seen]:
        """Give the files in the order of their names; no folders, links, or what is hidden or being uploaded."""
        with _told("the folder cannot be listed"):
            listed = self._files.listed(self._path)
        found = []
        for one in listed:
            above, _, name = str(one["name"]).rpartition("/")
            # Object storage shows the folder itself as an empty file.
            is_here = name != "" and above.rstrip("/").endswith(self._path.rpartition("/")[2])
            if is_here and one["type"] == "file" and not one.get("islink") and is_name(name):
                found.append(_seen(name, one))
        return sorted(found)

    def read(self, name: str, most_bytes: int) -> bytes:
        """Give a file's content.

        Raises:
            TooLongError: it is longer.
            FolderError: it is not to be had.
        """
        with self.opened(name) as file, _told(name):
            content = bytes(file.read(most_bytes + 1))
        if len(content) > most_bytes:
            raise TooLongError(f"the file has more than {most_bytes} bytes: send it in parts")
        return content

    def digest(self, name: str) -> str:
        """Give what tells its content from any other, read in parts."""
        digest = blake2b(digest_size=16)
        for chunk in self.chunks(name):
            digest.update(chunk)
        return digest.hexdigest()

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file to be read in parts."""
        with _told(name):
            file = self._files.raw.open(self._at(name), "rb")
        # What is wrong with whoever reads it is no fault of the folder's.
        with file:
            yield file

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give a file's content in parts."""
        with self.opened(name) as file:
            while True:
                with _told(name):
                    chunk = bytes(file.read(_CHUNK_BYTES))
                if not chunk:
                    return
                yield chunk

    def write(self, name: str, content: bytes, *, inside: str = "") -> None:
        """Write a file so that nobody sees half of it under its name."""
        target = self._at(name, inside)
        with _told(name):
            if self._files.puts_whole:
                self._files.raw.pipe_file(target, content)
                return
            if inside:
                self._files.raw.makedirs(f"{self._path}/{inside}", exist_ok=True)
            part = self._at(f".{name}.part", inside)
            with self._files.raw.open(part, "wb") as file:
                file.write(content)
            self._files.rename(part, target, over=True)

    def move(self, name: str, inside: str) -> str:
        """Move a file into a folder of ours below, and give its name there, which is another where it is taken."""
        with _told(name):
            if not self._files.puts_whole:
                self._files.raw.makedirs(f"{self._path}/{inside}", exist_ok=True)
            free = name
            number = 1
            while self._files.raw.exists(self._at(free, inside)):
                number += 1
                free = f"{number}-{name}"
            self._files.rename(self._at(name), self._at(free, inside))
        return free

    def _at(self, name: str, inside: str = "") -> str:
        if not is_name(name.removeprefix(".")) or (inside and inside not in _OURS):
            raise FolderError(f"{name!a} is no name of a file")
        return "/".join(part for part in (self._path, inside, name) if part)


def is_name(name: str) -> bool:
    """Tell whether a name is one part of a path, and of a file that is meant to be seen."""
    is_one = _NAME.fullmatch(name) is not None and not name.startswith(".") and name.strip() == name
    return is_one and len(name.encode()) <= _NAME_BYTES_MAX


def _seen(name: str, told: dict[str, Any]) -> Seen:
    stamp = str(told.get("mtime") or told.get("ETag") or told.get("LastModified") or told.get("created") or "")
    return Seen(name, int(told["size"] or 0), stamp)


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except FolderError:
        raise
    except Exception as error:
        # Each file system has errors of its own.
        raise FolderError(f"{what}: {type(error).__name__}: {error}") from error
