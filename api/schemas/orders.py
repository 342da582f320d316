"""Bodies that ask something of an order that is there."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.base import (
    Body,
    Envelope,
    Instant,
    LocationId,
    Quantity,
    Reasoned,
    Reference,
    ShortText,
    Text,
    instant_or_none,
    ms_of,
)
from models import commands
from models.records.hold import HoldType
from models.records.line import UnitsOfLine


class UnitsIn(Body):
    """So many units of one line of the order."""

    line_id: Reference
    quantity: Quantity

    def units(self) -> UnitsOfLine:
        """Give the record."""
        return UnitsOfLine(line_id=self.line_id, quantity=self.quantity)


Handle = Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_.-]{0,59})?$", examples=["fraud-app"])]
Units = Annotated[tuple[UnitsIn, ...], Field(max_length=200)]


class CancelIn(Reasoned):
    """Cancel units that have not shipped; without `units`, all of them. What a partner has is asked back from it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"units": [{"line_id": "1", "quantity": 1}], "reason": "changed their mind"}]}
    )

    units: Units = ()
    cause: ShortText = "customer"

    def command(self, envelope: Envelope, order: str) -> commands.CancelUnits:
        """Give the command that this body asks for."""
        units = tuple(unit.units() for unit in self.units)
        return commands.CancelUnits(**envelope.fields(self.reason), order_id=order, units=units, cause=self.cause)


class HoldIn(Reasoned):
    """Keep an order, one of its lines or fulfillments from moving, until released by hand or at a time.

    A hold of the same type that has a date is replaced: the new date counts.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"hold": "fraud_review", "reason": "unusual amount"}]})

    hold: HoldType
    release_at: Annotated[Instant | None, Field(description="It ends by itself then")] = None
    cancel_at: Annotated[
        Instant | None, Field(description="If it still stands then, what has not shipped is cancelled")
    ] = None
    line_id: Annotated[str, Field(max_length=200, description="Of this line only")] = ""
    fulfillment_id: Annotated[str, Field(max_length=200, description="Of this fulfillment only")] = ""
    handle: Annotated[Handle, Field(description="Your own name of it: a hold beside others of its type")] = ""

    def command(self, envelope: Envelope, order: str) -> commands.HoldOrder:
        """Give the command that this body asks for."""
        return commands.HoldOrder(
            **envelope.fields(self.reason),
            order_id=order,
            hold=self.hold,
            release_at_ms=instant_or_none(self.release_at),
            cancel_at_ms=instant_or_none(self.cancel_at),
            line_id=self.line_id,
            fulfillment_id=self.fulfillment_id,
            handle=self.handle,
        )


class HoldManyIn(Reasoned):
    """Keep up to 500 orders from moving until a date."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"order_ids": ["o0123"], "hold": "customer_request", "release_at": "2027-01-04T08:00:00Z"}]
        }
    )

    order_ids: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=60)], ...], Field(min_length=1, max_length=500)
    ]
    hold: HoldType
    release_at: Instant
    cancel_at: Instant | None = None

    def command(self, envelope: Envelope, order: str) -> commands.HoldOrder:
        """Give the command for one of the orders."""
        return commands.HoldOrder(
            **envelope.fields(self.reason),
            order_id=order,
            hold=self.hold,
            release_at_ms=ms_of(self.release_at),
            cancel_at_ms=instant_or_none(self.cancel_at),
        )


class ReleaseIn(Reasoned):
    """Take one hold off, of the order or of the line or fulfillment that it names; `reason` is how it was resolved."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hold": "fraud_review"}]})

    hold: HoldType
    line_id: Annotated[str, Field(max_length=200)] = ""
    fulfillment_id: Annotated[str, Field(max_length=200)] = ""
    handle: Handle = ""

    def command(self, envelope: Envelope, order: str) -> commands.ReleaseHold:
        """Give the command that this body asks for."""
        return commands.ReleaseHold(
            **envelope.fields(self.reason),
            order_id=order,
            hold=self.hold,
            line_id=self.line_id,
            fulfillment_id=self.fulfillment_id,
            handle=self.handle,
        )


class RerouteIn(Reasoned):
    """Choose locations anew for what no location has accepted yet."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the store is closed"}]})

    def command(self, envelope: Envelope, order: str) -> commands.RerouteOrder:
        """Give the command that this body asks for."""
        return commands.RerouteOrder(**envelope.fields(self.reason), order_id=order)


class MoveIn(Reasoned):
    """Let another location ship a fulfillment's units; without `units`, all of them."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"fulfillment_id": "o0123-1", "location_id": "hamburg", "reason": "closed"}]}
    )

    fulfillment_id: Annotated[str, Field(min_length=1, max_length=80)]
    location_id: LocationId
    units: Annotated[Units, Field(description="At the location where they are, these get a part of their own")] = ()

    def command(self, envelope: Envelope, order: str) -> commands.MoveUnits:
        """Give the command that this body asks for."""
        return commands.MoveUnits(
            **envelope.fields(self.reason),
            order_id=order,
            fulfillment_id=self.fulfillment_id,
            location_id=self.location_id,
            units=tuple(unit.units() for unit in self.units),
        )


class EraseIn(Reasoned):
    """Destroy the key of a customer's personal data."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "request of 2026-11-02"}]})

    reason: Text = ""
