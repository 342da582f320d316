"""The part of an order that one location ships, its parcels, and what carriers say of them."""

from models.records.line import UnitsOfLine
from models.types import Count, InstantMs, LocationId, Record, Reference, Sku, Word


class FulfillmentStatus(Word):
    """Where the part of an order that one location ships stands."""

    ALLOCATED = "allocated", "stock is claimed, the location has not answered"
    ACCEPTED = "accepted", "the location will do it"
    PICKED = "picked", "units are off the shelf"
    PACKED = "packed", "units are in parcels"
    READY = "ready", "lies ready for the customer to collect"
    SHIPPED = "shipped", "every unit has left"
    DELIVERED = "delivered", "every parcel has ended: delivered, lost or returned"
    REJECTED = "rejected", "the location refused; its units were routed again"
    CANCELLED = "cancelled", "no unit is left in it"


class CancellationStatus(Word):
    """Where a request to a partner stands that it give units back."""

    REQUESTED = "requested", "the partner was asked and has not answered"
    ACCEPTED = "accepted", "it gave the units back"
    REJECTED = "rejected", "it will not, or has sent them already"


class Cancellation(Record, kw_only=True):
    """A request to a partner that it give units back, and what it answered."""

    status: CancellationStatus
    units: tuple[UnitsOfLine, ...]
    requested_at_ms: InstantMs
    cause: str
    answered_at_ms: InstantMs | None = None


class ParcelStatus(Word):
    """How a parcel counts in its order: on its way, or ended one way or another."""

    IN_TRANSIT = "in_transit", "it has left and has not ended"
    DELIVERED = "delivered", "it arrived"
    LOST = "lost", "the carrier lost it; it may still be found"
    RETURNED_TO_SENDER = "returned_to_sender", "it came back, and its units are on hand again"


class CarrierStatus(Word):
    """What a carrier last said of a parcel: the canonical states of tracking, an axis of its own."""

    UNKNOWN = "unknown", "the carrier said something that is none of the others"
    PRE_TRANSIT = "pre_transit", "the carrier knows of it and does not have it yet"
    IN_TRANSIT = "in_transit", "it is on its way"
    OUT_FOR_DELIVERY = "out_for_delivery", "it is on the last vehicle"
    AVAILABLE_FOR_PICKUP = "available_for_pickup", "it lies where the customer can collect it"
    DELIVERED = "delivered", "the carrier handed it over, which ends the parcel"
    ATTEMPT_FAILED = "attempt_failed", "nobody took it; the carrier tries again"
    EXCEPTION = "exception", "something is wrong: damage, customs, a wrong address"
    RETURN_TO_SENDER = "return_to_sender", "it is on its way back; that it came back somebody says"
    EXPIRED = "expired", "the carrier stopped telling"


class FulfillmentLine(Record, kw_only=True):
    """Units of a line at one location: `allocated` not yet shipped, `picked` of those, and shipped."""

    line_id: Reference
    sku: Sku
    allocated: Count = 0
    picked: Count = 0
    shipped: Count = 0
    fenced: Count = 0
    """Of those allocated, the units that came out of the channel's ring-fenced stock."""


class FulfillmentRef(Record, array_like=True, omit_defaults=False, kw_only=True):
    """A fulfillment of any order of the pool."""

    order_id: str
    fulfillment_id: str


class Fulfillment(Record, kw_only=True):
    """The part of an order that one location ships."""

    fulfillment_id: str
    location_id: LocationId
    status: FulfillmentStatus
    lines: tuple[FulfillmentLine, ...]
    routed_at_ms: InstantMs
    cost_milli: int = 0
    capacity_day: int = 0
    accepted_at_ms: InstantMs | None = None
    picked_at_ms: InstantMs | None = None
    packed_at_ms: InstantMs | None = None
    ready_at_ms: InstantMs | None = None
    by: dict[str, str] = {}
    """Who did each step: accepted, picked, packed, ready."""
    partner_reference: str = ""
    ship_to: str = ""
    """The name of its destination among the order's `destinations`; empty is the order's own."""
    cancellation: Cancellation | None = None
    parcel_with: tuple[FulfillmentRef, ...] = ()
    """Fulfillments of the same customer that leave in its parcel."""
    segment: str = ""
    """The ring-fenced stock that the fenced units of its lines are from."""


class Scan(Record, array_like=True, omit_defaults=False, kw_only=True):
    """One thing a carrier said of a parcel, with its own words beside the canonical state."""

    at_ms: InstantMs
    status: CarrierStatus
    detail: str
    raw: str


class Tracking(Record, kw_only=True):
    """The carrier's axis of a parcel; it has no transitions, since scans come late, twice and in any order."""

    status: CarrierStatus
    """Of the newest scan by the carrier's own time."""
    scanned_at_ms: InstantMs
    detail: str = ""
    scans: tuple[Scan, ...] = ()
    """The newest scans, by the carrier's own time."""


class Parcel(Record, kw_only=True):
    """What left a location as one piece, with the carrier's facts about it."""

    parcel_id: Reference
    fulfillment_id: str
    units: tuple[UnitsOfLine, ...]
    status: ParcelStatus
    shipped_at_ms: InstantMs
    ended_at_ms: InstantMs | None = None
    carrier: str = ""
    tracking_number: str = ""
    implied: bool = False
    """True while only a later fact (a delivery) has told us that it was shipped."""
    by: str = ""
    tracking: Tracking | None = None
    silent_from_ms: InstantMs | None = None
    """When it counts as silent, unless its carrier says something before."""
    silent: bool = False
    """True where the carrier has said nothing for longer than the policy allows."""
