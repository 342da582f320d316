"""What the demo asks of the API, and what it reads of the answers: only what a partner would be shown."""

from typing import Any

from msgspec import Struct

from models.types import Record

DESK = "service-desk"
"""Who holds, releases and cancels."""


class Ask(Struct, frozen=True, kw_only=True):
    """One request to the API. Instants are demo times, for whoever sends it to put on the wall's clock."""

    who: str
    """Whose key it goes with: a channel's, a location's or the desk's."""
    path: str
    """Below the pool's own."""
    key: str
    """Its Idempotency-Key."""
    at_ms: int
    body: dict[str, Any]
    instants: dict[str, int] = {}
    """Fields of the body that are times, by their name in HTTP."""
    seconds: dict[str, int] = {}
    """Fields of the body that are durations from `at_ms` on, in demo milliseconds, sent as seconds on the wall."""
    order_id: str = ""
    subject: str = ""
    """The fulfillment or parcel it is about."""
    step: str = ""
    attempt: int = 0


class SeenUnits(Record, kw_only=True):
    """Units of a line."""

    line_id: str
    quantity: int


class SeenLine(Record, kw_only=True):
    """A line of an order, as far as partners care."""

    line_id: str
    sku: str
    quantity: int
    waiting: int = 0
    allocated: int = 0


class SeenPart(Record, kw_only=True):
    """A line of a fulfillment."""

    line_id: str
    sku: str
    allocated: int = 0


class SeenFulfillment(Record, kw_only=True):
    """What one location is asked to ship."""

    fulfillment_id: str
    location_id: str
    status: str
    lines: tuple[SeenPart, ...]


class SeenParcel(Record, kw_only=True):
    """A parcel that has left."""

    parcel_id: str
    fulfillment_id: str
    status: str
    units: tuple[SeenUnits, ...]
    carrier: str = ""
    tracking_number: str = ""


class SeenHold(Record, kw_only=True):
    """Why an order stands still, and who said so."""

    type: str
    actor: str = ""


class SeenPosition(Record, kw_only=True):
    """Degrees."""

    latitude: float
    longitude: float


class SeenDestination(Record, kw_only=True):
    """Where an order goes."""

    country: str
    region: str = ""
    position: SeenPosition | None = None


class SeenOrder(Record, kw_only=True):
    """An order as the API answers it; fields that the demo does not use are left out."""

    order_id: str
    channel: str
    external_id: str
    status: str
    version: int
    lines: tuple[SeenLine, ...]
    destination: SeenDestination
    fulfillments: tuple[SeenFulfillment, ...] = ()
    parcels: tuple[SeenParcel, ...] = ()
    holds: tuple[SeenHold, ...] = ()


class SeenLocation(Record, kw_only=True):
    """A location as the API answers it."""

    location_id: str
    kind: str = "warehouse"
    time_zone: str = "UTC"
    position: SeenPosition | None = None


class SeenLevel(Record, kw_only=True):
    """A SKU at a location."""

    location_id: str
    on_hand: int
    available: int


class SeenSku(Record, kw_only=True):
    """A SKU everywhere."""

    sku: str
    waiting: int
    levels: tuple[SeenLevel, ...]
