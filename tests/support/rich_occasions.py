"""Something of every kind to tell, with everything in it that an occasion may have, and again with the least."""

from typing import Any

from connectors.frame.documents import Available, Occasion, OccasionKind
from connectors.frame.facts import Address, Buyer
from connectors.frame.message import Account
from models.records.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Parcel, ParcelStatus
from models.records.line import Line, UnitsOfLine
from models.records.order import Order, OrderStatus
from models.records.place import Destination

AT_MS = 1_788_250_000_000
MOST_AVAILABLE = 260
"""More than any of the systems takes at once."""

SETTINGS = {
    "shopify": {"shop": "acme", "stock_location": "71"},
    "medusa": {"url": "https://shop.example", "stock_location": "sloc_1"},
    "woocommerce": {"url": "https://shop.example"},
    "amazon": {"seller_id": "SELLER 1", "marketplaces": "A1PA6795UKMFR9"},
    "square": {"stock_moves_by": "orders"},
    "shipstation_v1": {"warehouse_id": "9", "store_id": "12"},
    "shipstation_v2": {"warehouse_id": "se-1", "carrier_id": "se-9", "service_code": "ups_ground"},
    "plain": {"url": "https://partner.example/hooks"},
}
"""What an account of each connector is set to."""

_ORDERS = {
    "shopify": ("5001", ("11", "12")),
    "medusa": ("order_1", ("ordli_1", "ordli_2")),
    "amazon": ("302-1234567-7654321", ("61", "62")),
}
"""Ids of an order and its lines, where a system has them of a form of its own."""

FULL = Address(
    country="US",
    name="A. Person",
    company="Persons Inc",
    lines=("1 Way", "Back", "Third floor", "Ring twice"),
    city="Austin",
    region="TX",
    postcode="78701",
)
LEAST = Address(country="DE", name="Ö. Müller", lines=("Gässchen 1",), city="Köln", postcode="50667")


def account(name: str, **settings: str) -> Account:
    """Give an account of a connector, with one location."""
    return Account(
        name="acc",
        connector=name,
        pool="eu",
        time_zone="Europe/Berlin",
        settings=SETTINGS.get(name, {}) | settings,
        locations={"SHOP": "austin"},
    )


def rich(name: str, kind: OccasionKind, *, whole: bool = False, least: bool = False) -> Occasion:
    """Two mugs and a cup. `whole`: all of it is meant, and not a unit of the mugs; `least`: without what may miss."""
    external_id, (mugs, cup) = _ORDERS.get(name, ("501", ("l1", "l2")))
    parcel = Parcel(
        parcel_id="P1",
        fulfillment_id="o1-1",
        units=(UnitsOfLine(line_id=mugs, quantity=2), UnitsOfLine(line_id=cup, quantity=1)),
        status=ParcelStatus.DELIVERED if kind is OccasionKind.PARCEL_DELIVERED else ParcelStatus.IN_TRANSIT,
        shipped_at_ms=AT_MS,
        carrier="" if least else "dhl_express",
        tracking_number="" if least and kind is OccasionKind.PARCEL_SHIPPED else "JD014600003SE",
    )
    back = {mugs: 2 if whole else 1} | ({cup: 1} if whole else {})
    is_cancelled = kind is OccasionKind.UNITS_CANCELLED
    lines = tuple(
        Line(
            line_id=line_id,
            sku=sku,
            quantity=count,
            unit_price_minor=1250,
            cancelled=back.get(line_id, 0) if is_cancelled else 0,
        )
        for line_id, sku, count in ((mugs, "MUG", 2), (cup, "CUP", 1))
    )
    order = Order(
        order_id="o1",
        pool="eu",
        channel="shop",
        external_id=external_id,
        currency="EUR",
        status=OrderStatus.CANCELLED if is_cancelled and whole else OrderStatus.SHIPPED,
        lines=lines,
        destination=Destination(country="DE"),
        placed_at_ms=AT_MS,
        version=1,
        offset=1,
        index=0,
        updated_at_ms=AT_MS,
        promise_by_ms=None if least else AT_MS + 86_400_000,
        parcels=(parcel,),
    )
    part = Fulfillment(
        fulfillment_id="o1-1",
        location_id="austin",
        status=FulfillmentStatus.ALLOCATED,
        lines=(
            FulfillmentLine(line_id=mugs, sku="MUG", allocated=2),
            FulfillmentLine(line_id=cup, sku="CUP", allocated=1),
        ),
        routed_at_ms=AT_MS,
    )
    about: dict[str, Any] = {"order": order, "fulfillment": part}
    if kind in {OccasionKind.PARCEL_SHIPPED, OccasionKind.PARCEL_TRACKED, OccasionKind.PARCEL_DELIVERED}:
        about["parcel"] = parcel
    if kind in {OccasionKind.UNITS_CANCELLED, OccasionKind.CANCELLATION_REQUESTED}:
        about["units"] = tuple(UnitsOfLine(line_id=line_id, quantity=count) for line_id, count in back.items())
        about["cause"] = "" if least else "inventory"
    if kind is OccasionKind.FULFILLMENT_REQUESTED:
        about["address"] = LEAST if least else FULL
        about["buyer"] = Buyer() if least else Buyer(name="A. Person", phone="+1 5", email="a@shop.example")
        about["titles"] = {} if least else {"MUG": "Clay mug", "CUP": "Cup"}
    if kind is OccasionKind.AVAILABILITY:
        about = {"available": _available(1 if least else MOST_AVAILABLE)}
    return Occasion(delivery_id="d1", kind=kind, at_ms=AT_MS, number=7, **about)


def _available(count: int) -> tuple[Available, ...]:
    return tuple(
        Available(
            sku=f"SKU-{number}", quantity=number % 7, last_sent=9 if number % 3 else None, listing_ref=str(number)
        )
        for number in range(1, count + 1)
    )
