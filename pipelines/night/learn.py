"""How likely an order given to a location has arrived after so many days, lane by lane, from what happened. Pure.

Counted are those old enough for the answer to be known, arrived or not. A lane leans on the country, that on the
location, that on all: the fewer outcomes it has, the more.
"""

from typing import NamedTuple

import polars as pl

from pipelines.night.outcomes import DAY_MS, VOID

# The longest that is told apart.
DAYS_MAX = 60
# What happened two months ago counts half.
_HALF_LIFE_DAYS = 60
# Whole numbers, as their sums are the same in whatever order they are added.
_WHOLE = 1_000
# Below so many the likelihood of a threshold is not looked at any more.
_ENOUGH = 20
_ARRIVED_PER_MILLE = 990
# A lane of its own needs so many; one with fewer would say what its country says anyway.
_LANE_OUTCOMES = 10
# Far more would make the model too large to travel as one command.
_MOST_LANES = 2_000
# So many outcomes of the wider place count as one's own, at the least and at the most.
_STRENGTHS = (5, 5_000)
_SURE = 0.05

_LEVELS: tuple[tuple[str, ...], ...] = (
    (),
    ("location_id",),
    ("location_id", "country"),
    ("location_id", "country", "region"),
)


class Learned(NamedTuple):
    """Per mille arrived within 0, 1, 2, ... days by key, how many outcomes each has, and how much each level leaned."""

    lanes: dict[str, tuple[int, ...]]
    outcomes: dict[str, int]
    strengths: dict[str, int]

    @property
    def days(self) -> int:
        return len(self.lanes.get("*", ())) - 1


def learn(outcomes: pl.DataFrame, as_of_ms: int) -> Learned:
    """Learn from what was known at a time; of no outcomes nothing is learned."""
    cells = cells_of(outcomes, as_of_ms)
    thresholds = _thresholds(cells)
    if not thresholds:
        return Learned({}, {}, {})
    counted = _counted(cells, thresholds)
    lanes: dict[str, tuple[int, ...]] = {}
    sizes: dict[str, int] = {}
    strengths: dict[str, int] = {}
    wider: pl.DataFrame | None = None
    for level in _LEVELS:
        level_counts = counted.group_by(*level, "d").agg(pl.col("n", "n_square", "k", "outcomes").sum())
        wider, strength = _shrunk(level_counts.sort(*level, "d"), wider, level)
        strengths["/".join(level) or "all"] = strength
        for key, size, curve in _curves(wider, level):
            lanes[key] = curve
            sizes[key] = size
    return Learned(lanes, sizes, strengths)


