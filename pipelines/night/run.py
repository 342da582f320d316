"""A whole night in this process, step by step: what `headrace nightly` runs, and what Dagster runs in pieces."""

import datetime as dt
from collections.abc import Callable, Iterator

from pipelines.night.orders import pools_of
from pipelines.night.steps.archive import archive_step
from pipelines.night.steps.audit import audit_step
from pipelines.night.steps.learning import learn_step, outcomes_step
from pipelines.night.steps.night import Done, Night, NightError
from pipelines.night.steps.publish import publish_step
from pipelines.night.steps.shipments import shipments_step

POOL_STEPS: tuple[Callable[[Night, str], Done], ...] = (shipments_step, outcomes_step, learn_step, publish_step)


def run_night(night: Night, pools: tuple[str, ...] = ()) -> Iterator[tuple[str, Done]]:
    """Give each step's pool (empty for those of the whole log) and what it came to, as it is done.

    Every pool that the log has is taken, or those that are named. Nothing is learned from a day that is not audited.

    Raises:
        NightError: a step cannot go on, or an invariant is broken.
    """
    yield "", archive_step(night)
    audited = audit_step(night)
    yield "", audited
    if not audited.ok:
        raise NightError(f"the audit of {night.day} found broken invariants; nothing is learned from such a day")
    known = pools_of(night.store, night.day)
    strange = sorted(set(pools) - set(known))
    if strange:
        raise NightError(
            f"there is no pool {', '.join(strange)} on {night.day}; there are: {', '.join(known) or 'none'}"
        )
    for pool in pools or known:
        for step in POOL_STEPS:
            yield pool, step(night, pool)


def last_day(now_ms: int, *, so_far: bool = False) -> dt.date:
    """The last day that is over, or the one that is not."""
    today = dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC).date()
    return today if so_far else today - dt.timedelta(days=1)
