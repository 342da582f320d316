"""What happened here that others are told of, and what comes of telling them."""

from enum import StrEnum

from connectors.frame.facts import Address, Buyer
from models.records.fulfillment import Fulfillment, Parcel
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.types import Record


class OccasionKind(StrEnum):
    """What others may want to be told."""

    FULFILLMENT_REQUESTED = "fulfillment_requested"
    CANCELLATION_REQUESTED = "cancellation_requested"
    PARCEL_SHIPPED = "parcel_shipped"
    PARCEL_TRACKED = "parcel_tracked"
    PARCEL_DELIVERED = "parcel_delivered"
    UNITS_CANCELLED = "units_cancelled"
    AVAILABILITY = "availability"
    EVENT = "event"
    MAIL = "mail"


class Available(Record, kw_only=True):
    """What a channel may sell of a listing now; `location` is the channel's id where it keeps stock by location."""

    sku: str
    """The channel's SKU."""
    quantity: int
    last_sent: int | None = None
    location: str = ""
    listing_ref: str = ""


class Letter(Record, kw_only=True):
    """A mail to a customer, written when it is sent and kept nowhere."""

    to: str
    shop: str
    subject: str
    text: str
    html: str
    language: str
    date_ms: int
    """When the mail's row was made: the same at each attempt."""
    written_by: str = ""
    """The template, and its version where it is a merchant's own, for the log."""


class Occasion(Record, kw_only=True):
    """Something to tell one account. `delivery_id` is the same at each attempt, and the receiver may dedupe by it.

    `number` counts the deliveries of an account without a gap, for formats that number what they send.
    """

    delivery_id: str
    kind: OccasionKind
    at_ms: int
    number: int
    order: Order | None = None
    fulfillment: Fulfillment | None = None
    parcel: Parcel | None = None
    units: tuple[UnitsOfLine, ...] = ()
    address: Address | None = None
    buyer: Buyer | None = None
    titles: dict[str, str] = {}
    """Names of what is sent, by SKU."""
    available: tuple[Available, ...] = ()
    event: bytes = b""
    """Of an `EVENT`: the JSON of it."""
    event_type: str = ""
    """Of an `EVENT`: its name, such as `order.placed`."""
    lane: str = ""
    """Of an `EVENT`: what is told in order, mostly an order's id."""
    cause: str = ""
    letter: Letter | None = None


class FileDocument(Record, kw_only=True):
    """A file for a partner's folder."""

    name: str
    body: bytes


class Outcome(StrEnum):
    """What came of telling."""

    DONE = "done"
    LATER = "later"
    REFUSED = "refused"


class Sent(Record, kw_only=True):
    """What came of telling: done, to be tried later, or refused for good, which a person must see."""

    outcome: Outcome
    note: str = ""
    reference: str = ""
    """The receiver's id of what it made of it."""
    retry_after_seconds: int | None = None
    observed: dict[str, int] = {}
    """By SKU: what the channel had, where that is not what it was last sent."""
