from typing import Any

import pytest

from streams.brokers.embedded import EmbeddedBroker
from streams.brokers.kafka import KafkaBroker
from tests.chaos.conftest import Run
from tests.chaos.scenarios import PAUSE_POINTS, SCENARIOS, Options

_QUICK_KILLS = 5
_FULL_KILLS = 20

# What must have happened, so that a scenario that did nothing does not pass.
_DONE: dict[str, dict[str, Any]] = {
    "kills": {"wiped": _FULL_KILLS // 4},
    "freezes": {"freezes": len(PAUSE_POINTS)},
    "joins": {"joins": 2, "leaves": 2, "kills": 0},
    "broker": {"broker_restarts": 1, "broker_kills": 1},
    "api": {"api_restarts": 1, "api_kills": 2},
}


@pytest.mark.timeout(300)
def test_a_worker_killed_again_and_again_loses_and_repeats_nothing(
    run_unharmed: Run, seed: int, asked_kills: int | None
) -> None:
    kills = asked_kills or _QUICK_KILLS
    options = Options(seed=seed, kills=kills, orders_per_second=100.0, pools=3)

    with EmbeddedBroker() as broker:
        result = run_unharmed("kills", broker, options)

    assert result["kills"] == kills
    assert result["orders"] == result["acknowledged_orders"] > 0


@pytest.mark.kafka
@pytest.mark.timeout(900)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_is_lost_repeated_or_undone_on_real_kafka(
    run_unharmed: Run,
    chaos_kafka: EmbeddedBroker | KafkaBroker,
    chaos_is_full: bool,
    scenario: str,
    seed: int,
    asked_kills: int | None,
) -> None:
    if not chaos_is_full:
        pytest.skip("full chaos on real Kafka takes minutes: set HEADRACE_TEST_CHAOS=full")
    options = Options(seed=seed, kills=asked_kills or _FULL_KILLS)

    result = run_unharmed(scenario, chaos_kafka, options)

    done = _DONE[scenario] if asked_kills is None else {}
    assert {name: result[name] for name in done} == done
    assert result["orders"] == result["acknowledged_orders"] > 0
