"""The file systems that folders may be on, and what each does its own way: how it is reached, how files are renamed.

Credentials come from the account's secret alone: neither keys, agents nor profiles of this machine are offered.
"""

import contextlib
import io
import socket
from functools import lru_cache
from typing import IO, Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

import fsspec
import paramiko

from api.exchange.addresses import is_public, looked_up
from api.exchange.host_keys import OnlyThisHostKey
from api.exchange.local_files import LocalFiles
from connectors.frame.folders import wrong_endpoint, wrong_folder

_SSH_PORT = 22
_HTTPS_PORT = 443
_TIMEOUT_SECONDS = 20.0
_PART_BYTES = 5 << 20
_KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_SET_SECRET = "headrace connectors secret ACCOUNT folder_secret"  # noqa: S105 # It tells how to set one.


class FolderError(Exception):
    """A folder cannot be used now, or not at all; the text says why."""


class Place(NamedTuple):
    """Where a folder is, and what opens it."""

    address: str
    """Such as `sftp://user@host/in`, `s3://bucket/in` or `/var/partner/in`."""
    secret: str = ""
    """A password or private key, or for object storage KEY:SECRET."""
    host_key: str = ""
    """What an SFTP server shows."""
    endpoint: str = ""
    """Where object storage answers; empty: at Amazon."""


class FileSystem:
    """A file system of fsspec's, and what has to be done in its own way."""

    def __init__(self, place: Place, private_hosts: frozenset[str]) -> None:
        """Connect.

        Raises:
            FolderError: it may not be, or the settings do not fit.
            PrivateAddressError: it is of a private network.
        """
        if wrong := wrong_folder(place.address):
            raise FolderError(f"the address of the folder cannot be used: {wrong}")
        parts = urlsplit(place.address)
        self.scheme = parts.scheme or "file"
        if self.scheme == "s3":
            self.raw = _object_store(place, private_hosts)
            self.path = f"{parts.netloc}{parts.path}".rstrip("/")
            return
        options = _sftp_options(place, parts, private_hosts) if self.scheme == "sftp" else {}
        # Each look connects anew, so that a connection that has broken is not kept.
        self.raw, path = fsspec.url_to_fs(place.address, **options, skip_instance_cache=self.scheme != "memory")
        self.path = str(path).rstrip("/")
        self._local = LocalFiles(self.path)
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
            return list(self.raw.ls(path or "/", detail=True))
        except FileNotFoundError as error:
            # In object storage a folder is where files are: an empty one is none.
            if self.scheme == "s3" and "NoSuchBucket" not in str(error.__cause__):
                return []
            raise

    def opened(self, path: str) -> IO[bytes]:
        """Open a file to be read."""
        opened: IO[bytes] = self._local.opened(path) if self.scheme == "file" else self.raw.open(path, "rb")
        return opened

    def write(self, path: str, content: bytes) -> None:
        """Write a file, over one of that name."""
        if self.scheme == "file":
            self._local.write(path, content)
        else:
            self.raw.pipe_file(path, content)

    def rename(self, old: str, new: str, *, over: bool = False) -> None:
        """Rename a file; `over` one of that name, if there is one."""
        if self.scheme == "sftp":
            if over and self.raw.exists(new):
                self.raw.ftp.remove(new)
            # Unlike the renaming that fsspec asks for, each server knows this one, and it writes over nothing.
            self.raw.ftp.rename(old, new)
        elif self.scheme == "file":
            self._local.rename(old, new)
        else:
            # Not `mv`, which would take a name such as *.csv for all files that it fits.
            self.raw.cp_file(old, new)
            self.raw.rm_file(old)

    def close(self) -> None:
        """End the connection, where there is one of its own."""
        if self.scheme == "sftp":
            with contextlib.suppress(Exception):
                self.raw.client.close()


def _sftp_options(place: Place, parts: SplitResult, private_hosts: frozenset[str]) -> dict[str, Any]:
    secret, host, port = place.secret, parts.hostname or "", parts.port or _SSH_PORT
    opens: dict[str, Any] = {"pkey": _private_key(secret)} if secret.startswith("-----BEGIN") else {"password": secret}
    address = looked_up(host, port, private_hosts)
    return opens | {
        "sock": socket.create_connection((address, port), _TIMEOUT_SECONDS),
        "host_key_policy": OnlyThisHostKey(place.host_key),
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


def _object_store(place: Place, private_hosts: frozenset[str]) -> Any:
    """Give what speaks to object storage, where that may be called."""
    if not place.endpoint:
        return _speaking_to(place.secret, "", is_private=False)
    if wrong := wrong_endpoint(place.endpoint):
        raise FolderError(f"`endpoint` of the account cannot be used: {wrong}")
    parts = urlsplit(place.endpoint)
    host = parts.hostname or ""
    is_private = host in private_hosts
    if parts.scheme != "https" and not is_private:
        raise FolderError(f"only https is called, not {parts.scheme}: change `endpoint` of the account")
    looked_up(host, parts.port or _HTTPS_PORT, private_hosts)
    return _speaking_to(place.secret, place.endpoint, is_private=is_private)


@lru_cache(maxsize=64)
def _speaking_to(secret: str, endpoint: str, *, is_private: bool) -> Any:
    """Give what speaks to object storage; it is kept, since making one costs more than what it is asked for."""
    key, _, value = secret.partition(":")
    if not (key and value):
        raise FolderError(f"object storage is opened by KEY:SECRET: {_SET_SECRET}")
    config: dict[str, Any] = {
        "connect_timeout": _TIMEOUT_SECONDS,
        "read_timeout": _TIMEOUT_SECONDS,
        # Neither an endpoint nor a proxy that this machine is set up with.
        "ignore_configured_endpoint_urls": True,
        "proxies": {},
    }
    if not is_private:
        config["connector_args"] = {"socket_factory": _public_socket}
    if endpoint:
        # Not every service answers for a bucket by a host of its own.
        config["s3"] = {"addressing_style": "path"}
    return fsspec.filesystem(
        "s3",
        key=key,
        secret=value,
        endpoint_url=endpoint or None,
        config_kwargs=config,
        use_listings_cache=False,
        default_block_size=_PART_BYTES,
        skip_instance_cache=True,
    )


def _public_socket(found: tuple[Any, ...]) -> socket.socket:
    """Open a socket to what a name was looked up as, each time anew, unless it is of a private network."""
    family, kind, protocol, _, address = found
    if not is_public(str(address[0])):
        raise OSError(f"{address[0]} is of a private network")
    return socket.socket(family=family, type=kind, proto=protocol)
