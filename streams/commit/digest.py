"""A digest of all rows of a partition, kept up to date by the rows that change."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

_BYTES = 16
_MODULUS = 1 << (8 * _BYTES)


def row_hash(key: bytes, value: bytes) -> int:
    """The length of the key goes in, so that no two rows are the same bytes."""
    digest = blake2b(b"%d:%b%b" % (len(key), key, value), digest_size=_BYTES).digest()
    return int.from_bytes(digest, "little")


class Digest:
    """The sum of the hashes of all rows, modulo 2**128: the same for the same rows, in whatever order they came.

    The hash of each row is kept, about 100 bytes a row, because the old value is gone when a new one arrives.
    """

    def __init__(self, rows: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self._hashes = {key: row_hash(key, value) for key, value in rows}
        self._sum = sum(self._hashes.values()) % _MODULUS

    def update(self, rows: Mapping[bytes, bytes | None]) -> None:
        """Take over the newest values of the rows that changed."""
        hashes = self._hashes
        change = 0
        for key, value in rows.items():
            change -= hashes.get(key, 0)
            if value is None:
                hashes.pop(key, None)
            else:
                hashes[key] = new = row_hash(key, value)
                change += new
        self._sum = (self._sum + change) % _MODULUS

    def __len__(self) -> int:
        return len(self._hashes)

    def value(self) -> bytes:
        """The digest as it is recorded."""
        return self._sum.to_bytes(_BYTES, "little")
