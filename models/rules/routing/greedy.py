"""The choice for orders beyond the exact programme: cover most units first, cheapest among equals."""

from collections.abc import Sequence

from models.rules.routing.plan import Demand, Limits, Option, Package, Plan, bracket

Stocked = list[tuple[int, int]]
"""What a location can promise: (demand, units), where there are any."""


def cover(demands: Sequence[Demand], options: Sequence[Option], limits: Limits) -> Plan:
    """Take, package by package, the location that covers most of what is left (by the cost of leaving it out).

    Bounded by packages x locations x demands, deterministic, never beyond what a location can promise.
    """
    left = [demand.quantity for demand in demands]
    stocked = [[(d, units) for d, units in enumerate(option.available) if units] for option in options]
    packages: list[Package] = []
    used: set[int] = set()
    while len(packages) < limits.most_packages and any(left):
        found = _next(demands, options, limits, left, stocked, used)
        if found is None:
            break
        packages.append(found)
        used.add(found.option)
        for demand, units in found.units:
            left[demand] -= units
    unfilled = sum(d.unfilled_milli * units for d, units in zip(demands, left, strict=True))
    splits = limits.split_milli * max(0, len(packages) - 1)
    return Plan(tuple(packages), sum(p.cost_milli for p in packages) + splits + unfilled, "greedy")


def _next(
    demands: Sequence[Demand],
    options: Sequence[Option],
    limits: Limits,
    left: list[int],
    stocked: list[Stocked],
    used: set[int],
) -> Package | None:
    """Give the package worth most: least (its cost - what its units would cost left out)."""
    weights = [demand.weight_grams for demand in demands]
    unfilled = [demand.unfilled_milli for demand in demands]
    best, best_gain, best_cost = -1, 0, 0
    for index, option in enumerate(options):
        if index in used:
            continue
        units = grams = spared = 0
        for demand, there in stocked[index]:
            wanted = left[demand]
            if wanted:
                count = min(there, wanted)
                units += count
                grams += weights[demand] * count
                spared += unfilled[demand] * count
        if not units:
            continue
        cost = option.package_milli[bracket(grams, limits.weight_limits_grams)] + option.unit_milli * units
        if cost - spared < best_gain:
            best, best_gain, best_cost = index, cost - spared, cost
    if best < 0:
        return None
    taken = tuple([(d, min(there, left[d])) for d, there in stocked[best] if left[d]])
    return Package(best, taken, best_cost)