def cells_of(outcomes: pl.DataFrame, as_of_ms: int, *by: pl.Expr) -> pl.DataFrame:
    """Outcomes by place, age in days and days to arrival (rounded up, null for not yet), with their weight."""
    known = outcomes.filter(~pl.col("state").is_in(sorted(VOID)) & (pl.col("routed_at_ms") <= as_of_ms))
    elapsed = pl.col("delivered_at_ms") - pl.col("routed_at_ms")
    age = ((as_of_ms - pl.col("routed_at_ms")) // DAY_MS).alias("age")
    arrived = (
        pl.when(pl.col("delivered_at_ms") <= as_of_ms)
        .then(pl.max_horizontal(pl.lit(0), -(-elapsed // DAY_MS)))
        .alias("arrived")
    )
    weight = (_WHOLE * pl.lit(2.0).pow(-pl.col("age") / _HALF_LIFE_DAYS)).round(0).cast(pl.Int64)
    place = (*_LEVELS[-1], *(expression.meta.output_name() for expression in by))
    return (
        known.with_columns(age, arrived, *by)
        .with_columns(weight.alias("weight"), pl.col("age").clip(upper_bound=DAYS_MAX))
        .group_by(*place, "age", "arrived")
        .agg(pl.len().alias("outcomes"), (pl.col("weight") ** 2).sum().alias("square"), pl.col("weight").sum())
        .sort(*place, "age", "arrived")
    )


def _thresholds(cells: pl.DataFrame) -> list[int]:
    """The days that are told apart: until nearly all have arrived, or too few are old enough."""
    found = []
    for days in range(DAYS_MAX + 1):
        old = cells.filter(pl.col("age") >= days)
        count = int(old["outcomes"].sum() or 0)
        if count < _ENOUGH:
            break
        found.append(days)
        arrived = int(old.filter(pl.col("arrived") <= days)["outcomes"].sum() or 0)
        if arrived * 1000 >= _ARRIVED_PER_MILLE * count:
            break
    return found


def _counted(cells: pl.DataFrame, thresholds: list[int]) -> pl.DataFrame:
    """By place and threshold: the weight of those old enough, and of those among them that had arrived."""
    asked = pl.DataFrame({"d": thresholds}, schema={"d": pl.Int64})
    in_time = pl.col("arrived").fill_null(DAYS_MAX + 1) <= pl.col("d")
    return (
        cells.join(asked, how="cross")
        .with_columns(is_old=pl.col("age") >= pl.col("d"))
        .group_by(*_LEVELS[-1], "d")
        .agg(
            pl.col("weight").filter("is_old").sum().alias("n"),
            pl.col("square").filter("is_old").sum().alias("n_square"),
            pl.col("weight").filter(pl.col("is_old") & in_time).sum().alias("k"),
            pl.col("outcomes").sum(),
        )
    )


def _shrunk(counts: pl.DataFrame, wider: pl.DataFrame | None, level: tuple[str, ...]) -> tuple[pl.DataFrame, int]:
    """(k + strength x wider) / (n + strength), never falling; and the strength, by the spread between places."""
    if wider is None:
        likely = (pl.col("k") + _WHOLE / 2) / (pl.col("n") + _WHOLE)
        return _rising(counts.with_columns(likely.alias("p")), level), 0
    above = [*level[:-1], "d"]
    joined = counts.join(wider.select(*above, pl.col("p").alias("wider")), on=above, how="left").sort(*level, "d")
    strength = _strength(joined)
    pull = strength * _WHOLE
    likely = (pl.col("k") + pull * pl.col("wider")) / (pl.col("n") + pull)
    return _rising(joined.with_columns(likely.alias("p")), level), strength


def _rising(counts: pl.DataFrame, level: tuple[str, ...]) -> pl.DataFrame:
    """Each threshold has its own outcomes, so that a later one may look less likely; it is not."""
    risen = pl.col("p").cum_max()
    return counts.sort(*level, "d").with_columns(risen.over(level) if level else risen)


def _strength(joined: pl.DataFrame) -> int:
    """By moments: the spread within places over the spread between them, where the wider place is unsure."""
    spread = pl.col("wider") * (1 - pl.col("wider"))
    own = pl.col("k") / pl.col("n")
    # As many outcomes of equal weight would spread as far.
    size = pl.col("n") ** 2 / pl.col("n_square")
    unsure = joined.filter(pl.col("wider").is_between(_SURE, 1 - _SURE) & (pl.col("n") > 0))
    within = float(unsure.select((size * spread).sum()).item() or 0.0)
    between = float(unsure.select((size * (own - pl.col("wider")) ** 2 - spread).sum()).item() or 0.0)
    least, most = _STRENGTHS
    if between <= 0:
        return most
    return max(least, min(most, round(within / between - 1)))


def _curves(shrunk: pl.DataFrame, level: tuple[str, ...]) -> list[tuple[str, int, tuple[int, ...]]]:
    """Key, outcomes and curve of each place that has enough; the largest come first."""
    mille = (pl.col("p") * 1000).round(0).cast(pl.Int64)
    rows = shrunk.sort(*level, "d").with_columns(mille.alias("mille"))
    if not level:
        return [("*", int(rows["outcomes"].max() or 0), tuple(rows["mille"]))]  # type: ignore[arg-type]
    curves = rows.group_by(level, maintain_order=True).agg(pl.col("outcomes").max(), pl.col("mille"))
    enough = curves.filter(pl.col("outcomes") >= _LANE_OUTCOMES).sort(
        "outcomes", *level, descending=[True, *[False] * len(level)]
    )
    found = []
    for *place, size, curve in enough.head(_MOST_LANES).iter_rows():
        found.append((lane_key(*place), size, tuple(curve)))
    return found


def lane_key(location_id: str, country: str | None = None, region: str = "") -> str:
    """The name under which the routing model looks a lane up."""
    if country is None:
        return location_id
    return f"{location_id}/{country}-{region}" if region else f"{location_id}/{country}"


def curve_of(lanes: dict[str, tuple[int, ...]], location_id: str, country: str, region: str) -> tuple[int, ...]:
    """The narrowest that is there; empty where there is none."""
    keys = (lane_key(location_id, country, region), lane_key(location_id, country), location_id, "*")
    return next((lanes[key] for key in keys if lanes.get(key)), ())


def mean_days(curve: tuple[int, ...]) -> float:
    """Whole days until arrival, on average, as far as the curve tells."""
    return sum(1000 - mille for mille in curve) / 1000
