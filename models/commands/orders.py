"""What can be asked of orders, fulfillments and parcels."""

from typing import Annotated

from msgspec import Meta

from models.commands.envelope import Command
from models.records.changes import Change
from models.records.fulfillment import CarrierStatus
from models.records.hold import HoldType
from models.records.line import UnitsOfLine
from models.records.money import StatedPayment, StatedRefund
from models.records.order import Customer, NewLine, Order, Terms
from models.records.place import Destination
from models.records.risk import Risk
from models.types import (
    AmountMinor,
    Count,
    Currency,
    Handle,
    InstantMs,
    LocationId,
    Priority,
    Reference,
    SourceId,
    Text,
    Word,
)


class StockPolicy(Word):
    """What taking an order does where stock is short, or to stock at all."""

    WAIT = "wait", "claims what there is, the rest waits"
    REFUSE = "refuse", "refused where not everything can be claimed"
    SKIP = "skip", "claims nothing: it is held until a person releases it"


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
    terms: Terms | None = None


class PlaceOrder(OrderContent, tag="place_order", kw_only=True):
    """Take an order, locate it, claim its stock; what is short waits. Turns a reservation into its order.

    Of an order that is there, newer content (a higher `source_version`) is merged three ways.
    """

    stock: StockPolicy = StockPolicy.WAIT
    begun_by: LocationId | None = None
    """The location that works on it already, asked by somebody else: it is claimed there alone, as accepted."""


class ImportOrder(OrderContent, tag="import_order", kw_only=True):
    """Take an order of the past, which has shipped already: it is on record and no stock moves."""

    shipped_at_ms: InstantMs
    location_id: LocationId | None = None
    """Where it shipped from, if that is known."""
    carrier: Text = ""
    tracking_number: Text = ""


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
    """Keep an order, a line or a fulfillment from moving, for a typed reason, until released by hand or at a time.

    A hold of the same type is replaced where it has a date: the new date counts. With a `handle` it is a hold of its
    own, which only who names that takes off.
    """

    hold: HoldType
    release_at_ms: InstantMs | None = None
    cancel_at_ms: InstantMs | None = None
    line_id: str = ""
    fulfillment_id: str = ""
    handle: Handle = ""


class ReleaseHold(OrderCommand, tag="release_hold", kw_only=True):
    """Take one hold off, which says nothing of what it was for: a fraud review that ends cancels no order."""

    hold: HoldType
    line_id: str = ""
    fulfillment_id: str = ""
    handle: Handle = ""


class EditOrder(OrderCommand, tag="edit_order", kw_only=True):
    """Change what is ordered, all of it or nothing; `preview` decides it and changes nothing.

    `edition` is that of the order the edit was made for: somebody else's edit meanwhile refuses it.
    """

    changes: Annotated[tuple[Change, ...], Meta(min_length=1, max_length=200)]
    edition: Count | None = None
    preview: bool = False


class ReopenOrder(OrderCommand, tag="reopen_order", kw_only=True):
    """Bring a closed order back by its archived row, which is checked against what was kept of it."""

    order: Order


class AssessRisk(OrderCommand, tag="assess_risk", kw_only=True):
    """Put on record what a provider says of the risk of an order; advice to review or to cancel holds it."""

    risk: Risk


class RecordStatedMoney(OrderCommand, tag="record_stated_money", kw_only=True):
    """Put on record what a channel or provider says of an order's money; the newest word of each id counts."""

    total_minor: AmountMinor | None = None
    tax_minor: AmountMinor | None = None
    tax_included: bool = False
    payments: Annotated[tuple[StatedPayment, ...], Meta(max_length=100)] = ()
    refunds: Annotated[tuple[StatedRefund, ...], Meta(max_length=100)] = ()


class RerouteOrder(OrderCommand, tag="reroute_order", kw_only=True):
    """Give back what no location has accepted yet and choose locations anew."""


class MoveUnits(OrderCommand, tag="move_units", kw_only=True):
    """Let another location ship a fulfillment's units; no `units` means all.

    At the same location, some of them get a fulfillment of their own.
    """

    fulfillment_id: str
    location_id: LocationId
    units: tuple[UnitsOfLine, ...] = ()


class FulfillmentCommand(OrderCommand, kw_only=True):
    """Anything said of a fulfillment, at the time it happened."""

    fulfillment_id: str
    occurred_at_ms: InstantMs


class AcceptFulfillment(FulfillmentCommand, tag="accept_fulfillment", kw_only=True):
    """The location will do it."""

    partner_reference: Text = ""


class RejectFulfillment(FulfillmentCommand, tag="reject_fulfillment", kw_only=True):
    """The location will not do it, or not these units; they are routed again, never to the same location."""

    cause: str = "other"
    units: tuple[UnitsOfLine, ...] = ()


class PickFulfillment(FulfillmentCommand, tag="pick_fulfillment", kw_only=True):
    """Units are off the shelf; no `units` means all. What is not named was not found: a short pick."""

    units: tuple[UnitsOfLine, ...] | None = None


class PackFulfillment(FulfillmentCommand, tag="pack_fulfillment", kw_only=True):
    """Everything picked is in parcels."""


class AnswerCancellation(FulfillmentCommand, tag="answer_cancellation", kw_only=True):
    """The partner gives back the units it was asked for, or will not."""

    accepted: bool


class MakeReady(FulfillmentCommand, tag="make_ready", kw_only=True):
    """Everything packed lies ready for the customer to collect."""


class CollectFulfillment(FulfillmentCommand, tag="collect_fulfillment", kw_only=True):
    """The customer took units with them; no `units` means all that are left."""

    parcel_id: Reference
    units: tuple[UnitsOfLine, ...] = ()


class MergeFulfillments(FulfillmentCommand, tag="merge_fulfillments", kw_only=True):
    """Let another open fulfillment, of the same customer from the same location, leave in this one's parcel."""

    other_order_id: str
    other_fulfillment_id: str


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


class RecordScan(FulfillmentCommand, tag="record_scan", kw_only=True):
    """What a carrier says of a parcel, at the time by its own clock; late, twice and in any order."""

    parcel_id: Reference
    status: CarrierStatus
    detail: Text = ""
    raw: Text = ""


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
