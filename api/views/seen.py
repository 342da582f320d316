"""An order as far as the views look into its row: what it is found, counted and queued by."""

from msgspec import Struct


class SeenLine(Struct, gc=False):
    """A line."""

    sku: str
    waiting: int = 0


class SeenDestination(Struct, gc=False):
    """Where it goes."""

    postcode: str = ""


class SeenCustomer(Struct, gc=False):
    """Who bought."""

    sealed: str = ""


class SeenHold(Struct, gc=False):
    """A hold."""

    type: str
    applied_at_ms: int = 0


class SeenCancellation(Struct, gc=False):
    """A request to a partner to give units back."""

    status: str
    requested_at_ms: int


class SeenFulfillment(Struct, gc=False):
    """A fulfillment."""

    fulfillment_id: str
    location_id: str
    status: str
    capacity_day: int = 0
    ready_at_ms: int | None = None
    cancellation: SeenCancellation | None = None


class SeenTracking(Struct, gc=False):
    """What a carrier said of a parcel last, and when."""

    scanned_at_ms: int
    status: str


class SeenParcel(Struct, gc=False):
    """A parcel."""

    fulfillment_id: str
    status: str
    shipped_at_ms: int
    tracking_number: str = ""
    silent: bool = False
    tracking: SeenTracking | None = None


class SeenOrder(Struct, gc=False):
    """An order."""

    order_id: str
    pool: str
    status: str
    channel: str
    external_id: str
    placed_at_ms: int
    updated_at_ms: int
    version: int
    offset: int
    index: int
    lines: list[SeenLine]
    destination: SeenDestination
    promise_by_ms: int | None = None
    customer: SeenCustomer | None = None
    fulfillments: list[SeenFulfillment] = []
    parcels: list[SeenParcel] = []
    holds: list[SeenHold] = []
    at_risk: bool = False
