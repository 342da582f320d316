"""What has happened, in the past tense. Events of one command travel together in its `CommandUpdate`.

An event's id is the command's position and its index in the list.
"""

from models.records.order import HoldType, UnitsOfLine
from models.types import Count, InstantMs, LocationId, Record, Sku


class Event(Record, tag_field="type", kw_only=True):
    """Base of all events."""


class OrderPlaced(Event, tag="order_placed", kw_only=True):
    """An order was taken."""

    order_id: str
    channel: str
    external_id: str
    total_minor: int
    currency: str
    units: int


class OrderReserved(Event, tag="order_reserved", kw_only=True):
    """An order was reserved until a time."""

    order_id: str
    expires_at_ms: InstantMs


class ReservationPlaced(Event, tag="reservation_placed", kw_only=True):
    """A reservation became its order."""

    order_id: str


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


class Assignment(Record, kw_only=True):
    """Units of lines given to one location, at what cost in thousandths of a minor unit."""

    location_id: LocationId
    fulfillment_id: str
    units: tuple[UnitsOfLine, ...]
    cost_milli: int


class Candidate(Record, array_like=True, omit_defaults=False, kw_only=True):
    """A location that was weighed: its cheapest cost to ship `lines` (a count) of the order, and why it lost.

    `lost_by` is '' for a chosen one.
    """

    location_id: LocationId
    lines: int
    cost_milli: int
    lost_by: str


class RoutingTrace(Record, kw_only=True):
    """Why the units went where they went (I10)."""

    policy_version: int
    preset: str
    method: str
    """`exact`, or `greedy` above the exact kernel's size."""
    cost_milli: int
    candidates: tuple[Candidate, ...] = ()
    excluded: dict[str, tuple[LocationId, ...]] = {}
    """Locations that were not weighed, by reason: no_stock, no_capacity, disabled, refused_before."""


class UnitsRouted(Event, tag="units_routed", kw_only=True):
    """Locations were chosen and their stock claimed; what found none waits."""

    order_id: str
    cause: str
    assignments: tuple[Assignment, ...]
    waiting: tuple[UnitsOfLine, ...]
    trace: RoutingTrace


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
    sku: Sku
    quantity: int
    cause: str


class FulfillmentAccepted(Event, tag="fulfillment_accepted", kw_only=True):
    """The location will do it."""

    order_id: str
    fulfillment_id: str
    occurred_at_ms: InstantMs


class FulfillmentRejected(Event, tag="fulfillment_rejected", kw_only=True):
    """The location refused."""

    order_id: str
    fulfillment_id: str
    location_id: LocationId
    cause: str
    occurred_at_ms: InstantMs


class FulfillmentPicked(Event, tag="fulfillment_picked", kw_only=True):
    """Units are off the shelf; `short` names what was not found."""

    order_id: str
    fulfillment_id: str
    occurred_at_ms: InstantMs
    short: tuple[UnitsOfLine, ...] = ()


class FulfillmentPacked(Event, tag="fulfillment_packed", kw_only=True):
    """Everything picked is in parcels."""

    order_id: str
    fulfillment_id: str
    occurred_at_ms: InstantMs


class FulfillmentCancelled(Event, tag="fulfillment_cancelled", kw_only=True):
    """No unit is left in it."""

    order_id: str
    fulfillment_id: str
    cause: str


class ParcelShipped(Event, tag="parcel_shipped", kw_only=True):
    """A parcel left."""

    order_id: str
    fulfillment_id: str
    parcel_id: str
    location_id: LocationId
    units: tuple[UnitsOfLine, ...]
    occurred_at_ms: InstantMs
    carrier: str = ""
    tracking_number: str = ""
    implied: bool = False
    broken: Count = 0
    """Units shipped beyond what was allocated here (a partner's fact wins)."""


class TrackingRecorded(Event, tag="tracking_recorded", kw_only=True):
    """A parcel's carrier, tracking number or time of leaving was stated later."""

    order_id: str
    parcel_id: str
    carrier: str
    tracking_number: str
    shipped_at_ms: InstantMs


class ParcelEnded(Event, kw_only=True):
    """Base of what ends a parcel."""

    order_id: str
    parcel_id: str
    occurred_at_ms: InstantMs


class ParcelDelivered(ParcelEnded, tag="parcel_delivered", kw_only=True):
    """It arrived."""


class ParcelLost(ParcelEnded, tag="parcel_lost", kw_only=True):
    """The carrier lost it."""


class ParcelReturnedToSender(ParcelEnded, tag="parcel_returned_to_sender", kw_only=True):
    """It came back."""

    restocked: bool


class StockCompared(Event, tag="stock_compared", kw_only=True):
    """A message of a source that does not move this stock; only compared with the book."""

    sku: Sku
    location_id: LocationId
    source: str
    stated: int
    book: int


class LineRepeated(Event, tag="line_repeated", kw_only=True):
    """A document's line had been booked already; nothing changed."""

    source: str
    document: str
    line: str


class StockShort(Event, tag="stock_short", kw_only=True):
    """An outside fact left less on hand than is allocated, or less than nothing."""

    sku: Sku
    location_id: LocationId
    on_hand: int
    allocated: int


class TransferClosed(Event, tag="transfer_closed", kw_only=True):
    """A transfer is complete; what did not arrive is named."""

    transfer_id: str
    missing: tuple[tuple[str, int], ...] = ()


class PoolChanged(Event, tag="pool_changed", kw_only=True):
    """Set-up changed: `what` is pool, locations, policy or catalogue."""

    what: str
    count: int = 1


AnyEvent = (
    OrderPlaced
    | OrderReserved
    | ReservationPlaced
    | ReservationExpired
    | OlderContentIgnored
    | NewerContentNoted
    | UnitsRouted
    | UnitsCancelled
    | HoldApplied
    | HoldReleased
    | OrderAtRisk
    | AllocationBroken
    | FulfillmentAccepted
    | FulfillmentRejected
    | FulfillmentPicked
    | FulfillmentPacked
    | FulfillmentCancelled
    | ParcelShipped
    | TrackingRecorded
    | ParcelDelivered
    | ParcelLost
    | ParcelReturnedToSender
    | StockCompared
    | LineRepeated
    | StockShort
    | TransferClosed
    | PoolChanged
)
