"""The file systems that folders may be on, and what each does its own way: how it is reached, how files are renamed.

Credentials come from the account's secret alone: neither keys, agents nor profiles of this machine are offered.
"""

import contextlib
import io
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import fsspec
import paramiko

from api.exchange.host_keys import OnlyThisHostKey

SCHEMES = ("file", "memory", "s3", "sftp")
_TIMEOUT_SECONDS = 20.0
_PART_BYTES = 5 << 20
_KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_SET_SECRET = "headrace connectors secret ACCOUNT folder_secret"  # noqa: S105 # It tells how to set one.


class FolderError(Exception):
    """A folder cannot be used now, or not at all; the text says why."""


class FileSystem:
    """A file system of fsspec's, and what has to be done in its own way."""

    def __init__(self, address: str, secret: str, host_key: str) -> None:
        """Connect.

        Raises:
            FolderError: it may not be, or the settings do not fit.
        """
        parts = urlsplit(address)
        self.scheme = parts.scheme or "file"
        if self.scheme not in SCHEMES or "::" in address:
            raise FolderError(f"{self.scheme} is no kind of folder: take one of {', '.join(SCHEMES)}")
        if parts.password:
            raise FolderError(f"an address may hold no password: {_SET_SECRET}")
        if self.scheme == "s3":
            self.raw = _object_store(secret)
            self.path = f"{parts.netloc}{parts.path}".rstrip("/")
            return
        options = _sftp_options(secret, host_key) if self.scheme == "sftp" else {}
        # Each look connects anew, so that a connection that has broken is not kept.
        self.raw, path = fsspec.url_to_fs(address, **options, skip_instance_cache=self.scheme != "memory")
        self.path = str(path).rstrip("/")
        if self.scheme == "sftp":
            self.raw.ftp.get_channel().settimeout(_TIMEOUT_SECONDS)

    @property
    def puts_whole(self) -> bool:
        """Tell whether a file is there whole or not at all, once it has been put."""
        return self.scheme in ("s3", "memory")

    def listed(self, path: str) -> list[dict[str, Any]]:
        """Give what is in a folder, links as what they are."""
        self.raw.invalidate_cache()
        try:
            return list(self.raw.ls(path, detail=True))
        except FileNotFoundError as error:
            # In object storage a folder is where files are: an empty one is none.
            if self.scheme == "s3" and "NoSuchBucket" not in str(error.__cause__):
                return []
            raise

    def rename(self, old: str, new: str, *, over: bool = False) -> None:
        """Rename a file; `over` one of that name, if there is one."""
        if self.scheme == "sftp":
            if over and self.raw.exists(new):
                self.raw.ftp.remove(new)
            # Unlike the renaming that fsspec asks for, each server knows this one, and it writes over nothing.
            self.raw.ftp.rename(old, new)
        elif self.scheme == "file":
            self.raw.mv(old, new)
        else:
            # Not `mv`, which would take a name such as *.csv for all files that it fits.
            self.raw.cp_file(old, new)
            self.raw.rm_file(old)

    def close(self) -> None:
        """End the connection, where there is one of its own."""
        if self.scheme == "sftp":
            with contextlib.suppress(Exception):
                self.raw.client.close()


def _sftp_options(secret: str, host_key: str) -> dict[str, Any]:
    opens: dict[str, Any] = {"pkey": _private_key(secret)} if secret.startswith("-----BEGIN") else {"password": secret}
    return opens | {
        "host_key_policy": OnlyThisHostKey(host_key),
        "look_for_keys": False,
        "allow_agent": False,
        "timeout": _TIMEOUT_SECONDS,
        "banner_timeout": _TIMEOUT_SECONDS,
        "auth_timeout": _TIMEOUT_SECONDS,
        "channel_timeout": _TIMEOUT_SECONDS,
    }


def _private_key(text: str) -> paramiko.PKey:
    for kind in _KEYS:
        with contextlib.suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(io.StringIO(text + "\n"))
    raise FolderError(f"folder_secret is no private key that can be read, or has a passphrase: {_SET_SECRET} < KEYFILE")


@lru_cache(maxsize=64)
def _object_store(secret: str) -> Any:
    """Give what speaks to object storage; it is kept, since making one costs more than what it is asked for."""
    key, _, value = secret.partition(":")
    if not (key and value):
        raise FolderError(f"object storage is opened by KEY:SECRET: {_SET_SECRET}")
    return fsspec.filesystem(
        "s3",
        key=key,
        secret=value,
        config_kwargs={"connect_timeout": _TIMEOUT_SECONDS, "read_timeout": _TIMEOUT_SECONDS},
        use_listings_cache=False,
        default_block_size=_PART_BYTES,
        skip_instance_cache=True,
    )
