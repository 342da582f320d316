"""Amounts as the APIs of Amazon state them, and whether the tax is in the prices, which none of them says."""

import msgspec

from connectors.frame.reading import Given, money
from connectors.systems.amazon.marketplaces import TAX_BESIDE, Marketplace


class PriceV0(Given):
    """Of the orders API v0."""

    currency: str = msgspec.field(default="", name="CurrencyCode")
    amount: str | float | None = msgspec.field(default=None, name="Amount")


class Price(Given):
    """Of the orders API 2026-01-01."""

    currency: str = msgspec.field(default="", name="currencyCode")
    amount: str | float | None = None


class Value(Given):
    """Of the external fulfillment API."""

    currency: str = msgspec.field(default="", name="currencyCode")
    amount: str | float | None = msgspec.field(default=None, name="value")


def minor(price: PriceV0 | Price | Value | None, currency: str, field: str) -> int:
    """Give an amount in minor units, without its sign: discounts come with and without one; nothing is 0.

    Raises:
        UnreadableError: it is no amount.
    """
    return abs(money(price.amount, currency, field, negative=True)) if price is not None else 0


def tax_included(total_minor: int | None, without_tax_minor: int, tax_minor: int, place: Marketplace) -> bool:
    """Tell whether prices contain the tax: the total tells, else what is usual in the marketplace.

    Source: Selling Partner API, Orders v0, `ItemPrice` and `ItemTax`: in Europe and Japan the one contains the other.
    """
    if tax_minor == 0:
        return False
    if total_minor == without_tax_minor:
        return True
    if total_minor == without_tax_minor + tax_minor:
        return False
    return place.country not in TAX_BESIDE
