"""Kinds of values: how each is written in a file, and back. A value that cannot be taken says what would be right."""

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import is_currency
from yaml.nodes import Node

from connectors.folder.faults import Faults, WrongError, did_you_mean
from connectors.folder.marked import entries_of, fault_at, items_of, text_of
from connectors.money import AmountError, decimal_of, minor_of
from models.records.pool import DAY_MS
from models.types import MAX_AMOUNT_MINOR, MAX_QUANTITY

Tree: TypeAlias = str | list["Tree"] | dict[str, "Tree"]
"""A value as it is written: text, a list, or keys."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MAX_COST_MINOR = 10_000_000
_DAY_MINUTES = 1_440
_METERS = 1_000
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,9}(\.\d+)?", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_DURATION = re.compile(r"(\d{1,12})\s*(ms|s|m|h|d)", re.ASCII)
_UNITS_MS = {"d": DAY_MS, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_YES, _NO = ("yes", "true", "on"), ("no", "false", "off")
_COUNTRIES = frozenset(code for code in map(str, Locale("en").territories) if len(code) == len("US") and code.isalpha())


class Reading(NamedTuple):
    """What a value is read with: where mistakes go, and the pool's currency."""

    faults: Faults
    currency: str


class Kind(NamedTuple):
    """How one kind of value is read from a node and written as a tree."""

    read: Callable[[Node, Reading], Any]
    tree: Callable[[Any, str], Tree]


def scalar(parse: Callable[[str], Any], show: Callable[[Any], str] = str) -> Kind:
    """Give the kind of a value of one text."""
    return Kind(lambda node, _: parse(text_of(node)), lambda value, _: show(value))


def several(item: Kind) -> Kind:
    """Give the kind of a list; each item's mistake is told where the item stands."""

    def read(node: Node, reading: Reading) -> tuple[Any, ...]:
        values = []
        for inner in items_of(node):
            try:
                values.append(item.read(inner, reading))
            except WrongError as error:
                fault_at(reading.faults, inner, str(error))
        return tuple(values)

    return Kind(read, lambda values, currency: [item.tree(value, currency) for value in values])


def mapping(item: Kind) -> Kind:
    """Give the kind of names with a value each; names are free texts of the other side."""

    def read(node: Node, reading: Reading) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, inner in entries_of(node):
            if key in values:
                fault_at(reading.faults, inner, f"'{key}' stands here a second time: keep one")
            try:
                values[key] = item.read(inner, reading)
            except WrongError as error:
                fault_at(reading.faults, inner, str(error))
        return values

    def tree(values: dict[str, Any], currency: str) -> Tree:
        return {key: item.tree(values[key], currency) for key in sorted(values)}

    return Kind(read, tree)


def text(most: int) -> Kind:
    """Give the kind of a free text."""

    def parse(given: str) -> str:
        if len(given) > most:
            raise WrongError(f"this text has {len(given)} characters: at most {most} are kept")
        return given

    return scalar(parse)


def matching(pattern: str, what: str) -> Kind:
    """Give the kind of an id."""
    compiled = re.compile(pattern)

    def parse(given: str) -> str:
        if compiled.match(given) is None:
            raise WrongError(f"'{given}' cannot be an id: {what}")
        return given

    return scalar(parse)


def choice(values: tuple[str, ...]) -> Kind:
    """Give the kind of one of a few words."""

    def parse(given: str) -> str:
        if given not in values:
            raise WrongError(f"'{given}' is not known here: write one of {', '.join(values)}")
        return given

    return scalar(parse, lambda value: str(getattr(value, "value", value)))


def whole(least: int, most: int) -> Kind:
    """Give the kind of a whole number."""

    def parse(given: str) -> int:
        if _WHOLE.fullmatch(given) is None or not least <= int(given) <= most:
            raise WrongError(f"'{given}' is no whole number from {least} to {most}")
        return int(given)

    return scalar(parse)


def money(most_minor: int = MAX_AMOUNT_MINOR) -> Kind:
    """Give the kind of an amount in the pool's currency."""

    def read(node: Node, reading: Reading) -> int:
        try:
            amount_minor = minor_of(text_of(node), reading.currency)
        except AmountError as error:
            raise WrongError(str(error)) from None
        if amount_minor > most_minor:
            raise WrongError(f"at most {decimal_of(most_minor, reading.currency)} can stand here")
        return amount_minor

    return Kind(read, decimal_of)


def degrees(most: int) -> Kind:
    """Give the kind of a latitude or longitude; six decimals, a hand's breadth, are kept."""

    def parse(given: str) -> float:
        if _DECIMAL.fullmatch(given) is None or not -most <= float(given) <= most:
            raise WrongError(f"'{given}' is no number of degrees from -{most} to {most}, such as 40.7128")
        return round(float(given), 6)

    return scalar(parse, lambda value: f"{value:.6f}".rstrip("0").rstrip("."))


