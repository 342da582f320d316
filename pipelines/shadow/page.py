"""The report as one page that stands alone: no script, nothing loaded from elsewhere, plots as SVG."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from connectors.money import decimal_of
from pipelines.shadow.breaks import WORDS
from pipelines.shadow.figures import Report
from pipelines.shadow.words import sentences

_MOST_ROWS = 1_000
_MOST_BARS = 40
_WIDE = 560.0


class Bar(NamedTuple):
    """A bar of a plot: its label, where it begins and how long it is in SVG units, and what it says."""

    label: str
    side: str
    x: float
    width: float
    text: str


def page(report: Report) -> bytes:
    """HTML in UTF-8."""
    different = report.orders.filter(pl.col("alike").not_()).sort("saved_minor", descending=True)

    def money(minor: int) -> str:
        return decimal_of(minor, report.currency)

    html = _template().render(
        report=report,
        sentences=list(sentences(report)),
        money=money,
        locations=_by_location(report.days),
        saved=_by_day(report.orders, report.currency),
        kinds=_bars([(WORDS[kind], "ours", count, f"{count:,}") for kind, count in report.summary["breaks"].items()]),
        days=report.days.head(_MOST_ROWS).to_dicts(),
        orders=different.head(_MOST_ROWS).to_dicts(),
        breaks=report.breaks.head(_MOST_ROWS).to_dicts(),
        words=WORDS,
        more={
            "days": max(0, report.days.height - _MOST_ROWS),
            "orders": max(0, different.height - _MOST_ROWS),
            "breaks": max(0, report.breaks.height - _MOST_ROWS),
        },
    )
    return html.encode()


def _by_location(days: pl.DataFrame) -> list[Bar]:
    """Give the units of each location by both sides."""
    totals = days.group_by("location").agg(pl.col("units_theirs").sum(), pl.col("units_ours").sum()).sort("location")
    rows: list[tuple[str, str, int, str]] = []
    for location, theirs, ours in totals.iter_rows():
        rows += [(location, "theirs", theirs, f"{theirs:,}"), ("", "ours", ours, f"{ours:,}")]
    return _bars(rows)


def _by_day(orders: pl.DataFrame, currency: str) -> list[Bar]:
    """Give what each day would have saved, or each week or month where there are more days than can be read."""
    told = orders.filter(pl.col("saved_minor").is_not_null())
    days = told["placed_at"].dt.date().n_unique()
    form = "%Y-%m-%d" if days <= _MOST_BARS else "%G week %V" if days <= 7 * _MOST_BARS else "%Y-%m"
    day = pl.col("placed_at").dt.strftime(form).alias("day")
    saved = told.group_by(day).agg(pl.col("saved_minor").sum()).sort("day")
    return _bars([(name, "ours", minor, decimal_of(minor, currency)) for name, minor in saved.iter_rows()])


def _bars(rows: Sequence[tuple[str, str, int, str]]) -> list[Bar]:
    """Lay bars out from their zero, which is in the middle of what there is to show."""
    least = min([0, *(value for _, _, value, _ in rows)])
    most = max([0, *(value for _, _, value, _ in rows)])
    unit = _WIDE / ((most - least) or 1)
    zero = -least * unit
    return [
        Bar(label, side, round(zero + min(0, value) * unit, 1), round(max(1.0, abs(value) * unit), 1), text)
        for label, side, value, text in rows
    ]


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("pipelines.shadow"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("shadow.html")
