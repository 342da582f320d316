"""CSV row by row out of a body that comes in pieces: the memory of a row, whatever the length of the file.

Commas, semicolons, tabs or bars, as the header says; a byte order mark, also of UTF-16, quoted line ends, comments and
the line sep=; of a spreadsheet before the header.
"""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from connectors.folder.sheets import unguarded
from connectors.frame.message import Account, Refusal
from connectors.frame.reading import UnreadableError, shown

_SEPARATORS = ",;\t|"
_COMMENT = "#"
_SEPARATOR_LINE = re.compile(r"sep=.\s*", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[\s-]+")
_LINE_CHARACTERS_MAX = 1_000_000


class Row(NamedTuple):
    """A row: the line where it begins, counted from 1, and its fields by column."""

    line: int
    fields: dict[str, str]

    def get(self, column: str) -> str:
        """Give a field without blanks around it; empty where the column is not."""
        return self.fields.get(column, "").strip()

    def need(self, column: str) -> str:
        """Give a field that has to be filled in.

        Raises:
            UnreadableError: it is empty.
        """
        text = self.get(column)
        if not text:
            raise UnreadableError(self.at(column), "this is empty: fill it in")
        return text

    def at(self, column: str) -> str:
        """Give the place of a field, for refusals."""
        return f"lines[{self.line}].{column}"


class Sheet(NamedTuple):
    """The header, and the rows behind it; what is no row is a refusal in its place."""

    header: tuple[str, ...]
    header_line: int
    rows: Iterator[Row | Refusal]


def read_sheet(chunks: Iterable[bytes], account: Account) -> Sheet:
    """Read the header, and the rows one by one as they are taken.

    Raises:
        UnreadableError: there is no header, or it names a column twice.
    """
    lines = _lines(chunks, account.settings.get("encoding", "utf-8-sig"))
    skipped, first = 0, ""
    for line in lines:
        if line.strip() and not line.lstrip('"').startswith(_COMMENT) and _SEPARATOR_LINE.fullmatch(line) is None:
            first = line
            break
        skipped += 1
    if not first:
        raise UnreadableError("", "this has no header: the first line names the columns")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(_from(first, lines), delimiter=separator, strict=True)
    try:
        header = _renamed([name.strip() for name in next(reader)], account)
    except csv.Error as error:
        raise UnreadableError(f"lines[{skipped + 1}]", f"the header cannot be read: {error}") from None
    for place, name in enumerate(header):
        if name in header[:place] and name:
            raise UnreadableError(f"lines[{skipped + 1}].{name}", "this column stands here a second time: keep one")
    return Sheet(header, skipped + 1, _rows(reader, header, skipped))


def _renamed(header: list[str], account: Account) -> tuple[str, ...]:
    """Give the names that are documented for those of a partner: `columns` says `theirs=ours`, by semicolons."""
    while header and not header[-1]:
        header.pop()
    pairs = (pair.partition("=") for pair in account.settings.get("columns", "").split(";"))
    ours = {theirs.strip(): name.strip() for theirs, _, name in pairs if theirs.strip()}
    return tuple(ours.get(name) or _BETWEEN_WORDS.sub("_", name).lower() for name in header)


def _rows(reader: Any, header: tuple[str, ...], skipped: int) -> Iterator[Row | Refusal]:
    while True:
        line = skipped + reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refusal(field=f"lines[{line}]", reason=f"this cannot be read, nor what follows: {error}")
            return
        except UnreadableError as error:
            yield Refusal(field=error.field, reason=error.reason)
            return
        if not any(field.strip() for field in fields):
            continue
        while len(fields) > len(header) and not fields[-1].strip():
            fields.pop()
        if len(fields) != len(header):
            reason = f"this row has {len(fields)} fields, the header has {len(header)}"
            column = header[len(fields)] if len(fields) < len(header) else str(len(header) + 1)
            yield Refusal(field=f"lines[{line}].{column}", reason=reason, entry=str(line))
            continue
        yield Row(line, {name: unguarded(field) for name, field in zip(header, fields, strict=True)})


def _from(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _lines(chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Give the lines with their ends.

    Raises:
        UnreadableError: it is of another encoding, or a line has no end.
    """
    pieces = iter(chunks)
    start = next(pieces, b"")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise UnreadableError("", f"{shown(encoding)} is no encoding: the account names utf-8 or cp1252") from None
    pending, number = "", 1
    for chunk in _and_end(chain((start,), pieces)):
        try:
            text = pending + decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            reason = "this is not in the encoding of the account: save the file as UTF-8 (in Excel: CSV UTF-8)"
            raise UnreadableError(f"lines[{number}]", reason) from None
        *whole, pending = text.split("\n")
        for line in whole:
            yield f"{line}\n"
        number += len(whole)
        if len(pending) > _LINE_CHARACTERS_MAX:
            raise UnreadableError(f"lines[{number}]", f"this line has more than {_LINE_CHARACTERS_MAX} characters")
    if pending:
        yield pending


def _and_end(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Give the pieces, and nothing as the last one."""
    for chunk in chunks:
        if chunk:
            yield chunk
    yield b""
