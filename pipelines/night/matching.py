"""Two books of the same shipments laid side by side: every row of either ends in exactly one class. Pure.

Stages run from the strictest to the loosest; each looks only at what the ones before have left.
"""

from typing import NamedTuple

import polars as pl

from pipelines.night.tables import CLASSIFIED

MATCH = "match"
CLASSES = (
    MATCH,
    "timing",
    "quantity",
    "wrong_location",
    "unknown_sku",
    "duplicate",
    "missing_here",
    "missing_there",
    "not_reported",
)
# What has both sides, or never will: later rows are not compared with it any more.
SETTLED = frozenset({MATCH, "duplicate", "not_reported"})

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS


class Tolerance(NamedTuple):
    """How far two books may differ and still mean the same; and how long the other side may take to tell."""

    time_ms: int = 48 * _HOUR_MS
    units: int = 0
    late_ms: int = 36 * _HOUR_MS


class Stage(NamedTuple):
    """Rows of both sides with the same key are a group; it is of the class if time and units are near enough."""

    method: str
    found: str
    key: tuple[str, ...]
    time_ms: int | None
    units: int | None
    repeated: bool = False
    """Of several rows with the same key on one side, the first goes with the first of the other."""


def stages(tolerance: Tolerance) -> tuple[Stage, ...]:
    """All ways in which rows of both sides go together."""
    place = ("fulfillment_id", "sku", "location_id")
    return (
        Stage("exact", MATCH, (*place, "quantity"), _MINUTE_MS, 0, repeated=True),
        Stage("tolerance", MATCH, (*place, "quantity"), tolerance.time_ms, 0, repeated=True),
        Stage("tolerance", MATCH, place, tolerance.time_ms, tolerance.units, repeated=True),
        Stage("grouped", MATCH, place, tolerance.time_ms, 0),
        Stage("grouped by order", MATCH, ("order_id", "sku", "location_id"), tolerance.time_ms, 0),
        Stage("times differ", "timing", place, None, 0),
        Stage("another location", "wrong_location", ("fulfillment_id", "sku"), None, 0),
        Stage("units differ", "quantity", place, None, None),
        Stage("units and location differ", "quantity", ("fulfillment_id", "sku"), None, None),
        Stage("another SKU", "unknown_sku", ("fulfillment_id", "strange_sku", "quantity"), None, 0, repeated=True),
    )


class Known(NamedTuple):
    """What a night knows beside the two books.

    `settled` are the other side's rows of earlier nights that are done with: one told again is a duplicate.
    `reporting` are the locations whose partners send files; what other locations ship nobody tells.
    """

    settled: pl.DataFrame
    catalogue: frozenset[str]
    reporting: frozenset[str]
    as_of_ms: int
    tolerance: Tolerance = Tolerance()


