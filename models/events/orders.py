"""What happens to an order as a whole."""

from models.events.envelope import Event
from models.events.routing import Assignment
from models.records.hold import HoldType
from models.records.line import Component, Peg, UnitsOfLine
from models.records.money import StatedPayment, StatedRefund
from models.records.order import Order
from models.records.risk import Recommendation, RiskLevel
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
    kits: dict[str, tuple[Component, ...]] = {}
    """What a unit of a line is made of, by line id, where it is a kit."""


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


class OrderImported(OrderTaken, tag="order_imported", kw_only=True):
    """An order of the past was put on record; it has shipped, and no stock moved."""

    shipped_at_ms: InstantMs


class OrderEdited(Event, tag="order_edited", kw_only=True):
    """What is ordered was changed: all lines as they are from now on."""

    order_id: str
    edition: int
    lines: tuple[OrderedLine, ...]
    kits: dict[str, tuple[Component, ...]] = {}
    total_minor: int
    total_before_minor: int
    cancelled_minor: int
    """What all cancelled units come to."""
    changed: tuple[str, ...]
    """The names of what was changed."""


class EditPreviewed(Event, tag="edit_previewed", kw_only=True):
    """What an edit would come to, in money and routing; nothing was changed."""

    order_id: str
    edition: int
    """To be named by whoever confirms it."""
    lines: tuple[OrderedLine, ...]
    total_minor: int
    total_before_minor: int
    cancelled_minor: int
    cancelled_before_minor: int
    assignments: tuple[Assignment, ...]
    waiting: tuple[UnitsOfLine, ...]


class ContentMerged(Event, tag="content_merged", kw_only=True):
    """The channel's newer content was merged: what it changed was taken, what only we changed was kept."""

    order_id: str
    source_version: int
    taken: tuple[str, ...]
    kept: tuple[str, ...]
    clashes: tuple[str, ...]
    """What both had changed; the master of each field counts, and a person is asked to look."""


class RiskAssessed(Event, tag="risk_assessed", kw_only=True):
    """A provider said what the risk is that the order is not genuine."""

    order_id: str
    provider: str
    level: RiskLevel
    recommendation: Recommendation


class StatedMoneyRecorded(Event, tag="stated_money_recorded", kw_only=True):
    """What a channel or provider says of the order's money was put on record: only what is new of it."""

    order_id: str
    total_minor: int | None
    payments: tuple[StatedPayment, ...]
    refunds: tuple[StatedRefund, ...]


class PromiseRevised(Event, tag="promise_revised", kw_only=True):
    """Another time is promised; the first promise stays on record."""

    order_id: str
    promise_by_ms: InstantMs
    cause: str


class UnitsPegged(Event, tag="units_pegged", kw_only=True):
    """Waiting units count on expected receipts, or on others than before, or on none any more."""

    order_id: str
    line_id: str
    sku: Sku
    pegs: tuple[Peg, ...]


class OrderClosed(Event, tag="order_closed", kw_only=True):
    """An order that has ended left the table; this is its row, to come back by."""

    order_id: str
    digest: str
    order: Order


class OrderReopened(Event, tag="order_reopened", kw_only=True):
    """A closed order came back."""

    order_id: str
    digest: str


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


class UnitsReinstated(Event, tag="units_reinstated", kw_only=True):
    """Cancelled units are wanted again, with the cents that they had."""

    order_id: str
    units: tuple[UnitsOfLine, ...]
    amount_minor: int


class HoldApplied(Event, tag="hold_applied", kw_only=True):
    """The order was kept from moving."""

    order_id: str
    hold: HoldType
    release_at_ms: InstantMs | None = None
    cancel_at_ms: InstantMs | None = None
    line_id: str = ""
    fulfillment_id: str = ""
    handle: str = ""


class HoldReleased(Event, tag="hold_released", kw_only=True):
    """A hold ended."""

    order_id: str
    hold: HoldType
    line_id: str = ""
    fulfillment_id: str = ""
    resolution: str = ""
    kits: dict[str, tuple[Component, ...]] = {}
    """What a unit of a line is made of, where the catalogue has only now told that it is a kit."""
    handle: str = ""


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


class Oversold(Event, tag="oversold", kw_only=True):
    """What became of an order that an outside fact had taken stock from: the ledger of oversells."""

    order_id: str
    sku: Sku
    location_id: LocationId
    quantity: int
    cause: str
    """The command that told the fact."""
    source: str
    document: str
    located_again: int
    """Of these, the units that other locations ship now; the rest waits."""
    places: tuple[LocationId, ...]
