"""An order as its customer may see it: what they ordered, where it stands, when it comes.

Nothing of a person, of who works here, of why something is held, nor of the places that it comes from; of carriers'
scans only the state, since their own words name who took a parcel.
"""

from collections.abc import Mapping
from typing import NamedTuple

from api.customers.carriers import carrier_page
from api.customers.plain import one_line
from api.customers.zones import known_zone, zone_of
from models.records.fulfillment import CarrierStatus, Fulfillment, FulfillmentStatus, Parcel, ParcelStatus
from models.records.line import UnitsOfLine
from models.records.order import Order, OrderStatus
from models.records.pool import Location, PoolView

_PREPARING = frozenset({FulfillmentStatus.ACCEPTED, FulfillmentStatus.PICKED, FulfillmentStatus.PACKED})
_ENDED = {
    ParcelStatus.DELIVERED: "delivered",
    ParcelStatus.LOST: "lost",
    ParcelStatus.RETURNED_TO_SENDER: "returned",
}
_UNTOLD = frozenset({CarrierStatus.UNKNOWN, CarrierStatus.EXPIRED})
_OVER = frozenset({"delivered", "collected", "cancelled", "undelivered", "ready"})
_NUMBER_MAX = 60


class Item(NamedTuple):
    """So many of something; `cancelled` of them will not come."""

    name: str
    quantity: int
    cancelled: int = 0


class ShownScan(NamedTuple):
    """A state that the carrier told."""

    at_ms: int
    state: str


class ShownParcel(NamedTuple):
    """A parcel."""

    parcel_id: str
    state: str
    items: tuple[Item, ...]
    carrier: str
    tracking_number: str
    page: str
    scans: tuple[ShownScan, ...]


class Picture(NamedTuple):
    """An order as its customer sees it."""

    number: str
    shop: str
    state: str
    zone: str
    placed_at_ms: int
    promise_ms: int | None
    """None once it has arrived, or where nothing is promised."""
    items: tuple[Item, ...]
    parcels: tuple[ShownParcel, ...]
    country: str
    store: str
    """The name of the place where the customer collects it: they chose it."""
    currency: str
    total_minor: int


def picture_of(order: Order, view: PoolView | None, titles: Mapping[str, str]) -> Picture:
    """Give an order's picture. `titles` are names by SKU; without one the SKU stands for it."""
    places = {} if view is None else {one.location_id: one for one in view.locations}
    channel = next((one for one in view.channels if one.channel_id == order.channel), None) if view else None
    store = "" if order.terms is None or order.terms.collect_at is None else order.terms.collect_at
    collected_at = places.get(store)
    state = _state(order, is_collected=bool(store))
    return Picture(
        number=one_line(order.external_id, _NUMBER_MAX),
        shop=one_line(channel.name if channel is not None and channel.name else view.pool.name if view else ""),
        state=state,
        zone=_zone(order, places, collected_at),
        placed_at_ms=order.placed_at_ms,
        promise_ms=None if state in _OVER else order.revised_promise_ms or order.promise_by_ms,
        items=tuple(
            Item(_name(line.sku, titles), line.quantity, line.cancelled) for line in order.lines if line.quantity
        ),
        parcels=tuple(_parcel(order, one, titles) for one in order.parcels if not one.implied or one.tracking_number),
        country=order.destination.country,
        store=one_line(collected_at.name if collected_at is not None else store),
        currency=order.currency,
        total_minor=order.total_minor,
    )


def items_of(order: Order, units: tuple[UnitsOfLine, ...], titles: Mapping[str, str]) -> tuple[Item, ...]:
    """Give units of lines by name."""
    skus = {line.line_id: line.sku for line in order.lines}
    return tuple(Item(_name(skus[one.line_id], titles), one.quantity) for one in units if one.line_id in skus)


def _state(order: Order, *, is_collected: bool) -> str:
    match order.status:
        case OrderStatus.CANCELLED | OrderStatus.EXPIRED:
            return "cancelled"
        case OrderStatus.DELIVERED:
            if not any(line.delivered for line in order.lines):
                return "undelivered"
            return "collected" if is_collected else "delivered"
        case OrderStatus.SHIPPED:
            return "shipped"
        case _:
            pass
    if any(part.status is FulfillmentStatus.READY for part in order.fulfillments):
        return "ready"
    if order.status is OrderStatus.PARTIALLY_SHIPPED:
        return "partly_shipped"
    if any(part.status in _PREPARING for part in order.fulfillments):
        return "preparing"
    return "waiting" if order.status is OrderStatus.BACKORDERED else "received"


def _parcel(order: Order, parcel: Parcel, titles: Mapping[str, str]) -> ShownParcel:
    tracking = parcel.tracking
    scans = () if tracking is None else tracking.scans
    now = "in_transit" if tracking is None or tracking.status in _UNTOLD else tracking.status.value
    return ShownParcel(
        parcel_id=parcel.parcel_id,
        state=_ENDED.get(parcel.status) or ("in_transit" if now == "delivered" else now),
        items=items_of(order, parcel.units, titles),
        carrier=one_line(parcel.carrier),
        tracking_number=one_line(parcel.tracking_number),
        page=carrier_page(parcel.carrier, parcel.tracking_number),
        scans=tuple(
            ShownScan(one.at_ms, one.status.value)
            for one in sorted(scans, key=lambda scan: scan.at_ms, reverse=True)
            if one.status not in _UNTOLD
        ),
    )


def _zone(order: Order, places: Mapping[str, Location], store: Location | None) -> str:
    """Give the zone in which its customer reads times: of the store, else of where it goes to."""
    if store is not None:
        return known_zone(store.time_zone)
    from_place = _first(order.fulfillments, places)
    return zone_of(order.destination, "UTC" if from_place is None else from_place.time_zone)


def _first(parts: tuple[Fulfillment, ...], places: Mapping[str, Location]) -> Location | None:
    known = (places.get(part.location_id) for part in parts)
    return next((one for one in known if one is not None), next(iter(places.values()), None))


def _name(sku: str, titles: Mapping[str, str]) -> str:
    return one_line(titles.get(sku, "") or sku)
