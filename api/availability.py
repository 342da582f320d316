"""Gathers from the views what availability is reckoned with."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from api.present import item_of, sku_view_of
from api.views import sql
from models.records.pool import CatalogueItem
from models.records.stock import SkuView
from models.rules.availability import Availability, SetUp, of_kit, of_sku


class Goods(NamedTuple):
    """Catalogue items and levels by SKU."""

    items: Mapping[str, CatalogueItem]
    levels: Mapping[str, SkuView]


def read_goods(connection: sqlite3.Connection, pool: str, skus: Sequence[str]) -> Goods:
    """Give the items of SKUs, and of what kits among them are made of, with their levels; unknown ones are left out."""
    items = _items(connection, pool, skus)
    parts = {part.sku for item in items.values() for part in item.components} - items.keys()
    items |= _items(connection, pool, sorted(parts))
    return Goods(items, {sku: _levels(connection, pool, sku) for sku in items})


def availability_of(goods: Goods, sku: str, set_up: SetUp, *, now_ms: int, at_ms: int) -> Availability:
    """Give what may be sold of a SKU, which is a kit or not."""
    item, view = goods.items[sku], goods.levels[sku]
    if not item.components:
        return of_sku(view, item, set_up, now_ms=now_ms, at_ms=at_ms)
    parts = {
        part.sku: (goods.levels[part.sku], goods.items[part.sku])
        if part.sku in goods.items
        # A component that the catalogue lacks lies nowhere.
        else (_nothing(view.pool, part.sku), CatalogueItem(sku=part.sku))
        for part in item.components
    }
    return of_kit(item, view.waiting, parts, set_up, now_ms=now_ms, at_ms=at_ms)


def present_availability(sku: str, item: CatalogueItem, found: Availability) -> dict[str, Any]:
    """Give what may be sold of a SKU as it is shown."""
    return {
        "sku": sku,
        "available_to_fulfil": found.to_fulfil,
        "available_to_order": found.to_order,
        "waiting": found.waiting,
        "backorder_left": found.backorder_left,
        "published": found.published,
        "untracked": item.untracked,
        "locations": [
            {"location_id": location_id, "available_to_fulfil": place.to_fulfil, "incoming": place.incoming}
            for location_id, place in found.places.items()
        ],
    }


def _items(connection: sqlite3.Connection, pool: str, skus: Iterable[str]) -> dict[str, CatalogueItem]:
    rows = ((sku, connection.execute(sql.GET_ITEM, (pool, sku)).fetchone()) for sku in skus)
    return {sku: item_of(row[0]).item for sku, row in rows if row is not None}


def _levels(connection: sqlite3.Connection, pool: str, sku: str) -> SkuView:
    row = connection.execute(sql.GET_SKU, (pool, sku)).fetchone()
    return _nothing(pool, sku) if row is None else sku_view_of(row[2])


def _nothing(pool: str, sku: str) -> SkuView:
    return SkuView(pool=pool, sku=sku, offset=0, index=0, available=0, waiting=0, levels=())
