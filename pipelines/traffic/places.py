"""Where the generated traffic happens: thirty cities that ship, and buyers spread around them."""

from random import Random
from typing import NamedTuple

from models.geo import position_of
from models.records.place import Destination
from models.records.pool import Location, LocationKind

_COUNTRY = "US"
_BUYER_SPREAD_DEGREES = 1.5


class City(NamedTuple):
    """A city by name, time zone and position."""

    name: str
    region: str
    time_zone: str
    latitude_degrees: float
    longitude_degrees: float


_EAST, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _WEST = "America/Denver", "America/Los_Angeles"

CITIES = (
    City("New York", "NY", _EAST, 40.71, -74.01),
    City("Los Angeles", "CA", _WEST, 34.05, -118.24),
    City("Chicago", "IL", _CENTRAL, 41.88, -87.63),
    City("Houston", "TX", _CENTRAL, 29.76, -95.37),
    City("Phoenix", "AZ", "America/Phoenix", 33.45, -112.07),
    City("Philadelphia", "PA", _EAST, 39.95, -75.17),
    City("San Antonio", "TX", _CENTRAL, 29.42, -98.49),
    City("San Diego", "CA", _WEST, 32.72, -117.16),
    City("Dallas", "TX", _CENTRAL, 32.78, -96.80),
    City("Jacksonville", "FL", _EAST, 30.33, -81.66),
    City("Columbus", "OH", _EAST, 39.96, -83.00),
    City("Charlotte", "NC", _EAST, 35.23, -80.84),
    City("Indianapolis", "IN", "America/Indiana/Indianapolis", 39.77, -86.16),
    City("Seattle", "WA", _WEST, 47.61, -122.33),
    City("Denver", "CO", _MOUNTAIN, 39.74, -104.99),
    City("Boston", "MA", _EAST, 42.36, -71.06),
    City("Nashville", "TN", _CENTRAL, 36.16, -86.78),
    City("Detroit", "MI", "America/Detroit", 42.33, -83.05),
    City("Portland", "OR", _WEST, 45.52, -122.68),
    City("Memphis", "TN", _CENTRAL, 35.15, -90.05),
    City("Oklahoma City", "OK", _CENTRAL, 35.47, -97.52),
    City("Las Vegas", "NV", _WEST, 36.17, -115.14),
    City("Louisville", "KY", "America/Kentucky/Louisville", 38.25, -85.76),
    City("Milwaukee", "WI", _CENTRAL, 43.04, -87.91),
    City("Albuquerque", "NM", _MOUNTAIN, 35.08, -106.65),
    City("Kansas City", "MO", _CENTRAL, 39.10, -94.58),
    City("Atlanta", "GA", _EAST, 33.75, -84.39),
    City("Miami", "FL", _EAST, 25.76, -80.19),
    City("Minneapolis", "MN", _CENTRAL, 44.98, -93.27),
    City("Salt Lake City", "UT", _MOUNTAIN, 40.76, -111.89),
)


def locations(count: int) -> tuple[Location, ...]:
    """The first so many cities as locations: every third is a store, the others are warehouses."""
    return tuple(_location(number, CITIES[number]) for number in range(count))


def destinations(count: int, random: Random) -> tuple[Destination, ...]:
    """So many places of buyers, each near one of the cities."""
    return tuple(_destination(random) for _ in range(count))


def _location(number: int, city: City) -> Location:
    is_store = number % 3 == 2  # noqa: PLR2004 # Every third, as the docstring says.
    return Location(
        location_id=f"{city.name.lower().replace(' ', '-')}",
        name=f"{city.name} {'store' if is_store else 'warehouse'}",
        kind=LocationKind.STORE if is_store else LocationKind.WAREHOUSE,
        time_zone=city.time_zone,
        country=_COUNTRY,
        position=position_of(city.latitude_degrees, city.longitude_degrees),
        handling_minor=180 if is_store else 90,
        pick_minor=35 if is_store else 20,
    )


def _destination(random: Random) -> Destination:
    city = CITIES[random.randrange(len(CITIES))]
    latitude = city.latitude_degrees + random.uniform(-1, 1) * _BUYER_SPREAD_DEGREES
    longitude = city.longitude_degrees + random.uniform(-1, 1) * _BUYER_SPREAD_DEGREES
    return Destination(
        country=_COUNTRY,
        postcode=f"{random.randrange(100_000):05d}",
        region=city.region,
        position=position_of(latitude, longitude),
    )
