"""An order and all that hangs on it: lines with counters, holds, fulfillments, parcels, its story."""

from enum import StrEnum

from models.records.place import Destination
from models.types import (
    AmountMinor,
    Count,
    Currency,
    InstantMs,
    LocationId,
    PoolId,
    Priority,
    Quantity,
    Record,
    Reference,
    Sku,
    SourceId,
)


class OrderStatus(StrEnum):
    """Where an order stands; derived from its lines and holds by `rules.status`, never set by hand."""

    RESERVED = "reserved"  # located like an order, gone at its expiry unless placed
    HELD = "held"  # a hold keeps it from moving
    BACKORDERED = "backordered"  # nothing shipped or allocated, units wait for stock
    PARTIALLY_ROUTED = "partially_routed"  # some units allocated, some wait
    ROUTED = "routed"  # every open unit is allocated
    PARTIALLY_SHIPPED = "partially_shipped"  # some units have left, some have not
    SHIPPED = "shipped"  # every unit that is not cancelled has left
    DELIVERED = "delivered"  # every shipped unit has arrived, was lost or came back
    CANCELLED = "cancelled"  # no unit is left
    EXPIRED = "expired"  # a reservation that was not placed in time


class FulfillmentStatus(StrEnum):
    """Where the part of an order that one location ships stands."""

    ALLOCATED = "allocated"  # stock is claimed, the location has not answered
    ACCEPTED = "accepted"  # the location will do it
    PICKED = "picked"  # units are off the shelf
    PACKED = "packed"  # units are in parcels
    SHIPPED = "shipped"  # every unit has left
    DELIVERED = "delivered"  # every parcel has ended: delivered, lost or returned
    REJECTED = "rejected"  # the location refused; its units were routed again
    CANCELLED = "cancelled"  # no unit is left in it


class ParcelStatus(StrEnum):
    """Where a parcel stands by the carrier's facts."""

    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    LOST = "lost"
    RETURNED_TO_SENDER = "returned_to_sender"


class HoldType(StrEnum):
    """Why an order is kept from moving; what each means is data in `rules.holds`."""

    FRAUD_REVIEW = "fraud_review"
    PAYMENT = "payment"
    ADDRESS = "address"
    CUSTOMER_REQUEST = "customer_request"
    UNMAPPED_SKU = "unmapped_sku"
    UNEXPECTED_CURRENCY = "unexpected_currency"
    UNROUTABLE = "unroutable"
    OTHER = "other"


class Line(Record, kw_only=True):
    """One SKU of an order with the counters of invariant I4.

    quantity = cancelled + waiting + allocated + shipped, and
    shipped = in transit + delivered + lost + returned_to_sender.
    `amount_minor` is the line's share of the whole order, cents and all (see `money.share`).
    """

    line_id: Reference
    sku: Sku
    quantity: Quantity
    unit_price_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0
    amount_minor: AmountMinor = 0
    cancelled: Count = 0
    cancelled_minor: AmountMinor = 0
    waiting: Count = 0
    allocated: Count = 0
    shipped: Count = 0
    delivered: Count = 0
    lost: Count = 0
    returned_to_sender: Count = 0


class UnitsOfLine(Record, kw_only=True):
    """So many units of one line of the order."""

    line_id: Reference
    quantity: Quantity


class FulfillmentLine(Record, kw_only=True):
    """Units of a line at one location: `allocated` not yet shipped, `picked` of those, and shipped."""

    line_id: Reference
    sku: Sku
    allocated: Count = 0
    picked: Count = 0
    shipped: Count = 0


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
    partner_reference: str = ""


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


class Hold(Record, kw_only=True):
    """One reason that keeps an order from moving; several may stand at once."""

    type: HoldType
    applied_at_ms: InstantMs
    actor: str
    note: str = ""
    release_at_ms: InstantMs | None = None


class Customer(Record, kw_only=True):
    """Who bought: an id, and personal data sealed under that customer's own key (base64)."""

    customer_id: Reference
    sealed: str = ""


class Remembered(Record, array_like=True, omit_defaults=False, kw_only=True):
    """A command that this order has answered, so that its repeat is recognised."""

    command_id: str
    fingerprint: str
    at_ms: InstantMs


class StoryEntry(Record, array_like=True, omit_defaults=False, kw_only=True):
    """One line of the order's bounded story."""

    at_ms: InstantMs
    event: str
    actor: str
    detail: str = ""


class Order(Record, kw_only=True):
    """The row of an order; the API's view of it is this very row, only later.

    `offset` and `index` are the position of the newest command in it, `version` counts its changes.
    """

    order_id: str
    pool: PoolId
    channel: SourceId
    external_id: Reference
    currency: Currency
    status: OrderStatus
    lines: tuple[Line, ...]
    destination: Destination
    placed_at_ms: InstantMs
    version: int
    offset: int
    index: int
    updated_at_ms: InstantMs
    source_version: int = 0
    customer: Customer | None = None
    priority: Priority = 0
    promise_by_ms: InstantMs | None = None
    expires_at_ms: InstantMs | None = None
    reserved: bool = False
    expired: bool = False
    ship_complete: bool = False
    shipping_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    total_minor: AmountMinor = 0
    holds: tuple[Hold, ...] = ()
    fulfillments: tuple[Fulfillment, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    refused_by: tuple[LocationId, ...] = ()
    reroutes: int = 0
    sequence: int = 0
    """Fulfillments made so far; the next one's id is made from it."""
    at_risk_from_ms: InstantMs | None = None
    at_risk: bool = False
    recent: tuple[Remembered, ...] = ()
    forgotten_before_ms: InstantMs = 0
    """Commands issued up to then are no longer told from repeats, and refused as too old."""
    story: tuple[StoryEntry, ...] = ()
