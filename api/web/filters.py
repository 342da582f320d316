"""How pages write money, instants, durations and quantities. A filter never guesses: units stand in its name."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.numbers import format_currency, get_currency_precision
from markupsafe import Markup

_LOCALE = "en_US"
_KILO = 1_000
_SECOND_MS = 1_000
_MINUTE_SECONDS = 60
_HOUR_SECONDS = 3_600
_DAY_SECONDS = 86_400
_NONE = "–"


def money(amount_minor: int | None, currency: str) -> str:
    """Write minor units as an amount of the currency: 1999, EUR is €19.99."""
    if amount_minor is None:
        return _NONE
    return format_currency(Decimal(amount_minor).scaleb(-get_currency_precision(currency)), currency, locale=_LOCALE)


def quantity(count: int | None) -> str:
    """Write a whole number with thousands apart."""
    return _NONE if count is None else f"{count:,}"


def weight(grams: int | None) -> str:
    """Write grams, from a kilogram on as kilograms."""
    if grams is None:
        return _NONE
    return f"{grams} g" if grams < _KILO else f"{grams / _KILO:,.3f}".rstrip("0").rstrip(".") + " kg"


def distance(meters: int | None) -> str:
    """Write meters, from a kilometer on as kilometers."""
    if meters is None:
        return _NONE
    return f"{meters} m" if meters < _KILO else f"{meters / _KILO:,.0f} km"


def duration(milliseconds: int | None) -> str:
    """Write a length of time in its two largest units: 1 d 4 h, 35 min, 12 s."""
    if milliseconds is None:
        return _NONE
    seconds = abs(milliseconds) // _SECOND_MS
    sign = "−" if milliseconds <= -_SECOND_MS else ""
    if seconds >= _DAY_SECONDS:
        return sign + _two(seconds, _DAY_SECONDS, "d", _HOUR_SECONDS, "h")
    if seconds >= _HOUR_SECONDS:
        return sign + _two(seconds, _HOUR_SECONDS, "h", _MINUTE_SECONDS, "min")
    if seconds >= _MINUTE_SECONDS:
        return f"{sign}{seconds // _MINUTE_SECONDS} min"
    return f"{sign}{seconds} s"


def instant(at_ms: int | None, zone: str, *, seconds: bool = False) -> Markup:
    """Write an instant in a zone, which is named: 23 Nov 2026 14:05 CET."""
    if at_ms is None:
        return Markup("–")
    moment = datetime.fromtimestamp(at_ms / _SECOND_MS, UTC).astimezone(ZoneInfo(zone))
    clock = f"{moment:%H:%M:%S}" if seconds else f"{moment:%H:%M}"
    text = f"{moment.day} {moment:%b %Y} {clock} {moment.tzname()}"
    stamp = datetime.fromtimestamp(at_ms / _SECOND_MS, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, f"{stamp} · {zone}", text)


def clock(minutes: int | None) -> str:
    """Write minutes after midnight as a time of day; the end of the day is 24:00."""
    return _NONE if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"


def words(name: object) -> str:
    """Write a name of the code as words: partially_shipped is partially shipped."""
    return str(getattr(name, "value", name)).replace("_", " ")


def _two(seconds: int, large: int, large_name: str, small: int, small_name: str) -> str:
    whole, rest = divmod(seconds, large)
    part = rest // small
    return f"{whole} {large_name} {part} {small_name}" if part else f"{whole} {large_name}"


FILTERS = {
    "money": money,
    "quantity": quantity,
    "weight": weight,
    "distance": distance,
    "duration": duration,
    "clock": clock,
    "words": words,
}
