"""What runs at night: the log's part first, then each pool's as soon as the audit is clean."""

import datetime as dt
from collections.abc import Iterator

from dagster import (
    DagsterRunStatus,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    Definitions,
    EnvVar,
    MultiPartitionKey,
    RunRequest,
    RunStatusSensorContext,
    build_schedule_from_partitioned_job,
    define_asset_job,
    in_process_executor,
    run_status_sensor,
)

from dagster_project.assets import archive, audit, outcomes, published_model, routing_model, shipments
from dagster_project.partitions import POOLS
from dagster_project.resources import Headrace
from pipelines.night.orders import pools_of
from pipelines.night.store import Store

_PARTITION_TAG = "dagster/partition"

night_of_the_log = define_asset_job("night_of_the_log", selection=[archive, audit])
night_of_a_pool = define_asset_job("night_of_a_pool", selection=[shipments, outcomes, routing_model, published_model])

# Late enough for the archive to have the last minute of the day; the step itself waits for what is missing.
every_night = build_schedule_from_partitioned_job(
    night_of_the_log,
    name="every_night",
    hour_of_day=0,
    minute_of_hour=10,
    default_status=DefaultScheduleStatus.RUNNING,
)


@run_status_sensor(
    name="pools_after_the_log",
    run_status=DagsterRunStatus.SUCCESS,
    monitored_jobs=[night_of_the_log],
    request_job=night_of_a_pool,
    default_status=DefaultSensorStatus.RUNNING,
)
def pools_after_the_log(context: RunStatusSensorContext, headrace: Headrace) -> Iterator[RunRequest]:
    """Ask for the night of every pool that the log has. An audit that found something ends its run, and nothing comes
    after it.
    """
    day = context.dagster_run.tags[_PARTITION_TAG]
    pools = pools_of(Store(headrace.lake), dt.date.fromisoformat(day))
    context.instance.add_dynamic_partitions(str(POOLS.name), pools)
    for pool in pools:
        yield RunRequest(
            run_key=f"{context.dagster_run.run_id}/{pool}",
            partition_key=MultiPartitionKey({"day": day, "pool": pool}),
        )


defs = Definitions(
    assets=[archive, audit, shipments, outcomes, routing_model, published_model],
    jobs=[night_of_the_log, night_of_a_pool],
    schedules=[every_night],
    sensors=[pools_after_the_log],
    # A process for each step would spend more on starting than most steps take.
    executor=in_process_executor,
    resources={
        "headrace": Headrace(
            lake=EnvVar("HEADRACE_LAKE"), data=EnvVar("HEADRACE_DATA_DIR"), broker=EnvVar("HEADRACE_BROKER")
        )
    },
)
