"""What has been told of a long file, in 16 bytes or so each: a set of Python's would take five times that."""

from array import array
from collections.abc import Hashable

_LEAST_SLOTS = 1_024


class Told:
    """A set that only grows, of hashes in open slots."""

    def __init__(self) -> None:
        self._slots = array("q", bytes(8 * _LEAST_SLOTS))
        self._count = 0

    def add(self, one: Hashable) -> None:
        """Put one in, that may be there already."""
        if 2 * self._count >= len(self._slots):
            names = [name for name in self._slots if name]
            self._slots = array("q", bytes(16 * len(self._slots)))
            for name in names:
                self._slots[self._slot(name)] = name
        name = hash(one) or 1
        slot = self._slot(name)
        self._count += not self._slots[slot]
        self._slots[slot] = name

    def __contains__(self, one: Hashable) -> bool:
        """Tell whether it was put in."""
        return self._slots[self._slot(hash(one) or 1)] != 0

    def _slot(self, name: int) -> int:
        """Give where it is, or would be."""
        last = len(self._slots) - 1
        slot = name & last
        while self._slots[slot] not in (0, name):
            slot = (slot + 1) & last
        return slot
