"""The cheapest plan by trying every distribution of units over locations: shares nothing with the kernel."""

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import NamedTuple


class Want(NamedTuple):
    """Units of one SKU."""

    quantity: int
    weight_grams: int
    unfilled_milli: int


class Place(NamedTuple):
    """A location: units free of each SKU, price by bracket, price a unit."""

    free: tuple[int, ...]
    package_milli: tuple[int, ...]
    unit_milli: int


class Problem(NamedTuple):
    """An order to be located."""

    wants: tuple[Want, ...]
    places: tuple[Place, ...]
    split_milli: int
    most_packages: int
    weight_limits_grams: tuple[int, ...]


def least_cost(problem: Problem) -> int:
    """The least cost over all ways to give units to locations."""
    ways = [
        list(_ways(want.quantity, [place.free[index] for place in problem.places]))
        for index, want in enumerate(problem.wants)
    ]
    costs = (cost_of(problem, chosen) for chosen in product(*ways))
    return min(cost for cost in costs if cost is not None)


def cost_of(problem: Problem, units: Sequence[Sequence[int]]) -> int | None:
    """What a plan costs, `units[want][place]`; None where it has too many packages."""
    cost = packages = 0
    for index, place in enumerate(problem.places):
        counts = [row[index] for row in units]
        if not any(counts):
            continue
        packages += 1
        grams = sum(n * want.weight_grams for n, want in zip(counts, problem.wants, strict=True))
        heavier_than = sum(grams > limit for limit in problem.weight_limits_grams)
        cost += place.package_milli[heavier_than] + place.unit_milli * sum(counts)
    if packages > problem.most_packages:
        return None
    missing = sum(
        (want.quantity - sum(row)) * want.unfilled_milli for want, row in zip(problem.wants, units, strict=True)
    )
    return cost + missing + problem.split_milli * max(0, packages - 1)


def _ways(quantity: int, free: list[int]) -> Iterator[tuple[int, ...]]:
    if not free:
        yield ()
        return
    for here in range(min(quantity, free[0]) + 1):
        for rest in _ways(quantity - here, free[1:]):
            yield (here, *rest)


def random_problem(random: Random) -> Problem:
    """A small problem, often with ties, odd prices and too little stock."""
    wants = tuple(
        Want(random.randint(1, 3), random.choice((100, 400, 900)), random.choice((500, 3_000, 9_000)))
        for _ in range(random.randint(1, 3))
    )
    brackets = random.randint(1, 3)
    places = tuple(
        Place(
            free=tuple(random.choice((0, 0, 1, 2, 3)) for _ in wants),
            package_milli=tuple(random.choice((0, 100, 1_000, 2_500)) + random.randint(0, 9) for _ in range(brackets)),
            unit_milli=random.choice((0, 0, 10, 700)),
        )
        for _ in range(random.randint(1, 3))
    )
    limits = tuple(sorted(random.sample((300, 500, 1_000, 1_500), brackets - 1)))
    return Problem(wants, places, random.choice((0, 100, 5_000)), random.randint(1, 4), limits)
