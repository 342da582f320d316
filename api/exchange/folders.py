"""Folders that partners share with us, on any file system that fsspec knows: local, SFTP, object storage, in memory.

Names come from others and are never made into paths: a file is taken only by a name that is one part of a path.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

import fsspec

from api.exchange.host_keys import OnlyThisHostKey

_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,200}")
_OURS = frozenset({"done", "failed"})
_TIMEOUT_SECONDS = 20.0
_CHUNK_BYTES = 1 << 18
_SCHEMES = frozenset({"file", "memory", "s3", "sftp"})


class FolderError(Exception):
    """A folder cannot be used now, or not at all; the text says why."""


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
        """`secret` is a password, or for object storage KEY:SECRET; `host_key` what an SFTP server shows."""
        scheme = urlsplit(address).scheme or "file"
        if scheme not in _SCHEMES:
            raise FolderError(f"{scheme} is no kind of folder: take one of {', '.join(sorted(_SCHEMES))}")
        try:
            # Each look connects anew, so that a connection that has broken is not kept.
            options = _options(scheme, secret, host_key) | {"skip_instance_cache": scheme != "memory"}
            self._system, path = fsspec.url_to_fs(_without_password(address), **options)
        except FolderError:
            raise
        except Exception as error:
            # Each file system has errors of its own.
            raise FolderError(f"the folder cannot be reached: {type(error).__name__}: {error}") from error
        self._path = str(path).rstrip("/")

    def files(self) -> list[Seen]:
        """Give the files in the order of their names; no folders, links, or what is hidden or being uploaded."""
        with _told():
            self._system.invalidate_cache()
            listed: list[dict[str, Any]] = self._system.ls(self._path, detail=True)
        found = []
        for one in listed:
            name = str(one["name"]).rstrip("/").rpartition("/")[2]
            if one["type"] != "file" or one.get("islink") or not is_name(name):
                continue
            stamp = str(one.get("mtime") or one.get("LastModified") or one.get("created") or "")
            found.append(Seen(name, int(one["size"] or 0), stamp))
        return sorted(found)

    def read(self, name: str, most_bytes: int) -> bytes:
        """Give a file's content.

        Raises:
            TooLongError: it is longer.
            FolderError: it is not to be had.
        """
        with self.opened(name) as file, _told():
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
        with _told():
            file = self._system.open(self._at(name), "rb")
        # What is wrong with whoever reads it is no fault of the folder's.
        with file:
            yield file

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give a file's content in parts."""
        with self.opened(name) as file:
            while True:
                with _told():
                    chunk = bytes(file.read(_CHUNK_BYTES))
                if not chunk:
                    return
                yield chunk

    def write(self, name: str, content: bytes, *, inside: str = "") -> None:
        """Write a file so that nobody sees half of it under its name."""
        target = self._at(name, inside)
        with _told():
            if inside:
                self._system.makedirs(f"{self._path}/{inside}", exist_ok=True)
            part = self._at(f".{name}.part", inside)
            with self._system.open(part, "wb") as file:
                file.write(content)
            self._system.mv(part, target)

    def move(self, name: str, inside: str) -> str:
        """Move a file into a folder of ours below, and give its name there, which is another where it is taken."""
        with _told():
            self._system.makedirs(f"{self._path}/{inside}", exist_ok=True)
            free = name
            number = 1
            while self._system.exists(self._at(free, inside)):
                number += 1
                free = f"{number}-{name}"
            self._system.mv(self._at(name), self._at(free, inside))
        return free

    def _at(self, name: str, inside: str = "") -> str:
        if not is_name(name.removeprefix(".")) or (inside and inside not in _OURS):
            raise FolderError(f"{name!a} is no name of a file")
        return "/".join(part for part in (self._path, inside, name) if part)


def is_name(name: str) -> bool:
    """Tell whether a name is one part of a path, and of a file that is meant to be seen."""
    return _NAME.fullmatch(name) is not None and not name.startswith(".") and name.strip() == name


def _options(scheme: str, secret: str, host_key: str) -> dict[str, Any]:
    if scheme == "sftp":
        known = {"password": secret} if secret else {}
        return known | {"host_key_policy": OnlyThisHostKey(host_key), "timeout": _TIMEOUT_SECONDS}
    if scheme == "s3" and secret:
        key, _, value = secret.partition(":")
        return {"key": key, "secret": value}
    return {}


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    if parts.password:
        raise FolderError("an address may hold no password: headrace connectors secret ACCOUNT folder_secret")
    return address


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FolderError:
        raise
    except Exception as error:
        raise FolderError(f"{type(error).__name__}: {error}") from error
