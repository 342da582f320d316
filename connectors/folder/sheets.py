"""CSV files: rows with their lines, every mistake told, and rows written so that no spreadsheet runs them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connectors.folder.faults import Faults, did_you_mean

_SEPARATORS = ",;\t"
_COMMENT = "#"
# A spreadsheet takes a cell that begins so for a formula. An apostrophe before it makes it text, there and here.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


class Row(NamedTuple):
    """A row: the line where it begins, its fields by column, and the place of each column."""

    line: int
    fields: dict[str, str]
    places: dict[str, int]


def rows_of(text: str, columns: tuple[str, ...], required: tuple[str, ...], faults: Faults) -> Iterator[Row]:
    """Give the rows that have as many fields as the header; what is wrong with the others is noted.

    Lines that begin with # before the header are comments. The header says whether commas or semicolons separate.
    """
    skipped, first = _header_of(text)
    if not first:
        faults.add(1, 1, f"there is no header: the first line names the columns {','.join(columns)}")
        return
    lines = io.StringIO(text, newline="")
    for _ in range(skipped):
        lines.readline()
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        header = _cut([name.strip() for name in next(reader)], 0)
        if not _is_header(header, columns, required, faults, skipped + 1):
            return
        places = {name: place for place, name in enumerate(header, start=1)}
        while True:
            line = skipped + reader.line_num + 1
            fields = _cut(next(reader), len(header))
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(header):
                faults.add(
                    line, min(len(fields), len(header)) + 1, f"{len(fields)} fields, the header has {len(header)}"
                )
                continue
            yield Row(line, {name: unguarded(field) for name, field in zip(header, fields, strict=True)}, places)
    except StopIteration:
        return
    except csv.Error as error:
        faults.add(skipped + reader.line_num, 1, f"this row cannot be read: {error}")


def _header_of(text: str) -> tuple[int, str]:
    """Give how many lines stand before the header, and the header; an empty one where there is none."""
    for number, line in enumerate(io.StringIO(text, newline="")):
        # A spreadsheet may have put a comment in quotation marks.
        if line.strip() and not line.lstrip('"').startswith(_COMMENT):
            return number, line
    return 0, ""


def _cut(fields: list[str], least: int) -> list[str]:
    """Leave out the empty fields at the end that a spreadsheet adds to its widest row's length."""
    while len(fields) > least and not fields[-1].strip():
        fields = fields[:-1]
    return fields


def _is_header(
    header: list[str], columns: tuple[str, ...], required: tuple[str, ...], faults: Faults, line: int
) -> bool:
    is_right = True
    for place, name in enumerate(header, start=1):
        if name not in columns:
            faults.add(line, place, f"unknown column '{name}': {did_you_mean(name, columns)}")
            is_right = False
        elif name in header[: place - 1]:
            faults.add(line, place, f"the column '{name}' stands here a second time: keep one")
            is_right = False
    for name in required:
        if name not in header:
            faults.add(line, 1, f"the column '{name}' is missing: the columns are {','.join(columns)}")
            is_right = False
    return is_right


def sheet(comments: Iterable[str], columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Write a CSV file."""
    written = io.StringIO(newline="")
    for comment in comments:
        written.write(f"{_COMMENT} {comment}\n")
    for row in (columns, *rows):
        line = io.StringIO(newline="")
        # A field with either sign of a line's end is quoted only where both end the line.
        csv.writer(line, lineterminator="\r\n").writerow([guarded(field) for field in row])
        written.write(line.getvalue().removesuffix("\r\n") + "\n")
    return written.getvalue()


def guarded(field: str) -> str:
    """Give a field such that no spreadsheet takes it for a formula."""
    return f"'{field}" if _FORMULA.match(field) else field


def unguarded(field: str) -> str:
    """Give a field as it was before it was guarded."""
    return field[1:] if _GUARDED.match(field) else field
