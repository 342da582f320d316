"""The reconciliation of a day as one page that stands alone: no script, nothing loaded from elsewhere."""

import datetime as dt
from functools import cache

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from pipelines.night.breaks import OPEN
from pipelines.night.matching import CLASSES, MATCH

_MOST_ROWS = 2_000
MEANINGS = {
    MATCH: "both sides tell of it",
    "timing": "one side so far and young, or both with times far apart",
    "quantity": "both sides, other units",
    "wrong_location": "both sides, another location",
    "unknown_sku": "a SKU that the catalogue has not",
    "duplicate": "told again by the partner",
    "missing_here": "the partner shipped, we have no shipment",
    "missing_there": "we have a shipment, the partner has not",
    "not_reported": "no partner sends files for the location",
}


def page(
    day: dt.date, pool: str, rows: pl.DataFrame, ledger: pl.DataFrame, files: pl.DataFrame, aside: pl.DataFrame
) -> bytes:
    """HTML in UTF-8."""
    is_open, by_people = pl.col("state") == OPEN, pl.col("closed_by").is_not_null()
    open_breaks = ledger.filter(is_open).sort("age_days", "break_id", descending=[True, False])
    html = _template().render(
        day=day.isoformat(),
        pool=pool,
        classes=class_counts(rows),
        meanings=MEANINGS,
        files=files.to_dicts(),
        aside=aside.head(_MOST_ROWS).to_dicts(),
        open=open_breaks.head(_MOST_ROWS).to_dicts(),
        more=max(0, open_breaks.height - _MOST_ROWS),
        closed=ledger.filter(~is_open & ~by_people).head(_MOST_ROWS).to_dicts(),
        by_people=ledger.filter(by_people).head(_MOST_ROWS).to_dicts(),
    )
    return html.encode()


def class_counts(rows: pl.DataFrame) -> list[tuple[str, int, int, int, int]]:
    """Class, rows and units here, rows and units there; and the sum of all classes last."""
    found = {}
    for name, side, count, units in (
        rows.group_by("class", "side").agg(pl.len(), pl.col("quantity").sum()).sort("class", "side").iter_rows()
    ):
        found[name, side] = (count, units)
    counted = [(name, *found.get((name, "here"), (0, 0)), *found.get((name, "there"), (0, 0))) for name in CLASSES]
    _, *columns = zip(*counted, strict=True)
    rows_here, units_here, rows_there, units_there = (sum(column) for column in columns)
    return [*counted, ("all", rows_here, units_here, rows_there, units_there)]


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("pipelines.night"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("shipments.html")
