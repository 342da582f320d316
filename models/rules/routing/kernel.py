"""The exact choice of locations: a dynamic programme over subsets of an order's atoms.

An atom is a whole demand (all units of one SKU), or one unit of it. For each block (subset of atoms) the cheapest
location able to ship it is found in one pass; then the order is partitioned into blocks at least total cost. Exact
for any cost of (location, block), since packages are enumerated. All costs are integers; ties go to the location that
comes first. The method is that of the project's routing notes, section 2.3; it is exact up to `MOST_ATOMS` units.
"""

from collections.abc import Sequence

from models.rules.routing import limited
from models.rules.routing.atoms import Atoms, atoms_of, block_costs, units_of_block
from models.rules.routing.greedy import cover
from models.rules.routing.plan import NEVER, Demand, Limits, Option, Package, Plan, weigh


def solve(
    demands: Sequence[Demand],
    options: Sequence[Option],
    limits: Limits,
    weighed: Sequence[tuple[int, int]] | None = None,
) -> Plan:
    """Choose locations for demands (distinct SKUs), never beyond what a location can promise.

    Most orders fit one location and nothing can beat that; the others go to the programme. There demands are first
    kept whole; only where taking them apart may be cheaper (or is needed) are they atoms of one unit. `weighed` spares
    weighing the options again.
    """
    together = _together(demands, options, limits, weigh(demands, options, limits) if weighed is None else weighed)
    if together is not None:
        return together
    whole = atoms_of(demands, options, limits, apart=False)
    if whole is not None and not whole.groups and all(demand.quantity == 1 for demand in demands):
        return _exact(demands, options, limits, whole)
    apart = atoms_of(demands, options, limits, apart=True)
    if apart is not None:
        return _exact(demands, options, limits, apart)
    if whole is None:
        return cover(demands, options, limits)
    return _exact(demands, options, limits, whole)._replace(method="whole")


def _together(
    demands: Sequence[Demand], options: Sequence[Option], limits: Limits, weighed: Sequence[tuple[int, int]]
) -> Plan | None:
    """Give the cheapest single package of everything there is stock for, if nothing else can be cheaper.

    Any other plan has two packages or leaves one more unit out, so it costs at least the bound.
    """
    wanted = [(i, d.quantity) for i, d in enumerate(demands) if any([o.available[i] for o in options])]  # noqa: C419 - faster
    everything = len(wanted)
    best, chosen = NEVER, -1
    for index, (covered, cost) in enumerate(weighed):
        if covered == everything and cost < best:
            best, chosen = cost, index
    if not wanted or chosen < 0:
        return None
    units = sum([quantity for _, quantity in wanted])
    bound = min([demands[index].unfilled_milli for index, _ in wanted])
    if units > 1:
        least_package = min([min(option.package_milli) for option in options])
        least_unit = min([option.unit_milli for option in options])
        split = 2 * least_package + limits.split_milli + least_unit * units
        bound = min(split, bound * units, bound + least_package + least_unit * (units - 1))
    if best > bound:
        return None
    return Plan((Package(chosen, tuple(wanted), best),), best + _unfilled(demands, wanted), "exact")


def _exact(demands: Sequence[Demand], options: Sequence[Option], limits: Limits, atoms: Atoms) -> Plan:
    """Partition freely; only if that uses an option twice, or too many, partition again under those limits."""
    if not atoms.demand:
        return Plan((), _unfilled(demands, ()), "exact")
    chosen, cost = _partition(options, limits, atoms)
    places = [option for option, _ in chosen]
    if len(places) > limits.most_packages or len(set(places)) < len(places):
        chosen, cost = limited.partition(options, limits, atoms)
    placed = [(d, u) for d, u in zip(atoms.demand, atoms.units, strict=True)]
    packages = tuple(
        Package(option, units_of_block(block, atoms), dict(block_costs(options[option], atoms))[block])
        for option, block in chosen
    )
    return Plan(packages, cost + _unfilled(demands, placed), "exact")


def _partition(options: Sequence[Option], limits: Limits, atoms: Atoms) -> tuple[list[tuple[int, int]], int]:
    """Give the cheapest list of (option, block), and its cost with what it leaves out."""
    size = len(atoms.block_units)
    best, best_option = [NEVER] * size, [-1] * size
    for index, option in enumerate(options):
        for block, cost in block_costs(option, atoms):
            if cost < best[block]:
                best[block] = cost
                best_option[block] = index
    treated, taken = _treat(best, limits.split_milli, atoms.block_unfilled)
    full = size - 1
    cost, first = atoms.block_unfilled[full], 0
    for block in range(1, size):
        total = best[block] + treated[full ^ block]
        if total < cost:
            cost, first = total, block
    chosen: list[tuple[int, int]] = []
    left, block = full, first
    while block:
        chosen.append((best_option[block], block))
        left ^= block
        while left and not taken[left]:
            left &= left - 1  # the lowest atom of this set is left out
        block = taken[left] if left else 0
    return chosen, cost


def _treat(best: list[int], split_milli: int, unfilled: list[int]) -> tuple[list[int], list[int]]:
    """For every set of atoms: the least cost of treating it behind a first package, and the block of its lowest atom.

    No block (0) means that the lowest atom is left out.
    """
    treated, taken = [0], [0]
    for atoms in range(1, len(best)):
        lowest = atoms & -atoms
        rest = atoms ^ lowest
        cost, block = treated[rest] + unfilled[lowest], 0
        others = rest
        while True:
            total = best[others | lowest] + split_milli + treated[rest ^ others]
            if total < cost:
                cost, block = total, others | lowest
            if not others:
                break
            others = (others - 1) & rest
        treated.append(cost)
        taken.append(block)
    return treated, taken


def _unfilled(demands: Sequence[Demand], placed: Sequence[tuple[int, int]]) -> int:
    """Give what the units that no atom stands for cost."""
    total = sum([demand.unfilled_milli * demand.quantity for demand in demands])
    return total - sum([demands[index].unfilled_milli * units for index, units in placed])
