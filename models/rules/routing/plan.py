"""What routing is asked and answers: demands, options, limits, packages, a plan."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

NEVER = 1 << 62


class Demand(NamedTuple):
    """Units of one SKU to be located, what a unit weighs, and what leaving a unit out costs."""

    sku: str
    quantity: int
    weight_grams: int
    unfilled_milli: int


class Option(NamedTuple):
    """A location: what it can promise of each demand, and its costs.

    A package costs `package_milli[bracket]` by weight (see `Costs`), and `unit_milli` more for each unit.
    """

    location_id: str
    available: tuple[int, ...]
    package_milli: tuple[int, ...]
    unit_milli: int
    late_per_mille: int = 0
    """How likely a package comes late; what that costs is in `package_milli` already."""


class Limits(NamedTuple):
    """What holds for the whole order."""

    split_milli: int
    most_packages: int
    weight_limits_grams: tuple[int, ...]


class Package(NamedTuple):
    """Units of demands, by their index, that one location ships, at its cost."""

    option: int
    units: tuple[tuple[int, int], ...]
    cost_milli: int


class Plan(NamedTuple):
    """The cheapest packages, and what they cost with splits and units left out."""

    packages: tuple[Package, ...]
    cost_milli: int
    method: str


def weigh(demands: Sequence[Demand], options: Sequence[Option], limits: Limits) -> list[tuple[int, int]]:
    """Give, for each option, how many demands it could ship whole, and the cost of all that it could ship."""
    limits_grams = limits.weight_limits_grams
    weighed = []
    if len(demands) == 1:
        # Most orders are of one SKU, and most locations have enough of it: the bracket is looked up once.
        _, wanted, unit_grams, _ = demands[0]
        whole = bisect_left(limits_grams, wanted * unit_grams)
        for _, (could,), package, unit, _ in options:
            if could >= wanted:
                weighed.append((1, package[whole] + unit * wanted))
            else:
                weighed.append((0, package[bisect_left(limits_grams, could * unit_grams)] + unit * could))
        return weighed
    sizes = [(index, demand.quantity, demand.weight_grams) for index, demand in enumerate(demands)]
    for _, available, package, unit, _ in options:
        covered = units = grams = 0
        for index, quantity, weight_grams in sizes:
            could = available[index]
            if could >= quantity:
                could = quantity
                covered += 1
            units += could
            grams += could * weight_grams
        weighed.append((covered, package[bisect_left(limits_grams, grams)] + unit * units))
    return weighed


def bracket(weight_grams: int, limits_grams: Sequence[int]) -> int:
    """Give the index of the weight bracket; a limit belongs to the bracket it ends."""
    return bisect_left(limits_grams, weight_grams)
