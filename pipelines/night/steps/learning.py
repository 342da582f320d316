"""Fourth and fifth step: what became of orders, and a routing model learned from it that passes a gate or does not."""

from datetime import UTC, datetime
from hashlib import blake2b

import msgspec
import polars as pl

from models.records.pool import RoutingModel
from pipelines.night.explain import explain
from pipelines.night.gate import Judged, judge
from pipelines.night.learn import Learned, learn
from pipelines.night.orders import PoolNight
from pipelines.night.outcomes import VOID, handling, newest, outcomes_of, transit
from pipelines.night.steps.night import Done, Night, Verdict, table_of

# Older outcomes weigh next to nothing.
_HISTORY_DAYS = 400
_MOST_TABLE_ROWS = 40
# A line of marks is a plot that every page and terminal can show.
_MILLE_A_MARK = 40


def outcomes_step(night: Night, pool: str) -> Done:
    """Keep what became of the orders that the day touched, and show how long locations and lanes take."""
    known = PoolNight(night.store, night.day, pool)
    found = outcomes_of(night.day, pool, known.changed())
    night.store.replace("outcomes", found, night.day, pool=pool)
    every = _history(night, pool)
    by_location, by_lane = handling(every), transit(every)
    counts = dict(found.group_by("state").len().sort("state").iter_rows())
    lanes = by_lane.sort("delivered", "location_id", descending=[True, False]).head(_MOST_TABLE_ROWS)
    return Done(
        step="outcomes",
        counts={"fulfillments": found.height, **counts, "history": every.height, "lanes": by_lane.height},
        tables={
            "handling": table_of(
                ("location", "shipped", "waiting", "median hours", "90 % within hours"),
                by_location.head(_MOST_TABLE_ROWS).rows(),
            ),
            "transit": table_of(
                ("location", "country", "region", "delivered", "under way", "never", "median days", "90 % within days"),
                lanes.rows(),
            ),
        },
    )


def learn_step(night: Night, pool: str) -> Done:
    """Learn, judge, and record the model with the verdict, whether it passed or not."""
    known = PoolNight(night.store, night.day, pool)
    every = _history(night, pool)
    in_force = known.routing_model
    learned = learn(every, known.time_ms)
    judged = judge(every, learned, in_force, known.time_ms, seed=f"{pool}/{night.day}")
    model = _model(known, learned, in_force)
    names = {place.location_id: place.name for place in known.locations().values()}
    sentences = explain(learned, in_force, names)
    row = {
        "model_hash": model_hash(model),
        "version": model.version,
        "in_force": in_force.version if in_force is not None else None,
        **judged._asdict(),
        "explanation": "\n".join(sentences),
        "model": msgspec.json.encode(model).decode(),
    }
    frame = pl.DataFrame([row]).with_columns(pl.lit(night.day).alias("day"), pl.lit(pool).alias("pool"))
    night.store.replace("routing_models", frame, night.day, pool=pool)
    return _done(model, learned, judged, sentences, every)


def model_hash(model: RoutingModel) -> str:
    """Of what is learned, and not of the version it would get."""
    return blake2b(msgspec.json.encode(model.lanes, order="sorted"), digest_size=8).hexdigest()


def _model(known: PoolNight, learned: Learned, in_force: RoutingModel | None) -> RoutingModel:
    trained = datetime.fromtimestamp(known.time_ms / 1000, UTC).date()
    return RoutingModel(
        version=1 + (in_force.version if in_force is not None else 0),
        lanes=learned.lanes,
        trained_through=trained.isoformat(),
        note=f"learned in the night of {known.day} from {learned.outcomes.get('*', 0)} outcomes",
    )


def _history(night: Night, pool: str) -> pl.DataFrame:
    """Of each fulfillment the newest that is known up to the day."""
    until = pl.col("day").is_between(pl.lit(night.day).dt.offset_by(f"-{_HISTORY_DAYS}d"), night.day)
    return newest(night.store.read("outcomes", (pl.col("pool") == pool) & until))


def _done(model: RoutingModel, learned: Learned, judged: Judged, sentences: list[str], every: pl.DataFrame) -> Done:
    curve = learned.lanes.get("*", ())
    likely = [(days, f"{mille / 10:.1f} %", "█" * round(mille / _MILLE_A_MARK)) for days, mille in enumerate(curve)]
    return Done(
        step="learn",
        counts={
            "version": model.version,
            "lanes": len(learned.lanes),
            "outcomes": every.filter(~pl.col("state").is_in(sorted(VOID))).height,
            "held_out": judged.held_out,
            "loss": judged.loss,
            "loss_in_force": judged.loss_in_force,
            "verdict": f"{'passed' if judged.passed else 'refused'}: {judged.reason}",
        },
        tables={
            "model": "\n".join(f"- {sentence}" for sentence in sentences),
            "arrived": table_of(("within days", "arrived", ""), likely),
        },
        verdicts=(Verdict("gate", passed=judged.passed, text=judged.reason, blocking=False),),
    )
