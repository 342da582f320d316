"""What locations and carriers did."""

from models.events.envelope import Event
from models.records.fulfillment import CarrierStatus
from models.records.line import UnitsOfLine
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
    units: tuple[UnitsOfLine, ...] = ()
    """Only these, where it was not all of it."""


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


class FulfillmentReady(Event, tag="fulfillment_ready", kw_only=True):
    """Everything packed lies ready for the customer to collect."""

    order_id: str
    fulfillment_id: str
    location_id: LocationId
    occurred_at_ms: InstantMs


class CancellationRequested(Event, tag="cancellation_requested", kw_only=True):
    """A partner was asked to give units back."""

    order_id: str
    fulfillment_id: str
    location_id: LocationId
    units: tuple[UnitsOfLine, ...]
    cause: str


class CancellationAnswered(Event, tag="cancellation_answered", kw_only=True):
    """The partner gave the units back, or has sent them."""

    order_id: str
    fulfillment_id: str
    accepted: bool


class FulfillmentsMerged(Event, tag="fulfillments_merged", kw_only=True):
    """Two fulfillments leave in one parcel."""

    order_id: str
    fulfillment_id: str
    other_order_id: str
    other_fulfillment_id: str


class FulfillmentCancelled(Event, tag="fulfillment_cancelled", kw_only=True):
    """No unit is left in it."""

    order_id: str
    fulfillment_id: str
    cause: str


class UnitsRecalled(Event, tag="units_recalled", kw_only=True):
    """Some units of what a partner was told to send are not to be sent; it has not begun, and the rest stays."""

    order_id: str
    fulfillment_id: str
    location_id: LocationId
    units: tuple[UnitsOfLine, ...]
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


class ParcelCorrected(Event, tag="parcel_corrected", kw_only=True):
    """A parcel that was known only from its arrival did not hold these units: they are yet to leave."""

    order_id: str
    fulfillment_id: str
    parcel_id: str
    location_id: LocationId
    units: tuple[UnitsOfLine, ...]
    occurred_at_ms: InstantMs


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


class ParcelScanned(Event, tag="parcel_scanned", kw_only=True):
    """A carrier said something of a parcel."""

    order_id: str
    parcel_id: str
    status: CarrierStatus
    occurred_at_ms: InstantMs
    detail: str
    raw: str
    newest: bool
    """False for a scan that came after a newer one."""


class ParcelSilent(Event, tag="parcel_silent", kw_only=True):
    """A carrier has said nothing of a parcel for longer than the policy allows."""

    order_id: str
    parcel_id: str
    since_ms: InstantMs
