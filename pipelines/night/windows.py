"""Which commands belong to a night: from where the last night ended to the first record of a later day."""

import datetime as dt

import polars as pl

from pipelines.night.store import Store

_ENDS = """
SELECT partition, min(record_offset) FILTER (day > DATE '{day}') AS first_later,
       max(record_offset) + 1 AS archived_end
FROM commands WHERE day >= DATE '{since}' GROUP BY partition ORDER BY partition
"""
# Offsets are in order of writing and days in order of the clocks, which may differ by a little.
_SKEW = dt.timedelta(days=1)
_FIRST_DAY = dt.date(1970, 1, 1)


def opening_of(store: Store, day: dt.date) -> pl.DataFrame:
    """The windows of the last audited night before, whose ends are where this one begins; none at the first night."""
    last = store.read("audits", pl.col("day") < day)["day"].max()
    return store.read("windows", pl.col("day") == pl.lit(last, dtype=pl.Date)).sort("partition")


def windows_of(store: Store, day: dt.date, checkpoints: pl.DataFrame, *, so_far: bool) -> pl.DataFrame:
    """One row a partition that ever had a command: where the night begins and ends in it.

    A day that is over ends before the first record of a later day, one that is not where the worker stood.
    """
    opening = opening_of(store, day)
    since = _FIRST_DAY if opening.is_empty() else opening["day"].max() - _SKEW  # type: ignore[operator]
    ends = store.query(_ENDS.format(day=day, since=since), commands=store.archived("commands"))
    begins = opening.select("partition", pl.col("end_offset").alias("begin_offset"), pl.col("day").alias("opening_day"))
    known = begins.join(ends, on="partition", how="full", coalesce=True).join(
        checkpoints.select("partition", "offset"), on="partition", how="left"
    )
    begin = pl.col("begin_offset").fill_null(0)
    archived = pl.col("archived_end").fill_null(begin)
    over = pl.col("first_later").fill_null(archived)
    here = pl.min_horizontal(archived, pl.col("offset").fill_null(archived))
    return known.select(
        pl.lit(day).alias("day"),
        pl.col("partition").cast(pl.Int32),
        begin.alias("begin_offset"),
        pl.max_horizontal(begin, here if so_far else over).alias("end_offset"),
        pl.col("opening_day"),
    ).sort("partition")


_WITHIN = """(
    SELECT t.* FROM frame AS t JOIN windows AS w
      ON t.partition = w.partition AND {offset} >= w.begin_offset AND {offset} < w.{end}
    WHERE t.day >= DATE '{since}'
)"""


def within(table: str, windows: pl.DataFrame, end: str = "end_offset") -> str:
    """SQL for the rows of an archived table, named `frame`, that are of the windows, named `windows`."""
    offset = "t.record_offset" if table == "commands" else "t.command_offset"
    opening = windows["opening_day"].max()
    since = _FIRST_DAY if opening is None else opening - _SKEW  # type: ignore[operator]
    return _WITHIN.format(offset=offset, end=end, since=since)
