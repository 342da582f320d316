"""The reconciliation of a day as a workbook: a sheet of counts, one of breaks, one of all rows, one of files."""

import datetime as dt
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import polars as pl
import xlsxwriter

from pipelines.night.report_page import class_counts

# A cell that begins with one of these is a formula to a spreadsheet, and a partner's text may begin with anything.
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r", "\n")
_MOST_ROWS = 1_000_000
_WIDTH_MAX = 48
_ROWS_MEASURED = 200
_BREAKS = (
    "break_id",
    "state",
    "class",
    "age_days",
    "first_seen",
    "closed_on",
    "order_id",
    "fulfillment_id",
    "location_id",
    "sku",
    "units_here",
    "units_there",
    "sources",
    "text",
    "closed_by",
    "reason",
)
_ROWS = (
    "class",
    "method",
    "side",
    "source",
    "order_id",
    "fulfillment_id",
    "location_id",
    "sku",
    "quantity",
    "shipped_at",
    "tracking_number",
    "first_seen",
    "row_id",
)
_FILES = ("file_day", "source", "rows", "taken", "refused", "sha256")
_ASIDE = ("source", "row", "reason", "content", "sha256")


def neutral(cell: Any) -> Any:
    """The cell as it is, or as text that no spreadsheet takes for a formula, even after a trip through CSV."""
    if isinstance(cell, str) and cell.startswith(_FORMULA_MARKS):
        return "'" + cell
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return cell


def workbook(
    day: dt.date, pool: str, rows: pl.DataFrame, ledger: pl.DataFrame, files: pl.DataFrame, aside: pl.DataFrame
) -> bytes:
    """The bytes of an XLSX file; the same for the same frames."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    # Else the time of writing goes in, and a repeated night would write another file.
    book.set_properties({"created": dt.datetime.combine(day, dt.time()), "title": f"Shipments of {day}, pool {pool}"})
    bold = book.add_format({"bold": True})
    shipped = pl.from_epoch("shipped_at_ms", time_unit="ms").dt.strftime("%Y-%m-%d %H:%M:%SZ").alias("shipped_at")
    sheets: tuple[tuple[str, Sequence[str], list[tuple[Any, ...]]], ...] = (
        ("Classes", ("class", "rows here", "units here", "rows there", "units there"), list(class_counts(rows))),
        ("Breaks", _BREAKS, ledger.select(_BREAKS).rows()),
        ("Rows", _ROWS, rows.with_columns(shipped).select(_ROWS).head(_MOST_ROWS).rows()),
        ("Files", _FILES, files.select(_FILES).rows()),
        ("Set aside", _ASIDE, aside.select(_ASIDE).rows()),
    )
    for name, header, lines in sheets:
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, header, bold)
        for number, line in enumerate(lines, start=1):
            sheet.write_row(number, 0, [neutral(cell) for cell in line])
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(lines)), max(0, len(header) - 1))
        for column, title in enumerate(header):
            cells = [len(str(line[column])) for line in lines[:_ROWS_MEASURED] if line[column] is not None]
            sheet.set_column(column, column, min(_WIDTH_MAX, max([len(title), *cells]) + 2))
    book.close()
    return content.getvalue()
