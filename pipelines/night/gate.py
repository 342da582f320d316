"""Whether a new routing model may go live: judged on outcomes that neither it nor the one in force has seen. Pure.

The loss is the Brier score of 'arrived within d days', over every d that an order is old enough for.
"""

import math
from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from typing import NamedTuple

import polars as pl

from models.records.pool import RoutingModel
from models.rules.routing.lateness import CERTAIN
from pipelines.night.learn import Learned, cells_of, curve_of, learn
from pipelines.night.outcomes import DAY_MS, VOID

_HELD_OUT_SHARE = 0.2
_LEARN_FROM_LEAST = 200
_JUDGE_BY_LEAST = 100
# A new model may be worse by so much of the old one's loss, and no more, with this confidence.
_MARGIN = 0.02
_CONFIDENCE = 0.95
_DRAWS = 1_000
_LEAST_ARRIVING_PER_MILLE = 800


class Judged(NamedTuple):
    """The verdict with its reason, and the figures it rests on."""

    passed: bool
    reason: str
    outcomes: int = 0
    held_out: int = 0
    loss: float = math.nan
    loss_in_force: float = math.nan
    worse_by_at_most: float = math.nan


def judge(
    outcomes: pl.DataFrame, candidate: Learned, in_force: RoutingModel | None, as_of_ms: int, seed: str
) -> Judged:
    """The new model's way of learning, up to a time, against the model in force on what came after that time."""
    known = outcomes.filter(~pl.col("state").is_in(sorted(VOID)))
    wrong = _implausible(candidate)
    if wrong:
        return Judged(False, wrong, known.height)  # noqa: FBT003 # The first field of the verdict.
    if in_force is not None and in_force.lanes == candidate.lanes:
        return Judged(False, "it is the model in force", known.height)  # noqa: FBT003
    from_ms = _held_out_from(known, in_force, as_of_ms)
    before = known.filter(pl.col("routed_at_ms") <= from_ms)
    after = known.filter(pl.col("routed_at_ms") > from_ms)
    if before.height < _LEARN_FROM_LEAST:
        text = f"only {before.height} outcomes to learn from, {_LEARN_FROM_LEAST} are needed"
        return Judged(False, text, known.height, after.height)  # noqa: FBT003
    rival = in_force.lanes if in_force is not None else _alike(learn(before, from_ms))
    return _compared(after, learn(before, from_ms).lanes, rival, as_of_ms, seed, known.height)


def _compared(
    after: pl.DataFrame,
    lanes: dict[str, tuple[int, ...]],
    rival: dict[str, tuple[int, ...]],
    as_of_ms: int,
    seed: str,
    outcomes: int,
) -> Judged:
    losses = _losses(after, lanes, rival, as_of_ms)
    count = sum(size for size, _, _ in losses)
    if count < _JUDGE_BY_LEAST:
        text = f"only {count} outcomes that the model in force has not seen, {_JUDGE_BY_LEAST} are needed"
        return Judged(False, text, outcomes, count)  # noqa: FBT003
    new, old = sum(loss for _, loss, _ in losses) / count, sum(loss for _, _, loss in losses) / count
    upper = _upper_bound([(size, mine - theirs) for size, mine, theirs in losses], seed)
    passed = upper <= _MARGIN * old
    words = f"loss {new:.4f} against {old:.4f} on {count} outcomes not seen before; worse by at most {upper:+.4f}"
    limit = f"allowed are {_MARGIN * old:+.4f}"
    text = f"{words}, {limit}" if passed else f"it may be worse than the model in force: {words}, {limit}"
    return Judged(passed, text, outcomes, count, round(new, 6), round(old, 6), round(upper, 6))


def _implausible(candidate: Learned) -> str:
    """What no model may look like; empty if it looks like one."""
    if not candidate.lanes:
        return "there are no outcomes to learn from yet"
    for key, curve in candidate.lanes.items():
        if any(later < earlier for earlier, later in pairwise((0, *curve, CERTAIN))):
            return f"lane {key} is no likelihood that rises: {curve}"
    last = candidate.lanes["*"][-1]
    if last < _LEAST_ARRIVING_PER_MILLE:
        return (
            f"what is known reaches only {candidate.days} days, by which {last / 10:.0f} % arrive: "
            f"at least {_LEAST_ARRIVING_PER_MILLE / 10:.0f} % are needed"
        )
    return ""


def _held_out_from(known: pl.DataFrame, in_force: RoutingModel | None, as_of_ms: int) -> int:
    """The last part by time, and nothing that the model in force was trained on."""
    old = known.filter(pl.col("routed_at_ms") <= as_of_ms - DAY_MS)["routed_at_ms"]
    share = int(old.quantile(1 - _HELD_OUT_SHARE, "lower") or 0) if old.len() else as_of_ms
    if in_force is None or in_force.trained_through is None:
        return share
    trained = datetime.fromisoformat(in_force.trained_through).replace(tzinfo=UTC)
    return max(share, int(trained.timestamp() * 1000) + DAY_MS - 1)


def _alike(learned: Learned) -> dict[str, tuple[int, ...]]:
    """Where no model is in force: all lanes alike, the least that a model must be as good as."""
    return {"*": learned.lanes["*"]} if learned.lanes else {}


def _losses(
    after: pl.DataFrame, lanes: dict[str, tuple[int, ...]], rival: dict[str, tuple[int, ...]], as_of_ms: int
) -> list[tuple[int, float, float]]:
    """By location and day of routing: how many outcomes, and the sums of their losses by either model."""
    horizon = max(map(len, [*lanes.values(), *rival.values()]))
    clusters: dict[tuple[str, int], list[float]] = {}
    cells = cells_of(after, as_of_ms, (pl.col("routed_at_ms") // DAY_MS).alias("routed_on"))
    for location, country, region, routed_on, age, arrived, count, *_ in cells.filter(pl.col("age") >= 1).iter_rows():
        sums = clusters.setdefault((location, routed_on), [0, 0.0, 0.0])
        days = range(min(age, horizon - 1) + 1)
        sums[0] += count
        for number, model in enumerate((lanes, rival), start=1):
            sums[number] += count * _loss(curve_of(model, location, country, region), days, arrived)
    return [(int(size), mine, theirs) for _, (size, mine, theirs) in sorted(clusters.items())]


def _loss(curve: tuple[int, ...], days: range, arrived: int | None) -> float:
    """The mean squared error over the days; the last likelihood holds for all later ones."""
    if not curve:
        return 1.0
    last = len(curve) - 1
    errors = (curve[min(day, last)] / 1000 - (arrived is not None and arrived <= day) for day in days)
    return sum(error * error for error in errors) / len(days)


def _upper_bound(clusters: list[tuple[int, float]], seed: str) -> float:
    """By bootstrap over locations and days, since what happens on a day at a place happens to many orders at once."""
    random = Random(seed)  # noqa: S311 # Repeatable, not secret.
    means = []
    for _ in range(_DRAWS):
        drawn = random.choices(clusters, k=len(clusters))
        means.append(sum(worse for _, worse in drawn) / sum(size for size, _ in drawn))
    return sorted(means)[math.ceil(_CONFIDENCE * _DRAWS) - 1]
