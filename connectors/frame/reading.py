"""Reading what others wrote: typed JSON, money and times, every fault with the field it is in.

A translator declares as `Given` structs what it reads of a payload; what it does not read is skipped unseen.
"""

import re
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeVar, cast, dataclass_transform
from zoneinfo import ZoneInfo

import msgspec

from connectors.money import minor_digits
from models.types import MAX_AMOUNT_MINOR, MAX_INSTANT_MS, MAX_QUANTITY

Shape = TypeVar("Shape")

_WHERE = re.compile(r" - at `\$?\.?(.*)`\Z")
# A third of something has as many decimals in JSON as a float, or a decimal of 20 places, can tell.
_PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,30})?", re.ASCII)


# Type checkers do not see that msgspec hands `frozen` down to subclasses.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Given(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what is read of a payload: named fields, anything else in it is skipped."""


class UnreadableError(ValueError):
    """A payload, or a field of it, is not what it has to be."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


@contextmanager
def within(path: str) -> Iterator[None]:
    """Put a path before the field of whatever cannot be read inside."""
    try:
        yield
    except UnreadableError as error:
        raise UnreadableError(f"{path}.{error.field}" if error.field else path, error.reason) from None


def read_json(body: bytes, shape: type[Shape]) -> Shape:
    """Decode a JSON body to what is declared to be read of it.

    Raises:
        UnreadableError: it is no JSON, nested too deeply, or a field has another type.
    """
    try:
        read: Shape = _decoder(cast("Hashable", shape)).decode(body)
    except msgspec.ValidationError as error:
        text = str(error)
        found = _WHERE.search(text)
        raise UnreadableError(found[1] if found else "", _WHERE.sub("", text)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError("", f"this is no JSON: {error}") from None
    except RecursionError:
        raise UnreadableError("", "this is nested too deeply") from None
    return read


@lru_cache(maxsize=512)
def _decoder(shape: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cast("type[Any]", shape), strict=False)


def money(given: str | float | None, currency: str, field: str, *, negative: bool = False) -> int:
    """Give minor units of a decimal amount ("12.50", 12.5); nothing is 0, and parts of a cent are rounded half up.

    Channels state unit prices and taxes with more decimals than the currency has; what they total is stated in cents.

    Raises:
        UnreadableError: it is no amount, too large, or negative where it may not be.
    """
    if given is None or given == "":
        return 0
    text = str(given).strip()
    if _PLAIN.fullmatch(text) is None and not _is_exponent(text):
        raise UnreadableError(field, f"{shown(given)} is no amount of money")
    try:
        amount = int(Decimal(text).scaleb(minor_digits(currency)).to_integral_value("ROUND_HALF_UP"))
    except InvalidOperation:
        raise UnreadableError(field, f"{shown(given)} is no amount of money") from None
    if abs(amount) > MAX_AMOUNT_MINOR:
        raise UnreadableError(field, f"{shown(given)} is more than an order can be about")
    if amount < 0 and not negative:
        raise UnreadableError(field, f"{shown(given)} is negative")
    return amount


def _is_exponent(text: str) -> bool:
    return re.fullmatch(r"-?\d(\.\d{1,20})?[eE][-+]?\d{1,2}", text, re.ASCII) is not None


def whole(given: str | float | None, field: str, *, least: int = 0) -> int:
    """Give a quantity; 2.0 and "2" are 2.

    Raises:
        UnreadableError: it is missing, not whole, below `least`, or more than is handled.
    """
    text = "" if given is None else str(given).strip()
    if _PLAIN.fullmatch(text) is None or Decimal(text) != int(Decimal(text)):
        raise UnreadableError(field, f"{shown(given)} is no whole number")
    number = int(Decimal(text))
    if not least <= number <= MAX_QUANTITY:
        raise UnreadableError(field, f"{shown(given)} is not from {least} to {MAX_QUANTITY}")
    return number


def instant(given: str | None, field: str, *, time_zone: str = "UTC") -> int:
    """Give milliseconds of an ISO 8601 time; one without an offset is of `time_zone`.

    Raises:
        UnreadableError: it is missing or no time.
    """
    if not given:
        raise UnreadableError(field, "a time is missing")
    try:
        at = datetime.fromisoformat(given.strip())
    except ValueError:
        raise UnreadableError(field, f"{shown(given)} is no time, such as 2026-11-23T09:30:00Z") from None
    try:
        ms = int((at if at.tzinfo else at.replace(tzinfo=ZoneInfo(time_zone))).astimezone(UTC).timestamp() * 1000)
    except (OverflowError, ValueError):
        ms = -1
    if not 0 <= ms <= MAX_INSTANT_MS:
        raise UnreadableError(field, f"{shown(given)} is outside of the years that are handled")
    return ms


def instant_or_none(given: str | None, field: str, *, time_zone: str = "UTC") -> int | None:
    """As `instant`, but nothing is nothing."""
    return instant(given, field, time_zone=time_zone) if given else None


def words(*parts: str | None) -> str:
    """Join what is there with spaces."""
    return " ".join(part.strip() for part in parts if part and part.strip())


def first(texts: Iterable[str | None]) -> str:
    """Give the first text that says something."""
    return next((text.strip() for text in texts if text and text.strip()), "")


def shown(given: object) -> str:
    """Write a value into a message about it: short, and harmless in a terminal."""
    text = ascii(given)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004
