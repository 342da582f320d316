"""What the generated traffic is drawn from: SKUs by Zipf's law, where each is stocked, how much of it.

Some SKUs open with next to nothing; together they take `short_share` of the lines, which so run short at any time.
"""

from bisect import bisect_left
from itertools import accumulate
from random import Random

from msgspec import Struct

from models.types import MAX_QUANTITY

# Lines of an order and how often: 1.80 lines on average.
LINES_PER_ORDER = ((1, 0.50), (2, 0.30), (3, 0.12), (4, 0.06), (5, 0.02))
# Units of a line and how often: 1.15 on average.
UNITS_PER_LINE = ((1, 0.88), (2, 0.09), (3, 0.03))

_FIRST_SHORT_RANK = 20
_SHORT_RANK_STEP = 12
_SHORT_LOCATIONS = 2
_SHORT_UNITS = 1
_LEAST_UNITS = 20
_UNITS_PER_DEMAND = 3


class Workload(Struct, frozen=True, kw_only=True):
    """The fixed workload of the benchmark, and what may be varied of it."""

    seed: int = 1
    locations: int = 30
    skus: int = 5_000
    zipf_exponent: float = 1.0
    short_share: float = 0.05
    locations_per_sku: int = 10
    orders_expected: int = 500_000
    """Orders a pool gets before stock runs low by demand alone."""
    follow_up_after: int = 2_000
    """A pick, shipment or cancellation is about an order placed so many orders ago."""


class Shelf(Struct, frozen=True, kw_only=True):
    """The drawn assortment: SKUs by rank, their cumulative weights, and what each location opens with."""

    skus: tuple[str, ...]
    prices_minor: tuple[int, ...]
    cumulative: tuple[float, ...]
    short: frozenset[int]
    opening: tuple[tuple[tuple[int, int], ...], ...]
    """Per SKU: (location number, units)."""

    def draw(self, random: Random) -> int:
        """The rank of a SKU, popular ones more often."""
        return bisect_left(self.cumulative, random.random() * self.cumulative[-1])


def shelf_of(workload: Workload) -> Shelf:
    """Draw the assortment of a workload: the same for the same workload."""
    random = Random(workload.seed)  # noqa: S311 # A workload is repeatable, not secret.
    weights = [1.0 / rank**workload.zipf_exponent for rank in range(1, workload.skus + 1)]
    total = sum(weights)
    short = _short_ranks(weights, workload.short_share * total)
    units = workload.orders_expected * _mean(LINES_PER_ORDER) * _mean(UNITS_PER_LINE)
    opening = tuple(
        _opening(random, workload, None if rank in short else units * weight / total)
        for rank, weight in enumerate(weights)
    )
    return Shelf(
        skus=tuple(f"SKU-{rank + 1:05d}" for rank in range(workload.skus)),
        prices_minor=tuple(random.randrange(499, 12_000, 100) for _ in range(workload.skus)),
        cumulative=tuple(accumulate(weights)),
        short=frozenset(short),
        opening=opening,
    )


def _short_ranks(weights: list[float], wanted: float) -> set[int]:
    """SKUs from all over the middle and the tail whose weights sum to what is wanted, or just below."""
    found: set[int] = set()
    left = wanted
    for first in range(_SHORT_RANK_STEP):
        for rank in range(_FIRST_SHORT_RANK + first, len(weights), _SHORT_RANK_STEP):
            if weights[rank] <= left:
                found.add(rank)
                left -= weights[rank]
    return found


def _opening(random: Random, workload: Workload, demand: float | None) -> tuple[tuple[int, int], ...]:
    """Where a SKU is stocked: three times its demand, so that buyers far from one location find units at another."""
    if demand is None:
        count, units = _SHORT_LOCATIONS, _SHORT_UNITS
    else:
        count = workload.locations_per_sku
        units = min(MAX_QUANTITY, _LEAST_UNITS + round(_UNITS_PER_DEMAND * demand / count))
    places = sorted(random.sample(range(workload.locations), min(count, workload.locations)))
    return tuple((place, units) for place in places)


def _mean(distribution: tuple[tuple[int, float], ...]) -> float:
    return sum(value * share for value, share in distribution)
