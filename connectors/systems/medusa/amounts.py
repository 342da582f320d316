"""Amounts of an order's lines, of its whole units: Medusa's own totals leave out what came back.

Source: Medusa, "Order Totals" and "Tax-Inclusive Pricing".
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from connectors.frame.prices import priced
from connectors.frame.reading import money
from connectors.systems.medusa.shapes import Amount, ItemGiven

_ONE = Decimal(1)


class LineAmounts(NamedTuple):
    """Of a line, in minor units: what a unit costs, and what is taken off and taxed in all."""

    unit_minor: int
    discount_minor: int
    tax_minor: int


def tax_is_included(items: Iterable[ItemGiven]) -> bool:
    """Tell whether prices contain the tax; where only some do, all are given without it."""
    priced_items = [item for item in items if item.unit_price is not None]
    return bool(priced_items) and all(item.is_tax_inclusive for item in priced_items)


def line_amounts(item: ItemGiven, quantity: int, currency: str, *, gross: bool) -> LineAmounts:
    """Give a line's amounts with the tax in its prices (`gross`), or without.

    Raises:
        UnreadableError: an amount is none.
    """
    ordered = _decimal(item.unit_price, currency, "unit_price") * quantity
    field = "original_total" if gross else "subtotal"
    standing = _decimal(item.original_total if gross else item.subtotal, currency, field)
    # Units that came back are in no total: what is taken off and taxed is that of those that did not, by their share.
    counts = bool(item.is_tax_inclusive) == gross
    before = ordered if counts or not standing else standing
    share = before / standing if standing else _ONE
    taken_off = _decimal(
        item.discount_total if gross else item.discount_subtotal, currency, "discount_total" if gross else field
    )
    if not standing:
        amounts = (_decimal(one.amount, currency, "adjustments.amount") for one in item.adjustments or ())
        taken_off = sum(amounts, Decimal(0))
    tax = _decimal(item.tax_total, currency, "tax_total") * share
    before_minor, after_minor = (
        _minor(amount, currency, "unit_price") for amount in (before, before - taken_off * share)
    )
    unit_minor, discount_minor = priced(before_minor, after_minor, quantity)
    return LineAmounts(unit_minor, discount_minor, max(0, _minor(tax, currency, "tax_total")))


def came_back_minor(item: ItemGiven, currency: str) -> int:
    """Give what the units cost that came back, which the order's total leaves out.

    Raises:
        UnreadableError: an amount is none.
    """
    return money(item.return_received_total, currency, "return_received_total", negative=True) + money(
        item.return_dismissed_total, currency, "return_dismissed_total", negative=True
    )


def _decimal(given: Amount, currency: str, field: str) -> Decimal:
    money(given, currency, field, negative=True)
    return Decimal(str(given).strip()) if given not in (None, "") else Decimal(0)


def _minor(amount: Decimal, currency: str, field: str) -> int:
    return money(f"{amount:.12f}", currency, field, negative=True)
