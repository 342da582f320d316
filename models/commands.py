"""What can be asked of a pool, in the imperative. One tagged struct a command; `type` names it on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from models.records.order import Customer, HoldType, UnitsOfLine
from models.records.place import Destination
from models.records.pool import CatalogueItem, Location, Policy
from models.types import (
    SCHEMA_VERSION,
    AmountMinor,
    Count,
    Currency,
    Delta,
    InstantMs,
    LocationId,
    PoolId,
    Priority,
    Quantity,
    Record,
    Reference,
    Sku,
    SourceId,
    Text,
)


class Command(Record, tag_field="type", kw_only=True):
    """The envelope: who asks what of which pool, when, why and in which conversation."""

    command_id: Reference
    pool: PoolId
    issued_at_ms: InstantMs
    actor: Reference
    reason: Text = ""
    correlation_id: Text = ""
    schema_version: int = SCHEMA_VERSION


# ---------------------------------------------------------------- orders


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
    """Locate an order that expires unless it is placed in time."""

    time_to_live_ms: Annotated[int, Meta(ge=1, le=366 * 86_400_000)]


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


# ---------------------------------------------------------------- stock


class StockLine(Record, kw_only=True):
    """Units of a SKU on one line of an outside document."""

    line: Reference
    sku: Sku
    quantity: Quantity


class StockCommand(Command, kw_only=True):
    """A fact about stock from a document of a source; (source, document, line) is booked once."""

    source: SourceId
    document: Reference
    location_id: LocationId
    occurred_at_ms: InstantMs


class DocumentCommand(StockCommand, kw_only=True):
    """A stock fact with lines."""

    lines: Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=100)]


class ReceiveStock(DocumentCommand, tag="receive_stock", kw_only=True):
    """Units came in; waiting orders are served first."""


class SellAtTill(DocumentCommand, tag="sell_at_till", kw_only=True):
    """Units left over the counter: a fact, late or out of order as it may come."""


class DispatchTransfer(DocumentCommand, tag="dispatch_transfer", kw_only=True):
    """Units leave `location_id` for another; the document is the transfer."""

    to_location_id: LocationId


class ReceiveTransfer(DocumentCommand, tag="receive_transfer", kw_only=True):
    """Units of a transfer arrive at `location_id`, short or over; the document names the arrival."""

    transfer: Reference
    """The document of the dispatch."""
    dispatched_by: SourceId
    final: bool = True
    """True closes the transfer: what has not arrived is lost, which the ledger shows."""


class AdjustStock(StockCommand, tag="adjust_stock", kw_only=True):
    """Correct on hand by a difference, with a reason."""

    sku: Sku
    delta: Delta
    unsellable_delta: Delta = 0


class CountStock(StockCommand, tag="count_stock", kw_only=True):
    """State what was counted as of `occurred_at_ms`; `expected_on_hand` makes it compare-and-set."""

    sku: Sku
    counted: Count
    expected_on_hand: int | None = None


class SetSafetyStock(StockCommand, tag="set_safety_stock", kw_only=True):
    """Keep units of a SKU back at a location."""

    sku: Sku
    quantity: Count


# ---------------------------------------------------------------- pool


class PutPool(Command, tag="put_pool", kw_only=True):
    """Open a pool, or change its name."""

    currency: Currency
    name: Text = ""


class PutLocations(Command, tag="put_locations", kw_only=True):
    """Add locations or replace them by id."""

    locations: Annotated[tuple[Location, ...], Meta(min_length=1, max_length=100)]


class PutPolicy(Command, tag="put_policy", kw_only=True):
    """Replace the routing and time policy; its version must be the present one plus one."""

    policy: Policy


class PutCatalogue(Command, tag="put_catalogue", kw_only=True):
    """Add catalogue items or replace them by SKU; frees the orders that wait for an unknown SKU."""

    items: Annotated[tuple[CatalogueItem, ...], Meta(min_length=1, max_length=500)]


class Tick(Command, tag="tick", kw_only=True):
    """Time passes in a pool: reservations expire, date holds end, promises come due."""


AnyCommand = (
    PlaceOrder
    | ReserveOrder
    | CancelUnits
    | HoldOrder
    | ReleaseHold
    | RerouteOrder
    | AcceptFulfillment
    | RejectFulfillment
    | PickFulfillment
    | PackFulfillment
    | ShipParcel
    | RecordTracking
    | DeliverParcel
    | LoseParcel
    | ReturnParcelToSender
    | ReceiveStock
    | SellAtTill
    | DispatchTransfer
    | ReceiveTransfer
    | AdjustStock
    | CountStock
    | SetSafetyStock
    | PutPool
    | PutLocations
    | PutPolicy
    | PutCatalogue
    | Tick
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)


def encode(command: Command) -> bytes:
    """Give the wire form of one command."""
    return _encoder.encode(command)


def decode(raw: bytes) -> AnyCommand:
    """Read one command.

    Raises:
        msgspec.DecodeError: not JSON; its subclass ValidationError: not a command, naming the field.
    """
    return _decoder.decode(raw)


def encode_list(commands: list[bytes]) -> bytes:
    """Join encoded commands to the value of one record of the topic `commands`."""
    return b"[" + b",".join(commands) + b"]"
