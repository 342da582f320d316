"""An order taken to atoms, and the sums over every subset (block) of them."""

from collections.abc import Sequence
from typing import NamedTuple

from models.rules.routing.plan import Demand, Limits, Option, bracket

MOST_ATOMS = 8
"""Above this the exact programme (3^atoms / 2 steps) is too slow in Python; the greedy choice is taken."""


class Atoms(NamedTuple):
    """Atom `a` is `units[a]` units of demand `demand[a]`.

    By block: its units, its weight bracket, what leaving it out costs. `groups` are the masks of the demands that
    were taken apart.
    """

    demand: tuple[int, ...]
    units: tuple[int, ...]
    groups: tuple[tuple[int, int], ...]
    block_units: list[int]
    block_bracket: list[int]
    block_unfilled: list[int]


def atoms_of(demands: Sequence[Demand], options: Sequence[Option], limits: Limits, *, apart: bool) -> Atoms | None:
    """Take the order to atoms; None where that gives more of them than the programme takes.

    A demand is one atom where some location holds all of it, unless `apart`; else one atom a unit, as many as there
    is stock for.
    """
    demand_of: list[int] = []
    units_of: list[int] = []
    groups: list[tuple[int, int]] = []
    for index, demand in enumerate(demands):
        first = len(demand_of)
        quantity = demand.quantity
        if not apart and any([option.available[index] >= quantity for option in options]):  # noqa: C419 - faster
            count, units = 1, quantity
        else:
            count, units = min(sum([option.available[index] for option in options]), quantity), 1
        if first + count > MOST_ATOMS:
            return None
        demand_of.extend([index] * count)
        units_of.extend([units] * count)
        if count > 1:
            groups.append((index, ((1 << count) - 1) << first))
    pairs = list(zip(demand_of, units_of, strict=True))
    limits_grams = limits.weight_limits_grams
    return Atoms(
        tuple(demand_of),
        tuple(units_of),
        tuple(groups),
        subset_sums(units_of),
        [bracket(grams, limits_grams) for grams in subset_sums([demands[d].weight_grams * u for d, u in pairs])],
        subset_sums([demands[d].unfilled_milli * u for d, u in pairs]),
    )


def block_costs(option: Option, atoms: Atoms) -> list[tuple[int, int]]:
    """Give every block that an option can ship, with its cost."""
    available, package, unit = option.available, option.package_milli, option.unit_milli
    mask, bit = 0, 1
    for demand, units in zip(atoms.demand, atoms.units, strict=True):
        if available[demand] >= units:
            mask |= bit
        bit <<= 1
    block_units, block_bracket, groups = atoms.block_units, atoms.block_bracket, atoms.groups
    # What is taken apart limits its blocks only where there is less of it than the order wants.
    short = [(group, available[d]) for d, group in groups if (mask & group).bit_count() > available[d]]
    costs: list[tuple[int, int]] = []
    block = mask
    while block:
        if not short or all([(block & group).bit_count() <= most for group, most in short]):  # noqa: C419 - faster
            costs.append((block, package[block_bracket[block]] + unit * block_units[block]))
        block = (block - 1) & mask
    return costs


def units_of_block(block: int, atoms: Atoms) -> tuple[tuple[int, int], ...]:
    """Give the units of each demand in a block."""
    units: dict[int, int] = {}
    for atom, (demand, count) in enumerate(zip(atoms.demand, atoms.units, strict=True)):
        if block >> atom & 1:
            units[demand] = units.get(demand, 0) + count
    return tuple(units.items())


def subset_sums(values: Sequence[int]) -> list[int]:
    """Give the sum of every subset; bit `i` of the index stands for value `i`."""
    sums = [0]
    for value in values:
        sums += [known + value for known in sums]
    return sums
