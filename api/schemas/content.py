"""Bodies that state an order: what is ordered, for whom, where to, and on which terms."""

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.schemas.base import (
    AmountMinor,
    Body,
    Country,
    Currency,
    Envelope,
    Instant,
    Latitude,
    LocationId,
    Longitude,
    Quantity,
    Reasoned,
    Reference,
    ShortText,
    Sku,
    SourceId,
    Text,
    instant_or_none,
    ms_of,
)
from models import commands
from models.geo import position_of
from models.ids import order_id
from models.records.order import CollectFrom, Customer, Terms
from models.records.place import Destination, Position

_EXAMPLE: dict[str, Any] = {
    "channel": "shop-de",
    "external_id": "100234",
    "currency": "EUR",
    "lines": [{"sku": "TSHIRT-BLUE-M", "quantity": 2, "unit_price_minor": 1999, "tax_minor": 638}],
    "destination": {"country": "DE", "postcode": "10115", "latitude": 52.53, "longitude": 13.38},
    "customer": {
        "customer_id": "c-771",
        "name": "Ada Muster",
        "email": "ada@example.org",
        "phone": "+49 30 0000000",
        "address_lines": ["Musterweg 1", "10115 Berlin"],
    },
    "shipping_minor": 490,
}


class PlaceIn(Body):
    """A place: latitude and longitude together, or neither."""

    latitude: Latitude | None = None
    longitude: Longitude | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise PydanticCustomError("position_incomplete", "send latitude and longitude together, or neither")
        return self

    def position(self) -> Position | None:
        """Give the integer vector that routing reckons with."""
        if self.latitude is None or self.longitude is None:
            return None
        return position_of(self.latitude, self.longitude)


class DestinationIn(PlaceIn):
    """What routing may see of the address."""

    country: Country
    postcode: Annotated[str, Field(max_length=20)] = ""
    region: Annotated[str, Field(max_length=60)] = ""

    def destination(self) -> Destination:
        """Give the record."""
        return Destination(country=self.country, postcode=self.postcode, region=self.region, position=self.position())


class CustomerIn(Body):
    """Who buys. All but the id is sealed under a key of this customer before it leaves this process."""

    customer_id: Reference | None = None
    name: ShortText = ""
    email: Annotated[str, Field(max_length=320)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    address_lines: Annotated[tuple[ShortText, ...], Field(max_length=8)] = ()
    locale: Annotated[
        str, Field(pattern=r"^([A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3})?$", description="To write to them in: de-AT")
    ] = ""


class LineIn(Body):
    """So many of a SKU at a price. Without a `line_id` it is the line's number from 1."""

    line_id: Reference | None = None
    sku: Sku
    quantity: Quantity
    unit_price_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0
    ship_to: Annotated[ShortText, Field(description="A name among terms.destinations; empty is the order's own")] = ""

    def line(self, number: int) -> commands.NewLine:
        """Give the line of the command."""
        return commands.NewLine(
            line_id=self.line_id if self.line_id is not None else str(number),
            sku=self.sku,
            quantity=self.quantity,
            unit_price_minor=self.unit_price_minor,
            discount_minor=self.discount_minor,
            tax_minor=self.tax_minor,
            ship_to=self.ship_to,
        )


class TermsIn(Body):
    """What the buyer asks beside the goods; most orders ask nothing of it."""

    purchase_order: Text = ""
    requested_at: Annotated[Instant | None, Field(description="Not to be released to a location before then")] = None
    cancel_at: Annotated[Instant | None, Field(description="What still waits for stock then is cancelled")] = None
    pay_by: Annotated[Instant | None, Field(description="Not paid yet; what is not paid by then is cancelled")] = None
    collect_at: Annotated[LocationId | None, Field(description="The store where the customer collects it")] = None
    collect_from: Literal["own_stock", "anywhere"] = "own_stock"
    destinations: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=60)], DestinationIn],
        Field(max_length=50, description="Further addresses by name, which lines name in `ship_to`"),
    ] = Field(default_factory=dict)

    def terms(self) -> Terms:
        """Give the record."""
        return Terms(
            purchase_order=self.purchase_order,
            requested_at_ms=instant_or_none(self.requested_at),
            cancel_at_ms=instant_or_none(self.cancel_at),
            pay_by_ms=instant_or_none(self.pay_by),
            collect_at=self.collect_at,
            collect_from=CollectFrom(self.collect_from),
            destinations={name: place.destination() for name, place in self.destinations.items()},
        )


