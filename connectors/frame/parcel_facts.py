"""What messages say of parcels, and of what partners do with fulfillments."""

from enum import StrEnum

from connectors.frame.fact import Fact
from models.records.fulfillment import CarrierStatus
from models.types import Record


class UnitsStated(Record, kw_only=True):
    """Units in a shipment or receipt, by line where the sender knows it, else by SKU."""

    quantity: int
    line_id: str = ""
    sku: str = ""
    unit: str = ""
    """The sender's unit of measure, where it is not the piece."""
    lot: str = ""


class ParcelStated(Fact, tag="parcel", kw_only=True):
    """Something has left, as one piece. It names our fulfillment, or else the channel's order.

    No `units`: all that is left. `short`: units that will not be sent. A repeat has the same `parcel_id`.
    """

    parcel_id: str
    at_ms: int
    fulfillment_id: str = ""
    external_id: str = ""
    units: tuple[UnitsStated, ...] = ()
    short: tuple[UnitsStated, ...] = ()
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    location: str = ""
    cost_minor: int | None = None
    currency: str = ""
    cancelled: bool = False
    """True where the sender takes it back: it has not left after all."""


class ParcelScanned(Fact, tag="scan", kw_only=True):
    """What a carrier says of a parcel, by its own clock."""

    tracking_number: str
    status: CarrierStatus
    at_ms: int
    carrier: str = ""
    detail: str = ""
    """The sub-code: customs_delay, refused, signed, left_with_neighbour, ..."""
    raw: str = ""
    """The carrier's own words."""
    place: str = ""
    expected_at_ms: int | None = None


class FulfillmentAnswered(Fact, tag="answer", kw_only=True):
    """A partner takes or refuses a fulfillment, or some units of it; `cause` is one of our reject causes."""

    fulfillment_id: str
    accepted: bool
    at_ms: int
    cause: str = "other"
    note: str = ""
    units: tuple[UnitsStated, ...] = ()
    partner_reference: str = ""


class CancellationAnswered(Fact, tag="cancellation_answer", kw_only=True):
    """A partner gives back what it was asked for, or will not."""

    fulfillment_id: str
    accepted: bool
    at_ms: int


class Step(StrEnum):
    """How far a partner has come."""

    PICKED = "picked"
    PACKED = "packed"
    READY = "ready"


class FulfillmentStepped(Fact, tag="step", kw_only=True):
    """A partner has picked or packed; at a pick `units` are what was found."""

    fulfillment_id: str
    step: Step
    at_ms: int
    units: tuple[UnitsStated, ...] = ()
