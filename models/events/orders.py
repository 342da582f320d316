"""What happens to an order as a whole."""

from models.events.envelope import Event
from models.records.order import HoldType, UnitsOfLine
from models.types import InstantMs, LocationId, Record, Sku


class OrderedLine(Record, array_like=True, omit_defaults=False, kw_only=True):
    """A line as it was ordered, with its share of the order's total."""

    line_id: str
    sku: Sku
    quantity: int
    amount_minor: int


class OrderTaken(Event, kw_only=True):
    """Base of what starts an order (or starts it anew: a reservation placed with other content)."""

    order_id: str
    channel: str
    external_id: str
    currency: str
    total_minor: int
    units: int
    lines: tuple[OrderedLine, ...]


class OrderPlaced(OrderTaken, tag="order_placed", kw_only=True):
    """An order was taken."""


class OrderReserved(OrderTaken, tag="order_reserved", kw_only=True):
    """An order was reserved until a time."""

    expires_at_ms: InstantMs


class ReservationPlaced(OrderTaken, tag="reservation_placed", kw_only=True):
    """A reservation became its order, with the lines that count from now on."""


class ReservationExpired(Event, tag="reservation_expired", kw_only=True):
    """A reservation ended unplaced; its units are free."""

    order_id: str


class OlderContentIgnored(Event, tag="older_content_ignored", kw_only=True):
    """The channel sent what we already have, or something older."""

    order_id: str
    source_version: int


class NewerContentNoted(Event, tag="newer_content_noted", kw_only=True):
    """The channel sent newer content; a person or the channel's next change is to settle it."""

    order_id: str
    source_version: int


class UnitsCancelled(Event, tag="units_cancelled", kw_only=True):
    """Units will not be sent."""

    order_id: str
    units: tuple[UnitsOfLine, ...]
    amount_minor: int
    cause: str


class HoldApplied(Event, tag="hold_applied", kw_only=True):
    """The order was kept from moving."""

    order_id: str
    hold: HoldType
    release_at_ms: InstantMs | None = None


class HoldReleased(Event, tag="hold_released", kw_only=True):
    """A hold ended."""

    order_id: str
    hold: HoldType


class OrderAtRisk(Event, tag="order_at_risk", kw_only=True):
    """The promise comes near and units have not shipped."""

    order_id: str
    promise_by_ms: InstantMs


class AllocationBroken(Event, tag="allocation_broken", kw_only=True):
    """An outside fact took the stock of units that were promised to the order; they were routed again."""

    order_id: str
    fulfillment_id: str
    location_id: LocationId
    line_id: str
    sku: Sku
    quantity: int
    cause: str
