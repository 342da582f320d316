"""Positions on Earth: from degrees to integers (at the edges) and distances in integers (in the core)."""

import math

from models.records.place import Position

EARTH_RADIUS_METERS = 6_371_009  # mean radius, IUGG
NANO = 1_000_000_000


def position_of(latitude_degrees: float, longitude_degrees: float) -> Position:
    """Give the integer unit vector of a place; for the edges, never called inside a decision."""
    latitude, longitude = math.radians(latitude_degrees), math.radians(longitude_degrees)
    return Position(
        x=round(NANO * math.cos(latitude) * math.cos(longitude)),
        y=round(NANO * math.cos(latitude) * math.sin(longitude)),
        z=round(NANO * math.sin(latitude)),
    )


def distance_meters(a: Position, b: Position) -> int:
    """Give the straight (chord) distance: exact integers, same order as the great circle.

    It is below the great circle by 0.4 % at 2,000 km and 1.5 % at 3,800 km.
    """
    x, y, z = a.x - b.x, a.y - b.y, a.z - b.z
    return math.isqrt(x * x + y * y + z * z) * EARTH_RADIUS_METERS // NANO
