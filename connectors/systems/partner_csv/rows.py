"""From rows of a partner's documents to facts: what rows have in common, what each says, and what both come to."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from connectors.frame.facts import (
    AnyFact,
    CancellationAnswered,
    FulfillmentAnswered,
    FulfillmentStepped,
    ParcelStated,
    Step,
    StockAdjusted,
    StockCounted,
    StockLine,
    StockReceived,
    UnitsStated,
)
from connectors.frame.message import Account, Message
from connectors.frame.reading import UnreadableError, instant, shown, whole
from connectors.systems.partner_csv.sheet import Row
from models.records.stock import Unsellable

_A_DAY_MS = 86_400_000
_DATE_CHARACTERS = len("2026-09-04")
ANSWERS = ("accepted", "rejected", "cancelled", "not_cancelled")

_THOUSANDS_OR_FRACTION = re.compile(r"-?\d{1,3}[.,]\d{3}", re.ASCII)
_WITH_COMMA = re.compile(r"-?\d{1,15},\d{1,2}", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})( .+)?", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})( .+)?", re.ASCII)
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d+", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})( .+)?", re.ASCII)
_ORDERS_OF_DATES = {"day_first": (3, 2, 1), "month_first": (3, 1, 2)}

Key = tuple[Any, ...]
"""What rows have in common that are told together."""


def time_of(row: Row, column: str, message: Message, account: Account) -> int:
    """Give a time; a date alone is by that day's end, but not after the file came; nothing is when it came."""
    text = row.get(column)
    if not text:
        return message.received_at_ms
    text = _iso(text, row.at(column), account)
    stated = instant(text, row.at(column), time_zone=account.time_zone)
    if len(text) <= _DATE_CHARACTERS:
        stated = max(stated, min(stated + _A_DAY_MS - 1, message.received_at_ms))
    return stated


def _iso(text: str, field: str, account: Account) -> str:
    """Write a date with dots or slashes as ISO 8601; days and months between slashes go by the account's setting."""
    forms = [(_DAY_FIRST, (3, 2, 1)), (_YEAR_FIRST, (1, 2, 3))]
    named = _ORDERS_OF_DATES.get(account.settings.get("dates", ""))
    if named is not None:
        forms.append((_SLASHED, named))
    elif _SLASHED.fullmatch(text) is not None:
        reason = f"{shown(text)} may be a day or a month first: write 2026-09-04, or set the account's dates"
        raise UnreadableError(field, reason)
    matches = ((form.fullmatch(text), order) for form, order in forms)
    found, order = next(((one, order) for one, order in matches if one is not None), (None, ()))
    if found is None:
        return text
    year, month, day = (found[place] for place in order)
    return f"{year}-{month:0>2}-{day:0>2}{found[4] or ''}"


def number(row: Row, column: str, *, least: int = 0) -> int:
    """Give a whole number that has to be there."""
    text = row.need(column).replace("\N{MINUS SIGN}", "-").removeprefix("+")
    if _THOUSANDS_OR_FRACTION.fullmatch(text) is not None:
        reason = f"{shown(text)} may be thousands or a fraction: write whole units without a separator"
        raise UnreadableError(row.at(column), reason)
    if _WITH_COMMA.fullmatch(text) is not None:
        text = text.replace(",", ".")
    return whole(text, row.at(column), least=least)


def _name(row: Row, column: str) -> str:
    """Give what names something; digits alone may have become a number that a spreadsheet rounded, and name nothing.

    Raises:
        UnreadableError: it is such a number.
    """
    text = row.get(column)
    if _ROUNDED.fullmatch(text) is not None:
        raise UnreadableError(row.at(column), f"{shown(text)} is a number that a spreadsheet rounded: save it as text")
    return text


def _state(row: Row, column: str = "state") -> str:
    text = row.get(column)
    if text and text not in set(Unsellable):
        raise UnreadableError(row.at(column), f"{shown(text)} is no state: leave it empty, or {', '.join(Unsellable)}")
    return text


def shipment_key(row: Row, message: Message, account: Account) -> Key:
    """All parcels of a fulfillment are told together, since what is short is short of all of them."""
    del message, account
    return (row.need("fulfillment_id"),)


def shipment_part(row: Row, message: Message, account: Account) -> tuple[ParcelStated, UnitsStated, UnitsStated]:
    """Give the parcel of a row without its units, the units in it, and those that will not be sent."""
    tracking, fulfillment_id = _name(row, "tracking_number"), row.need("fulfillment_id")
    parcel = ParcelStated(
        parcel_id=_name(row, "parcel_id") or tracking or fulfillment_id,
        fulfillment_id=fulfillment_id,
        at_ms=time_of(row, "shipped_at", message, account),
        carrier=row.get("carrier"),
        service=row.get("service"),
        tracking_number=tracking,
        location=row.get("location"),
    )
    line_id, sku = row.get("line_id"), _name(row, "sku")
    if not line_id and not sku:
        raise UnreadableError(row.at("sku"), "this row names neither a line nor a SKU")
    named = {"line_id": line_id, "sku": sku, "unit": row.get("unit"), "lot": row.get("lot")}
    short = number(row, "short") if row.get("short") else 0
    return parcel, UnitsStated(quantity=number(row, "shipped"), **named), UnitsStated(quantity=short, **named)


