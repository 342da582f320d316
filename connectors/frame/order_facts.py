"""What messages say of orders and their money."""

from enum import StrEnum

from connectors.frame.fact import Fact
from models.records.hold import HoldType
from models.types import Record


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
    unit: str = ""
    """The sender's unit of measure, where it is not the piece: a case of a SKU is mapped apart from the SKU."""
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
    of_a_till: bool = False
    """True where the sale may have been one over the counter, of which there is no order: then it says nothing."""


class OrderHeld(Fact, tag="order_held", kw_only=True):
    """An order is to wait for a reason that the channel gives, or, `released`, need not wait for it any more."""

    external_id: str
    at_ms: int
    hold: HoldStated
    released: bool = False
