"""What locations and carriers did."""

from models.events.envelope import Event
from models.records.order import UnitsOfLine
from models.types import InstantMs, LocationId


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
