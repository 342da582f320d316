"""The assets of a night. Each runs one step of `pipelines.night` and shows what it came to; nothing is decided here."""

from dagster import AssetExecutionContext, MaterializeResult, MultiPartitionKey, asset

from dagster_project.partitions import DAYS, DAYS_AND_POOLS
from dagster_project.resources import Headrace
from dagster_project.shown import checks, result
from pipelines.night.steps.archive import archive_step
from pipelines.night.steps.audit import INVARIANTS, audit_step
from pipelines.night.steps.learning import learn_step, outcomes_step
from pipelines.night.steps.publish import publish_step
from pipelines.night.steps.shipments import shipments_step


@asset(partitions_def=DAYS, group_name="log")
def archive(context: AssetExecutionContext, headrace: Headrace) -> MaterializeResult:  # type: ignore[type-arg] # As shown.result.
    """Every command of the day, and all that was decided of them, whole in the lake."""
    return result(archive_step(headrace.night(context, context.partition_key)))


@asset(
    partitions_def=DAYS,
    group_name="log",
    deps=[archive],
    check_specs=checks("audit", INVARIANTS, blocking=True),
)
def audit(context: AssetExecutionContext, headrace: Headrace) -> MaterializeResult:  # type: ignore[type-arg] # As shown.result.
    """The day decided again from the last night's rows: the same rows as the workers', and every invariant."""
    return result(audit_step(headrace.night(context, context.partition_key)))


@asset(
    partitions_def=DAYS_AND_POOLS,
    group_name="pools",
    deps=[audit],
    check_specs=[*checks("shipments", ["I11"], blocking=True), *checks("shipments", ["feeds"], blocking=False)],
)
def shipments(context: AssetExecutionContext, headrace: Headrace) -> MaterializeResult:  # type: ignore[type-arg] # As shown.result.
    """What partners say they shipped against what we think, with the ledger of breaks and its reports."""
    day, pool = _of(context)
    return result(shipments_step(headrace.night(context, day), pool))


@asset(partitions_def=DAYS_AND_POOLS, group_name="pools", deps=[audit])
def outcomes(context: AssetExecutionContext, headrace: Headrace) -> MaterializeResult:  # type: ignore[type-arg] # As shown.result.
    """How long locations took to ship, and parcels to arrive."""
    day, pool = _of(context)
    return result(outcomes_step(headrace.night(context, day), pool))


@asset(
    partitions_def=DAYS_AND_POOLS,
    group_name="pools",
    deps=[outcomes],
    check_specs=checks("routing_model", ["gate"], blocking=False),
)
def routing_model(context: AssetExecutionContext, headrace: Headrace) -> MaterializeResult:  # type: ignore[type-arg] # As shown.result.
    """How likely each lane delivers in time, learned anew, and whether that is good enough to go live."""
    day, pool = _of(context)
    return result(learn_step(headrace.night(context, day), pool))


@asset(
    partitions_def=DAYS_AND_POOLS,
    group_name="pools",
    deps=[routing_model, shipments],
    check_specs=checks("published_model", ["published"], blocking=False),
)
def published_model(context: AssetExecutionContext, headrace: Headrace) -> MaterializeResult:  # type: ignore[type-arg] # As shown.result.
    """The model that passed, sent to the pool as a command, once."""
    day, pool = _of(context)
    return result(publish_step(headrace.night(context, day), pool))


def _of(context: AssetExecutionContext) -> tuple[str, str]:
    key = context.partition_key
    assert isinstance(key, MultiPartitionKey)
    return key.keys_by_dimension["day"], key.keys_by_dimension["pool"]
