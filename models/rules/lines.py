"""Arithmetic on an order's lines and fulfillments: counters move, sums stay (invariant I4)."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from models.records.fulfillment import Fulfillment, FulfillmentStatus, Parcel
from models.records.line import Component, Line, UnitsOfLine
from models.records.order import Order
from models.records.place import Destination
from models.rejections import Rejected, RejectionCode

OPEN_STATUSES = frozenset(
    {
        FulfillmentStatus.ALLOCATED,
        FulfillmentStatus.ACCEPTED,
        FulfillmentStatus.PICKED,
        FulfillmentStatus.PACKED,
        FulfillmentStatus.READY,
    }
)
RECALLABLE_STATUSES = frozenset({FulfillmentStatus.ALLOCATED, FulfillmentStatus.ACCEPTED})
"""Nothing is picked yet: units may be taken back."""


def parts_of(line: Line, units: int) -> tuple[tuple[str, int], ...]:
    """Give the SKUs that so many units of a line take from stock: the line's own, or those a kit is made of."""
    if not line.components:
        return ((line.sku, units),)
    return tuple([(part.sku, part.quantity * units) for part in line.components])


def needs_of(components: Iterable[Component]) -> dict[str, int]:
    """Give the units of each SKU that go into one unit of a kit; a SKU may stand in it twice."""
    needs: dict[str, int] = {}
    for part in components:
        needs[part.sku] = needs.get(part.sku, 0) + part.quantity
    return needs


def kits_of(lines: Iterable[Line]) -> dict[str, tuple[Component, ...]]:
    """Give what a unit of each line is made of, by line id, where it is a kit."""
    return {line.line_id: line.components for line in lines if line.components}


def waiting_units(order: Order) -> dict[str, int]:
    """Give the units that wait, by the SKU that was ordered."""
    units: dict[str, int] = {}
    for line in order.lines:
        if line.waiting:
            each = own_units(line) if line.components else 1
            units[line.sku] = units.get(line.sku, 0) + line.waiting * each
    return units


def own_units(line: Line) -> int:
    """Give how many units of its SKU a line counts in one: a listing of six is six, a kit is one of its own."""
    return per_unit(line, line.sku) or 1


def destination_of(order: Order, ship_to: str) -> Destination:
    """Give the address of a name; of none, the order's own."""
    return order.terms.destinations[ship_to] if ship_to and order.terms is not None else order.destination


def per_unit(line: Line, sku: str) -> int:
    """Give how many units of a SKU one unit of a line takes from stock."""
    if not line.components:
        return 1 if line.sku == sku else 0
    return sum(part.quantity for part in line.components if part.sku == sku)


def with_lines(order: Order, changed: Mapping[str, Line]) -> Order:
    """Put changed lines, by id, in the place of the old ones."""
    return replace(order, lines=tuple(changed.get(line.line_id, line) for line in order.lines))


def with_fulfillment(order: Order, changed: Fulfillment) -> Order:
    """Put a changed fulfillment in the place of the old one."""
    same = changed.fulfillment_id
    return replace(order, fulfillments=tuple(changed if f.fulfillment_id == same else f for f in order.fulfillments))


def parcel_of(order: Order, parcel_id: str) -> Parcel | None:
    """Find a parcel of an order."""
    return next((parcel for parcel in order.parcels if parcel.parcel_id == parcel_id), None)


def with_parcel(order: Order, changed: Parcel) -> Order:
    """Put a changed parcel in the place of the old one."""
    same = changed.parcel_id
    return replace(order, parcels=tuple(changed if p.parcel_id == same else p for p in order.parcels))


def fulfillment_of(order: Order, fulfillment_id: str) -> Fulfillment | None:
    """Find a fulfillment of an order."""
    return next((f for f in order.fulfillments if f.fulfillment_id == fulfillment_id), None)


def by_line(units: Iterable[UnitsOfLine]) -> dict[str, int]:
    """Give units as a mapping from line id."""
    return {u.line_id: u.quantity for u in units}


def as_units(by_line_id: Mapping[str, int]) -> tuple[UnitsOfLine, ...]:
    """Give a mapping from line id as units, leaving zeros out."""
    return tuple(UnitsOfLine(line_id=line_id, quantity=count) for line_id, count in by_line_id.items() if count > 0)


def allocated_units(fulfillment: Fulfillment) -> dict[str, int]:
    """Give the units still allocated in a fulfillment, by line id."""
    return {line.line_id: line.allocated for line in fulfillment.lines if line.allocated > 0}


def take_allocated(fulfillment: Fulfillment, units: Mapping[str, int]) -> Fulfillment:
    """Take allocated units out of a fulfillment, unpicked ones first."""
    lines = []
    for line in fulfillment.lines:
        left = line.allocated - units.get(line.line_id, 0)
        lines.append(replace(line, allocated=left, picked=min(line.picked, left), fenced=min(line.fenced, left)))
    return replace(fulfillment, lines=tuple(lines))


def is_empty(fulfillment: Fulfillment) -> bool:
    """Tell whether a fulfillment has nothing left to ship."""
    return all(line.allocated == 0 for line in fulfillment.lines)


def has_shipped(fulfillment: Fulfillment) -> bool:
    """Tell whether any unit of a fulfillment has left."""
    return any(line.shipped for line in fulfillment.lines)


def check_units(units: Iterable[UnitsOfLine], open_units: Mapping[str, int], known: Iterable[str]) -> Rejected | None:
    """Refuse units that name a line twice, a line that is not there, or more than is open."""
    ids = set(known)
    seen: set[str] = set()
    for unit in units:
        if unit.line_id in seen:
            return Rejected(RejectionCode.LINE_REPEATED, f"line {unit.line_id} stands twice; name it once", "units")
        seen.add(unit.line_id)
        if unit.line_id not in ids:
            return Rejected(RejectionCode.LINE_UNKNOWN, f"there is no line {unit.line_id} here", "units")
        if unit.quantity > open_units.get(unit.line_id, 0):
            return Rejected(
                RejectionCode.TOO_MANY_UNITS,
                f"line {unit.line_id} has {open_units.get(unit.line_id, 0)} such units, not {unit.quantity}",
                "units",
            )
    return None
