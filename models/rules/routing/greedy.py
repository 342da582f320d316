"""The choice for orders beyond the exact programme: cover most units first, cheapest among equals."""

from collections.abc import Sequence

from models.rules.routing.plan import Demand, Limits, Option, Package, Plan, bracket


def cover(demands: Sequence[Demand], options: Sequence[Option], limits: Limits) -> Plan:
    """Take, package by package, the location that covers most of what is left (by the cost of leaving it out).

    Bounded by packages x locations x demands, deterministic, never beyond what a location can promise.
    """
    left = [demand.quantity for demand in demands]
    packages: list[Package] = []
    used: set[int] = set()
    while len(packages) < limits.most_packages and any(left):
        found = _next(demands, options, limits, left, used)
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
    demands: Sequence[Demand], options: Sequence[Option], limits: Limits, left: list[int], used: set[int]
) -> Package | None:
    """Give the package worth most: least (its cost - what its units would cost left out)."""
    best: tuple[int, Package] | None = None
    for index, option in enumerate(options):
        if index in used:
            continue
        units = tuple((d, min(left[d], option.available[d])) for d in range(len(demands)))
        units = tuple((d, count) for d, count in units if count > 0)
        if not units:
            continue
        weight = bracket(sum(demands[d].weight_grams * n for d, n in units), limits.weight_limits_grams)
        cost = option.package_milli[weight] + option.unit_milli * sum(n for _, n in units)
        gain = cost - sum(demands[d].unfilled_milli * n for d, n in units)
        if gain < 0 and (best is None or gain < best[0]):
            best = (gain, Package(index, units, cost))
    return best[1] if best else None
