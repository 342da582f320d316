"""Bodies that tell what happened to a fulfillment or a parcel."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.schemas.base import Envelope, Instant, Reasoned, Reference, ShortText, Text
from api.schemas.orders import Units
from models import commands
from models.records.fulfillment import CarrierStatus
from models.rules.orders.reject import REJECT_CAUSES

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
    """The location will not do it, or not these `units`; they are routed again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"cause": "damaged", "units": [{"line_id": "1", "quantity": 1}]}]}
    )

    cause: Annotated[ShortText, Field(description="One of " + ", ".join(REJECT_CAUSES))] = "other"
    units: Annotated[Units, Field(description="Left out: all of them")] = ()

    def command(self, envelope: Envelope, order: str, fulfillment: str) -> commands.RejectFulfillment:
        """Give the command that this body asks for."""
        units = tuple(unit.units() for unit in self.units)
        facts = self.facts(envelope, order, fulfillment)
        return commands.RejectFulfillment(**facts, cause=self.cause, units=units)


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


class ReadyIn(FulfillmentIn):
    """Everything packed lies ready for the customer to collect."""

    model_config = ConfigDict(json_schema_extra={"examples": [_AT]})

    def command(self, envelope: Envelope, order: str, fulfillment: str) -> commands.MakeReady:
        """Give the command that this body asks for."""
        return commands.MakeReady(**self.facts(envelope, order, fulfillment))


class CollectIn(FulfillmentIn):
    """The customer took units with them; without `units`, all that are left."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"parcel_id": "C-1"}]})

    parcel_id: Reference
    units: Units = ()

    def command(self, envelope: Envelope, order: str, fulfillment: str) -> commands.CollectFulfillment:
        """Give the command that this body asks for."""
        return commands.CollectFulfillment(
            **self.facts(envelope, order, fulfillment),
            parcel_id=self.parcel_id,
            units=tuple(unit.units() for unit in self.units),
        )


class AnswerIn(FulfillmentIn):
    """The partner gives back the units it was asked for, or will not."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"accepted": True}]})

    accepted: bool

    def command(self, envelope: Envelope, order: str, fulfillment: str) -> commands.AnswerCancellation:
        """Give the command that this body asks for."""
        return commands.AnswerCancellation(**self.facts(envelope, order, fulfillment), accepted=self.accepted)


class MergeIn(FulfillmentIn):
    """Let another open fulfillment, of the same customer from the same location, leave in this one's parcel."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"other_order_id": "o0123", "other_fulfillment_id": "o0123-1"}]}
    )

    other_order_id: Annotated[str, Field(min_length=1, max_length=60)]
    other_fulfillment_id: Annotated[str, Field(min_length=1, max_length=80)]

    def command(self, envelope: Envelope, order: str, fulfillment: str) -> commands.MergeFulfillments:
        """Give the command that this body asks for."""
        return commands.MergeFulfillments(
            **self.facts(envelope, order, fulfillment),
            other_order_id=self.other_order_id,
            other_fulfillment_id=self.other_fulfillment_id,
        )


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


class ScanIn(FulfillmentIn):
    """What a carrier says of the parcel, at `occurred_at` by its own clock; late, twice and in any order."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_AT | {"status": "out_for_delivery", "detail": "Berlin", "raw": "OFD"}]}
    )

    status: CarrierStatus
    detail: Text = ""
    raw: Annotated[Text, Field(description="The carrier's own words")] = ""

    def command(self, envelope: Envelope, order: str, fulfillment: str, parcel: str) -> commands.RecordScan:
        """Give the command that this body asks for."""
        return commands.RecordScan(
            **self.facts(envelope, order, fulfillment),
            parcel_id=parcel,
            status=self.status,
            detail=self.detail,
            raw=self.raw,
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
