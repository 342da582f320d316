"""What an order says of its money, and of units that came back.

Source: Medusa, Payment Module, "Payment", `captures` and `refunds`; Order Module, "Return".
"""

from collections.abc import Iterator

from connectors.frame.facts import PaymentKind, PaymentStated, RefundedUnits, RefundStated
from connectors.frame.reading import first, instant, money, whole, within
from connectors.systems.medusa.shapes import OrderGiven, PaymentGiven, RefundGiven, ReturnGiven

_RECEIVED = frozenset({"received", "partially_received"})


def payments_of(order: OrderGiven, currency: str) -> tuple[PaymentStated, ...]:
    """Give authorisations, captures and voids.

    Raises:
        UnreadableError: a field is missing or wrong.
    """
    return tuple(stated for path, payment in _payments(order) for stated in _stated(path, payment, currency))


def refunds_of(order: OrderGiven, currency: str) -> tuple[RefundStated, ...]:
    """Give refunds of money, and, without any, what came back: Medusa does not say which money is for which units.

    Raises:
        UnreadableError: a field is missing or wrong.
    """
    refunds = [
        _refund(refund, f"{path}.refunds[{number}]", currency)
        for path, payment in _payments(order)
        for number, refund in enumerate(payment.refunds or ())
    ]
    for number, returned in enumerate(order.returns or ()):
        if returned.status in _RECEIVED:
            refunds.append(_came_back(returned, f"returns[{number}]", currency))
    return tuple(refunds)


def _payments(order: OrderGiven) -> Iterator[tuple[str, PaymentGiven]]:
    for number, collection in enumerate(order.payment_collections or ()):
        for place, payment in enumerate(collection.payments or ()):
            yield f"payment_collections[{number}].payments[{place}]", payment


def _stated(path: str, payment: PaymentGiven, currency: str) -> Iterator[PaymentStated]:
    """A capture has an id of its own, as a payment may be captured in parts."""
    currency = (payment.currency_code or currency).upper()
    tender = (payment.provider_id or "").removeprefix("pp_")
    with within(path):
        amount_minor = money(payment.amount, currency, "amount")
        created_at_ms = instant(payment.created_at, "created_at")
        yield PaymentStated(
            payment_id=payment.id,
            kind=PaymentKind.AUTHORISED,
            amount_minor=amount_minor,
            currency=currency,
            at_ms=created_at_ms,
            tender=tender,
        )
        captures = [
            (one.id, money(one.amount, currency, "captures.amount"), instant(one.created_at, "captures.created_at"))
            for one in payment.captures or ()
        ]
        if payment.captures is None and payment.captured_at:
            captures = [(payment.id, amount_minor, instant(payment.captured_at, "captured_at"))]
        for capture_id, captured_minor, at_ms in captures:
            yield PaymentStated(
                payment_id=capture_id,
                kind=PaymentKind.CAPTURED,
                amount_minor=captured_minor,
                currency=currency,
                at_ms=at_ms,
                tender=tender,
            )
        if payment.canceled_at:
            yield PaymentStated(
                payment_id=payment.id,
                kind=PaymentKind.VOIDED,
                amount_minor=amount_minor,
                currency=currency,
                at_ms=instant(payment.canceled_at, "canceled_at"),
                tender=tender,
            )


def _refund(refund: RefundGiven, path: str, currency: str) -> RefundStated:
    reason = refund.refund_reason.label if refund.refund_reason is not None else None
    with within(path):
        return RefundStated(
            refund_id=refund.id,
            at_ms=instant(refund.created_at, "created_at"),
            currency=currency,
            amount_minor=money(refund.amount, currency, "amount"),
            reason=first((reason, refund.note)),
        )


def _came_back(returned: ReturnGiven, path: str, currency: str) -> RefundStated:
    """Medusa puts on sale again what was received, not what was damaged."""
    units: list[RefundedUnits] = []
    with within(path):
        for number, item in enumerate(returned.items or ()):
            sound = whole(item.received_quantity or 0, f"items[{number}].received_quantity")
            damaged = whole(item.damaged_quantity or 0, f"items[{number}].damaged_quantity")
            if item.item_id and sound + damaged:
                units.append(RefundedUnits(line_id=item.item_id, quantity=sound + damaged, restock=not damaged))
        return RefundStated(
            refund_id=returned.id,
            at_ms=instant(returned.received_at or returned.updated_at, "received_at"),
            currency=currency,
            amount_minor=0,
            units=tuple(units),
            reason="came back",
        )
