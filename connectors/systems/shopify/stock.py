"""What an inventory level says: units that the shop may still sell of an item at a location.

It names the inventory item and no SKU: its id stands for one, and an alias of the account says what that is with us.
Source: Shopify, InventoryLevel resource.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from connectors.frame.facts import StockCounted, StockLine
from connectors.frame.reading import Given, instant, read_json, whole
from connectors.systems.shopify.parcels import Said
from connectors.systems.shopify.shapes import Amount, Ident, Named, QuantityGiven
from connectors.systems.shopify.topics import family_of_global_id
from connectors.systems.shopify.values import either, needed, word
from models.types import MAX_QUANTITY

Fields = dict[str, Any]

_NO_COUNT = "the level holds no count: an item was joined to a location or taken from it, or is not tracked there"


class ItemGiven(Given):
    """An inventory item; its id is not the variant's."""

    id: Ident = None
    sku: str | None = None


class LevelGiven(Given):
    """Units of an inventory item at a location."""

    id: Ident = None
    inventory_item_id: Ident = None
    item: ItemGiven | None = None
    location_id: Ident = None
    location: Named | None = None
    available: Amount = None
    quantities: list[QuantityGiven] | None = None
    updated_at: str | None = None


def stock_counted(given: LevelGiven) -> Said:
    """Give what a level says; one that counts nothing says nothing."""
    item_id = needed(_item_of(given), "inventory_item_id")
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


def _item_of(given: LevelGiven) -> Ident:
    """Give the item, which a global id of a level names too: `gid://shopify/InventoryLevel/1?inventory_item_id=2`."""
    if given.item is not None:
        return given.item.id
    return given.inventory_item_id or str(given.id or "").partition("?inventory_item_id=")[2]


def levels_within(entry: bytes) -> list[msgspec.Raw]:
    """Give the levels that stand in an item, a variant, a product or a location; each names its item and location.

    What stands around a level in an answer of GraphQL is not named again in it.
    """
    return list(_levels(read_json(entry, Any), {}, {}))


def _levels(value: Any, item: Fields, location: Fields) -> Iterator[msgspec.Raw]:
    if isinstance(value, list):
        for one in value:
            yield from _levels(one, item, location)
        return
    if not isinstance(value, dict):
        return
    kind = family_of_global_id(str(value.get("id", "")))
    item = value if kind == "inventory_items" else value.get("inventory_item", item)
    location = value if kind == "locations" else location
    for name, inside in value.items():
        if name not in {"inventory_level", "inventory_levels"}:
            yield from _levels(inside, item, location)
            continue
        for level in inside if isinstance(inside, list) else [inside]:
            if isinstance(level, dict):
                around = {"item": _named(item, "sku"), "location": _named(location)}
                yield msgspec.Raw(msgspec.json.encode(around | level))


def _named(of: Any, *more: str) -> Fields | None:
    named = {name: of[name] for name in ("id", *more) if name in of} if isinstance(of, dict) else {}
    return named or None


def _available(given: LevelGiven) -> Amount:
    for one in given.quantities or ():
        if word(one.name) == "available":
            return one.quantity
    return given.available
