"""Running a seed: a workload, a world, a restore from the log alone, and the judgement."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import nextafter

from models.engine import Engine
from models.updates import STEPS
from streams.commit.errors import PartitionStoppedError
from streams.commit.restoring import restore
from tests.simulator.bounds import small_bounds
from tests.simulator.checker import violations
from tests.simulator.disk import Disk
from tests.simulator.faults import Coverage
from tests.simulator.loop import run_virtual
from tests.simulator.options import Options, options_of
from tests.simulator.ports import ports_of
from tests.simulator.process import Process
from tests.simulator.sabotage import planted
from tests.simulator.workload import Workload, make_workload
from tests.simulator.world import World

_FOREVER = float("inf")
_CUTS_MAX = 3


@dataclass
class Outcome:
    """What a run has met, and what was wrong with it."""

    options: Options
    coverage: Coverage
    violations: list[str]
    # Equal for equal runs, in whatever process.
    fingerprint: str = ""


def run_seed(options: Options) -> Outcome:
    """Run one seed, with its sabotage planted if it has one."""
    outcome = Outcome(options, Coverage(), [])
    with small_bounds(), planted(options.sabotage):
        workload = _workload(options.workload, options.commands, options.poison, options.sabotage)
        run_virtual(_run(outcome, workload))
    outcome.coverage.commands += workload.by_type
    return outcome


def run_seeds(seeds: Sequence[int], commands: int, sabotage: str) -> list[Outcome]:
    """Run several seeds in a row."""
    return [run_seed(options_of(seed, commands, sabotage)) for seed in seeds]


# Neighbouring seeds share a workload; its reference is only read.
@lru_cache(maxsize=2)
def _workload(seed: int, commands: int, poison: bool, sabotage: str) -> Workload:
    """A sabotage of the core is in the reference too: what it breaks must show by itself."""
    del sabotage
    return make_workload(seed, commands, poison=poison)


async def _run(outcome: Outcome, workload: Workload) -> None:
    world = World(outcome.options, workload)
    outcome.coverage = world.coverage
    await world.run()
    _count(world)
    outcome.fingerprint = _fingerprint(world)
    if world.failure:
        outcome.violations.append(world.failure)
        return
    for cut in _cuts(world):
        try:
            restored = await _restored(world, cut)
        except PartitionStoppedError as error:
            outcome.violations.append(f"the log alone, compacted before {cut:.3f} s, cannot be restored from: {error}")
            return
        if restored != workload.reference.engine.rows or cut == _FOREVER:
            outcome.violations.extend(violations(world, restored))
            return


def _cuts(world: World) -> list[float]:
    """How far compaction may have come: any time, and worst between a void batch and the one that mends it."""
    void = [nextafter(batch.at, _FOREVER) for batch in world.changelog.batches if not batch.counts()]
    return [*sorted([*void[-_CUTS_MAX:], world.random.uniform(0.0, world.now())]), _FOREVER]


def _fingerprint(world: World) -> str:
    """Sums up what was written and told, by whom and when."""
    told = {topic: len(records) for topic, records in world.topics.records.items()}
    batches = [(batch.base, batch.at, batch.sender, batch.row) for batch in world.changelog.batches]
    return blake2b(repr((world.now(), sorted(told.items()), batches)).encode(), digest_size=8).hexdigest()


def _count(world: World) -> None:
    found = world.coverage.found
    found["batches that count"] += sum(batch.counts() for batch in world.changelog.batches)
    found["batches that are void"] += sum(not batch.counts() for batch in world.changelog.batches)
    found["commands left over and continued"] += sum(
        step % STEPS > 0 for _, step in world.workload.reference.told.values()
    )


async def _restored(world: World, compacted_before: float) -> dict[bytes, bytes]:
    """What a worker without a local store makes of the log, compacted as far as that."""
    world.changelog.compact(compacted_before, compacted_before)
    ports = ports_of(world, Process(world, "auditor", 1, Disk()))
    core = ports.new_core()
    assert isinstance(core, Engine)
    await restore(ports.changelog, ports.store, core, ports.aside)
    return core.rows
