"""Which version of the core decides: a hash of its source, so that a difference can be laid to a change of it."""

from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def core_version() -> str:
    """The same for the same source of `models`."""
    digest = blake2b(digest_size=8)
    for name, content in sorted(_sources(files("models"), "models")):
        digest.update(b"%d:%b%d:%b" % (len(name), name.encode(), len(content), content))
    return digest.hexdigest()


def _sources(folder: Traversable, path: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        inside = f"{path}/{entry.name}"
        if entry.is_dir():
            found += _sources(entry, inside)
        elif entry.name.endswith(".py"):
            found.append((inside, entry.read_bytes()))
    return found
