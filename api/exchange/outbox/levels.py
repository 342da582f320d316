"""Levels of availability with a merchant's thresholds, and which of them a change of the quantity crosses; pure."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from models.records.pool import CatalogueItem
from models.types import Record

LOW_STOCK_DEFAULT = 5
Quantity = Annotated[int, Meta(ge=0)]


class Level(StrEnum):
    """How much a channel may still sell, in three words."""

    OUT_OF_STOCK = "out_of_stock"
    LOW_STOCK = "low_stock"
    IN_STOCK = "in_stock"


_BY_HEIGHT = tuple(Level)


class Thresholds(Record, kw_only=True):
    """Where the levels of some SKUs begin; of several that match, the most specific counts."""

    sku: str | None = None
    category: str | None = None
    low_stock: Quantity = LOW_STOCK_DEFAULT
    """At this quantity or less it is low."""
    out_of_stock: Quantity = 0
    """At this quantity or less it is out, for whoever is told."""


class Watch(Record, kw_only=True):
    """What a subscription wants to know of availability; without channels that of all the pool's."""

    channels: tuple[str, ...] = ()
    thresholds: tuple[Thresholds, ...] = ()


class Crossing(Record, kw_only=True):
    """A change of level, and the last threshold that was crossed on the way."""

    before: Level
    after: Level
    threshold: int


def thresholds_for(item: CatalogueItem, watch: Watch) -> Thresholds:
    """Give what counts for a SKU: its own, else its category's, else any; of equals the first."""
    matching = [
        one
        for one in watch.thresholds
        if one.sku in (None, item.sku) and (one.category is None or one.category == item.category)
    ]
    return max(matching, key=lambda one: (one.sku is not None, one.category is not None), default=Thresholds())


def level_of(quantity: int, thresholds: Thresholds) -> Level:
    """Give the level of a quantity."""
    if quantity <= thresholds.out_of_stock:
        return Level.OUT_OF_STOCK
    return Level.LOW_STOCK if quantity <= thresholds.low_stock else Level.IN_STOCK


def crossing_of(before: Level, quantity: int, thresholds: Thresholds) -> Crossing | None:
    """Give what is crossed when a SKU that was at a level has a quantity now; None where it stays there."""
    after = level_of(quantity, thresholds)
    if after is before:
        return None
    falls = _BY_HEIGHT.index(after) < _BY_HEIGHT.index(before)
    # A threshold is the top of its level: who falls crosses that of the level below, who rises that of the one left.
    top_of_out = after is Level.OUT_OF_STOCK if falls else after is Level.LOW_STOCK
    return Crossing(
        before=before, after=after, threshold=thresholds.out_of_stock if top_of_out else thresholds.low_stock
    )
