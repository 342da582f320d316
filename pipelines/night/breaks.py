"""The ledger of breaks: each under an id that lasts from night to night, with its age, closed when it matches. Pure."""

import datetime as dt
from hashlib import blake2b

import polars as pl

from pipelines.night.matching import MATCH, SETTLED
from pipelines.night.tables import BREAKS, framed

OPEN, CLOSED = "open", "closed"
_WORDS = {
    "timing": "the other side may still come, or the times are far apart",
    "quantity": "shipped units differ",
    "wrong_location": "shipped from another location than we think",
    "unknown_sku": "the partner's SKU is not in the catalogue",
    "duplicate": "the partner told the same row twice",
    "missing_here": "the partner shipped what we have no shipment of",
    "missing_there": "we have a shipment that the partner does not",
}


def ledger_of(day: dt.date, pool: str, classified: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """All open breaks after the night, and those that it closed. `before` is the ledger of the last night."""
    rows = classified.filter(pl.col("class") != "not_reported").with_columns(_identity(pool).alias("break_id"))
    was_open = before.filter(pl.col("state") == OPEN).select(
        "break_id", pl.col("first_seen").alias("known_since"), pl.col("class").alias("was")
    )
    broken = rows.filter(~pl.col("class").is_in([MATCH])).group_by("break_id").agg(*_facts())
    still = broken.join(was_open, on="break_id", how="left").with_columns(
        pl.lit(OPEN).alias("state"),
        pl.lit(None, dtype=pl.Date).alias("closed_on"),
        pl.coalesce("known_since", pl.lit(day)).alias("first_seen"),
    )
    matched = rows.filter(pl.col("class") == MATCH).group_by("break_id").agg(*_facts())
    closed = (
        matched.join(broken, on="break_id", how="anti")
        .join(was_open, on="break_id", how="inner")
        .with_columns(
            pl.lit(CLOSED).alias("state"),
            pl.lit(day).alias("closed_on"),
            pl.col("known_since").alias("first_seen"),
            pl.col("was").alias("class"),
        )
    )
    # A duplicate waits for a person; no later row makes it right.
    kept = before.filter((pl.col("state") == OPEN) & (pl.col("class") == "duplicate")).join(
        rows.select("break_id").unique(), on="break_id", how="anti"
    )
    every = pl.concat([framed("breaks", frame) for frame in (still, closed, kept)])
    return (
        every.with_columns(
            pl.lit(day).alias("day"),
            pl.lit(pool).alias("pool"),
            (pl.lit(day) - pl.col("first_seen")).dt.total_days().alias("age_days"),
            _text().alias("text"),
        )
        .select(list(BREAKS))
        .sort("state", "first_seen", "break_id", descending=[True, False, False])
    )


def carried(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of a night that later rows may still go with."""
    return rows.filter(~pl.col("class").is_in(sorted(SETTLED)))


def _identity(pool: str) -> pl.Expr:
    """The same for both sides of a fulfillment's SKU, whatever else they say, so that a late row finds its break."""
    extra = pl.when(pl.col("class") == "duplicate").then(pl.concat_str(pl.lit("/"), "row_id")).otherwise(pl.lit(""))
    named = pl.concat_str(pl.lit(f"{pool}/"), "fulfillment_id", pl.lit("/"), "sku", extra)
    return named.map_elements(lambda text: blake2b(text.encode(), digest_size=8).hexdigest(), return_dtype=pl.String)


def _facts() -> list[pl.Expr]:
    here = pl.col("side") == "here"
    return [
        pl.col("class").sort_by("row_id").first(),
        pl.col("order_id").sort_by("row_id").first(),
        pl.col("fulfillment_id").sort_by("row_id").first(),
        pl.col("sku").sort_by("row_id").first(),
        pl.col("location_id").unique().sort().str.join(" / "),
        pl.col("quantity").filter(here).sum().alias("units_here"),
        pl.col("quantity").filter(~here).sum().alias("units_there"),
        pl.col("source").filter(~here).unique().sort().str.join(", ").alias("sources"),
    ]


def _text() -> pl.Expr:
    words = pl.col("class").replace_strict(_WORDS, default="")
    return pl.format(
        "{}: {} here, {} there of {} ({})", words, "units_here", "units_there", "sku", pl.col("location_id")
    )
