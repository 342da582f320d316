"""The commit protocol with the core under seeded faults; `python -m tests.simulator --help` runs more of it by hand."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import pytest
from msgspec.structs import replace

from models import rows
from models.commands import AnyCommand
from models.records.stock import StockMovement
from tests.simulator.bounds import small_bounds
from tests.simulator.faults import ANSWERS, CRASH_POINTS, DELIVERIES, DISKS, FREEZE_POINTS, REBALANCES
from tests.simulator.invariants import broken
from tests.simulator.options import options_of
from tests.simulator.run import Outcome, run_seed
from tests.simulator.sabotage import SABOTAGES
from tests.simulator.workload import make_workload

# So many seeds meet every crash point, every fault and every type of command.
_SEEDS_TO_MEET_ALL = 400
_SEEDS_TO_CATCH_A_BUG = 200
_SEEDS = int(os.environ.get("HEADRACE_SIM_SEEDS", "2000"))


_movement = msgspec.json.Decoder(StockMovement).decode


class History(NamedTuple):
    """Rows, and the movements that led to them."""

    rows: dict[bytes, bytes]
    movements: list[StockMovement]


def _simulate(*arguments: str, hash_seed: str = "0") -> dict[str, Any]:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-m", "tests.simulator", "--json", *arguments]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.stdout, run.stderr
    summary: dict[str, Any] = json.loads(run.stdout)
    return summary


@pytest.mark.timeout(3600)
def test_every_seed_ends_as_one_clean_engine_would_end() -> None:
    summary = _simulate("--seeds", f"0..{_SEEDS - 1}")
    assert summary["violations"] == []
    assert summary["seeds"] == _SEEDS
    if _SEEDS >= _SEEDS_TO_MEET_ALL:
        types = {str(kind.__struct_config__.tag) for kind in AnyCommand.__args__}
        assert types - summary["commands"].keys() == set()
        points = {f"crash at {point}" for point in CRASH_POINTS} | {f"freeze at {point}" for point in FREEZE_POINTS}
        assert points - summary["points"].keys() == set()
        faults = {*ANSWERS, *DELIVERIES, *REBALANCES, *(f"store {disk}" for disk in DISKS)}
        assert faults - summary["faults"].keys() == set()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SABOTAGES)
def test_a_planted_bug_is_caught(name: str) -> None:
    assert any(outcome.violations for outcome in _outcomes_with(name))


def _outcomes_with(sabotage: str) -> Iterator[Outcome]:
    return (run_seed(options_of(seed, sabotage=sabotage)) for seed in range(_SEEDS_TO_CATCH_A_BUG))


def test_a_seed_runs_the_same_in_every_process() -> None:
    once, again = (_simulate("--seeds", "0..7", "--jobs", "1", hash_seed=hash_seed) for hash_seed in ("1", "2"))
    del once["seconds"], again["seconds"]
    assert once == again
    assert once["seeds"] == 8


@pytest.fixture(scope="module")
def history() -> History:
    with small_bounds():
        reference = make_workload(0, 300, poison=False).reference
    movements = [_movement(value) for topic, _, value in reference.told if topic == "stock-movements"]
    return History(reference.engine.rows, movements)


def test_a_clean_history_keeps_all_invariants(history: History) -> None:
    assert broken(history.rows, history.movements) == []


@pytest.mark.parametrize("counter", ["allocated", "on_hand"])
def test_a_level_that_says_more_than_its_story_is_found(history: History, counter: str) -> None:
    key = next(key for key in sorted(history.rows) if key[:1] == rows.LEVEL)
    level = rows.decode_level(history.rows[key])
    more = replace(level, **{counter: getattr(level, counter) + 1_000})
    found = broken(history.rows | {key: rows.encode(more)}, history.movements)
    expected = {"allocated": ["I1", "I3"], "on_hand": ["I2"]}
    assert [text[:2] for text in found] == expected[counter]


def test_a_line_whose_units_do_not_sum_is_found(history: History) -> None:
    key = next(key for key in sorted(history.rows) if key[:1] == rows.ORDER)
    order = rows.decode_order(history.rows[key])
    line = order.lines[0]
    more = replace(order, lines=(replace(line, waiting=line.waiting + 1), *order.lines[1:]))
    found = broken(history.rows | {key: rows.encode(more)}, history.movements)
    assert [text[:2] for text in found] == ["I4"]
