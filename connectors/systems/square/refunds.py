"""Money that Square gives back: with the order itself, or in an order of its own that names the one it gives back.

Source: Square documentation, Orders API: Order returns and exchanges; API reference, objects OrderReturn and Refund.
"""

from connectors.frame.facts import OrderRefunded, RefundedUnits, RefundStated
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError, first, instant, instant_or_none, whole, within
from connectors.systems.square.shapes import LineItem, Order, Refund, currency_of, minor

_REFUNDED = ("APPROVED", "COMPLETED")


def whole_units(item: LineItem) -> int:
    """Give whole units; what is sold by weight or length has a fraction, and no place in a book of units.

    Raises:
        UnreadableError: it is not whole, of something that has stock.
    """
    if not item.catalog_object_id:
        return 0
    return whole(item.quantity, "quantity")


def closed_ms(read: Order) -> int:
    """Give when the order was done."""
    return instant(first((read.closed_at, read.updated_at, read.created_at)), "closed_at")


def own_refunds(read: Order, currency: str) -> tuple[RefundStated, ...]:
    """Give refunds that an order has itself; those of a return are of the order that it gives back."""
    if _sources(read):
        return ()
    return tuple(_stated(refund, (), read, currency, number) for number, refund in _settled(read))


def given_back(read: Order, account: Account) -> list[OrderRefunded]:
    """Give the refunds of a return, for the order that it gives back."""
    sources = _sources(read)
    if not sources:
        return []
    units = tuple(
        RefundedUnits(
            line_id=item.source_line_item_uid or item.uid or "",
            quantity=whole_units(item),
            amount_minor=minor(item.total_money, "return_line_items.total_money"),
            tax_minor=minor(item.total_tax_money, "return_line_items.total_tax_money"),
            # Who takes it back over the counter puts it on the shelf again: the same order says so as a sale.
            restock=False,
        )
        for one in read.returns or []
        for item in one.return_line_items or []
        if item.item_type != "CUSTOM_AMOUNT" and item.catalog_object_id
    )
    return [
        OrderRefunded(
            external_id=min(sources),
            # Which refund is for which units is not said where there are several.
            refund=_stated(refund, units if number == 0 else (), read, account.currency, number),
            of_a_till=True,
        )
        for number, refund in _settled(read)
    ]


def _sources(read: Order) -> set[str]:
    return {one.source_order_id for one in read.returns or [] if one.source_order_id}


def _settled(read: Order) -> list[tuple[int, Refund]]:
    return [(number, one) for number, one in enumerate(read.refunds or []) if one.status in (*_REFUNDED, None)]


def _stated(refund: Refund, units: tuple[RefundedUnits, ...], read: Order, currency: str, number: int) -> RefundStated:
    with within(f"refunds[{number}]"):
        if not refund.id:
            raise UnreadableError("id", "a refund has no id")
        at_ms = instant_or_none(refund.created_at, "created_at")
        return RefundStated(
            refund_id=refund.id,
            at_ms=closed_ms(read) if at_ms is None else at_ms,
            currency=currency_of(refund.amount_money, otherwise=currency),
            amount_minor=minor(refund.amount_money, "amount_money"),
            units=units,
            reason=refund.reason or "",
        )
