"""Bodies that ask something of an order."""

from typing import Annotated, Any, Literal, Self

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
    Longitude,
    Quantity,
    Reasoned,
    Reference,
    ShortText,
    Sku,
    SourceId,
    Text,
    ms_of,
)
from models import commands
from models.geo import position_of
from models.ids import order_id
from models.records.hold import HoldType
from models.records.line import UnitsOfLine
from models.records.order import Customer
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


class LineIn(Body):
    """So many of a SKU at a price. Without a `line_id` it is the line's number from 1."""

    line_id: Reference | None = None
    sku: Sku
    quantity: Quantity
    unit_price_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0

    def line(self, number: int) -> commands.NewLine:
        """Give the line of the command."""
        return commands.NewLine(
            line_id=self.line_id if self.line_id is not None else str(number),
            sku=self.sku,
            quantity=self.quantity,
            unit_price_minor=self.unit_price_minor,
            discount_minor=self.discount_minor,
            tax_minor=self.tax_minor,
        )


class OrderIn(Reasoned):
    """An order. Its identity is the pool, the channel and the channel's own id for it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

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

    def order_id(self, pool: str) -> str:
        """Give the order's id, known before anything is sent."""
        return order_id(pool, self.channel, self.external_id)

    def command(self, envelope: Envelope, customer: Customer | None) -> commands.OrderContent:
        """Give the command that this body asks for."""
        return self._build(commands.PlaceOrder, envelope, customer)

    def _build(
        self, kind: type[commands.OrderContent], envelope: Envelope, customer: Customer | None, **more: Any
    ) -> commands.OrderContent:
        return kind(
            **envelope.fields(self.reason),
            channel=self.channel,
            external_id=self.external_id,
            currency=self.currency,
            lines=tuple(line.line(number) for number, line in enumerate(self.lines, start=1)),
            destination=self.destination.destination(),
            placed_at_ms=envelope.ms(self.placed_at),
            source_version=self.source_version,
            customer=customer,
            priority=self.priority,
            promise_by_ms=None if self.promise_by is None else ms_of(self.promise_by),
            shipping_minor=self.shipping_minor,
            discount_minor=self.discount_minor,
            ship_complete=self.ship_complete,
            sold=self.sold,
            **more,
        )


class ReservationIn(OrderIn):
    """An order that expires unless it is placed in time (POST the same to /orders)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_EXAMPLE | {"external_id": "100235", "time_to_live_seconds": 900}]}
    )

    time_to_live_seconds: Annotated[
        int | None, Field(ge=1, le=366 * 86_400, description="Left out, the channel's reservation_minutes count")
    ] = None

    def command(self, envelope: Envelope, customer: Customer | None) -> commands.OrderContent:
        """Give the command that this body asks for."""
        time_to_live_ms = None if self.time_to_live_seconds is None else self.time_to_live_seconds * 1000
        return self._build(commands.ReserveOrder, envelope, customer, time_to_live_ms=time_to_live_ms)


class UnitsIn(Body):
    """So many units of one line of the order."""

    line_id: Reference
    quantity: Quantity

    def units(self) -> UnitsOfLine:
        """Give the record."""
        return UnitsOfLine(line_id=self.line_id, quantity=self.quantity)


Units = Annotated[tuple[UnitsIn, ...], Field(max_length=200)]


class CancelIn(Reasoned):
    """Cancel units that have not shipped; without `units`, all of them."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"units": [{"line_id": "1", "quantity": 1}], "reason": "changed their mind"}]}
    )

    units: Units = ()
    cause: ShortText = "customer"

    def command(self, envelope: Envelope, order: str) -> commands.CancelUnits:
        """Give the command that this body asks for."""
        units = tuple(unit.units() for unit in self.units)
        return commands.CancelUnits(**envelope.fields(self.reason), order_id=order, units=units, cause=self.cause)


HoldName = Literal[
    "fraud_review",
    "payment",
    "address",
    "customer_request",
    "unmapped_sku",
    "unexpected_currency",
    "unroutable",
    "other",
]


class HoldIn(Reasoned):
    """Keep an order from moving, until released by hand or at a time."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hold": "fraud_review", "reason": "unusual amount"}]})

    hold: HoldName
    release_at: Instant | None = None

    def command(self, envelope: Envelope, order: str) -> commands.HoldOrder:
        """Give the command that this body asks for."""
        release_at_ms = None if self.release_at is None else ms_of(self.release_at)
        return commands.HoldOrder(
            **envelope.fields(self.reason), order_id=order, hold=HoldType(self.hold), release_at_ms=release_at_ms
        )


class ReleaseIn(Reasoned):
    """Take one hold off."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hold": "fraud_review"}]})

    hold: HoldName

    def command(self, envelope: Envelope, order: str) -> commands.ReleaseHold:
        """Give the command that this body asks for."""
        return commands.ReleaseHold(**envelope.fields(self.reason), order_id=order, hold=HoldType(self.hold))


class RerouteIn(Reasoned):
    """Choose locations anew for what no location has accepted yet."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the store is closed"}]})

    def command(self, envelope: Envelope, order: str) -> commands.RerouteOrder:
        """Give the command that this body asks for."""
        return commands.RerouteOrder(**envelope.fields(self.reason), order_id=order)


class EraseIn(Reasoned):
    """Destroy the key of a customer's personal data."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "request of 2026-11-02"}]})

    reason: Text = ""
