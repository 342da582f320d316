"""What an 850 costs besides its goods: allowances and charges (SAC), taxes (TXI) and totals (AMT).

Charges of any sort are what the order costs to be sent. What a vendor pays, or settles by another bill, is none of
the order's money. Source: X12 004010, segments SAC, TXI, AMT; elements 610 (two decimals are implied), 332 (percent),
954 (percentage as decimal), 662 (relationship), 331 (method of handling).
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from connectors.frame.reading import UnreadableError, money
from connectors.systems.x12.segments import ElementError, Segment

_BILL_BACK, _PAID_BY_VENDOR = "01", "05"
_TAX = re.compile(r"H[678]\d0")
"""Codes of charges that are taxes."""
_TOTAL, _TAX_TOTAL = "TT", "T"
_ADDED, _INCLUDED = ("", "A"), "I"
_DECIMAL = re.compile(r"-?(\d{1,13}(\.\d{1,10})?|\.\d{1,10})", re.ASCII)


class Charges(NamedTuple):
    """What is added to goods, and taken off them, in minor units."""

    shipping_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    tax_included: bool = False


def charges_of(segments: Iterable[Segment], goods_minor: int, units: int, currency: str) -> Charges:
    """Add up the SAC and TXI of a line or a heading, percentages of what the goods cost.

    Raises:
        ElementError: an amount is none.
    """
    shipping = discount = tax = 0
    included = False
    for one in segments:
        if one.tag == "SAC" and one.get(1) in ("A", "C"):
            amount = _amount(one, goods_minor, units, currency)
            if (one.get(1) == "A") != (amount < 0):
                discount += abs(amount) if one.get(12) != _BILL_BACK else 0
            elif _TAX.fullmatch(one.get(2)) is not None:
                tax += abs(amount)
            elif one.get(12) != _PAID_BY_VENDOR:
                shipping += abs(amount)
        elif one.tag == "TXI" and one.get(7) in (*_ADDED, _INCLUDED):
            included = included or one.get(7) == _INCLUDED
            tax += _tax(one, goods_minor, currency)
    return Charges(shipping, discount, tax, included)


def total_of(segments: Iterable[Segment], currency: str) -> int | None:
    """Give the total of the whole order (AMT TT), where it is stated."""
    return _summed(segments, _TOTAL, currency)


def tax_of(segments: Iterable[Segment], currency: str) -> int:
    """Give the tax that is stated in all alone (AMT T)."""
    return _summed(segments, _TAX_TOTAL, currency) or 0


def _summed(segments: Iterable[Segment], qualifier: str, currency: str) -> int | None:
    found = next((one for one in segments if one.tag == "AMT" and one.get(1) == qualifier and one.get(2)), None)
    return None if found is None else _checked(found, 2, lambda: money(found.get(2), currency, ""))


def _amount(said: Segment, goods_minor: int, units: int, currency: str) -> int:
    """Give the amount of a SAC: stated, else so many percent of the goods, else a rate for each unit."""
    if said.get(5):
        # Two decimals are implied; some write the point all the same.
        text = said.get(5) if "." in said.get(5) else str(_decimal(said, 5) / 100)
        return _checked(said, 5, lambda: money(text, currency, "", negative=True))
    if said.get(7):
        return _rounded(goods_minor * _decimal(said, 7) / 100)
    if said.get(8):
        count = _decimal(said, 10) if said.get(10) else Decimal(units)
        rate = str(_decimal(said, 8) * count)
        return _checked(said, 8, lambda: money(rate, currency, "", negative=True))
    return 0


def _tax(said: Segment, goods_minor: int, currency: str) -> int:
    if said.get(2):
        return _checked(said, 2, lambda: money(said.get(2), currency, ""))
    if not said.get(3):
        return 0
    rate = _decimal(said, 3)
    # It is a decimal, .0825; some write 8.25.
    return _rounded(goods_minor * (rate if rate < 1 else rate / 100))


def _decimal(said: Segment, number: int) -> Decimal:
    if _DECIMAL.fullmatch(said.get(number)) is None:
        raise said.wrong(number, "no number", code="6")
    return Decimal(said.get(number))


def _rounded(amount: Decimal) -> int:
    return int(amount.to_integral_value("ROUND_HALF_UP"))


def _checked(said: Segment, number: int, read: Callable[[], int]) -> int:
    try:
        return read()
    except UnreadableError as error:
        raise ElementError(said, number, error.reason, code="6") from None
