"""What an inventory level says: units that the shop may still sell of an item at a location.

It names the inventory item and no SKU: its id stands for one, and an alias of the account says what that is with us.
Source: Shopify, InventoryLevel resource.
"""

from connectors.frame.facts import StockCounted, StockLine
from connectors.frame.reading import Given, instant, whole
from connectors.systems.shopify.parcels import Said
from connectors.systems.shopify.shapes import Amount, Ident, Named, QuantityGiven
from connectors.systems.shopify.values import either, needed, word
from models.types import MAX_QUANTITY

_NO_COUNT = "the level holds no count: an item was joined to a location or taken from it, or is not tracked there"


class ItemGiven(Given):
    """An inventory item; its id is not the variant's."""

    id: Ident = None
    sku: str | None = None


class LevelGiven(Given):
    """Units of an inventory item at a location."""

    inventory_item_id: Ident = None
    item: ItemGiven | None = None
    location_id: Ident = None
    location: Named | None = None
    available: Amount = None
    quantities: list[QuantityGiven] | None = None
    updated_at: str | None = None


def stock_counted(given: LevelGiven) -> Said:
    """Give what a level says; one that counts nothing says nothing."""
    item = given.inventory_item_id if given.item is None else given.item.id
    item_id = needed(item, "inventory_item_id")
    location = needed(either(given.location_id, given.location), "location_id")
    available = _available(given)
    if available is None:
        return _NO_COUNT
    # A shop that sold more than it had counts below nothing.
    units = whole(available, "available", least=-MAX_QUANTITY)
    at_ms = instant(given.updated_at, "updated_at")
    sku = (given.item.sku or "").strip() if given.item is not None else ""
    return (
        StockCounted(
            document=f"inventory_level/{location}/{item_id}/{at_ms}",
            location=location,
            as_of_ms=at_ms,
            lines=(StockLine(line=item_id, sku=sku or item_id, quantity=units),),
            available=True,
        ),
    )


def _available(given: LevelGiven) -> Amount:
    for one in given.quantities or ():
        if word(one.name) == "available":
            return one.quantity
    return given.available
