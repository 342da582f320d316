"""A partner's shipment file as a declared frame: what breaks the contract is set aside with the reason.

A wrong header refuses the whole file, since nothing is known of what its columns mean.
"""

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from typing import Any, NamedTuple

import polars as pl

from pipelines.night.tables import SHIPMENT

HEADER = ("fulfillment_id", "order_id", "location_id", "sku", "quantity", "shipped_at", "carrier", "tracking_number")
_REQUIRED = ("fulfillment_id", "order_id", "location_id", "sku", "quantity", "shipped_at")
_MOST_UNITS = 1_000_000
_MOST_CHARACTERS = 200
_QUARANTINE = {"row": pl.Int64, "reason": pl.String, "content": pl.String}


class FeedFile(NamedTuple):
    """Taken rows, rows set aside, and why the file as a whole was refused, if it was."""

    sha256: str
    rows: pl.DataFrame
    quarantine: pl.DataFrame
    refused: str

    @property
    def size(self) -> int:
        return self.rows.height + self.quarantine.height


def read_feed(source: str, day: str, content: bytes) -> FeedFile:
    """Read one file. Row numbers are those that a spreadsheet shows: the header is row 1.

    A row is known by the file's day and what it says, so that a file sent again with more rows brings only those.
    """
    digest = sha256(content).hexdigest()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _refused(digest, f"not UTF-8: byte {error.start} cannot be read")
    rows = csv.reader(StringIO(text, newline=""))
    header = tuple(next(rows, ()))
    if header != HEADER:
        return _refused(digest, f"the header is {','.join(header)!r}, and must be {','.join(HEADER)!r}")
    taken: list[dict[str, Any]] = []
    aside: list[tuple[int, str, str]] = []
    said: Counter[str] = Counter()
    try:
        for number, cells in enumerate(rows, start=2):
            if not cells:
                continue
            reason, row = _row(cells)
            if reason:
                aside.append((number, reason, ",".join(cells)))
            else:
                words = sha256("\x1f".join([source, day, *cells]).encode()).hexdigest()[:20]
                said[words] += 1
                taken.append({**row, "row_id": f"{words}/{said[words]}", "side": "there", "source": source})
    except csv.Error as error:
        return _refused(digest, f"not CSV after row {rows.line_num}: {error}")
    return FeedFile(
        digest,
        pl.DataFrame(taken, schema=SHIPMENT),
        pl.DataFrame(aside, schema=_QUARANTINE, orient="row"),
        "",
    )


def _refused(digest: str, reason: str) -> FeedFile:
    return FeedFile(digest, pl.DataFrame(schema=SHIPMENT), pl.DataFrame(schema=_QUARANTINE), reason)


def _row(cells: list[str]) -> tuple[str, dict[str, Any]]:
    """The reason that it breaks the contract, or the row."""
    if len(cells) != len(HEADER):
        return f"{len(cells)} cells, and must be {len(HEADER)}", {}
    found = dict(zip(HEADER, (cell.strip() for cell in cells), strict=True))
    missing = next((name for name in _REQUIRED if not found[name]), None)
    if missing is not None:
        return f"{missing} is empty", {}
    long = next((name for name, cell in found.items() if len(cell) > _MOST_CHARACTERS), None)
    if long is not None:
        return f"{long} is longer than {_MOST_CHARACTERS} characters", {}
    return _values(found)


def _values(found: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    quantity = found["quantity"]
    if not (quantity.isascii() and quantity.isdigit() and 1 <= int(quantity) <= _MOST_UNITS):
        return f"quantity {quantity!r} is no whole number from 1 to {_MOST_UNITS:,}", {}
    shipped_at = _instant(found["shipped_at"])
    if shipped_at is None:
        return f"shipped_at {found['shipped_at']!r} is no time such as 2026-03-01T14:30:00Z", {}
    return "", {
        "fulfillment_id": found["fulfillment_id"],
        "order_id": found["order_id"],
        "location_id": found["location_id"],
        "sku": found["sku"],
        "quantity": int(quantity),
        "shipped_at_ms": shipped_at,
        "tracking_number": found["tracking_number"],
    }


def _instant(text: str) -> int | None:
    """UTC milliseconds; a time without its zone could be any of a day's, so it is none."""
    try:
        stated = datetime.fromisoformat(text)
    except ValueError:
        return None
    if stated.tzinfo is None:
        return None
    return round(stated.astimezone(UTC).timestamp() * 1000)
