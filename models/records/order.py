"""An order: its lines, terms and edits, and all that hangs on it (holds, fulfillments, parcels, its story)."""

from typing import Annotated

from msgspec import Meta

from models.records.fulfillment import Fulfillment, Parcel
from models.records.hold import Hold
from models.records.line import Line
from models.records.money import StatedMoney
from models.records.place import Destination
from models.records.risk import Risk
from models.types import (
    AmountMinor,
    Currency,
    DurationMs,
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
    Word,
)


class OrderStatus(Word):
    """Where an order stands; derived from its lines and holds by `rules.status`, never set by hand."""

    RESERVED = "reserved", "located like an order, gone at its expiry unless placed"
    HELD = "held", "a hold keeps it from moving"
    BACKORDERED = "backordered", "nothing shipped or allocated, units wait for stock"
    PARTIALLY_ROUTED = "partially_routed", "some units allocated, some wait"
    ROUTED = "routed", "every open unit is allocated"
    PARTIALLY_SHIPPED = "partially_shipped", "some units have left, some have not"
    SHIPPED = "shipped", "every unit that is not cancelled has left"
    DELIVERED = "delivered", "every shipped unit has arrived, was lost or came back"
    CANCELLED = "cancelled", "no unit is left"
    EXPIRED = "expired", "a reservation that was not placed in time"


class Customer(Record, kw_only=True):
    """Who bought: an id, and personal data sealed under that customer's own key (base64)."""

    customer_id: Reference
    sealed: str = ""


class NewLine(Record, kw_only=True):
    """A line as it is ordered; two lines may name the same SKU."""

    line_id: Reference
    sku: Sku
    quantity: Quantity
    unit_price_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0
    ship_to: str = ""
    """The name of its destination among those of the order's terms; empty is the order's own."""


class CollectFrom(Word):
    """Where the units of an order that the customer collects may come from."""

    OWN_STOCK = "own_stock", "only what lies at the store"
    ANYWHERE = "anywhere", "other locations ship to the store"


class Terms(Record, kw_only=True):
    """What a buyer asks beside the goods; most orders ask nothing of it."""

    purchase_order: Text = ""
    requested_at_ms: InstantMs | None = None
    """Not to be released to a location before then."""
    cancel_at_ms: InstantMs | None = None
    """What still waits for stock then is cancelled."""
    pay_by_ms: InstantMs | None = None
    """The order is not paid yet; what is not paid by then is cancelled."""
    collect_at: LocationId | None = None
    """The store where the customer collects it."""
    collect_from: CollectFrom = CollectFrom.OWN_STOCK
    destinations: Annotated[dict[str, Destination], Meta(max_length=50)] = {}
    """Further addresses by name, to which lines are sent."""


class Content(Record, kw_only=True):
    """What a channel stated of an order: what its next version is compared with."""

    lines: tuple[NewLine, ...]
    destination: Destination
    customer: Customer | None = None
    priority: Priority = 0
    promise_by_ms: InstantMs | None = None
    shipping_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    terms: Terms | None = None


class EditedLine(Record, array_like=True, omit_defaults=False, kw_only=True):
    """A line as an edition of the order had it."""

    line_id: str
    sku: Sku
    quantity: int
    cancelled: int
    amount_minor: int


class Edition(Record, kw_only=True):
    """The order's lines before an edit, so that every former version can be shown."""

    number: int
    replaced_at_ms: InstantMs
    actor: str
    total_minor: int
    lines: tuple[EditedLine, ...]


class Edits(Record, kw_only=True):
    """What became of an order's content since it was taken."""

    edition: int = 0
    """How often the content was changed; an edit that is confirmed names the one that it was made for."""
    editions: tuple[Edition, ...] = ()
    """The newest former editions."""
    channel: Content | None = None
    """What the channel last stated, where that is no longer what the order says."""


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
    terms: Terms | None = None
    edits: Edits | None = None
    historic: bool = False
    """True for an order of the past that was only imported: no stock moved for it."""
    revised_promise_ms: InstantMs | None = None
    """The newest promise where that is no longer the first one, which stays."""
    closes_at_ms: InstantMs | None = None
    """When an order that has ended leaves the table."""
    closed_at_ms: InstantMs | None = None
    """Since when it has left it; such a row is a picture of the past."""
    clock_stopped_at_ms: InstantMs | None = None
    """Since when a hold keeps the promise's clock from running."""
    clock_stopped_ms: DurationMs = 0
    """How long it stood still altogether."""
    money: StatedMoney | None = None
    """What others state of its money."""
    risks: tuple[Risk, ...] = ()
    """What providers say of the risk that it is not genuine."""
