"""The columns of a file of orders, once: how each is read, and where it goes in what the API is asked."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from connectors.folder.faults import WrongError
from connectors.money import AmountError, minor_of
from models.ids import is_sku
from models.types import MAX_QUANTITY

Parse = Callable[[str, str], Any]
"""A text and the order's currency, to a value."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}", re.ASCII)
_COUNTRY, _CURRENCY = re.compile(r"[A-Z]{2}", re.ASCII), re.compile(r"[A-Z]{3}", re.ASCII)
_WHOLE = re.compile(r"\d{1,16}", re.ASCII)
_DEGREES = re.compile(r"-?\d{1,3}(\.\d+)?", re.ASCII)
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")
_POLE, _DATE_LINE = 90, 180
_SKU_MAX, _VERSION_MAX, _PRIORITY_MAX = 100, 2**53, 9


class Column(NamedTuple):
    """A column: its name, how it is read, the path in the body of the request, and whether each row has its own."""

    name: str
    parse: Parse
    path: tuple[str, ...]
    of_line: bool = False
    required: bool = False


def _text(most: int) -> Parse:
    def parse(given: str, _: str) -> str:
        if len(given) > most:
            raise WrongError(f"this text has {len(given)} characters: at most {most} are kept")
        return given

    return parse


def _matching(pattern: re.Pattern[str], what: str) -> Parse:
    def parse(given: str, _: str) -> str:
        if pattern.fullmatch(given) is None:
            raise WrongError(f"'{given}' is {what}")
        return given

    return parse


def _whole(least: int, most: int) -> Parse:
    def parse(given: str, _: str) -> int:
        if _WHOLE.fullmatch(given) is None or not least <= int(given) <= most:
            raise WrongError(f"'{given}' is no whole number from {least} to {most}")
        return int(given)

    return parse


def _degrees(most: int) -> Parse:
    def parse(given: str, _: str) -> float:
        if _DEGREES.fullmatch(given) is None or not -most <= float(given) <= most:
            raise WrongError(f"'{given}' is no number of degrees from -{most} to {most}, such as 40.7128")
        return float(given)

    return parse


def _amount(given: str, currency: str) -> int:
    try:
        return minor_of(given, currency)
    except AmountError as error:
        raise WrongError(str(error)) from None


def _sku(given: str, _: str) -> str:
    if len(given) > _SKU_MAX or not is_sku(given):
        raise WrongError(f"{given!r} cannot be a SKU: up to {_SKU_MAX} characters, none of them invisible")
    return given


def _instant(given: str, _: str) -> str:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise WrongError(f"'{given}' is no time with its offset, such as 2026-11-01T09:30:00Z")
    return at.isoformat()


def _yes_no(given: str, _: str) -> bool:
    if given.lower() not in _YES + _NO:
        raise WrongError(f"'{given}' is neither yes nor no")
    return given.lower() in _YES


def _word(*words: str) -> Parse:
    def parse(given: str, _: str) -> str:
        if given not in words:
            raise WrongError(f"'{given}' is not known here: write one of {', '.join(words)}")
        return given

    return parse


_LOCATION = _matching(_ID, "no id of a location")

COLUMNS = (
    Column("external_id", _text(200), ("external_id",), required=True),
    Column("placed_at", _instant, ("placed_at",)),
    Column("currency", _matching(_CURRENCY, "no currency: write its three letters, such as EUR"), ("currency",)),
    Column("source_version", _whole(0, _VERSION_MAX), ("source_version",)),
    Column("priority", _whole(0, _PRIORITY_MAX), ("priority",)),
    Column("promise_by", _instant, ("promise_by",)),
    Column("ship_complete", _yes_no, ("ship_complete",)),
    Column("shipping", _amount, ("shipping_minor",)),
    Column("discount", _amount, ("discount_minor",)),
    Column(
        "country", _matching(_COUNTRY, "no country: write its two letters"), ("destination", "country"), required=True
    ),
    Column("postcode", _text(20), ("destination", "postcode")),
    Column("region", _text(60), ("destination", "region")),
    Column("latitude", _degrees(_POLE), ("destination", "latitude")),
    Column("longitude", _degrees(_DATE_LINE), ("destination", "longitude")),
    Column("customer_id", _text(200), ("customer", "customer_id")),
    Column("customer_name", _text(200), ("customer", "name")),
    Column("email", _text(320), ("customer", "email")),
    Column("phone", _text(40), ("customer", "phone")),
    Column("address", _text(1_600), ("customer", "address_lines")),
    Column("purchase_order", _text(2_000), ("terms", "purchase_order")),
    Column("requested_at", _instant, ("terms", "requested_at")),
    Column("cancel_at", _instant, ("terms", "cancel_at")),
    Column("pay_by", _instant, ("terms", "pay_by")),
    Column("collect_at", _LOCATION, ("terms", "collect_at")),
    Column("collect_from", _word("own_stock", "anywhere"), ("terms", "collect_from")),
    Column("shipped_at", _instant, ("shipped_at",)),
    Column("shipped_from", _LOCATION, ("location_id",)),
    Column("carrier", _text(200), ("carrier",)),
    Column("tracking_number", _text(200), ("tracking_number",)),
    Column("line_id", _text(200), ("line_id",), of_line=True),
    Column("sku", _sku, ("sku",), of_line=True, required=True),
    Column("quantity", _whole(1, MAX_QUANTITY), ("quantity",), of_line=True, required=True),
    Column("unit_price", _amount, ("unit_price_minor",), of_line=True),
    Column("line_discount", _amount, ("discount_minor",), of_line=True),
    Column("line_tax", _amount, ("tax_minor",), of_line=True),
)
NAMES = tuple(column.name for column in COLUMNS)
REQUIRED = tuple(column.name for column in COLUMNS if column.required)
OF_THE_PAST = frozenset({"shipped_at", "shipped_from", "carrier", "tracking_number"})
"""Columns that count only where orders of the past are imported."""
