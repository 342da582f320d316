"""What a channel's or a partner's SKU is with us, by the catalogue: for books that are kept beside the core."""

from collections.abc import Iterable
from typing import NamedTuple

from models.records.pool import CatalogueItem


class Goods(NamedTuple):
    """An item: what one of a line weighs, and the units that leave the shelf for it, by SKU."""

    sku: str
    weight_grams: int
    parts: tuple[tuple[str, int], ...]
    untracked: bool


class GoodsBook:
    """Looks items up as the core does: a channel's own SKU goes before one of ours that is written alike."""

    def __init__(self, items: Iterable[CatalogueItem]) -> None:
        self._items = {item.sku: item for item in items}
        self._listings = {
            (listing.channel, listing.sku): (item.sku, listing.quantity)
            for item in self._items.values()
            for listing in item.listings
        }

    def of(self, channel: str, sku: str) -> Goods | None:
        """Give what a SKU is; nothing where nobody knows it."""
        ours, times = self._listings.get((channel, sku), (sku, 1))
        item = self._items.get(ours)
        if item is None:
            return None
        parts = tuple((part.sku, part.quantity * times) for part in item.components) or ((ours, times),)
        return Goods(ours, item.weight_grams * times, parts, item.untracked)

    def knows(self, sku: str) -> bool:
        """Tell whether a SKU is one of ours."""
        return sku in self._items
