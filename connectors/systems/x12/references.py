"""What our ids are called in X12, where a number of an order has 22 characters at most.

An order's id is 96 bits: 19 characters of base 36, with the part's number behind. It is read back exactly.
Source: X12 004010, element 285 (Depositor Order Number), AN 1/22.
"""

import re

MOST_CHARACTERS = 22
_OURS = re.compile(r"o([0-9a-f]{24})-([1-9]\d{0,2})", re.ASCII)
_THEIRS = re.compile(r"O([0-9A-Z]{19})([0-9A-Z]{1,2})", re.ASCII)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BITS, _WIDTH, _LEAST_PARTS = 96, 19, 36 * 36


def depositor_number(fulfillment_id: str) -> str:
    """Give a fulfillment's id as a depositor's order number; what is short enough stays as it is."""
    found = _OURS.fullmatch(fulfillment_id)
    if found is None or int(found[2]) >= _LEAST_PARTS:
        return fulfillment_id
    return f"O{_base36(int(found[1], 16)).rjust(_WIDTH, '0')}{_base36(int(found[2]))}"


def fulfillment_of(number: str) -> str:
    """Give the fulfillment's id that a depositor's order number stands for; any other number is itself."""
    found = _THEIRS.fullmatch(number)
    if found is None or (value := int(found[1], 36)) >= 1 << _BITS:
        return number
    return f"o{value:024x}-{int(found[2], 36)}"


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"
