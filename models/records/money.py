"""Money as a channel or a payment provider states it: on record with the order, and not yet weighed."""

from models.types import AmountMinor, Count, Currency, InstantMs, Record, Reference, Text


class StatedPayment(Record, kw_only=True):
    """Money that moved: authorised, captured, voided, refunded or failed, as the sender says."""

    payment_id: Reference
    kind: Text
    amount_minor: AmountMinor
    currency: Currency
    at_ms: InstantMs
    tender: Text = ""


class StatedRefund(Record, kw_only=True):
    """Money given back, for these units by line where the sender names any."""

    refund_id: Reference
    amount_minor: AmountMinor
    currency: Currency
    at_ms: InstantMs
    reason: Text = ""
    units: dict[str, Count] = {}


class StatedMoney(Record, kw_only=True):
    """All that was stated of an order's money; the newest word of each payment and refund counts."""

    total_minor: AmountMinor | None = None
    """What the channel says the order comes to, which may be more than its lines: tips, duties, gift cards."""
    tax_minor: AmountMinor | None = None
    tax_included: bool = False
    """True where prices contain the tax, so that nothing is added to them."""
    payments: tuple[StatedPayment, ...] = ()
    refunds: tuple[StatedRefund, ...] = ()
