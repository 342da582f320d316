"""What is shown of an order's money."""

from api.schemas.out import Out


class StatedPaymentOut(Out):
    payment_id: str
    kind: str
    amount_minor: int
    currency: str
    at: str
    tender: str


class StatedRefundOut(Out):
    refund_id: str
    amount_minor: int
    currency: str
    at: str
    reason: str
    units: dict[str, int]


class StatedMoneyOut(Out):
    """What the channel says of the order's money."""

    total_minor: int | None
    tax_minor: int | None
    tax_included: bool
    payments: list[StatedPaymentOut]
    refunds: list[StatedRefundOut]
