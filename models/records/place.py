"""Where something is on Earth, in integers, so that every machine decides alike."""

from models.types import Record, UnitNano


class Position(Record, kw_only=True):
    """A unit vector from the Earth's centre, in billionths, made by whoever writes the command.

    The core only takes dot products of these, so no transcendental function is needed in a decision
    (see `models.geo` for the way from latitude and longitude).
    """

    x: UnitNano
    y: UnitNano
    z: UnitNano


class Destination(Record, kw_only=True):
    """What routing may see of an address; the rest is personal data and stays sealed."""

    country: str
    postcode: str = ""
    region: str = ""
    position: Position | None = None
