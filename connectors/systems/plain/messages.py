"""The plain webhook's messages, both ways: the format itself, of which the schema in the docs is made.

Times are ISO 8601 with their offset, money is whole minor units (1250 is 12.50 EUR), fields that are not known are
skipped. `type` tells what a message is.
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta

from connectors.frame.reading import Given
from models.records.fulfillment import CarrierStatus
from models.types import AmountMinor, Count, Currency, Delta, Priority, Quantity, Reference, Text

Time = Annotated[str, Meta(max_length=40, extra_json_schema={"format": "date-time"})]
Version = Annotated[int, Meta(ge=0, le=2**53)]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
Short = Annotated[str, Meta(max_length=200)]
State = Literal["", "damaged", "quality_control", "reserved"]
"""Empty for units that can be sold, else why not (`models.records.stock.Unsellable`)."""
MOST_LINES = 1_000


class PlainAddress(Given):
    """Where to. Country is the two letters of ISO 3166-1."""

    country: Country
    name: Short = ""
    company: Short = ""
    lines: Annotated[tuple[Short, ...], Meta(max_length=8)] = ()
    city: Short = ""
    region: Short = ""
    postcode: Short = ""
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None


class PlainCustomer(Given):
    """Who bought; `id` is yours."""

    id: Short = ""
    name: Short = ""
    email: Annotated[str, Meta(max_length=320)] = ""
    phone: Short = ""
    locale: Short = ""


class PlainLine(Given):
    """A line. Prices are of a unit before discounts, discount and tax of the whole line."""

    line_id: Reference
    sku: Short
    quantity: Count
    unit_price_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0
    title: Short = ""
    listing_ref: Short = ""
    ships: bool = True


class Units(Given):
    """Units of a line, by its line_id, else by SKU."""

    quantity: Quantity
    line_id: Short = ""
    sku: Short = ""
    unit: Short = ""
    lot: Short = ""


class PlainStockLine(Given):
    """Units of a SKU; `state` is empty for those that can be sold."""

    sku: Short
    quantity: Count
    line: Short = ""
    unit: Short = ""
    lot: Short = ""
    state: State = ""


class PlainChange(Given):
    """Units of a SKU more, or with a minus sign fewer."""

    sku: Short
    change: Delta
    line: Short = ""
    unit: Short = ""
    lot: Short = ""
    state: State = ""
    reason: Short = ""


class OrderStated(Given, tag="order.stated", tag_field="type"):
    """An order as you have it now, whole. Send it again when it changes, with a greater `version`."""

    external_id: Reference
    placed_at: Time
    currency: Currency
    lines: Annotated[tuple[PlainLine, ...], Meta(min_length=1, max_length=MOST_LINES)]
    version: Version | None = None
    """Without it the time at which the message came."""
    number: Short = ""
    updated_at: Time | None = None
    destination: PlainAddress | None = None
    customer: PlainCustomer | None = None
    shipping_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0
    tax_included: bool = False
    total_minor: AmountMinor | None = None
    paid: bool = True
    priority: Priority = 0
    service: Short = ""
    promise_by: Time | None = None
    ship_from: Time | None = None
    """Not to be shipped before then."""
    purchase_order: Text = ""
    collect_at: Short = ""
    note: Text = ""
    test: bool = False


class OrderCancelled(Given, tag="order.cancelled", tag_field="type"):
    """The whole order is off."""

    external_id: Reference
    at: Time
    cause: Short = "customer"


class OrderRefunded(Given, tag="order.refunded", tag_field="type"):
    """Money was given back. `units` says of which lines, and what of it can be sold again."""

    external_id: Reference
    refund_id: Reference
    at: Time
    currency: Currency
    amount_minor: AmountMinor
    shipping_minor: AmountMinor = 0
    units: tuple["RefundedUnits", ...] = ()
    reason: Short = ""


class RefundedUnits(Given):
    """Units of a line that money was given back for."""

    line_id: Reference
    quantity: Quantity
    amount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0
    restock: bool = False


class StockCounted(Given, tag="stock.counted", tag_field="type"):
    """How much there is as of a time: on hand, or with `available` what may be sold.

    With `complete` what is not named is none.
    """

    document: Reference
    as_of: Time
    lines: Annotated[tuple[PlainStockLine, ...], Meta(min_length=1, max_length=MOST_LINES)]
    location: Short = ""
    available: bool = False
    complete: bool = False


class StockReceived(Given, tag="stock.received", tag_field="type"):
    """Units came in; `expected` is the number by which they were announced."""

    document: Reference
    at: Time
    lines: Annotated[tuple[PlainStockLine, ...], Meta(min_length=1, max_length=MOST_LINES)]
    location: Short = ""
    expected: Short = ""


class StockAdjusted(Given, tag="stock.adjusted", tag_field="type"):
    """Units became more or fewer, for a reason of yours."""

    document: Reference
    at: Time
    lines: Annotated[tuple[PlainChange, ...], Meta(min_length=1, max_length=MOST_LINES)]
    location: Short = ""


class FulfillmentAccepted(Given, tag="fulfillment.accepted", tag_field="type"):
    """You will do it; `reference` is your number of it."""

    fulfillment_id: Reference
    at: Time
    reference: Short = ""


class FulfillmentRejected(Given, tag="fulfillment.rejected", tag_field="type"):
    """You will not do it, or not these units of it."""

    fulfillment_id: Reference
    at: Time
    cause: Short = "other"
    note: Short = ""
    units: tuple[Units, ...] = ()


class FulfillmentPicked(Given, tag="fulfillment.picked", tag_field="type"):
    """What was found of it: all, or these units."""

    fulfillment_id: Reference
    at: Time
    units: tuple[Units, ...] = ()


class FulfillmentPacked(Given, tag="fulfillment.packed", tag_field="type"):
    """It is in parcels."""

    fulfillment_id: Reference
    at: Time


class FulfillmentReady(Given, tag="fulfillment.ready", tag_field="type"):
    """It lies ready for the customer to collect."""

    fulfillment_id: Reference
    at: Time


class FulfillmentShipped(Given, tag="fulfillment.shipped", tag_field="type"):
    """A parcel has left. Without `units` it has all that was left; `short` will not be sent."""

    fulfillment_id: Reference
    parcel_id: Reference
    at: Time
    units: tuple[Units, ...] = ()
    short: tuple[Units, ...] = ()
    carrier: Short = ""
    service: Short = ""
    tracking_number: Short = ""
    cost_minor: AmountMinor | None = None
    currency: Currency | None = None


class ParcelTracked(Given, tag="parcel.tracked", tag_field="type"):
    """What the carrier says of a parcel."""

    tracking_number: Annotated[str, Meta(min_length=1, max_length=200)]
    status: CarrierStatus
    at: Time
    carrier: Short = ""
    detail: Short = ""
    text: Short = ""
    place: Short = ""
    expected_at: Time | None = None


class CancellationAccepted(Given, tag="cancellation.accepted", tag_field="type"):
    """You give back what you were asked for."""

    fulfillment_id: Reference
    at: Time


class CancellationRejected(Given, tag="cancellation.rejected", tag_field="type"):
    """You will not, or it has left."""

    fulfillment_id: Reference
    at: Time


Incoming = (
    OrderStated
    | OrderCancelled
    | OrderRefunded
    | StockCounted
    | StockReceived
    | StockAdjusted
    | FulfillmentAccepted
    | FulfillmentRejected
    | FulfillmentPicked
    | FulfillmentPacked
    | FulfillmentReady
    | FulfillmentShipped
    | ParcelTracked
    | CancellationAccepted
    | CancellationRejected
)
"""What may be sent to us."""

TYPES = frozenset(str(kind.__struct_config__.tag) for kind in get_args(Incoming))
"""The values of `type` that are taken."""
