"""The time zone of a destination: of its country, and where that has several, of the zone's town that is nearest.

Source of towns: `zone.tab` of the IANA time zone database, as the package tzdata carries it.
"""

from functools import cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.geo import distance_meters, position_of
from models.records.place import Destination, Position

_UTC = "UTC"
_DEGREES_DIGITS = {"latitude": 2, "longitude": 3}
# Where only the state is known: the zone in which most of its people live.
_AMERICAN = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
}
_STATES = {state: zone for zone, states in _AMERICAN.items() for state in states.split()}

# The list's towns of the United States are few in the west and many in Indiana; these stand between them.
_MORE_TOWNS = {
    "America/Los_Angeles": ((47.6, -122.3), (45.5, -122.7), (37.8, -122.4), (36.2, -115.1), (47.7, -117.4)),
    "America/Denver": ((40.8, -111.9), (35.1, -106.6), (45.8, -108.5), (31.8, -106.4)),
    "America/Chicago": ((32.8, -96.8), (29.8, -95.4), (30.0, -90.1), (39.1, -94.6), (45.0, -93.3), (36.2, -86.8)),
    "America/New_York": ((33.7, -84.4), (25.8, -80.2), (35.2, -80.8), (40.0, -83.0), (36.0, -83.9)),
}


class _Town(NamedTuple):
    zone: str
    position: Position


def zone_of(place: Destination, fallback: str = _UTC) -> str:
    """Give the time zone of a destination; the fallback, a location's mostly, where nothing tells it."""
    towns = _towns().get(place.country.upper(), ())
    if not towns:
        return known_zone(fallback)
    is_american = place.country.upper() == "US"
    state = _STATES.get(place.region.upper().removeprefix("US-")) if is_american else None
    if state is not None:
        return state
    if place.position is not None:
        here = place.position
        near = (*towns, *_american_towns()) if is_american else towns
        return min(near, key=lambda town: distance_meters(here, town.position)).zone
    # The file names the largest of a country first; a location's zone is as good a guess within the country.
    return fallback if _is_of(fallback, towns) else towns[0].zone


def known_zone(name: str) -> str:
    """Give a zone's name, or UTC where there is none of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return _UTC
    return name


def _is_of(zone: str, towns: tuple[_Town, ...]) -> bool:
    return any(town.zone == zone for town in towns)


@cache
def _american_towns() -> tuple[_Town, ...]:
    return tuple(_Town(zone, position_of(*place)) for zone, places in _MORE_TOWNS.items() for place in places)


@cache
def _towns() -> dict[str, tuple[_Town, ...]]:
    found: dict[str, list[_Town]] = {}
    for line in files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        country, place, zone = line.split("\t")[:3]
        found.setdefault(country, []).append(_Town(zone, _position(place)))
    return {country: tuple(towns) for country, towns in found.items()}


def _position(text: str) -> Position:
    """Read a place as ISO 6709 writes it: +5230+01322."""
    end = max(text.rfind("+"), text.rfind("-"))
    latitude, longitude = text[:end], text[end:]
    return position_of(
        _degrees(latitude, _DEGREES_DIGITS["latitude"]), _degrees(longitude, _DEGREES_DIGITS["longitude"])
    )


def _degrees(text: str, digits: int) -> float:
    sign, rest = (-1 if text[0] == "-" else 1), text[1:]
    whole, minutes, seconds = rest[:digits], rest[digits : digits + 2], rest[digits + 2 :]
    return sign * (int(whole) + int(minutes) / 60 + int(seconds or 0) / 3600)