class ContentIn(Reasoned):
    """What is stated of an order. Its identity is the pool, the channel and the channel's own id for it."""

    channel: SourceId
    external_id: Reference
    currency: Currency
    lines: Annotated[tuple[LineIn, ...], Field(min_length=1, max_length=200)]
    destination: DestinationIn
    customer: CustomerIn | None = None
    placed_at: Instant | None = None
    source_version: Annotated[int, Field(ge=0, le=2**53)] = 0
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    promise_by: Instant | None = None
    shipping_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    ship_complete: bool = False
    sold: bool = Field(default=False, description="The channel has sold it already: held rather than refused")
    terms: TermsIn | None = None

    kind: ClassVar[str] = ""
    """What tells its repeat from another request for the same order."""

    def order_id(self, pool: str) -> str:
        """Give the order's id, known before anything is sent."""
        return order_id(pool, self.channel, self.external_id)

    @abstractmethod
    def command(self, envelope: Envelope, customer: Customer | None) -> commands.OrderContent:
        """Give the command that this body asks for."""

    def content(self, envelope: Envelope, customer: Customer | None) -> dict[str, Any]:
        """Give the fields of `models.commands.OrderContent`."""
        return envelope.fields(self.reason) | {
            "channel": self.channel,
            "external_id": self.external_id,
            "currency": self.currency,
            "lines": tuple(line.line(number) for number, line in enumerate(self.lines, start=1)),
            "destination": self.destination.destination(),
            "placed_at_ms": envelope.ms(self.placed_at),
            "source_version": self.source_version,
            "customer": customer,
            "priority": self.priority,
            "promise_by_ms": instant_or_none(self.promise_by),
            "shipping_minor": self.shipping_minor,
            "discount_minor": self.discount_minor,
            "ship_complete": self.ship_complete,
            "sold": self.sold,
            "terms": None if self.terms is None else self.terms.terms(),
        }


class OrderIn(ContentIn):
    """An order. A higher `source_version` of one that is there is merged into it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    stock: Annotated[
        Literal["wait", "refuse", "skip"],
        Field(
            description="Where stock is short: what is missing waits, or it is refused; `skip` claims none, and holds"
        ),
    ] = "wait"
    begun_by: Annotated[
        LocationId | None, Field(description="A location that works on it already: claimed there, asked of nobody")
    ] = None
    kind: ClassVar[str] = "place"

    def command(self, envelope: Envelope, customer: Customer | None) -> commands.OrderContent:
        """Give the command that this body asks for."""
        stock = commands.StockPolicy(self.stock)
        return commands.PlaceOrder(**self.content(envelope, customer), stock=stock, begun_by=self.begun_by)


class ReservationIn(ContentIn):
    """An order that expires unless it is placed in time (POST the same to /orders)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_EXAMPLE | {"external_id": "100235", "time_to_live_seconds": 900}]}
    )

    time_to_live_seconds: Annotated[
        int | None, Field(ge=1, le=366 * 86_400, description="Left out, the channel's reservation_minutes count")
    ] = None
    kind: ClassVar[str] = "reserve"

    def command(self, envelope: Envelope, customer: Customer | None) -> commands.OrderContent:
        """Give the command that this body asks for."""
        time_to_live_ms = None if self.time_to_live_seconds is None else self.time_to_live_seconds * 1000
        return commands.ReserveOrder(**self.content(envelope, customer), time_to_live_ms=time_to_live_ms)


class ImportIn(ContentIn):
    """An order of the past, which has shipped already: it is on record and no stock moves."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _EXAMPLE
                | {
                    "external_id": "99001",
                    "placed_at": "2025-03-01T10:00:00Z",
                    "shipped_at": "2025-03-02T16:00:00Z",
                    "location_id": "berlin",
                    "carrier": "DHL",
                    "tracking_number": "00340430",
                }
            ]
        }
    )

    placed_at: Instant
    shipped_at: Instant
    location_id: Annotated[LocationId | None, Field(description="Where it shipped from, if that is known")] = None
    carrier: ShortText = ""
    tracking_number: ShortText = ""
    kind: ClassVar[str] = "import"

    def command(self, envelope: Envelope, customer: Customer | None) -> commands.OrderContent:
        """Give the command that this body asks for."""
        return commands.ImportOrder(
            **self.content(envelope, customer),
            shipped_at_ms=ms_of(self.shipped_at),
            location_id=self.location_id,
            carrier=self.carrier,
            tracking_number=self.tracking_number,
        )
