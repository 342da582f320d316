"""Partition of an order when packages are limited, or an option may be used only once: rarely needed, so apart."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from models.rules.routing.atoms import Atoms, block_costs
from models.rules.routing.plan import NEVER, Limits, Option


class _Block(NamedTuple):
    """A block given to an option, and the blocks before it."""

    option: int
    atoms: int
    before: "_Block | None"


_Cell = tuple[int, _Block | None]
_Layer = list[_Cell]
"""For every set of atoms: the least cost of treating all of it, and the blocks that do. Layer k has k blocks."""


def partition(options: Sequence[Option], limits: Limits, atoms: Atoms) -> tuple[list[tuple[int, int]], int]:
    """Give the cheapest list of (option, block) within the limits, each option once, and its cost.

    Options are free at first; one that comes out twice is then taken at most once, and so on. Each such limit only
    raises the cost, so the first partition that uses every option once is the best one.
    """
    costs = [dict(block_costs(option, atoms)) for option in options]
    once: list[int] = []
    while True:
        layers = _free_layers(costs, [i for i in range(len(options)) if i not in once], limits, atoms)
        for index in once:
            layers = _with_once(layers, costs[index], index, limits.split_milli)
        cost, block = min((_settled(layer[-1], limits) for layer in layers), key=_cost)
        chosen = _unfold(block)
        twice = _used_twice(chosen)
        if twice is None:
            return chosen, cost
        once.append(twice)


def _free_layers(costs: list[dict[int, int]], free: list[int], limits: Limits, atoms: Atoms) -> list[_Layer]:
    """Partition over options that may be used for several blocks."""
    best: dict[int, tuple[int, int]] = {}
    for index in free:
        for block, cost in costs[index].items():
            known = best.get(block)
            if known is None or cost < known[0]:
                best[block] = (cost, index)
    layers: list[_Layer] = [[(cost, None) for cost in atoms.block_unfilled]]
    for _ in range(min(limits.most_packages, len(atoms.demand))):
        layers.append(_next_layer(layers[-1], best, atoms.block_unfilled, limits.split_milli))
    return layers


def _next_layer(before: _Layer, best: dict[int, tuple[int, int]], unfilled: list[int], split_milli: int) -> _Layer:
    """Treat every set with one block more: its lowest atom is left out, or is in one of the blocks."""
    layer: _Layer = [(NEVER, None)]
    for atoms in range(1, len(before)):
        lowest = atoms & -atoms
        rest = atoms ^ lowest
        cost, blocks = layer[rest]
        cost += unfilled[lowest]
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
                left = fewer[atoms ^ block]
                if atoms & block == block and cost + split_milli + left[0] < cells[atoms][0]:
                    cells[atoms] = (cost + split_milli + left[0], _Block(index, block, left[1]))
        added.append(cells)
    return added


def _settled(cell: _Cell, limits: Limits) -> _Cell:
    """Every block was charged as a split; the first is none."""
    cost, blocks = cell
    return (cost - limits.split_milli, blocks) if blocks is not None else cell


def _used_twice(chosen: list[tuple[int, int]]) -> int | None:
    seen: set[int] = set()
    for option, _ in chosen:
        if option in seen:
            return option
        seen.add(option)
    return None


def _unfold(block: _Block | None) -> list[tuple[int, int]]:
    chosen: list[tuple[int, int]] = []
    while block is not None:
        chosen.append((block.option, block.atoms))
        block = block.before
    return chosen[::-1]


def _cost(cell: _Cell) -> int:
    return cell[0]
