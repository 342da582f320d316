"""A small shop whose history is known to the unit: two locations, two SKUs, six orders, a 3PL that counts.

Berlin's parcels from east and Cologne's from west cost 5.00, all others 9.00.
"""

from connectors.folder.setup import Head, Setup
from connectors.frame import facts as f
from connectors.frame.message import Account
from models.geo import position_of
from models.records.fulfillment import CarrierStatus
from models.records.pool import CatalogueItem, Channel, Location, Policy, RateCard
from pipelines.shadow.history import Told

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BEGIN_MS = 1_788_220_800_000  # 2026-09-01T00:00:00Z

SHOP = Account(name="shop", connector="plain", pool="p", channel="web")
PARTNER = Account(name="3pl", connector="partner_csv", pool="p", locations={"E1": "east", "W1": "west"})
BERLIN = f.Address(country="DE", name="Ada", lines=("Weg 1",), latitude=52.52, longitude=13.40)
COLOGNE = f.Address(country="DE", name="Ben", lines=("Weg 2",), latitude=50.94, longitude=6.96)

SETUP = Setup(
    head=Head(pool="p", currency="EUR", name="Small shop"),
    policy=Policy(
        version=2,
        preset="cheapest",
        rate_card=RateCard(distance_limits_meters=(100_000,), price_minor=((500,), (900,))),
    ),
    locations=(
        Location(location_id="east", name="East", country="DE", position=position_of(52.5, 13.4)),
        Location(location_id="west", name="West", country="DE", position=position_of(50.9, 7.0)),
    ),
    channels=(Channel(channel_id="web", name="Web"),),
    catalogue=(CatalogueItem(sku="A"), CatalogueItem(sku="B")),
)


def at(days: float) -> int:
    """Give the instant so many days after the beginning."""
    return BEGIN_MS + round(days * DAY_MS)


def order(
    name: str,
    days: float,
    units: dict[str, int],
    to: f.Address,
    *,
    promise: float | None = None,
    off: float | None = None,
) -> Told:
    """Let the shop state an order; what was called off has nothing left of it."""
    lines = tuple(
        f.LineStated(
            line_id=sku, sku=sku, quantity=0 if off is not None else count, ordered=count, unit_price_minor=1000
        )
        for sku, count in units.items()
    )
    fact = f.OrderStated(
        external_id=f"x{name}",
        number=f"#{name}",
        source_version=1,
        placed_at_ms=at(days),
        currency="EUR",
        lines=lines,
        destination=to,
        promise_by_ms=None if promise is None else at(promise),
        cancelled_at_ms=None if off is None else at(off),
    )
    return Told(SHOP, fact)


def parcel(name: str, number: int, days: float, place: str, units: dict[str, int]) -> Told:
    """Let the 3PL ship, by the order's number as the shop had given it."""
    fact = f.ParcelStated(
        parcel_id=f"{name}-{number}",
        at_ms=at(days),
        fulfillment_id=name,
        units=tuple(f.UnitsStated(sku=sku, quantity=count) for sku, count in units.items()),
        tracking_number=f"T{name}-{number}",
        location=place,
    )
    return Told(PARTNER, fact)


def delivered(name: str, number: int, days: float) -> Told:
    """Let the carrier hand it over."""
    return Told(
        PARTNER,
        f.ParcelScanned(tracking_number=f"T{name}-{number}", status=CarrierStatus.DELIVERED, at_ms=at(days)),
    )


def count(document: str, days: float, place: str, units: dict[str, int]) -> Told:
    """Let the 3PL count."""
    lines = tuple(f.StockLine(line=sku, sku=sku, quantity=count) for sku, count in units.items())
    return Told(PARTNER, f.StockCounted(document=document, location=place, as_of_ms=at(days), lines=lines))


HISTORY = (
    count("c1-east", 0, "E1", {"A": 5, "B": 2}),
    count("c1-west", 0, "W1", {"A": 5, "B": 0}),
    # Sent across the country, and late: promised for day 3, there on day 4.
    order("1", 1, {"A": 1}, COLOGNE, promise=3),
    parcel("1", 1, 2, "E1", {"A": 1}),
    delivered("1", 1, 4),
    # Sent in two parcels, where one location had it all.
    order("2", 1.1, {"A": 1, "B": 1}, BERLIN),
    parcel("2", 1, 1.5, "W1", {"A": 1}),
    parcel("2", 2, 1.5, "E1", {"B": 1}),
    delivered("2", 1, 2),
    # Of B one is left when three are sold.
    order("3", 1.2, {"B": 3}, BERLIN),
    # Called off, and sent all the same.
    order("4", 2, {"A": 1}, COLOGNE, off=2.2),
    parcel("4", 1, 2.5, "W1", {"A": 1}),
    # Sent twice.
    order("5", 3, {"A": 1}, BERLIN),
    parcel("5", 1, 3.5, "E1", {"A": 1}),
    parcel("5", 2, 4.5, "E1", {"A": 1}),
    # Nobody knows what it is.
    order("6", 3.5, {"ZZZ": 1}, BERLIN),
    # East has sent 3 of its 5; one is lost. West has sent 2 of its 5.
    count("c2-east", 10, "E1", {"A": 1}),
    count("c2-west", 10, "W1", {"A": 3}),
)
