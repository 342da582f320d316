"""The commands that open a pool for the generated traffic: locations, policy, catalogue, stock."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from models.commands import (
    Command,
    PutCatalogue,
    PutLocations,
    PutPolicy,
    PutPool,
    ReceiveStock,
    StockLine,
)
from models.records.pool import CatalogueItem, Policy, RateCard
from pipelines.traffic.places import locations
from pipelines.traffic.workload import Shelf, Workload

CURRENCY = "USD"
ACTOR = "traffic"
SOURCE = "traffic"

_T = TypeVar("_T")
_ITEMS_PER_COMMAND = 500
_LINES_PER_DOCUMENT = 100
_KILOMETER_METERS = 1_000

RATE_CARD = RateCard(
    distance_limits_meters=tuple(limit * _KILOMETER_METERS for limit in (80, 240, 480, 970, 1_610, 2_250, 2_900)),
    weight_limits_grams=(500, 1_000, 2_000, 5_000, 10_000),
    price_minor=tuple(
        tuple(zone + step * (8 + band) // 8 for step in (0, 110, 260, 620, 1_250, 2_900))
        for band, zone in enumerate((520, 560, 610, 680, 760, 850, 940, 1_050))
    ),
)


def set_up(workload: Workload, shelf: Shelf, pool: str, run: str, now_ms: int) -> Iterator[Command]:
    """Everything a pool needs before its first order, in the order in which it must be sent.

    A new run brings new stock; what is there already stays as it is.
    """

    def envelope(name: str) -> dict[str, Any]:
        return {
            "command_id": f"{run}/{name}",
            "pool": pool,
            "issued_at_ms": now_ms,
            "actor": ACTOR,
            "reason": "generated traffic",
        }

    places = locations(workload.locations)
    yield PutPool(currency=CURRENCY, name=f"Generated traffic {pool}", **envelope("pool"))
    yield PutLocations(locations=places, **envelope("locations"))
    yield PutPolicy(policy=Policy(version=2, preset="cheapest", rate_card=RATE_CARD), **envelope("policy"))
    for part, items in enumerate(_parts(_catalogue(shelf), _ITEMS_PER_COMMAND)):
        yield PutCatalogue(items=tuple(items), **envelope(f"catalogue-{part}"))
    for number, place in enumerate(places):
        for part, lines in enumerate(_parts(_opening_lines(shelf, number), _LINES_PER_DOCUMENT)):
            name = f"opening-{place.location_id}-{part}"
            yield ReceiveStock(
                source=SOURCE,
                document=f"{run}/{name}",
                location_id=place.location_id,
                occurred_at_ms=now_ms,
                lines=tuple(lines),
                **envelope(name),
            )


def _catalogue(shelf: Shelf) -> list[CatalogueItem]:
    return [
        CatalogueItem(sku=sku, name=f"Article {rank + 1}", weight_grams=100 + rank * 37 % 2_400)
        for rank, sku in enumerate(shelf.skus)
    ]


def _opening_lines(shelf: Shelf, location: int) -> list[StockLine]:
    return [
        StockLine(line=str(rank), sku=shelf.skus[rank], quantity=units)
        for rank, cells in enumerate(shelf.opening)
        for place, units in cells
        if place == location
    ]


def _parts(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
