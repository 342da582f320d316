"""Gathers from the views what the sentence on an order is told with."""

from collections.abc import Callable

from api.present import pool_view_of, sku_view_of
from api.present_why import Facts, Why, why
from api.security import Principal, pool_unknown
from api.services import Services
from models.records.order import Order
from models.records.stock import SkuView


def explained(services: Services, who: Principal, order: Order, when: Callable[[int], str]) -> Why:
    """Say why an order stands, with instants as `when` writes them.

    Raises:
        Problem: 404 while the pool is not in the views.
    """
    row = services.views.pool(order.pool)
    if row is None:
        raise pool_unknown(order.pool)
    setup = pool_view_of(row[2])
    stock: dict[str, SkuView] = {}
    # What others have on their shelves is not for those bound to locations.
    for line in order.lines if who.locations is None else ():
        found = services.views.sku(order.pool, line.sku) if line.waiting else None
        if found is not None:
            stock[line.sku] = sku_view_of(found[2])
    # In a replay of the past the wall clock says nothing.
    now_ms = order.updated_at_ms if setup.pool.simulated else services.now_ms()
    return why(order, Facts({place.location_id: place for place in setup.locations}, stock, now_ms, when))