def classify(here: pl.DataFrame, there: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Give every row of both sides once, with class, method and group."""
    there = there.sort("first_seen", "shipped_at_ms", "row_id")
    repeated = _repeated(there, known.settled)
    surely = pl.col("row_id").is_in(repeated.filter("surely")["row_id"].implode())
    silent = ~pl.col("location_id").is_in(sorted(known.reporting))
    unreported = here.filter(silent)
    done = [
        _classed(there.filter(surely), "duplicate", "told before"),
        _classed(unreported, "not_reported", "no partner reports for the location"),
    ]
    rest = pl.concat([here.filter(~silent), there.filter(~surely)])
    strange = ~pl.col("sku").is_in(sorted(known.catalogue))
    for stage in stages(known.tolerance):
        grouped = _grouped(rest, stage, strange)
        done.append(_classed(grouped.filter("together"), stage.found, stage.method))
        rest = rest.join(grouped.filter("together").select("row_id"), on="row_id", how="anti")
    again = pl.col("row_id").is_in(repeated.filter("repeated")["row_id"].implode())
    done.append(_classed(rest.filter(again), "duplicate", "told before"))
    done.append(_alone(rest.filter(~again), strange, known.as_of_ms - known.tolerance.late_ms))
    return pl.concat(done).sort("side", "shipped_at_ms", "row_id")


def _repeated(there: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """Which rows say word for word what an earlier one has said, and which of these are surely no second parcel.

    Two parcels may be alike in everything but their tracking number; one that is done with is not sent again.
    """
    told = ("source", "fulfillment_id", "location_id", "sku", "quantity", "shipped_at_ms", "tracking_number")
    done = set(settled.select(told).iter_rows())
    said: set[tuple[object, ...]] = set()
    found = []
    for row in there.select(told).iter_rows():
        repeated = row in done or row in said
        found.append((repeated, row in done or (repeated and bool(row[-1]))))
        said.add(row)
    schema = {"repeated": pl.Boolean, "surely": pl.Boolean}
    return pl.concat([there.select("row_id"), pl.DataFrame(found, schema=schema, orient="row")], how="horizontal")


def _grouped(rest: pl.DataFrame, stage: Stage, strange: pl.Expr) -> pl.DataFrame:
    """The rows with their group, and whether its two sides belong together."""
    is_there = pl.col("side") == "there"
    # A SKU that the catalogue has not goes with whatever is left of the fulfillment here.
    rows = rest.filter(strange | ~is_there) if "strange_sku" in stage.key else rest
    key = [name for name in stage.key if name != "strange_sku"]
    rows = rows.sort("shipped_at_ms", "row_id")
    if stage.repeated:
        rows = rows.with_columns(pl.int_range(pl.len()).over("side", *key).alias("number"))
        key.append("number")
    here, there = pl.col("quantity").filter(~is_there), pl.col("quantity").filter(is_there)
    together = (here.len() > 0) & (there.len() > 0)
    if stage.units is not None:
        together &= (here.sum() - there.sum()).abs() <= stage.units
    if stage.time_ms is not None:
        at = pl.col("shipped_at_ms")
        together &= (at.filter(is_there).max() - at.filter(~is_there).max()).abs() <= stage.time_ms
    return rows.with_columns(
        together.over(key).alias("together"),
        pl.col("row_id").min().over(key).alias("group"),
    )


def _alone(rest: pl.DataFrame, strange: pl.Expr, late_before_ms: int) -> pl.DataFrame:
    """What has no other side: still to come while it is young, else missing."""
    is_there = pl.col("side") == "there"
    found = (
        pl.when(is_there & strange)
        .then(pl.lit("unknown_sku"))
        .when(pl.col("shipped_at_ms") >= late_before_ms)
        .then(pl.lit("timing"))
        .when(is_there)
        .then(pl.lit("missing_here"))
        .otherwise(pl.lit("missing_there"))
    )
    return _shaped(rest.with_columns(pl.col("row_id").alias("group")), found, pl.lit("one side only"))


def _classed(rows: pl.DataFrame, found: str, method: str) -> pl.DataFrame:
    grouped = rows if "group" in rows.columns else rows.with_columns(pl.col("row_id").alias("group"))
    return _shaped(grouped, pl.lit(found), pl.lit(method))


def _shaped(rows: pl.DataFrame, found: pl.Expr, method: pl.Expr) -> pl.DataFrame:
    with_all = rows.with_columns(found.alias("class"), method.alias("method"))
    return with_all.select(pl.col(name).cast(kind) for name, kind in CLASSIFIED.items())


class Tie(NamedTuple):
    """Rows and units of one side that went in, and that came out in classes: I11 wants them equal."""

    side: str
    rows_in: int
    rows_out: int
    units_in: int
    units_out: int

    @property
    def holds(self) -> bool:
        return self.rows_in == self.rows_out and self.units_in == self.units_out


def tie_out(here: pl.DataFrame, there: pl.DataFrame, classified: pl.DataFrame) -> tuple[Tie, Tie]:
    """Count both sides before and after; a row that came out twice counts twice."""
    return _tie("here", here, classified), _tie("there", there, classified)


def _tie(side: str, rows: pl.DataFrame, classified: pl.DataFrame) -> Tie:
    out = classified.filter((pl.col("side") == side) & pl.col("class").is_in(CLASSES))
    units = int(rows["quantity"].sum() or 0), int(out["quantity"].sum() or 0)
    return Tie(side, rows.height, out["row_id"].n_unique() if out.height == rows.height else out.height, *units)
