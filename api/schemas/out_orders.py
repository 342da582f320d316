"""What an order looks like in answers. A test holds these models against the records: no field of one is left out."""

from typing import Literal

from pydantic import Field

from api.schemas.out import Out
from api.schemas.out_money import StatedMoneyOut
from api.schemas.out_risk import RiskOut

OrderStatusName = Literal[
    "reserved",
    "held",
    "backordered",
    "partially_routed",
    "routed",
    "partially_shipped",
    "shipped",
    "delivered",
    "cancelled",
    "expired",
]


class DestinationOut(Out):
    country: str
    postcode: str
    region: str
    position: dict[str, float] | None = Field(description="latitude and longitude")


class CustomerOut(Out):
    """`personal` is open for keys with customers:read, else sealed; erased when its key was destroyed."""

    customer_id: str
    personal: Literal["none", "sealed", "open", "erased"]
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address_lines: list[str] | None = None
    locale: str | None = None


class ComponentOut(Out):
    sku: str
    quantity: int


class PegOut(Out):
    """Waiting units that count on an expected receipt."""

    receipt_id: str
    quantity: int
    expected_at: str


class LineOut(Out):
    """quantity = cancelled + waiting + allocated + shipped."""

    line_id: str
    sku: str
    quantity: int
    unit_price_minor: int
    discount_minor: int
    tax_minor: int
    amount_minor: int
    cancelled: int
    cancelled_minor: int
    waiting: int
    allocated: int
    shipped: int
    delivered: int
    lost: int
    returned_to_sender: int
    components: list[ComponentOut] = Field(description="Of one unit of a kit, as it was when the line was taken")
    ship_to: str = Field(description="A name among terms.destinations; empty is the order's own destination")
    pegs: list[PegOut]
    listing: str = Field(description="What the channel calls it, where that is not the SKU")


class UnitsOut(Out):
    line_id: str
    quantity: int


class HoldOut(Out):
    """Of the whole order, or of the line or fulfillment that it names."""

    type: str
    applied_at: str
    actor: str
    note: str
    release_at: str | None = Field(description="When it ends by itself")
    cancel_at: str | None = Field(description="When what has not shipped is cancelled, if it still stands")
    line_id: str
    fulfillment_id: str
    handle: str = Field(description="Who put it on names it so; empty where nobody needs to")
    resolvers: list[str] = Field(default=[], description="The roles that may take it off; where an order is read alone")


class CancellationOut(Out):
    """What a partner was asked to give back, and what it answered."""

    status: Literal["requested", "accepted", "rejected"]
    units: list[UnitsOut]
    requested_at: str
    cause: str
    answered_at: str | None


class FulfillmentLineOut(Out):
    line_id: str
    sku: str
    allocated: int
    picked: int
    shipped: int
    fenced: int = Field(description="Of those allocated, the units from ring-fenced stock")


class FulfillmentRefOut(Out):
    order_id: str
    fulfillment_id: str


class FulfillmentOut(Out):
    fulfillment_id: str
    location_id: str
    status: str
    lines: list[FulfillmentLineOut]
    routed_at: str
    cost_milli: int
    capacity_day: int
    accepted_at: str | None
    picked_at: str | None
    packed_at: str | None
    ready_at: str | None
    by: dict[str, str] = Field(description="Who did each step: accepted, picked, packed, ready")
    partner_reference: str
    ship_to: str
    cancellation: CancellationOut | None
    parcel_with: list[FulfillmentRefOut] = Field(description="Fulfillments that leave in the same parcel")
    segment: str
    actions: list[str] = Field(default=[], description="What may be done with it now; where an order is read alone")


class ScanOut(Out):
    at: str
    status: str
    detail: str
    raw: str


class TrackingOut(Out):
    """The carrier's axis: the state of its newest scan, by its own clock."""

    status: str
    scanned_at: str
    detail: str
    scans: list[ScanOut]


class ParcelOut(Out):
    parcel_id: str
    fulfillment_id: str
    units: list[UnitsOut]
    status: str
    shipped_at: str
    ended_at: str | None
    carrier: str
    tracking_number: str
    implied: bool = Field(description="True while only a later fact has told that it was shipped")
    by: str
    tracking: TrackingOut | None
    silent_from: str | None
    silent: bool
    actions: list[str] = Field(default=[], description="What may be told of it now; where an order is read alone")


class TermsOut(Out):
    """What the buyer asks beside the goods."""

    purchase_order: str
    requested_at: str | None
    cancel_at: str | None
    pay_by: str | None
    collect_at: str | None = Field(description="The location where the customer collects it")
    collect_from: str
    destinations: dict[str, DestinationOut]


class NewLineOut(Out):
    line_id: str
    sku: str
    quantity: int
    unit_price_minor: int
    discount_minor: int
    tax_minor: int
    ship_to: str


class ContentOut(Out):
    """What a channel stated of an order."""

    lines: list[NewLineOut]
    destination: DestinationOut
    customer: CustomerOut | None
    priority: int
    promise_by: str | None
    shipping_minor: int
    discount_minor: int
    terms: TermsOut | None


class EditedLineOut(Out):
    line_id: str
    sku: str
    quantity: int
    cancelled: int
    amount_minor: int


class EditionOut(Out):
    """The order's lines before an edit."""

    number: int
    replaced_at: str
    actor: str
    total_minor: int
    lines: list[EditedLineOut]


class EditsOut(Out):
    """`edition` counts the edits; who confirms one names the edition that it was made for."""

    edition: int
    editions: list[EditionOut]
    channel: ContentOut | None = Field(description="What the channel last stated, where the order says otherwise")


class StoryOut(Out):
    at: str
    event: str
    actor: str
    detail: str


class OrderOut(Out):
    """An order as the core has it. `version` counts its changes and never goes back."""

    order_id: str
    pool: str
    channel: str
    external_id: str
    currency: str
    status: OrderStatusName
    lines: list[LineOut]
    destination: DestinationOut
    placed_at: str
    version: int
    offset: int
    index: int
    updated_at: str
    source_version: int
    customer: CustomerOut | None
    priority: int
    promise_by: str | None = Field(description="The first promise")
    expires_at: str | None
    reserved: bool
    expired: bool
    ship_complete: bool
    shipping_minor: int
    discount_minor: int
    total_minor: int
    holds: list[HoldOut]
    fulfillments: list[FulfillmentOut]
    parcels: list[ParcelOut]
    refused_by: list[str]
    reroutes: int
    sequence: int
    at_risk_from: str | None
    at_risk: bool
    story: list[StoryOut]
    terms: TermsOut | None
    edits: EditsOut | None
    historic: bool = Field(description="True for an order of the past that was imported: no stock moved for it")
    revised_promise: str | None = Field(description="The newest promise, where it is no longer the first one")
    closes_at: str | None
    closed_at: str | None = Field(description="Since when it is closed; whatever is asked of it brings it back")
    clock_stopped_at: str | None = Field(description="Since when a hold stops the promise's clock")
    clock_stopped_ms: int = Field(description="How long it stood still altogether")
    money: StatedMoneyOut | None = Field(description="What the channel says of its money")
    risks: list[RiskOut] = Field(description="What providers say of the risk that it is not genuine")
    actions: list[str] = Field(default=[], description="What may be asked of it now; where an order is read alone")
    tracking_url: str | None = Field(
        default=None,
        description="The page for its customer, by a link that ends; for keys with customers:read",
    )