def _yes_no(given: str) -> bool:
    if given.lower() not in _YES + _NO:
        raise WrongError(f"'{given}' is neither yes nor no")
    return given.lower() in _YES


def _minutes(given: str) -> int:
    found = _TIME.fullmatch(given)
    minutes = -1 if found is None or int(found[2]) > 59 else 60 * int(found[1]) + int(found[2])  # noqa: PLR2004 # Minutes.
    if not 0 <= minutes <= _DAY_MINUTES:
        raise WrongError(f"'{given}' is no time of day: write it as 16:30, from 00:00 to 24:00")
    return minutes


def _weekday(given: str) -> int:
    found = [number for number, name in enumerate(WEEKDAYS) if given.lower() in {name.lower(), name[:3].lower()}]
    if not found:
        raise WrongError(f"'{given}' is no weekday: {did_you_mean(given, WEEKDAYS)}")
    return found[0]


def _date(given: str) -> str:
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        raise WrongError(f"'{given}' is no day of the calendar: write it as 2026-12-24") from None


@cache
def _zones() -> frozenset[str]:
    """Looking for them on disk takes a while."""
    return frozenset(available_timezones())


def _zone(given: str) -> str:
    zones = _zones()
    if given not in zones:
        named = sorted(zone for zone in zones if zone.lower().endswith(given.lower().replace(" ", "_")))
        hint = (
            f"did you mean {named[0]}?"
            if given and named
            else did_you_mean(given, ("Europe/Berlin", "America/New_York"))
        )
        raise WrongError(f"'{given}' is no time zone: {hint}")
    return given


def _country(given: str) -> str:
    if given not in _COUNTRIES:
        hint = "did you mean GB?" if given == "UK" else "write its two letters of ISO 3166, such as US or DE"
        raise WrongError(f"'{given}' is no country: {hint}")
    return given


def _currency(given: str) -> str:
    if not is_currency(given):
        raise WrongError(f"'{given}' is no currency: write its three letters of ISO 4217, such as USD or EUR")
    return given


def duration(most_days: int = 366) -> Kind:
    """Give the kind of a length of time."""

    def parse(given: str) -> int:
        found = _DURATION.fullmatch(given)
        if found is None or int(found[1]) * _UNITS_MS[found[2]] > most_days * DAY_MS:
            raise WrongError(f"'{given}' is no length of time: write for example 90m, 24h or 14d, at most {most_days}d")
        return int(found[1]) * _UNITS_MS[found[2]]

    return scalar(parse, _duration)


def _duration(ms: int) -> str:
    unit = next(unit for unit, length_ms in _UNITS_MS.items() if ms % length_ms == 0)
    return f"{ms // _UNITS_MS[unit]}{unit}" if ms else "0h"


def _meters(given: str) -> int:
    if _DECIMAL.fullmatch(given) is None or given.startswith("-") or len(given.partition(".")[2]) > 3:  # noqa: PLR2004 # Meters.
        raise WrongError(f"'{given}' is no distance in kilometers, such as 80 or 0.5")
    whole_km, _, fraction = given.partition(".")
    return int(whole_km) * _METERS + int(fraction.ljust(3, "0"))


def _kilometers(meters: int) -> str:
    whole_km, rest = divmod(meters, _METERS)
    return f"{whole_km}.{rest:03d}".rstrip("0") if rest else str(whole_km)


POOL_ID = matching(r"^[a-z0-9][a-z0-9-]{0,39}\Z", "up to 40 lower-case letters, digits and -")
ID = matching(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}\Z", "up to 60 letters, digits, _, . and -, no spaces")
SEGMENT = matching(r"^[a-z0-9][a-z0-9-]{0,39}\Z", "up to 40 lower-case letters, digits and -")
YES_NO = scalar(_yes_no, lambda value: "yes" if value else "no")
TIME_OF_DAY = scalar(_minutes, lambda minutes: f"{minutes // 60:02d}:{minutes % 60:02d}")
WEEKDAY_LIST = several(scalar(_weekday, lambda number: WEEKDAYS[number]))
DATE = scalar(_date)
DATE_LIST = several(DATE)
ZONE, COUNTRY, CURRENCY = scalar(_zone), scalar(_country), scalar(_currency)
DURATION = duration()
KILOMETERS = several(scalar(_meters, _kilometers))
GRAMS = several(whole(1, MAX_QUANTITY))
PRICES = several(several(money()))
COUNT = whole(0, MAX_QUANTITY)
