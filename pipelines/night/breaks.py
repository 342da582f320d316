"""The ledger of breaks: each under an id that lasts from night to night, with its age, closed when it matches or when a
person says so. Pure.
"""

import datetime as dt
from hashlib import blake2b
from typing import Any

import polars as pl

from pipelines.night.matching import MATCH, SETTLED
from pipelines.night.tables import BREAKS, framed

OPEN, CLOSED = "open", "closed"
# Unmatched rows of so long ago stay in the ledger, and are not laid beside new ones any more.
CARRIED_DAYS = 90
# What a person sees of a break; it is another one when any of this is.
_SEEN = ("class", "location_id", "units_here", "units_there")
_WORDS = {
    "timing": "the other side may still come, or the times are far apart",
    "quantity": "shipped units differ",
    "wrong_location": "shipped from another location than we think",
    "unknown_sku": "the partner's SKU is not in the catalogue",
    "duplicate": "the partner told the same row twice",
    "missing_here": "the partner shipped what we have no shipment of",
    "missing_there": "we have a shipment that the partner does not",
}
BREAK_CLASSES = tuple(_WORDS)


def ledger_of(
    day: dt.date, pool: str, classified: pl.DataFrame, before: pl.DataFrame, rulings: pl.DataFrame
) -> pl.DataFrame:
    """All open breaks after the night, those that it closed, and those that people closed. `before` is the ledger of
    the last night, `rulings` are what people said of earlier nights' breaks.
    """
    rows = classified.filter(pl.col("class") != "not_reported").with_columns(_identity(pool).alias("break_id"))
    by_people = pl.col("closed_by").is_not_null() & (pl.col("closed_on") >= day - dt.timedelta(days=CARRIED_DAYS))
    lasting = before.filter((pl.col("state") == OPEN) | by_people)
    known = lasting.select(
        "break_id", "closed_on", pl.col("first_seen").alias("known_since"), pl.col("class").alias("was"), "state"
    )
    broken = rows.filter(pl.col("class") != MATCH).group_by("break_id").agg(*_facts())
    still = broken.join(known, on="break_id", how="left").with_columns(
        pl.coalesce("known_since", pl.lit(day)).alias("first_seen")
    )
    matched = rows.filter(pl.col("class") == MATCH).group_by("break_id").agg(*_facts())
    closed = (
        matched.join(broken, on="break_id", how="anti")
        .join(known.filter(pl.col("state") == OPEN), on="break_id", how="inner")
        .with_columns(
            pl.lit(CLOSED).alias("state"),
            pl.lit(day).alias("closed_on"),
            pl.col("known_since").alias("first_seen"),
            pl.col("was").alias("class"),
        )
    )
    # A duplicate, or one of long ago, waits for a person; no later row makes it right.
    kept = lasting.join(rows.select("break_id").unique(), on="break_id", how="anti")
    standing = ruled(pl.concat([framed("breaks", frame) for frame in (still, kept)]), rulings, day)
    return (
        pl.concat([framed("breaks", frame) for frame in (standing, closed)])
        .with_columns(
            pl.lit(day).alias("day"),
            pl.lit(pool).alias("pool"),
            (pl.lit(day) - pl.col("first_seen")).dt.total_days().alias("age_days"),
            _text().alias("text"),
        )
        .select(list(BREAKS))
        .sort("state", "first_seen", "break_id", descending=[True, False, False])
    )


def ruled(breaks: pl.DataFrame, rulings: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """Each break that does not match as the newest ruling has it: closed by a person as long as it is as they saw it,
    and open otherwise.
    """
    facts = [pl.col(name).alias(f"{name}_ruled") for name in _SEEN]
    newest = (
        rulings.sort("day", "at_ms")
        .group_by("break_id", maintain_order=True)
        .last()
        .select("break_id", pl.col("state").alias("ruling"), "actor", pl.col("reason").alias("said"), *facts)
    )
    unchanged = pl.all_horizontal(pl.col(name) == pl.col(f"{name}_ruled") for name in _SEEN)
    accepted = ((pl.col("ruling") == CLOSED) & unchanged).fill_null(value=False)
    return (
        breaks.join(newest, on="break_id", how="left")
        .with_columns(
            pl.when(accepted).then(pl.lit(CLOSED)).otherwise(pl.lit(OPEN)).alias("state"),
            pl.when(accepted).then(pl.coalesce("closed_on", pl.lit(day))).alias("closed_on"),
            pl.when(accepted).then("actor").alias("closed_by"),
            pl.when(accepted).then("said").alias("reason"),
        )
        .select(breaks.columns)
    )


def ruling_of(found: dict[str, Any], state: str, actor: str, reason: str, at_ms: int) -> pl.DataFrame:
    """What a person says of a break, as a row to be kept: for all nights after the one whose ledger they saw."""
    row = {name: found[name] for name in ("day", "pool", "break_id", *_SEEN)}
    return framed("rulings", pl.DataFrame([{**row, "state": state, "actor": actor, "reason": reason, "at_ms": at_ms}]))


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
