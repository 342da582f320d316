"""Money as people write it: decimals of a currency, to minor units and back, exactly."""

import re
from decimal import Decimal

# ISO 4217's minor units where they are not two. Babel follows CLDR, which leaves out the decimals of currencies such as
# RSD because nobody writes them; banks and payment providers count them.
_OTHER_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS = {currency: digits for digits, currencies in _OTHER_DIGITS.items() for currency in currencies.split()}
_USUAL_DIGITS = 2
_AMOUNT = re.compile(r"(\d{1,13})(?:\.(\d+))?", re.ASCII)


class AmountError(ValueError):
    """A text that is no amount of the currency; says how to write one."""


def minor_digits(currency: str) -> int:
    """Give how many decimals a currency has."""
    return _DIGITS.get(currency, _USUAL_DIGITS)


def minor_of(text: str, currency: str) -> int:
    """Give the minor units of an amount such as 5.90.

    Raises:
        AmountError: it is no amount, or has more decimals than the currency.
    """
    digits = minor_digits(currency)
    example = decimal_of(590, currency)
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise AmountError(f"'{text}' is no amount: write digits with a point, such as {example}")
    whole, fraction = found[1], found[2] or ""
    if len(fraction.rstrip("0")) > digits:
        raise AmountError(
            f"'{text}' has more decimals than the {digits} of {currency or 'the currency'}: write for example {example}"
        )
    return int(whole + fraction[:digits].ljust(digits, "0"))


def decimal_of(amount_minor: int, currency: str) -> str:
    """Write minor units as an amount with all decimals of its currency."""
    return f"{Decimal(amount_minor).scaleb(-minor_digits(currency)):f}"
