"""The night as Dagster sees it: its assets, what they need, their checks, and a whole night in this process."""

from pathlib import Path

import dagster

from dagster_project.assets import archive, audit, outcomes, published_model, routing_model, shipments
from dagster_project.definitions import defs, pools_after_the_log
from dagster_project.resources import Headrace
from tests.pipelines.night_shop import POOL, NightShop, day_number
from tests.pipelines.test_night_run import two_days

LOG = [archive, audit]
OF_A_POOL = [shipments, outcomes, routing_model, published_model]


def test_the_assets_of_a_night_and_what_each_needs() -> None:
    graph = defs.resolve_asset_graph()

    found = {
        key.to_user_string(): sorted(parent.to_user_string() for parent in graph.get(key).parent_keys)
        for key in graph.get_all_asset_keys()
    }

    assert found == {
        "archive": [],
        "audit": ["archive"],
        "shipments": ["audit"],
        "outcomes": ["audit"],
        "routing_model": ["outcomes"],
        "published_model": ["routing_model", "shipments"],
    }


def test_the_checks_of_a_night() -> None:
    graph = defs.resolve_asset_graph()

    assert sorted(f"{key.asset_key.to_user_string()}:{key.name}" for key in graph.asset_check_keys) == [
        "audit:I1",
        "audit:I10",
        "audit:I2",
        "audit:I3",
        "audit:I4",
        "audit:I5",
        "audit:I6",
        "audit:I7",
        "audit:I8",
        "audit:I9",
        "published_model:published",
        "routing_model:gate",
        "shipments:I11",
        "shipments:feeds",
    ]


def test_a_schedule_asks_for_the_log_and_a_sensor_for_its_pools() -> None:
    assert defs.resolve_schedule_def("every_night").cron_schedule == "10 0 * * *"
    assert defs.resolve_sensor_def("pools_after_the_log").name == "pools_after_the_log"


def materialized(
    shop: NightShop, instance: dagster.DagsterInstance, key: str, assets: list[dagster.AssetsDefinition]
) -> dagster.ExecuteInProcessResult:
    """Run some assets of the first night."""
    shop.night(0)
    return dagster.materialize(
        [*LOG, *OF_A_POOL],
        partition_key=key,
        resources={"headrace": Headrace(lake=shop.store.lake, data=str(shop.folder), wait_seconds=0.0)},
        instance=instance,
        selection=assets,
        raise_on_error=False,
    )


def test_a_whole_night_in_this_process_with_its_figures_tables_and_checks(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    with dagster.instance_for_test() as instance:
        instance.add_dynamic_partitions("pools", [POOL])
        day = day_number(0).isoformat()
        log = materialized(shop, instance, day, LOG)
        pool = materialized(shop, instance, dagster.MultiPartitionKey({"day": day, "pool": POOL}), OF_A_POOL)

    assert log.success
    assert pool.success
    figures = log.asset_materializations_for_node("audit")[0].metadata
    assert figures["commands"].value == 16
    assert str(figures["findings"].value).startswith("| invariant | statement | checked | broken |")
    assert {check.check_name for check in log.get_asset_check_evaluations() if check.passed} == {
        f"I{number}" for number in range(1, 11)
    }
    checks = {check.check_name: check.passed for check in pool.get_asset_check_evaluations()}
    assert checks == {"I11": True, "feeds": True, "gate": False, "published": True}
    assert pool.asset_materializations_for_node("shipments")[0].metadata["match"].value == 6


def test_a_broken_invariant_ends_the_run_of_the_log(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    shop.note_checkpoint(0, digest="00" * 16)
    with dagster.instance_for_test() as instance:
        log = materialized(shop, instance, day_number(0).isoformat(), LOG)

    assert not log.success
    broken = [check.check_name for check in log.get_asset_check_evaluations() if not check.passed]
    assert broken == ["I7"]


def test_after_the_log_every_pool_of_the_day_is_asked_for(tmp_path: Path) -> None:
    shop = two_days(tmp_path)
    day = day_number(0).isoformat()
    resources = {"headrace": Headrace(lake=shop.store.lake, data=str(tmp_path), wait_seconds=0.0)}
    shop.night(0)
    with dagster.instance_for_test() as instance:
        job = defs.resolve_job_def("night_of_the_log")
        run = job.execute_in_process(instance=instance, partition_key=day, resources=resources)
        context = dagster.build_run_status_sensor_context(
            sensor_name="pools_after_the_log",
            dagster_event=run.get_run_success_event(),
            dagster_instance=instance,
            dagster_run=run.dagster_run,
            resources=resources,
        )
        asked = list(pools_after_the_log(context))  # type: ignore[arg-type] # It is a generator.

        assert instance.get_dynamic_partitions("pools") == [POOL]
    assert [request.partition_key for request in asked] == [dagster.MultiPartitionKey({"day": day, "pool": POOL})]
