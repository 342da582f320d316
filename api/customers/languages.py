"""The languages that customers are written to in, and how dates, money and words are written in each.

A language is a file of words here and a folder of templates; whatever else a customer speaks falls back.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, get_currency_precision

from api.customers.words_de import WORDS as GERMAN
from api.customers.words_en import WORDS as ENGLISH

WORDS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "de": GERMAN}
FALLBACK = "en"
_SECOND_MS = 1_000


class Language(NamedTuple):
    """A language, and the country whose way of writing dates and amounts is followed: `de` and `de_AT`."""

    name: str
    locale: str

    @property
    def tag(self) -> str:
        """Give it as HTML and mail headers write it: de-AT."""
        return self.locale.replace("_", "-")

    def word(self, key: str, **values: object) -> str:
        """Give words by their key, with values put in."""
        return WORDS[self.name][key].format(**values)

    def day(self, at_ms: int, zone: str) -> str:
        """Write the day of an instant in a zone: Friday, November 27, 2026."""
        return str(format_date(day_of(at_ms, zone), format="full", locale=self.locale))

    def instant(self, at_ms: int, zone: str) -> str:
        """Write an instant in a zone, to the minute, with the zone: Nov 27, 2026, 6:05 PM CET."""
        moment = _moment(at_ms, zone)
        day = format_date(moment.date(), format="medium", locale=self.locale)
        clock = format_time(moment, format="short", tzinfo=ZoneInfo(zone), locale=self.locale)
        # Babel parts the clock's halves by a narrow space that not every font has.
        return f"{day}, {clock} {moment.tzname()}".replace("\u202f", " ")

    def money(self, amount_minor: int, currency: str) -> str:
        """Write minor units as an amount: €19.99."""
        amount = Decimal(amount_minor).scaleb(-get_currency_precision(currency))
        return str(format_currency(amount, currency, locale=self.locale)).replace("\u202f", " ")

    def country(self, code: str) -> str:
        """Write a country's name; its code where it has none."""
        name = Locale.parse(self.locale).territories.get(code.upper())
        return str(name) if name else code


def day_of(at_ms: int, zone: str) -> date:
    """Give the day of an instant in a zone."""
    return _moment(at_ms, zone).date()


def language_of(given: str, fallback: str = FALLBACK) -> Language:
    """Give the language of a locale such as de-AT or en_US; the fallback's where there are no words for it."""
    found = locale_of(given)
    if found is not None and found.language in WORDS:
        return Language(found.language, str(found))
    default = locale_of(fallback)
    if default is not None and default.language in WORDS:
        return Language(default.language, str(default))
    return Language(FALLBACK, FALLBACK)


def accepted_language(header: str, fallback: str = FALLBACK) -> Language:
    """Give the first language of an `Accept-Language` header that there are words for."""
    for part in header[:200].split(","):
        tag, _, weight = part.partition(";")
        found = locale_of(tag)
        if found is not None and found.language in WORDS and weight.strip() != "q=0":
            return Language(found.language, str(found))
    return language_of("", fallback)


def locale_of(given: str) -> Locale | None:
    """Read a locale such as de-AT or en_US; one that is not known is none, or its language alone."""
    parts = given.strip().replace("-", "_").split("_")
    language = parts[0].lower()
    country = next((part.upper() for part in parts[1:] if len(part) == 2 and part.isalpha()), "")  # noqa: PLR2004
    for name in (f"{language}_{country}" if country else "", language):
        try:
            if name:
                return Locale.parse(name)
        except (ValueError, UnknownLocaleError):
            continue
    return None


def _moment(at_ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_ms // _SECOND_MS, UTC).astimezone(ZoneInfo(zone))
