"""Rows to orders: lines of an order by its external id, every mistake told, and by choice what is good kept."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from connectors.folder.faults import WrongError
from connectors.orders.columns import COLUMNS, OF_THE_PAST, REQUIRED
from connectors.orders.rows import Note, Row, read_rows
from models.rules.orders.past import CLOCK_SKEW_MS
from models.types import Record

_MOST_LINES = 200
_ADDRESS_LINES = 8


class Around(NamedTuple):
    """What a file is read for: the pool as it runs, how orders are taken, and the time."""

    currency: str
    skus: Collection[str] | None
    historic: bool
    keep_good_fields: bool
    now_ms: int


class FileOrder(Record, kw_only=True):
    """An order of the file: its rows, and what the API is asked, but for channel and policy."""

    external_id: str
    rows: tuple[int, ...]
    body: dict[str, Any]


class OrdersFile(NamedTuple):
    """All that was read. Orders with mistakes are in `spoilt`, by external id with their rows."""

    orders: tuple[FileOrder, ...]
    spoilt: dict[str, tuple[int, ...]]
    notes: tuple[Note, ...]
    dropped: tuple[Note, ...]
    """Fields that were left out, where good fields are kept."""
    rows: int

    @property
    def is_whole(self) -> bool:
        """Tell whether every row names its order: one that does not may be a line of any of them."""
        return all(note.external_id for note in self.notes)


def read_orders(raw: bytes, around: Around) -> OrdersFile:
    """Read a file to the orders in it; nothing of one with mistakes is taken, unless good fields are to be kept."""
    rows, notes = read_rows(raw)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        external_id = row.fields.get("external_id", "").strip()
        if external_id:
            groups.setdefault(external_id, []).append(row)
        else:
            notes.append(Note(row=row.number, field="external_id", reason="this row names no order: fill it in"))
    # Rows that could not be read: of some it is known what order they are of.
    spoilt = {note.external_id: {note.row} for note in notes if note.external_id}
    orders: list[FileOrder] = []
    dropped: list[Note] = []
    for external_id, members in groups.items():
        reader = _Reader(external_id, members, around)
        body = reader.body()
        notes += reader.notes
        if reader.notes or external_id in spoilt:
            spoilt.setdefault(external_id, set()).update(row.number for row in members)
            continue
        dropped += reader.dropped
        orders.append(FileOrder(external_id=external_id, rows=tuple(row.number for row in members), body=body))
    return OrdersFile(
        orders=tuple(orders),
        spoilt={external_id: tuple(sorted(numbers)) for external_id, numbers in spoilt.items()},
        notes=tuple(sorted(notes, key=lambda note: note.row)),
        dropped=tuple(dropped),
        rows=len(rows) + len({note.row for note in notes} - {row.number for row in rows} - {0}),
    )


class _Reader:
    """One order."""

    def __init__(self, external_id: str, rows: list[Row], around: Around) -> None:
        self._external_id = external_id
        self._rows = rows
        self._around = around
        self.notes: list[Note] = []
        self.dropped: list[Note] = []

    def body(self) -> dict[str, Any]:
        """Give what the API is asked; mistakes are noted."""
        body: dict[str, Any] = {}
        currency = self._currency()
        for column in COLUMNS:
            if column.of_line or (column.name in OF_THE_PAST and not self._around.historic):
                continue
            found = self._stated(column.name)
            if found is None:
                continue
            value = self._parsed(column.name, *found, currency)
            if value is not None:
                _put(body, column.path, value)
        body.setdefault("currency", currency)
        if not body.get("destination", {}).get("country"):
            self._note(self._first, "country", "this order has no country: fill it in")
        body["lines"] = [self._line(row, currency) for row in self._rows]
        self._check(body)
        return body

    @property
    def _first(self) -> int:
        return self._rows[0].number if self._rows else 0

    def _currency(self) -> str:
        return next((text for row in self._rows if (text := _cell(row, "currency"))), self._around.currency)

    def _stated(self, name: str) -> tuple[int, str] | None:
        """Give what the rows say of the order: the first one that says anything; the others say the same or nothing."""
        said: tuple[int, str] | None = None
        for row in self._rows:
            text = _cell(row, name)
            if text and said is None:
                said = row.number, text
            elif text and said is not None and text != said[1]:
                self._note(row.number, name, f"row {said[0]} says '{said[1]}' of the same order: write it once")
        return said

    def _line(self, row: Row, currency: str) -> dict[str, Any]:
        line: dict[str, Any] = {}
        for column in COLUMNS:
            text = _cell(row, column.name) if column.of_line else ""
            if text:
                value = self._parsed(column.name, row.number, text, currency)
                if value is not None:
                    line[column.path[0]] = value
            elif column.of_line and column.required:
                self._note(row.number, column.name, f"this row has no {column.name}: fill it in")
        skus = self._around.skus
        if skus is not None and "sku" in line and line["sku"] not in skus:
            self._note(row.number, "sku", f"the pool's catalogue has no SKU {line['sku']}: add it first")
        return line

    def _parsed(self, name: str, number: int, text: str, currency: str) -> Any:
        column = next(column for column in COLUMNS if column.name == name)
        try:
            return column.parse(text, currency)
        except WrongError as error:
            if self._around.keep_good_fields and name not in REQUIRED:
                self.dropped.append(
                    Note(row=number, external_id=self._external_id, field=name, reason=f"left out: {error}")
                )
            else:
                self._note(number, name, str(error))
            return None

    def _check(self, body: dict[str, Any]) -> None:
        """Look at what only the whole order shows."""
        destination = body.get("destination", {})
        if ("latitude" in destination) != ("longitude" in destination):
            missing = "longitude" if "latitude" in destination else "latitude"
            if self._around.keep_good_fields:
                destination.pop("latitude", None)
                destination.pop("longitude", None)
            else:
                self._note(self._first, missing, "a position takes both latitude and longitude: add the other")
        address = body.get("customer", {}).get("address_lines")
        if address is not None:
            body["customer"]["address_lines"] = [part.strip() for part in address.split("|")][:_ADDRESS_LINES]
        if len(body["lines"]) > _MOST_LINES:
            self._note(
                self._first, "external_id", f"an order has at most {_MOST_LINES} lines, not {len(body['lines'])}"
            )
        if self._around.historic:
            self._check_past(body)

    def _check_past(self, body: dict[str, Any]) -> None:
        if "placed_at" not in body:
            self._note(self._first, "placed_at", "an order of the past says when it was placed: fill it in")
            return
        body.setdefault("shipped_at", body["placed_at"])
        for name in ("placed_at", "shipped_at"):
            at_ms = datetime.fromisoformat(body[name]).timestamp() * 1000
            if at_ms > self._around.now_ms + CLOCK_SKEW_MS:
                self._note(self._first, name, "this lies in the future: an order of the past has shipped")

    def _note(self, number: int, field: str, reason: str) -> None:
        self.notes.append(Note(row=number, external_id=self._external_id, field=field, reason=reason))


def _cell(row: Row, name: str) -> str:
    return row.fields.get(name, "").strip()


def _put(body: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        body = body.setdefault(name, {})
    body[path[-1]] = value
