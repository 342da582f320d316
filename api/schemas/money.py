"""Bodies that state what happened to an order's money."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.schemas.base import AmountMinor, Body, Count, Currency, Envelope, Instant, Reasoned, Reference, Text, ms_of
from models import commands
from models.records.money import StatedPayment, StatedRefund

_EXAMPLE: dict[str, Any] = {
    "total_minor": 4488,
    "payments": [
        {
            "payment_id": "pay-1",
            "kind": "captured",
            "amount_minor": 4488,
            "currency": "EUR",
            "at": "2026-11-23T09:30:00Z",
        }
    ],
}


class StatedPaymentIn(Body):
    """Money that moved. The same id and kind with a later time replaces what was stated before."""

    payment_id: Reference
    kind: Literal["authorised", "captured", "voided", "refunded", "failed"]
    amount_minor: AmountMinor
    currency: Currency
    at: Instant
    tender: Text = ""

    def payment(self) -> StatedPayment:
        """Give the record."""
        return StatedPayment(
            payment_id=self.payment_id,
            kind=self.kind,
            amount_minor=self.amount_minor,
            currency=self.currency,
            at_ms=ms_of(self.at),
            tender=self.tender,
        )


class StatedRefundIn(Body):
    """Money given back. The same id with a later time replaces what was stated before."""

    refund_id: Reference
    amount_minor: AmountMinor
    currency: Currency
    at: Instant
    reason: Text = ""
    units: Annotated[dict[Reference, Count], Field(max_length=200, description="By line, if it is for units")] = Field(
        default_factory=dict
    )

    def refund(self) -> StatedRefund:
        """Give the record."""
        return StatedRefund(
            refund_id=self.refund_id,
            amount_minor=self.amount_minor,
            currency=self.currency,
            at_ms=ms_of(self.at),
            reason=self.reason,
            units=self.units,
        )


class StatedMoneyIn(Reasoned):
    """What the channel or its payment provider says of the order's money; it is kept and shown, and not weighed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    total_minor: Annotated[AmountMinor | None, Field(description="What the channel says that the order comes to")] = (
        None
    )
    tax_minor: Annotated[AmountMinor | None, Field(description="What it says that the tax of it is")] = None
    tax_included: Annotated[bool, Field(description="True where prices contain the tax")] = False
    payments: Annotated[tuple[StatedPaymentIn, ...], Field(max_length=100)] = ()
    refunds: Annotated[tuple[StatedRefundIn, ...], Field(max_length=100)] = ()

    def command(self, envelope: Envelope, order: str) -> commands.RecordStatedMoney:
        """Give the command that this body asks for."""
        return commands.RecordStatedMoney(
            **envelope.fields(self.reason),
            order_id=order,
            total_minor=self.total_minor,
            tax_minor=self.tax_minor,
            tax_included=self.tax_included,
            payments=tuple(payment.payment() for payment in self.payments),
            refunds=tuple(refund.refund() for refund in self.refunds),
        )
