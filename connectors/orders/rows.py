"""The rows of a file of orders, CSV or JSON lines: each by its number, with its fields as texts."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from connectors.folder.faults import Faults, did_you_mean
from connectors.folder.sheets import rows_of
from connectors.orders.columns import NAMES, REQUIRED
from models.types import Record


class Note(Record, kw_only=True):
    """What is wrong with a row, or with the file where the row is 0."""

    row: int
    external_id: str = ""
    field: str = ""
    reason: str


class Row(NamedTuple):
    """A row of the file: the line where it stands, and what is written in it."""

    number: int
    fields: dict[str, str]


def read_rows(raw: bytes) -> tuple[list[Row], list[Note]]:
    """Read a file of either kind; the rows that cannot be read are noted."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return [], [Note(row=0, reason=f"line {line} is not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8)")]
    return _json_lines(text) if text.lstrip()[:1] == "{" else _sheet(text)


def _sheet(text: str) -> tuple[list[Row], list[Note]]:
    faults = Faults()
    rows = [Row(row.line, row.fields) for row in rows_of(text, NAMES, REQUIRED, faults)]
    broken = faults.listed()
    # A header that cannot be read is a mistake of the whole file.
    return rows, [Note(row=fault.line if rows else 0, reason=fault.reason) for fault in broken]


def _json_lines(text: str) -> tuple[list[Row], list[Note]]:
    rows: list[Row] = []
    notes: list[Note] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            # Numbers stay as they are written: 5.90 is no float.
            given = json.loads(line, parse_float=str, parse_int=str)
        except ValueError as error:
            notes.append(Note(row=number, reason=f"this line is no JSON: {error}"))
            continue
        if not isinstance(given, dict):
            notes.append(Note(row=number, reason="write one object a line, with the columns as its keys"))
            continue
        wrong = list(_wrong_keys(number, given))
        notes += wrong
        if not wrong:
            rows.append(Row(number, {name: _written(value) for name, value in given.items()}))
    return rows, notes


def _wrong_keys(number: int, given: dict[str, Any]) -> Iterator[Note]:
    external_id = _written(given.get("external_id"))
    for name, value in given.items():
        if name not in NAMES:
            reason = f"unknown key '{name}': {did_you_mean(name, NAMES)}"
            yield Note(row=number, external_id=external_id, field=name, reason=reason)
        elif isinstance(value, dict | list):
            yield Note(row=number, external_id=external_id, field=name, reason="write one value here, no list or keys")


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
