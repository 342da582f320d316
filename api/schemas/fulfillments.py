"""Bodies that tell what happened to a fulfillment or a parcel."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.schemas.base import Envelope, Instant, Reasoned, Reference, ShortText, Text
from api.schemas.orders import Units
from models import commands

_AT: dict[str, Any] = {"occurred_at": "2026-11-01T09:30:00Z"}


class FulfillmentIn(Reasoned):
    """A fact with the time it happened; without one, now."""

    occurred_at: Instant | None = None

    def facts(self, envelope: Envelope, order: str, fulfillment: str) -> dict[str, Any]:
        """Give the fields of `models.commands.FulfillmentCommand`."""
        return envelope.fields(self.reason) | {
            "order_id": order,
            "fulfillment_id": fulfillment,
            "occurred_at_ms": envelope.ms(self.occurred_at),
        }


class AcceptIn(FulfillmentIn):
    """The location will do it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"partner_reference": "WMS-5512"}]})

    partner_reference: Text = ""

    def command(self, envelope: Envelope, order: str, fulfillment: str) -> commands.AcceptFulfillment:
        """Give the command that this body asks for."""
        facts = self.facts(envelope, order, fulfillment)
        return commands.AcceptFulfillment(**facts, partner_reference=self.partner_reference)


class RejectIn(FulfillmentIn):
    """The location will not do it; the units are routed again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cause": "damaged"}]})

    cause: ShortText = "other"

    def command(self, envelope: Envelope, order: str, fulfillment: str) -> commands.RejectFulfillment:
        """Give the command that this body asks for."""
        return commands.RejectFulfillment(**self.facts(envelope, order, fulfillment), cause=self.cause)


class PickIn(FulfillmentIn):
    """Units are off the shelf; without `units`, all. What is not named was not found."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"units": [{"line_id": "1", "quantity": 1}]}]})

    units: Units | None = None

    def command(self, envelope: Envelope, order: str, fulfillment: str) -> commands.PickFulfillment:
        """Give the command that this body asks for."""
        units = None if self.units is None else tuple(unit.units() for unit in self.units)
        return commands.PickFulfillment(**self.facts(envelope, order, fulfillment), units=units)


class PackIn(FulfillmentIn):
    """Everything picked is in parcels."""

    model_config = ConfigDict(json_schema_extra={"examples": [_AT]})

    def command(self, envelope: Envelope, order: str, fulfillment: str) -> commands.PackFulfillment:
        """Give the command that this body asks for."""
        return commands.PackFulfillment(**self.facts(envelope, order, fulfillment))


class ShipIn(FulfillmentIn):
    """A parcel has left; without `units`, with all that is left of the fulfillment."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"parcel_id": "P-1", "carrier": "DHL", "tracking_number": "00340434"}]}
    )

    parcel_id: Reference
    units: Units = ()
    carrier: ShortText = ""
    tracking_number: ShortText = ""

    def command(self, envelope: Envelope, order: str, fulfillment: str) -> commands.ShipParcel:
        """Give the command that this body asks for."""
        return commands.ShipParcel(
            **self.facts(envelope, order, fulfillment),
            parcel_id=self.parcel_id,
            units=tuple(unit.units() for unit in self.units),
            carrier=self.carrier,
            tracking_number=self.tracking_number,
        )


class TrackingIn(FulfillmentIn):
    """State or correct a parcel's carrier and tracking number."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"carrier": "DHL", "tracking_number": "00340435"}]})

    carrier: ShortText
    tracking_number: ShortText

    def command(self, envelope: Envelope, order: str, fulfillment: str, parcel: str) -> commands.RecordTracking:
        """Give the command that this body asks for."""
        return commands.RecordTracking(
            **self.facts(envelope, order, fulfillment),
            parcel_id=parcel,
            carrier=self.carrier,
            tracking_number=self.tracking_number,
        )


class DeliverIn(FulfillmentIn):
    """The parcel has arrived."""

    model_config = ConfigDict(json_schema_extra={"examples": [_AT]})

    def command(self, envelope: Envelope, order: str, fulfillment: str, parcel: str) -> commands.DeliverParcel:
        """Give the command that this body asks for."""
        return commands.DeliverParcel(**self.facts(envelope, order, fulfillment), parcel_id=parcel)


class LoseIn(FulfillmentIn):
    """The carrier has lost the parcel."""

    model_config = ConfigDict(json_schema_extra={"examples": [_AT]})

    def command(self, envelope: Envelope, order: str, fulfillment: str, parcel: str) -> commands.LoseParcel:
        """Give the command that this body asks for."""
        return commands.LoseParcel(**self.facts(envelope, order, fulfillment), parcel_id=parcel)


class ReturnIn(FulfillmentIn):
    """The parcel came back undelivered."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"restock": True}]})

    restock: Annotated[bool, Field(description="False sets the units aside as unsellable")] = True

    def command(self, envelope: Envelope, order: str, fulfillment: str, parcel: str) -> commands.ReturnParcelToSender:
        """Give the command that this body asks for."""
        facts = self.facts(envelope, order, fulfillment)
        return commands.ReturnParcelToSender(**facts, parcel_id=parcel, restock=self.restock)
