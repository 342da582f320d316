"""Amazon's marketplaces: the currency each sells in, its country, and the endpoint that serves it.

Source: Selling Partner API, "Marketplace IDs" and "SP-API endpoints".
"""

from typing import NamedTuple

from connectors.frame.message import Account


class Marketplace(NamedTuple):
    """Orders that are not paid yet say nothing of money: their currency is that of the marketplace."""

    country: str
    currency: str
    region: str


MARKETPLACES = {
    identity: Marketplace(country, currency, region)
    for identity, country, currency, region in (
        ("A2EUQ1WTGCTBG2", "CA", "CAD", "na"),
        ("ATVPDKIKX0DER", "US", "USD", "na"),
        ("A1AM78C64UM0Y8", "MX", "MXN", "na"),
        ("A2Q3Y263D00KWC", "BR", "BRL", "na"),
        ("A28R8C7NBKEWEA", "IE", "EUR", "eu"),
        ("A1RKKUPIHCS9HS", "ES", "EUR", "eu"),
        ("A1F83G8C2ARO7P", "GB", "GBP", "eu"),
        ("A13V1IB3VIYZZH", "FR", "EUR", "eu"),
        ("AMEN7PMS3EDWL", "BE", "EUR", "eu"),
        ("A1805IZSGTT6HS", "NL", "EUR", "eu"),
        ("A1PA6795UKMFR9", "DE", "EUR", "eu"),
        ("APJ6JRA9NG5V4", "IT", "EUR", "eu"),
        ("A2NODRKZP88ZB9", "SE", "SEK", "eu"),
        ("AE08WJ6YKNBMC", "ZA", "ZAR", "eu"),
        ("A1C3SOZRARQ6R3", "PL", "PLN", "eu"),
        ("ARBP9OOSHTCHU", "EG", "EGP", "eu"),
        ("A33AVAJ2PDY3EV", "TR", "TRY", "eu"),
        ("A17E79C6D8DWNP", "SA", "SAR", "eu"),
        ("A2VIGQ35RCS4UG", "AE", "AED", "eu"),
        ("A21TJRUUN4KGV", "IN", "INR", "eu"),
        ("A19VAU5U5O7RUS", "SG", "SGD", "fe"),
        ("A39IBJ37TRP1C6", "AU", "AUD", "fe"),
        ("A1VC38T7YXB528", "JP", "JPY", "fe"),
    )
}
UNKNOWN = Marketplace("", "", "na")

TAX_BESIDE = frozenset({"US", "CA"})
"""Countries whose prices are shown without the tax."""


def marketplace(identity: str | None) -> Marketplace:
    """Give a marketplace by its id; a new one is not known, and its orders have to say their currency."""
    return MARKETPLACES.get(identity or "", UNKNOWN)


def own_marketplaces(account: Account) -> tuple[str, ...]:
    """Give the ids of the marketplaces that an account sells in."""
    return tuple(one.strip() for one in account.settings.get("marketplaces", "").split(",") if one.strip())


def host_of(account: Account) -> str:
    """Give the host of the endpoint that serves an account's marketplaces."""
    own = own_marketplaces(account)
    return f"sellingpartnerapi-{marketplace(own[0] if own else '').region}.amazon.com"
