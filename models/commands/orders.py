"""What can be asked of orders, fulfillments and parcels."""

from typing import Annotated

from msgspec import Meta

from models.commands.envelope import Command
from models.records.order import Customer, HoldType, UnitsOfLine
from models.records.place import Destination
from models.types import AmountMinor, Currency, InstantMs, Priority, Quantity, Record, Reference, Sku, SourceId, Text


class NewLine(Record, kw_only=True):
    """A line as it is ordered; two lines may name the same SKU."""

    line_id: Reference
    sku: Sku
    quantity: Quantity
    unit_price_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0


class OrderContent(Command, kw_only=True):
    """What an order or a reservation states. Its identity is (pool, channel, external_id)."""

    channel: SourceId
    external_id: Reference
    currency: Currency
    lines: Annotated[tuple[NewLine, ...], Meta(min_length=1, max_length=200)]
    destination: Destination
    placed_at_ms: InstantMs
    source_version: int = 0
    customer: Customer | None = None
    priority: Priority = 0
    promise_by_ms: InstantMs | None = None
    shipping_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    ship_complete: bool = False
    sold: bool = False
    """True when a channel has sold it already: what would be refused is accepted and held instead."""


class PlaceOrder(OrderContent, tag="place_order", kw_only=True):
    """Take an order, locate it, claim its stock; what is short waits. Turns a reservation into its order."""


class ReserveOrder(OrderContent, tag="reserve_order", kw_only=True):
    """Locate an order that expires unless it is placed in time; without a time to live, its channel's counts."""

    time_to_live_ms: Annotated[int, Meta(ge=1, le=366 * 86_400_000)] | None = None


class OrderCommand(Command, kw_only=True):
    """Anything asked of an order that is there."""

    order_id: str


class CancelUnits(OrderCommand, tag="cancel_units", kw_only=True):
    """Cancel units that have not shipped; no `units` means every one of them."""

    units: tuple[UnitsOfLine, ...] = ()
    cause: str = "customer"


class HoldOrder(OrderCommand, tag="hold_order", kw_only=True):
    """Keep an order from moving, for a typed reason, until released by hand or at a time."""

    hold: HoldType
    release_at_ms: InstantMs | None = None


class ReleaseHold(OrderCommand, tag="release_hold", kw_only=True):
    """Take one hold off; the order moves again when none is left."""

    hold: HoldType


class RerouteOrder(OrderCommand, tag="reroute_order", kw_only=True):
    """Give back what no location has accepted yet and choose locations anew."""


class FulfillmentCommand(OrderCommand, kw_only=True):
    """Anything said of a fulfillment, at the time it happened."""

    fulfillment_id: str
    occurred_at_ms: InstantMs


class AcceptFulfillment(FulfillmentCommand, tag="accept_fulfillment", kw_only=True):
    """The location will do it."""

    partner_reference: Text = ""


class RejectFulfillment(FulfillmentCommand, tag="reject_fulfillment", kw_only=True):
    """The location will not do it; its units are routed again, never to the same location."""

    cause: str = "other"


class PickFulfillment(FulfillmentCommand, tag="pick_fulfillment", kw_only=True):
    """Units are off the shelf; no `units` means all. What is not named was not found: a short pick."""

    units: tuple[UnitsOfLine, ...] | None = None


class PackFulfillment(FulfillmentCommand, tag="pack_fulfillment", kw_only=True):
    """Everything picked is in parcels."""


class ShipParcel(FulfillmentCommand, tag="ship_parcel", kw_only=True):
    """A parcel has left; no `units` means all that is left of the fulfillment."""

    parcel_id: Reference
    units: tuple[UnitsOfLine, ...] = ()
    carrier: str = ""
    tracking_number: str = ""


class RecordTracking(FulfillmentCommand, tag="record_tracking", kw_only=True):
    """State or correct a parcel's carrier and tracking number."""

    parcel_id: Reference
    carrier: str
    tracking_number: str


class DeliverParcel(FulfillmentCommand, tag="deliver_parcel", kw_only=True):
    """A parcel has arrived. A parcel never heard of was shipped too: facts come in any order."""

    parcel_id: Reference


class LoseParcel(FulfillmentCommand, tag="lose_parcel", kw_only=True):
    """The carrier has lost a parcel."""

    parcel_id: Reference


class ReturnParcelToSender(FulfillmentCommand, tag="return_parcel_to_sender", kw_only=True):
    """A parcel came back undelivered; its units are put back for sale or set aside as unsellable."""

    parcel_id: Reference
    restock: bool = True