def shipment_facts(key: Key, parts: list[Any]) -> Iterator[AnyFact]:
    """Give the parcels; where something is short of several, what was found is told of all of them before.

    A parcel is told once: of rows that say different times or carriers of it the first counts.
    """
    firsts: dict[str, ParcelStated] = {}
    parcels: dict[ParcelStated, list[UnitsStated]] = {}
    for stated, units, _ in parts:
        parcel = firsts.setdefault(stated.parcel_id, stated)
        parcels.setdefault(parcel, [])
        if units.quantity:
            parcels[parcel].append(units)
    short = tuple(missing for _, _, missing in parts if missing.quantity)
    sent = {parcel: tuple(units) for parcel, units in parcels.items() if units}
    if len(sent) <= 1:
        parcel, units = next(iter(sent.items()), (parts[0][0], ()))
        if units or short:
            yield replace(parcel, units=units, short=short)
        return
    if short:
        found = tuple(units for of_parcel in sent.values() for units in of_parcel)
        at_ms = min(parcel.at_ms for parcel in sent)
        yield FulfillmentStepped(fulfillment_id=key[0], step=Step.PICKED, at_ms=at_ms, units=found)
    for parcel, units in sent.items():
        yield replace(parcel, units=units)


def stock_part(column: str, *, least: int = 0) -> Callable[[Row, Message, Account], StockLine]:
    """Give what reads a line of a document of stock, whose quantity stands in a column."""

    def read(row: Row, message: Message, account: Account) -> StockLine:
        del message, account
        return StockLine(
            line=str(row.line),
            sku=_name(row, "sku") or row.need("sku"),
            quantity=number(row, column, least=least),
            unit=row.get("unit"),
            lot=row.get("lot"),
            state=_state(row),
            reason=row.get("reason"),
        )

    return read


def document_key(column: str) -> Callable[[Row, Message, Account], Key]:
    """Give what reads the document that a row is of, whose time stands in a column."""

    def read(row: Row, message: Message, account: Account) -> Key:
        location = row.get("location") or account.location
        expected = row.get("expected") or row.get("document")
        document = _name(row, "document") or row.need("document")
        return document, location, time_of(row, column, message, account), expected

    return read


def receipt_facts(key: Key, parts: list[Any]) -> Iterator[AnyFact]:
    """Give a receipt."""
    document, location, at_ms, expected = key
    yield StockReceived(document=document, location=location, at_ms=at_ms, lines=tuple(parts), expected=expected)


def adjustment_facts(key: Key, parts: list[Any]) -> Iterator[AnyFact]:
    """Give an adjustment."""
    document, location, at_ms, _ = key
    yield StockAdjusted(document=document, location=location, at_ms=at_ms, lines=tuple(parts))


def count_key(row: Row, message: Message, account: Account) -> Key:
    """Rows of one count: of a document, a place and a time, and all of what is on hand or of what is available."""
    as_of_ms = time_of(row, "as_of", message, account)
    document = row.get("document") or message.name or f"stock {as_of_ms}"
    return document, row.get("location") or account.location, as_of_ms, not row.get("on_hand")


def count_part(row: Row, message: Message, account: Account) -> StockLine:
    """Give what is on hand of a SKU, else what is available."""
    return stock_part("on_hand" if row.get("on_hand") else "available")(row, message, account)


def count_facts(key: Key, parts: list[Any]) -> Iterator[AnyFact]:
    """Give a count."""
    document, location, as_of_ms, available = key
    yield StockCounted(document=document, location=location, as_of_ms=as_of_ms, lines=tuple(parts), available=available)


def answer_key(row: Row, message: Message, account: Account) -> Key:
    """Give all that an answer says but its units."""
    answer = row.need("answer").lower()
    if answer not in ANSWERS:
        raise UnreadableError(row.at("answer"), f"{shown(answer)} is no answer: write one of {', '.join(ANSWERS)}")
    at_ms = time_of(row, "answered_at", message, account)
    cause, note = row.get("cause") or "other", row.get("note")
    return row.need("fulfillment_id"), answer, at_ms, cause, note, row.get("reference")


def answer_part(row: Row, message: Message, account: Account) -> UnitsStated | None:
    """Give the units of a row that refuses some only; a row without units is about all."""
    del message, account
    if not row.get("quantity"):
        return None
    sku, line_id = row.get("sku"), row.get("line_id")
    if not sku and not line_id:
        raise UnreadableError(row.at("sku"), "this row names neither a line nor a SKU")
    return UnitsStated(line_id=line_id, sku=sku, quantity=number(row, "quantity", least=1), unit=row.get("unit"))


def answer_facts(key: Key, parts: list[Any]) -> Iterator[AnyFact]:
    """Give an answer to a request, or to the wish to have it back."""
    fulfillment_id, answer, at_ms, cause, note, reference = key
    if answer in ("cancelled", "not_cancelled"):
        yield CancellationAnswered(fulfillment_id=fulfillment_id, accepted=answer == "cancelled", at_ms=at_ms)
        return
    yield FulfillmentAnswered(
        fulfillment_id=fulfillment_id,
        accepted=answer == "accepted",
        at_ms=at_ms,
        cause=cause,
        note=note,
        units=tuple(part for part in parts if part is not None),
        partner_reference=reference,
    )
