"""Folders that partners share with us, on any file system that fsspec knows: local, SFTP, object storage, in memory.

Names come from others and are never made into paths: a file is taken only by a name that is one part of a path.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from typing import IO, Any, NamedTuple

from api.exchange.addresses import PrivateAddressError
from api.exchange.folder_systems import FileSystem, FolderError, Place
from connectors.frame.accounts import ENDPOINT, FOLDER_SECRET, HOST_KEY

_NAME = re.compile(r"[^/\\\x00-\x1f\x7f\ud800-\udfff]+")
_NAME_BYTES_MAX = 200
_OURS = frozenset({"done", "failed"})
_CHUNK_BYTES = 1 << 18

__all__ = ["Folder", "FolderError", "Place", "Seen", "TooLongError", "is_name", "place_of"]


class TooLongError(FolderError):
    """A file is longer than its connector reads; it will not become shorter."""


class Seen(NamedTuple):
    """A file of a folder as it is now; while somebody writes it, it changes."""

    name: str
    size: int
    stamp: str


class Listed(NamedTuple):
    """What is in a folder."""

    files: list[Seen]
    left: list[str]
    """What is never taken, with the reason: a person has to look at it."""


class Folder:
    """A folder at a place."""

    def __init__(self, place: Place, private_hosts: frozenset[str] = frozenset()) -> None:
        """`private_hosts` may be called though they are of a private network."""
        with _told("the folder cannot be reached"):
            self._files = FileSystem(place, private_hosts)
        self._path = self._files.path

    def close(self) -> None:
        """End the connection."""
        self._files.close()

    def files(self) -> list[Seen]:
        """Give the files in the order of their names."""
        return self.listed().files

    def listed(self) -> Listed:
        """Give what is there; no folders, and not what is hidden, since that is how files are uploaded."""
        with _told("the folder cannot be listed"):
            listed = self._files.listed(self._path)
        found, left = [], []
        for one in listed:
            above, _, name = str(one["name"]).rpartition("/")
            # Object storage shows the folder itself as an empty file.
            is_here = name != "" and above.rstrip("/").endswith(self._path.rpartition("/")[2])
            if not is_here or name.startswith(".") or (one["type"] == "directory" and not one.get("islink")):
                continue
            if one.get("islink") or one["type"] != "file":
                left.append(f"{name!a} is a link, or something else than a file")
            elif not is_name(name):
                left.append(f"{name!a} is no name that a file may have")
            else:
                found.append(_seen(name, one))
        return Listed(sorted(found), sorted(left))

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
            file = self._files.opened(self._at(name))
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
                self._files.write(target, content)
                return
            if inside:
                self._files.raw.makedirs(f"{self._path}/{inside}", exist_ok=True)
            part = self._at(f".{name}.part", inside)
            self._files.write(part, content)
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


def place_of(address: str, settings: Mapping[str, str], secrets: Mapping[str, str]) -> Place:
    """Give the place of a folder of an account's, with what opens it."""
    return Place(address, secrets.get(FOLDER_SECRET, ""), settings.get(HOST_KEY, ""), settings.get(ENDPOINT, ""))


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
    except PrivateAddressError as error:
        raise FolderError(str(error)) from None
    except Exception as error:
        # Each file system has errors of its own.
        raise FolderError(f"{what}: {type(error).__name__}: {error}") from error
