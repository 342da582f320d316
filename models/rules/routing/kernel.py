"""The exact choice of locations: a dynamic programme over subsets of an order's atoms.

An atom is a whole demand (all units of one SKU), or one unit of it where no location holds the whole. For each block
(subset of atoms) the cheapest location able to ship it is found in one pass; then the order is partitioned into
blocks at least total cost. Exact for any cost of (location, block), since packages are enumerated. All costs are
integers; ties go to the location that comes first.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from models.rules.routing.greedy import cover
from models.rules.routing.plan import NEVER, Demand, Limits, Option, Package, Plan, bracket

MOST_ATOMS = 8
"""Above this the exact programme (3^atoms / 2 steps a layer) is too slow in Python; the greedy choice is taken."""


class _Atoms(NamedTuple):
    """Atom `a` is `units[a]` units of demand `demand[a]`; `groups` are the masks of demands taken apart."""

    demand: tuple[int, ...]
    units: tuple[int, ...]
    groups: tuple[tuple[int, int], ...]


class _Block(NamedTuple):
    """A block given to an option, and the blocks before it."""

    option: int
    atoms: int
    before: "_Block | None"


_Cell = tuple[int, _Block | None]
_Layer = list[_Cell]
"""For every set of atoms: the least cost of treating all of it, and the blocks that do."""


def solve(demands: Sequence[Demand], options: Sequence[Option], limits: Limits) -> Plan:
    """Choose locations for demands (distinct SKUs), never beyond what a location can promise.

    Demands are first kept whole; only where taking them apart may be cheaper (or is needed) are they atoms of one
    unit, which is exact up to `MOST_ATOMS` units.
    """
    whole = _whole(demands, options, limits)
    if whole is not None and (_all_single(demands) or _beats_any_split(whole, demands, options, limits)):
        return whole
    apart = _atoms(demands, options, apart=True)
    if apart is not None:
        return _exact(demands, options, limits, apart)
    if whole is not None:
        return whole._replace(method="whole")
    atoms = _atoms(demands, options, apart=False)
    return cover(demands, options, limits) if atoms is None else _exact(demands, options, limits, atoms)


def _whole(demands: Sequence[Demand], options: Sequence[Option], limits: Limits) -> Plan | None:
    """Give the best plan with every demand whole, where some location holds each of them."""
    if len(demands) == 1:
        return _whole_single(demands[0], options, limits)
    atoms = _atoms(demands, options, apart=False)
    return None if atoms is None or atoms.groups else _exact(demands, options, limits, atoms)


def _whole_single(demand: Demand, options: Sequence[Option], limits: Limits) -> Plan | None:
    """The common case: one SKU, and a location that holds all of it."""
    quantity = demand.quantity
    weight = bracket(demand.weight_grams * quantity, limits.weight_limits_grams)
    best, chosen = NEVER, -1
    for index, option in enumerate(options):
        if option.available[0] >= quantity:
            cost = option.package_milli[weight] + option.unit_milli * quantity
            if cost < best:
                best, chosen = cost, index
    if chosen < 0 or best > demand.unfilled_milli * quantity:
        return None
    return Plan((Package(chosen, ((0, quantity),), best),), best, "exact")


def _all_single(demands: Sequence[Demand]) -> bool:
    return all(demand.quantity == 1 for demand in demands)


def _beats_any_split(whole: Plan, demands: Sequence[Demand], options: Sequence[Option], limits: Limits) -> bool:
    """Tell whether one package is cheaper than any two could be, without trying them."""
    if len(whole.packages) != 1 or len(whole.packages[0].units) != len(demands):
        return False
    units = sum(demand.quantity for demand in demands)
    package = min(min(option.package_milli) for option in options)
    unit = min(option.unit_milli for option in options)
    return whole.cost_milli <= 2 * package + limits.split_milli + unit * units


def _atoms(demands: Sequence[Demand], options: Sequence[Option], *, apart: bool) -> _Atoms | None:
    """Take the order to atoms; None where that gives more of them than the programme takes."""
    demand_of: list[int] = []
    units_of: list[int] = []
    groups: list[tuple[int, int]] = []
    for index, demand in enumerate(demands):
        first = len(demand_of)
        if not apart and any(option.available[index] >= demand.quantity for option in options):
            count, units = 1, demand.quantity
        else:
            promised = sum(option.available[index] for option in options)
            count, units = min(promised, demand.quantity), 1
        if first + count > MOST_ATOMS:
            return None
        demand_of.extend([index] * count)
        units_of.extend([units] * count)
        if count > 1:
            groups.append((index, ((1 << count) - 1) << first))
    return _Atoms(tuple(demand_of), tuple(units_of), tuple(groups))


def _exact(demands: Sequence[Demand], options: Sequence[Option], limits: Limits, atoms: _Atoms) -> Plan:
    """Partition freely; an option that came out twice is then taken at most once, and so on.

    Each such limit only raises the cost, so the first partition that uses every option once is the best one.
    """
    costs = _block_costs(demands, options, limits, atoms)
    once: list[int] = []
    while True:
        free = [index for index in range(len(options)) if index not in once]
        layers = _free_layers(demands, costs, free, limits, atoms)
        for index in once:
            layers = _with_once(layers, costs[index], index, limits.split_milli)
        cost, block = min((_settled(layer[-1], limits) for layer in layers), key=_cell_cost)
        chosen = _unfold(block)
        twice = _used_twice(chosen)
        if twice is None:
            break
        once.append(twice)
    placed = [sum(atoms.units[a] for a, d in enumerate(atoms.demand) if d == i) for i in range(len(demands))]
    beyond = sum(d.unfilled_milli * (d.quantity - p) for d, p in zip(demands, placed, strict=True))
    packages = tuple(Package(option, _units(mask, atoms), costs[option][mask]) for option, mask in chosen)
    return Plan(packages, cost + beyond, "exact")


def _settled(cell: _Cell, limits: Limits) -> _Cell:
    """Every block was charged as a split; the first is none."""
    cost, blocks = cell
    return (cost - limits.split_milli, blocks) if blocks is not None else cell


def _block_costs(
    demands: Sequence[Demand], options: Sequence[Option], limits: Limits, atoms: _Atoms
) -> list[dict[int, int]]:
    """Give, for every option, the cost of every block that it can ship."""
    grams = _subset_sums([demands[d].weight_grams * u for d, u in zip(atoms.demand, atoms.units, strict=True)])
    brackets = [bracket(weight, limits.weight_limits_grams) for weight in grams]
    units_in = _subset_sums(list(atoms.units))
    needs = list(zip(atoms.demand, atoms.units, strict=True))
    costs: list[dict[int, int]] = []
    for option in options:
        available, package, unit = option.available, option.package_milli, option.unit_milli
        mask = 0
        for atom, (demand, units) in enumerate(needs):
            if available[demand] >= units:
                mask |= 1 << atom
        shippable: dict[int, int] = {}
        block = mask
        while block:
            if not atoms.groups or all((block & g).bit_count() <= available[d] for d, g in atoms.groups):
                shippable[block] = package[brackets[block]] + unit * units_in[block]
            block = (block - 1) & mask
        costs.append(shippable)
    return costs


def _free_layers(
    demands: Sequence[Demand], costs: list[dict[int, int]], free: list[int], limits: Limits, atoms: _Atoms
) -> list[_Layer]:
    """Partition over options that may be used for several blocks; layer k uses exactly k blocks."""
    count = len(atoms.demand)
    best: dict[int, tuple[int, int]] = {}
    for index in free:
        for block, cost in costs[index].items():
            known = best.get(block)
            if known is None or cost < known[0]:
                best[block] = (cost, index)
    unfilled = [demands[d].unfilled_milli * u for d, u in zip(atoms.demand, atoms.units, strict=True)]
    layers: list[_Layer] = [[(cost, None) for cost in _subset_sums(unfilled)]]
    for _ in range(min(limits.most_packages, count)):
        layers.append(_next_layer(layers[-1], best, unfilled, limits.split_milli))
    return layers


def _next_layer(before: _Layer, best: dict[int, tuple[int, int]], unfilled: list[int], split_milli: int) -> _Layer:
    """Treat every set with one block more: its lowest atom is left out, or is in one of the blocks."""
    layer: _Layer = [(NEVER, None)]
    for atoms in range(1, len(before)):
        lowest = atoms & -atoms
        rest = atoms ^ lowest
        cost, blocks = layer[rest]
        cost += unfilled[lowest.bit_length() - 1]
        others = rest
        while True:
            known = best.get(others | lowest)
            if known is not None:
                left = before[rest ^ others]
                total = known[0] + split_milli + left[0]
                if total < cost:
                    cost, blocks = total, _Block(known[1], others | lowest, left[1])
            if not others:
                break
            others = (others - 1) & rest
        layer.append((cost, blocks))
    return layer


def _with_once(layers: list[_Layer], costs: dict[int, int], index: int, split_milli: int) -> list[_Layer]:
    """Add an option that ships one block at most."""
    added: list[_Layer] = [layers[0]]
    for fewer, layer in pairwise(layers):
        cells = list(layer)
        for block, cost in sorted(costs.items()):
            for atoms in range(block, len(cells)):
                if atoms & block == block:
                    left = fewer[atoms ^ block]
                    if cost + split_milli + left[0] < cells[atoms][0]:
                        cells[atoms] = (cost + split_milli + left[0], _Block(index, block, left[1]))
        added.append(cells)
    return added


def _used_twice(chosen: list[tuple[int, int]]) -> int | None:
    """Give the first option that came out for two blocks: it may have promised the same units twice."""
    seen: set[int] = set()
    for option, _ in chosen:
        if option in seen:
            return option
        seen.add(option)
    return None


def _units(block: int, atoms: _Atoms) -> tuple[tuple[int, int], ...]:
    """Give the units of each demand in a block."""
    units: dict[int, int] = {}
    for atom, (demand, count) in enumerate(zip(atoms.demand, atoms.units, strict=True)):
        if block >> atom & 1:
            units[demand] = units.get(demand, 0) + count
    return tuple(units.items())


def _unfold(block: _Block | None) -> list[tuple[int, int]]:
    chosen: list[tuple[int, int]] = []
    while block is not None:
        chosen.append((block.option, block.atoms))
        block = block.before
    return chosen[::-1]


def _subset_sums(values: list[int]) -> list[int]:
    sums = [0]
    for value in values:
        sums.extend([known + value for known in sums])
    return sums


def _cell_cost(cell: _Cell) -> int:
    return cell[0]
