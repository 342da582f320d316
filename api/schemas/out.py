"""What answers look like, for the documentation; a test holds every answer against these models."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

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


class Out(BaseModel):
    """Base of all answers. More fields may come later; readers ignore what they do not know."""

    model_config = ConfigDict(extra="allow")


class ProblemOut(Out):
    """RFC 9457. `code` is stable; `detail` says what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    instance: str | None = None


class DestinationOut(Out):
    country: str
    postcode: str
    region: str
    position: dict[str, float] | None = Field(description="latitude and longitude")


class ErasedOut(Out):
    customer_id: str
    personal: Literal["erased"]


class CustomerOut(Out):
    """`personal` is open for keys with customers:read, else sealed; erased when its key was destroyed."""

    customer_id: str
    personal: Literal["none", "sealed", "open", "erased"]
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address_lines: list[str] | None = None


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
    waiting: int
    allocated: int
    shipped: int
    delivered: int
    lost: int
    returned_to_sender: int


class UnitsOut(Out):
    line_id: str
    quantity: int


class HoldOut(Out):
    type: str
    applied_at: str
    actor: str
    note: str
    release_at: str | None


class FulfillmentLineOut(Out):
    line_id: str
    sku: str
    allocated: int
    picked: int
    shipped: int


class FulfillmentOut(Out):
    fulfillment_id: str
    location_id: str
    status: str
    lines: list[FulfillmentLineOut]
    routed_at: str
    accepted_at: str | None
    picked_at: str | None
    packed_at: str | None
    partner_reference: str


class ParcelOut(Out):
    parcel_id: str
    fulfillment_id: str
    units: list[UnitsOut]
    status: str
    shipped_at: str
    ended_at: str | None
    carrier: str
    tracking_number: str


class OrderOut(Out):
    """An order as the core has it. `version` counts its changes and never goes back."""

    order_id: str
    pool: str
    channel: str
    external_id: str
    currency: str
    status: OrderStatusName
    version: int
    placed_at: str
    updated_at: str
    promise_by: str | None
    expires_at: str | None
    total_minor: int
    lines: list[LineOut]
    destination: DestinationOut
    customer: CustomerOut | None
    holds: list[HoldOut]
    fulfillments: list[FulfillmentOut]
    parcels: list[ParcelOut]


class FoundAsOut(Out):
    """One thing that `q` was found as; `is_cut` when more begin so than were looked through."""

    kind: str
    text: str
    is_exact: bool
    is_cut: bool


class OrdersOut(Out):
    orders: list[OrderOut]
    next_cursor: str | None
    found_as: list[FoundAsOut] = []


class ExportOut(Out):
    """How far an export is; `total` is null where it is not known before."""

    written: int
    total: int | None
    is_done: bool


class RefusalOut(Out):
    code: str
    text: str
    field: str


class UpdateOut(Out):
    """What one command did, with its place in the pool's order of events."""

    pool: str
    offset: int
    index: int
    command_id: str
    command: str
    at: str
    actor: str
    reason: str
    correlation_id: str
    order_id: str
    order_version: int
    repeated: bool
    refusal: RefusalOut | None
    events: list[dict[str, Any]]


class HistoryOut(Out):
    updates: list[UpdateOut]
    next_cursor: str | None


class WhyOut(Out):
    """`tone` says what it asks of its reader: `moves`, `waits`, `held` or `ended`."""

    order_id: str
    tone: Literal["moves", "waits", "held", "ended"]
    is_late: bool
    text: str


class CommandOut(Out):
    status: Literal["applied", "refused"]
    command_id: str
    update: UpdateOut


class AcceptedOut(Out):
    """On record; ask `status_url` for the result."""

    status: Literal["accepted"]
    command_id: str
    status_url: str


class ReplayOut(AcceptedOut):
    offset: int
    index: int


class LevelOut(Out):
    location_id: str
    on_hand: int
    allocated: int
    unsellable: int
    safety_stock: int
    available: int


class SkuOut(Out):
    """available = on hand - allocated - unsellable - safety stock, at least 0, by location and in total."""

    pool: str
    sku: str
    available: int
    waiting: int
    levels: list[LevelOut]


class SkusOut(Out):
    skus: list[SkuOut]
    next_cursor: str | None


class MovementOut(Out):
    sku: str
    location_id: str
    kind: str
    occurred_at: str
    recorded_at: str
    on_hand_delta: int
    allocated_delta: int
    offset: int
    index: int
    sequence: int


class MovementsOut(Out):
    movements: list[MovementOut]
    next_cursor: str | None


class DeadLetterOut(Out):
    dead_letter_id: str
    recorded_at: str
    replayed: bool
    source: str
    offset: int
    index: int
    code: str
    text: str
    payload_base64: str
    key: str


class DeadLettersOut(Out):
    dead_letters: list[DeadLetterOut]
    next_cursor: str | None


class LiveOut(Out):
    status: Literal["live"]


class ReadyOut(Out):
    status: Literal["ready", "not_ready"]
    views: str
    lag: int | None = Field(description="Records not yet in the views; null until it is known")
    broker: Literal["connected", "unreachable"]
    pending_commands: int
