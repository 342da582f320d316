"""The files of a report: a page, tables as CSV, all of it as JSON, and the commands that were played."""

from collections.abc import Iterator

import msgspec
import polars as pl

from pipelines.shadow.page import page
from pipelines.shadow.shadow import Shadowed
from pipelines.shadow.words import sentences

_FORMULA = r"^([=+\-@\t\r])"


def files_of(found: Shadowed) -> Iterator[tuple[str, bytes]]:
    """Give names and contents."""
    report = found.report
    tables = {"orders": report.orders, "days": report.days, "breaks": report.breaks}
    yield "report.html", page(report)
    for name, frame in tables.items():
        yield f"{name}.csv", _sheet(frame)
    whole = {
        "pool": report.pool,
        "currency": report.currency,
        "summary": report.summary,
        "sentences": list(sentences(report)),
        "assumed": report.assumed,
    } | {name: frame.to_dicts() for name, frame in tables.items()}
    yield "report.json", msgspec.json.encode(whole)
    yield "commands.jsonl", b"".join(item + b"\n" for item in found.commands)


def _sheet(frame: pl.DataFrame) -> bytes:
    """Write CSV; a text that a spreadsheet would take for a formula has an apostrophe before it."""
    texts = pl.col(pl.String).str.replace(_FORMULA, "'${1}")
    return frame.with_columns(texts).write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.3fZ").encode()
