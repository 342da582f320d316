"""What became of each row of a file of orders."""

from collections.abc import Iterable, Mapping
from typing import Literal

from connectors.folder.sheets import sheet
from connectors.orders.reading import OrdersFile
from models.types import Record

Result = Literal["taken", "changed", "there_already", "refused", "skipped", "not_sent", "good"]
COLUMNS = ("row", "external_id", "outcome", "field", "reason")
FAILED: frozenset[Result] = frozenset({"refused", "skipped", "not_sent"})


class Outcome(Record, kw_only=True):
    """What became of an order."""

    result: Result
    field: str = ""
    reason: str = ""


class ReportRow(Record, omit_defaults=False, kw_only=True):
    """What became of a row; a row with several mistakes is there several times."""

    row: int
    external_id: str
    outcome: Result
    field: str = ""
    reason: str = ""


def report_of(found: OrdersFile, outcomes: Mapping[str, Outcome]) -> list[ReportRow]:
    """Give what became of every row, in their order; what has no outcome was not sent."""
    unsent = Outcome(result="not_sent")
    rows = [
        ReportRow(row=note.row, external_id=note.external_id, outcome="skipped", field=note.field, reason=note.reason)
        for note in found.notes
    ]
    told = {(row.row, row.external_id) for row in rows}
    for external_id, numbers in found.spoilt.items():
        rows += [
            ReportRow(row=number, external_id=external_id, outcome="skipped", reason="another row of it is wrong")
            for number in numbers
            if (number, external_id) not in told
        ]
    for order in found.orders:
        became = outcomes.get(order.external_id, unsent)
        rows += [
            ReportRow(
                row=number,
                external_id=order.external_id,
                outcome=became.result,
                field=became.field,
                reason=became.reason,
            )
            for number in order.rows
        ]
    dropped = [
        ReportRow(
            row=note.row,
            external_id=note.external_id,
            outcome=outcomes.get(note.external_id, unsent).result,
            field=note.field,
            reason=note.reason,
        )
        for note in found.dropped
    ]
    return sorted([*rows, *dropped], key=lambda row: row.row)


def report_sheet(rows: Iterable[ReportRow]) -> str:
    """Write the report as CSV."""
    return sheet((), COLUMNS, ((str(row.row), row.external_id, row.outcome, row.field, row.reason) for row in rows))
