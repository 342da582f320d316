"""Positions as people write them: degrees, from the core's unit vectors."""

import math

from models.geo import NANO
from models.records.place import Position


def degrees_of(position: Position) -> tuple[float, float]:
    """Give latitude and longitude with six decimals, which are a hand's breadth."""
    x, y, z = position.x / NANO, position.y / NANO, position.z / NANO
    latitude, longitude = math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
    # Adding 0 makes a 0 of -0.
    return round(latitude, 6) + 0.0, round(longitude, 6) + 0.0
