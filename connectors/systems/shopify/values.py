"""Ids, amounts and words as Shopify writes them."""

import re

from connectors.frame.reading import UnreadableError, money, shown
from connectors.systems.shopify.shapes import Amount, Ident, MoneySet, Named

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_LONGEST_ID = 200


def ident(given: Ident) -> str:
    """Give an id as text; of a global one (`gid://shopify/Order/1?x=y`) the part that REST gives as the id."""
    text = "" if given is None else str(given).strip()
    if text.startswith("gid://"):
        text = text.partition("?")[0].rpartition("/")[2]
    return text


def either(plain: Ident, named: Named | None) -> Ident:
    """Give the id of something that REST names by its id, and GraphQL by an object with it."""
    return plain if named is None or named.id is None else named.id


def needed(given: Ident, field: str) -> str:
    """As `ident`.

    Raises:
        UnreadableError: it is missing, or longer than any id.
    """
    text = ident(given)
    if not text or len(text) > _LONGEST_ID:
        raise UnreadableError(field, f"{shown(given)} is no id" if text else "an id is missing")
    return text


def currency_of(given: str | None, field: str) -> str:
    """Give a currency.

    Raises:
        UnreadableError: it is missing, or no code of three letters.
    """
    if given is None or _CURRENCY.fullmatch(given) is None:
        raise UnreadableError(field, f"{shown(given)} is no currency" if given else "a currency is missing")
    return given


def stated(in_both: MoneySet | None, plain: Amount = None) -> Amount:
    """Give an amount of the shop's currency, as it stands there; None where neither form of it is given.

    An amount is written twice: alone, and as a set of the shop's money and the customer's (presentment money). The
    shop's is the one of its books, and the one alone is that too. Source: Shopify, Order resource, `currency`.
    """
    if in_both is not None and in_both.shop_money is not None and in_both.shop_money.amount is not None:
        return in_both.shop_money.amount
    return plain


def amount(in_both: MoneySet | None, plain: Amount, currency: str, field: str, *, negative: bool = False) -> int:
    """Give minor units of the shop's currency; nothing is 0.

    Raises:
        UnreadableError: it is no amount, or negative where it may not be.
    """
    return money(stated(in_both, plain), currency, field, negative=negative)


def share(of_all: int, units: int, all_units: int) -> int:
    """Give the part of an amount that is on some of the units, rounded half up."""
    return (2 * of_all * units + all_units) // (2 * all_units) if all_units else 0


def all_of(field: str, *, go_on: bool) -> None:
    """Check that a list is whole.

    Raises:
        UnreadableError: an answer of GraphQL has the first page of it alone.
    """
    if go_on:
        raise UnreadableError(field, "there are more of them on a further page: ask for all of them at once")


def word(text: str | None) -> str:
    """Give a value of an enumeration in small letters, which GraphQL writes in capitals."""
    return (text or "").strip().lower()
