"""Words that several pages share: units of SKUs, lists of things, names of locations, instants within a sentence."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from api.web.filters import instant, words
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.records.pool import Location

_CAUSES = {
    "allocation_broken": "the stock was gone",
    "hold_released": "a hold was released",
    "moved": "somebody named the location",
    "rejected": "the location rejected it",
    "reroute": "somebody asked for it",
    "short_pick": "some units were not on the shelf",
    "stock_rose": "stock came in",
}


def when_in(zone: str) -> Callable[[int], str]:
    """Give what writes an instant in a zone as plain text."""
    return lambda at_ms: str(instant(at_ms, zone).striptags())


def name_of(places: Mapping[str, Location], location_id: str) -> str:
    """Give a location's name, its id where it has none."""
    place = places.get(location_id)
    return place.name if place is not None and place.name else location_id


def listed(parts: Sequence[str]) -> str:
    """Write things one after the other: A, B and C."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def units_of_skus(order: Order, units: Iterable[UnitsOfLine]) -> str:
    """Write units of lines by their SKU: 2 × A and 1 × B."""
    skus = {line.line_id: line.sku for line in order.lines}
    wanted: dict[str, int] = {}
    for unit in units:
        sku = skus.get(unit.line_id, f"line {unit.line_id}")
        wanted[sku] = wanted.get(sku, 0) + unit.quantity
    return listed([f"{count} × {sku}" for sku, count in wanted.items()])


def cause_of(name: str) -> str:
    """Write a cause of the core in words."""
    return _CAUSES.get(name, words(name))
