"""Of a SKU: what is set apart or expected, which orders wait for it, and what their units count on."""

from typing import Any, NamedTuple

from api.present import order_of
from api.security import Principal, Scope
from api.services import Services
from api.views.listing import OrderFilter, Sort
from api.web.words import name_of
from models.records.line import Peg
from models.records.order import Order
from models.records.pool import Location
from models.records.stock import ApartView, IncomingView, SkuView

_SHOWN = 20
_LOOKED_THROUGH = 100


class ApartFacts(NamedTuple):
    """What lies at a location and is not for everybody, or is only declared."""

    location_name: str
    apart: ApartView


class IncomingFacts(NamedTuple):
    """Units that are expected at a location."""

    location_name: str
    time_zone: str
    incoming: IncomingView


class WaitingFacts(NamedTuple):
    """An order with the units of the SKU that wait in it, and what those count on."""

    order: Order
    units: int
    pegs: tuple[Peg, ...]


async def around(services: Services, who: Principal, view: SkuView, places: dict[str, Location]) -> dict[str, Any]:
    """Give what the page of a SKU shows besides its levels."""
    apart = view.apart if isinstance(view.apart, tuple) else ()
    incoming = view.incoming if isinstance(view.incoming, tuple) else ()
    return {
        "apart": [ApartFacts(name_of(places, one.location_id), one) for one in apart],
        "incoming": [_incoming(places, one) for one in incoming],
        "waiting": await _waiting(services, who, view),
    }


def expected_document(document: str, location_id: str, sku: str) -> str:
    """Name what a page expects of a document: one SKU at one location, so that it replaces nothing else of it."""
    return f"{document}/{location_id}/{sku}"


def _incoming(places: dict[str, Location], one: IncomingView) -> IncomingFacts:
    place = places.get(one.location_id)
    return IncomingFacts(name_of(places, one.location_id), place.time_zone if place is not None else "UTC", one)


async def _waiting(services: Services, who: Principal, view: SkuView) -> list[WaitingFacts]:
    """Give the orders whose units wait longest; who waits is the pool's, not a location's."""
    if not view.waiting or who.locations is not None or not who.may(Scope.ORDERS_READ):
        return []
    wanted = OrderFilter(sku=view.sku, waiting=True, sort=Sort.OLDEST)
    rows = await services.views.orders(view.pool, wanted, after=None, limit=_LOOKED_THROUGH)
    found = (_of_order(order_of(row.body), view.sku) for row in rows)
    return [one for one in found if one.units][:_SHOWN]


def _of_order(order: Order, sku: str) -> WaitingFacts:
    lines = [line for line in order.lines if line.sku == sku and line.waiting]
    return WaitingFacts(order, sum(line.waiting for line in lines), tuple(peg for line in lines for peg in line.pegs))
