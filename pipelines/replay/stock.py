"""Stock that the files do not hold, inferred from what was sold, and declared as inferred.

As it was: what each seller's city sold of a product is what it had. Hubs: the same units lie at a few hubs, and so
many of them are missing until later that the wanted share of lines runs short.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import polars as pl

_DAY_MS = 86_400_000
RESTOCK_AFTER_MS = 3 * _DAY_MS


class Sold(NamedTuple):
    """Units of a product that a line of an order took."""

    at_ms: int
    sku: str
    city: tuple[str, str]
    quantity: int


class Receipt(NamedTuple):
    """Units that come in later."""

    at_ms: int
    location_id: str
    sku: str
    quantity: int


def sold_lines(lines: pl.DataFrame) -> list[Sold]:
    """The lines in order of time."""
    columns = ("purchased_ms", "product_id", "seller_city", "seller_state", "quantity")
    return [Sold(at, sku, (city, state), units) for at, sku, city, state, units in lines.select(columns).iter_rows()]


def as_sold(sold: Sequence[Sold], location_of: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], int]:
    """Opening stock by (location, SKU): what was sold is what was there."""
    opening: Counter[tuple[str, str]] = Counter()
    for line in sold:
        opening[location_of[line.city], line.sku] += line.quantity
    return dict(sorted(opening.items()))


def top_cities(sold: Sequence[Sold], count: int) -> dict[tuple[str, str], int]:
    """The cities that sold most lines, with how many."""
    return dict(sorted(Counter(line.city for line in sold).items(), key=lambda item: (-item[1], item[0]))[:count])


def at_hubs(
    sold: Sequence[Sold], hubs: Mapping[str, int], short_share: float
) -> tuple[dict[tuple[str, str], int], list[Receipt], int]:
    """Opening stock at hubs, the receipts that bring what it lacks, and how many lines lack units.

    Units are given to hubs by the hubs' share of real lines. The newest units of a product are the missing ones,
    since stock is used up in order of time, so it is its newest lines that run short.
    """
    homes: dict[str, deque[str]] = defaultdict(deque)
    for number, line in enumerate(sold):
        # The units of a line lie together, as a buyer of six found them.
        homes[line.sku].extend([_hub(hubs, f"{line.sku}/{number}")] * line.quantity)
    receipts: list[Receipt] = []
    short = _short_lines(sold, short_share)
    for number in sorted(short, reverse=True):
        line = sold[number]
        missing = Counter(homes[line.sku].pop() for _ in range(line.quantity))
        receipts += [Receipt(line.at_ms + RESTOCK_AFTER_MS, hub, line.sku, units) for hub, units in missing.items()]
    opening = Counter((hub, sku) for sku, units in homes.items() for hub in units)
    return dict(sorted(opening.items())), sorted(receipts), len(short)


def _short_lines(sold: Sequence[Sold], share: float) -> set[int]:
    """The newest lines of so many products that they are the wanted share of all lines, spread over the products."""
    newest: dict[str, int] = {line.sku: number for number, line in enumerate(sold)}
    ranked = sorted(newest.values(), key=lambda number: _draw(f"short/{sold[number].sku}"))
    return set(ranked[: round(share * len(sold))])


def _hub(hubs: Mapping[str, int], what: str) -> str:
    """A hub by its weight, drawn by a hash: the same on every run."""
    point = _draw(what) % sum(hubs.values())
    for hub, weight in hubs.items():
        if point < weight:
            return hub
        point -= weight
    raise AssertionError("the weights cover every point")


def _draw(what: str) -> int:
    return int.from_bytes(blake2b(what.encode(), digest_size=8).digest())
