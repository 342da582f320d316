"""What is known already, for those who ask: orders, parcels and levels, by the views."""

import sqlite3

from api.exchange.order_names import OrderNames
from api.present import movement_of, order_of, pool_view_of
from api.views.queries import Views
from api.views.search import orders_with
from api.views.shelves import read_shelf
from api.views.sql import GET_MOVEMENTS_BEFORE
from api.views.terms import Kind, solid, term
from connectors.frame.asked import ParcelRef
from connectors.frame.naming import plain_name
from models.records.order import Order
from models.records.pool import StockBasis
from models.records.stock import StockLevel

_END = 2**63 - 1
"""Beyond every offset."""


class KnownByViews:
    """A pool as its views have it; each look is a row by its key."""

    def __init__(self, views: Views, names: OrderNames, pool: str) -> None:
        self._views = views
        self._names = names
        self._pool = pool
        self._supplied: dict[str, bool] | None = None

    def order(self, order_id: str) -> Order | None:
        """Give an order, closed ones included."""
        row = self._views.order(self._pool, order_id)
        return None if row is None else order_of(row[1])

    def orders_named(self, pool: str, name: str) -> tuple[Order, ...]:
        """Give the orders that a shop calls so: by its id of them, or by what it called them at cut-over."""
        found = [order_of(row) for row in orders_with(self._connection(), term(pool, Kind.EXTERNAL, name))]
        orders = {order.order_id: order for order in found if plain_name(order.external_id) == name}
        for order_id in self._names.orders(pool, name):
            order = self.order(order_id)
            if order is not None:
                orders[order_id] = order
        return tuple(orders.values())

    def parcels(self, pool: str, tracking_number: str) -> tuple[ParcelRef, ...]:
        """Give the parcels with a tracking number, however it is grouped."""
        wanted = solid(tracking_number)
        if not wanted:
            return ()
        found = orders_with(self._connection(), term(pool, Kind.TRACKING, tracking_number))
        return tuple(
            ParcelRef(order_id=order.order_id, fulfillment_id=parcel.fulfillment_id, parcel_id=parcel.parcel_id)
            for order in map(order_of, found)
            for parcel in order.parcels
            if solid(parcel.tracking_number) == wanted
        )

    def level(self, pool: str, sku: str, location_id: str) -> StockLevel | None:
        """Give a level."""
        shelf = read_shelf(self._connection(), pool, location_id, sku)
        if shelf is None:
            return None
        return StockLevel(
            sku=sku,
            location_id=location_id,
            on_hand=shelf.on_hand,
            allocated=shelf.allocated,
            unsellable=shelf.unsellable,
            safety_stock=shelf.safety_stock,
        )

    def moved_since(self, pool: str, sku: str, at_ms: int) -> bool:
        """Tell whether anything of a SKU was booked after a time: the newest movement tells."""
        newest = self._connection().execute(GET_MOVEMENTS_BEFORE, (pool, sku, _END, 0, 0, 1)).fetchone()
        return newest is not None and movement_of(newest[3]).recorded_at_ms > at_ms

    def is_supplied(self, pool: str, location_id: str) -> bool:
        """Tell whether the stock of a location is a supplier's, who declares it."""
        if self._supplied is None:
            row = self._views.pool(pool)
            places = () if row is None else pool_view_of(row[2]).locations
            self._supplied = {place.location_id: place.stock is StockBasis.DECLARED for place in places}
        return self._supplied.get(location_id, False)

    def _connection(self) -> sqlite3.Connection:
        return self._views.connection()
