"""Orders as a file: CSV, JSON lines or a workbook, page by page, however many there are. Personal data stays sealed."""

import asyncio
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import IO, Any, NamedTuple

import xlsxwriter
from babel.numbers import get_currency_precision
from msgspec import Struct

from api.located import part_of
from api.present import encode, iso, order_of, present_order
from api.security import Principal
from api.services import Services
from api.views.listing import Listed, OrderFilter, Place
from api.web.spreadsheet import csv_lines
from models.records.order import Order

WORKBOOK_ORDERS_MAX = 200_000
_PAGE = 500
_CHUNK_BYTES = 256 * 1024
_REMEMBERED = 200
_PAUSE_SECONDS = 0.001
_HEADER = (
    "order_id",
    "external_id",
    "channel",
    "status",
    "placed_at",
    "promise_by",
    "at_risk",
    "holds",
    "country",
    "postcode",
    "locations",
    "lines",
    "units",
    "skus",
    "tracking_numbers",
    "total",
    "currency",
    "updated_at",
)


class Format(StrEnum):
    """What is written."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSONL: "application/x-ndjson",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Progress(Struct):
    """How far an export is."""

    written: int = 0
    total: int | None = None
    is_done: bool = False


class Exports:
    """Exports that go on or went on lately, by who asked and the name they gave theirs."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], Progress] = OrderedDict()

    def begin(self, actor: str, name: str, total: int | None) -> Progress:
        """Begin to follow one; without a name nobody asks how far it is."""
        progress = Progress(total=total)
        if name:
            self._known[actor, name] = progress
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return progress

    def find(self, actor: str, name: str) -> Progress | None:
        """Give how far an export of this person is."""
        return self._known.get((actor, name))


class Wanted(NamedTuple):
    """Which orders, and for whom."""

    pool: str
    who: Principal
    filter: OrderFilter
    format: Format


async def export_orders(services: Services, wanted: Wanted, progress: Progress) -> AsyncIterator[bytes]:
    """Give the file in pieces."""
    pages = _pages(services, wanted, progress)
    write = _workbook if wanted.format is Format.XLSX else _lines
    async for piece in write(pages, wanted):
        yield piece
    progress.is_done = True


async def _pages(services: Services, wanted: Wanted, progress: Progress) -> AsyncIterator[list[Order]]:
    after: Place | None = None
    while rows := await services.views.orders(wanted.pool, wanted.filter, after=after, limit=_PAGE):
        # Decoded elsewhere, since requests wait for this thread.
        yield await asyncio.to_thread(_orders_of, rows, wanted.who)
        after = rows[-1].place
        progress.written += len(rows)
        if len(rows) < _PAGE:
            return
        await asyncio.sleep(_PAUSE_SECONDS)


def _orders_of(rows: list[Listed], who: Principal) -> list[Order]:
    found = (part_of(who, order_of(row.body)) for row in rows)
    return [order for order in found if order is not None]


async def _lines(pages: AsyncIterator[list[Order]], wanted: Wanted) -> AsyncIterator[bytes]:
    write: Callable[[list[Order]], bytes] = _json_lines
    if wanted.format is Format.CSV:
        yield csv_lines([_HEADER]).encode()
        write = _csv_lines
    async for orders in pages:
        yield await asyncio.to_thread(write, orders)


def _csv_lines(orders: list[Order]) -> bytes:
    return csv_lines([_row(order) for order in orders]).encode()


def _json_lines(orders: list[Order]) -> bytes:
    return b"".join(encode(present_order(order)) + b"\n" for order in orders)


async def _workbook(pages: AsyncIterator[list[Order]], wanted: Wanted) -> AsyncIterator[bytes]:
    """Write a workbook to a file row by row, and give it when it is whole, which is how its format wants it."""
    with tempfile.TemporaryFile() as file:
        # Texts stay texts: nothing becomes a formula, a link or a number by how it looks.
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book = xlsxwriter.Workbook(file, {"constant_memory": True, **plain})
        sheet = book.add_worksheet("orders")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, _HEADER, book.add_format({"bold": True}))
        row = 1
        async for orders in pages:
            kept = orders[: WORKBOOK_ORDERS_MAX + 1 - row]
            await asyncio.to_thread(_fill, sheet, row, kept)
            row += len(kept)
            if len(kept) < len(orders):
                told = f"{wanted.pool}: more orders fit than this workbook holds ({WORKBOOK_ORDERS_MAX}); take CSV."
                sheet.write_string(row, 0, told)
                break
        await asyncio.to_thread(book.close)
        file.seek(0)
        while piece := await asyncio.to_thread(_read, file):
            yield piece


def _fill(sheet: Any, first: int, orders: list[Order]) -> None:
    for number, order in enumerate(orders, start=first):
        for column, value in enumerate(_row(order)):
            write = sheet.write_number if isinstance(value, int) else sheet.write_string
            write(number, column, value)


def _read(file: IO[bytes]) -> bytes:
    return file.read(_CHUNK_BYTES)


def _row(order: Order) -> tuple[str | int, ...]:
    parts = [part.location_id for part in order.fulfillments if part.status.value not in ("rejected", "cancelled")]
    digits = get_currency_precision(order.currency)
    return (
        order.order_id,
        order.external_id,
        order.channel,
        order.status.value,
        iso(order.placed_at_ms),
        "" if order.promise_by_ms is None else iso(order.promise_by_ms),
        int(order.at_risk),
        " ".join(hold.type.value for hold in order.holds),
        order.destination.country,
        order.destination.postcode,
        " ".join(dict.fromkeys(parts)),
        len(order.lines),
        sum(line.quantity - line.cancelled for line in order.lines),
        " | ".join(line.sku for line in order.lines),
        " ".join(parcel.tracking_number for parcel in order.parcels if parcel.tracking_number),
        f"{order.total_minor / 10**digits:.{digits}f}",
        order.currency,
        iso(order.updated_at_ms),
    )
