"""Seeded draws by name: the same seed and name give the same draw, in whatever order they are asked for.

So a restarted demo meets every order with the same fate, and a test can tell beforehand what will happen.
"""

import math
from collections.abc import Sequence
from hashlib import blake2b
from statistics import NormalDist
from typing import TypeVar

_T = TypeVar("_T")
_BYTES = 7
_RANGE = 1 << (8 * _BYTES)
_NORMAL = NormalDist()


class Draws:
    """Every draw of one seed."""

    def __init__(self, seed: int) -> None:
        self._key = seed.to_bytes(8, "big", signed=True)

    def share(self, *name: object) -> float:
        """Draw evenly from above 0 to below 1."""
        text = "\x00".join(map(str, name)).encode()
        number = int.from_bytes(blake2b(text, digest_size=_BYTES, key=self._key).digest(), "big")
        return (number + 0.5) / _RANGE

    def happens(self, probability: float, *name: object) -> bool:
        """Draw whether something of a probability happens."""
        return self.share(*name) < probability

    def below(self, count: int, *name: object) -> int:
        """Draw a whole number from 0 to below `count`."""
        return int(self.share(*name) * count)

    def one_of(self, items: Sequence[_T], *name: object) -> _T:
        """Draw one of several alike."""
        return items[self.below(len(items), *name)]

    def between(self, low: float, high: float, *name: object) -> float:
        """Draw evenly from a span."""
        return low + (high - low) * self.share(*name)

    def around(self, median: float, spread: float, *name: object) -> float:
        """Draw a duration or a factor: lognormal, so that some take much longer than most."""
        return median * math.exp(spread * _NORMAL.inv_cdf(self.share(*name)))

    def waiting(self, mean: float, *name: object) -> float:
        """Draw the time until the next of many independent arrivals."""
        return -mean * math.log(self.share(*name))
