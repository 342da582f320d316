"""What messages of other systems say, in the field's terms: the one vocabulary that every translator speaks.

A fact keeps the sender's own ids. `connectors.frame.asking` turns facts into commands, with the account they came by.
Money is integer minor units; times are milliseconds since 1970 in UTC; quantities are what the sender counts in.
"""

from enum import StrEnum

from models.records.fulfillment import CarrierStatus
from models.records.hold import HoldType
from models.types import Record


class Fact(Record, tag_field="fact", kw_only=True):
    """Something that a message says."""


class Address(Record, kw_only=True):
    """Where to, and who is there."""

    country: str
    name: str = ""
    company: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None


class Buyer(Record, kw_only=True):
    """Who bought. Without `customer_ref` the sender does not know them by an id."""

    customer_ref: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    locale: str = ""


class LineStated(Record, kw_only=True):
    """A line as it stands now; `quantity` is after edits, `ordered` before them. 0 is a line that was taken off.

    `unit_price_minor` is what a unit costs before discounts, `discount_minor` and `tax_minor` are of the whole line.
    """

    line_id: str
    sku: str
    quantity: int
    ordered: int
    unit_price_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    title: str = ""
    listing_ref: str = ""
    """The sender's own id of what was sold, where it has one beside the SKU."""
    fulfilled: int = 0
    """Units that have left already, as the sender says."""
    ships: bool = True
    """False for what needs no parcel: a service, a download, a gift card."""


class PaymentKind(StrEnum):
    """What became of money."""

    AUTHORISED = "authorised"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"
    FAILED = "failed"


class PaymentStated(Record, kw_only=True):
    """Money that moved, as the sender says; nothing of it is checked here."""

    payment_id: str
    kind: PaymentKind
    amount_minor: int
    currency: str
    at_ms: int
    tender: str = ""


class RefundedUnits(Record, kw_only=True):
    """Units of a line that a refund names."""

    line_id: str
    quantity: int
    amount_minor: int = 0
    tax_minor: int = 0
    restock: bool = False
    """True where the sender says that they are for sale again."""


class RefundStated(Record, kw_only=True):
    """Money given back, as the sender says."""

    refund_id: str
    at_ms: int
    currency: str
    amount_minor: int
    units: tuple[RefundedUnits, ...] = ()
    shipping_minor: int = 0
    reason: str = ""


class HoldStated(Record, kw_only=True):
    """A reason to keep it from moving that the sender gives."""

    hold: HoldType
    note: str = ""


class OrderStated(Fact, tag="order", kw_only=True):
    """An order as its channel has it now, whole: a newer one replaces what an older one said.

    `source_version` grows with every change at the channel (its time of change in ms, where it has nothing better).
    `discount_minor` and `tax_minor` are what is not on the lines; `total_minor` is what the channel states in all.
    """

    external_id: str
    source_version: int
    placed_at_ms: int
    currency: str
    lines: tuple[LineStated, ...]
    number: str = ""
    """What people call it, where that is not the id."""
    updated_at_ms: int | None = None
    destination: Address | None = None
    buyer: Buyer | None = None
    shipping_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    tax_included: bool = False
    """True where prices contain the tax."""
    total_minor: int | None = None
    paid: bool = True
    payments: tuple[PaymentStated, ...] = ()
    refunds: tuple[RefundStated, ...] = ()
    holds: tuple[HoldStated, ...] = ()
    priority: int = 0
    service: str = ""
    """The shipping service asked for, in the channel's word."""
    promise_by_ms: int | None = None
    requested_at_ms: int | None = None
    purchase_order: str = ""
    collect_at: str = ""
    """The channel's id of the store where the customer collects it."""
    location: str = ""
    """The channel's id of where it was sold: a till's shop."""
    note: str = ""
    cancelled_at_ms: int | None = None
    cancel_cause: str = ""
    test: bool = False
    """True for an order that nobody means: it is ignored outside a simulated pool."""


class OrderCancelled(Fact, tag="order_cancelled", kw_only=True):
    """An order is off, said without its content."""

    external_id: str
    at_ms: int
    cause: str = "customer"


class OrderRefunded(Fact, tag="order_refunded", kw_only=True):
    """A refund of an order, said without the order's content."""

    external_id: str
    refund: RefundStated


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


class StockLine(Record, kw_only=True):
    """Units of a SKU on a line of a document; may be negative where a document corrects."""

    line: str
    sku: str
    quantity: int
    unit: str = ""
    lot: str = ""
    state: str = ""
    """The unsellable state they are in (`models.records.stock.Unsellable`); empty is sellable."""
    reason: str = ""


class StockCounted(Fact, tag="stock", kw_only=True):
    """How many units there are as of a time: what is on hand, or what may be sold (`available`)."""

    document: str
    location: str
    as_of_ms: int
    lines: tuple[StockLine, ...]
    available: bool = False
    complete: bool = False
    """True where a SKU that is not in it is none."""


class StockReceived(Fact, tag="received", kw_only=True):
    """Units came in."""

    document: str
    location: str
    at_ms: int
    lines: tuple[StockLine, ...]
    expected: str = ""
    """The document by which they were expected."""


class StockExpected(Fact, tag="expected", kw_only=True):
    """Units are on their way to a location."""

    document: str
    location: str
    at_ms: int
    expected_at_ms: int
    lines: tuple[StockLine, ...]
    version: int = 0


class StockAdjusted(Fact, tag="adjusted", kw_only=True):
    """Units became more or fewer, or changed their state, for a reason."""

    document: str
    location: str
    at_ms: int
    lines: tuple[StockLine, ...]


class TillSold(Fact, tag="till_sale", kw_only=True):
    """Units left over the counter; of negative quantities they came back."""

    document: str
    location: str
    at_ms: int
    lines: tuple[StockLine, ...]


class DocumentAcknowledged(Fact, tag="acknowledged", kw_only=True):
    """A partner says that it could read, or could not, what we sent."""

    reference: str
    accepted: bool
    at_ms: int
    note: str = ""


AnyFact = (
    OrderStated
    | OrderCancelled
    | OrderRefunded
    | ParcelStated
    | ParcelScanned
    | FulfillmentAnswered
    | CancellationAnswered
    | FulfillmentStepped
    | StockCounted
    | StockReceived
    | StockExpected
    | StockAdjusted
    | TillSold
    | DocumentAcknowledged
)
