"""All that a seed stands for, printed with a failure so that it can be read and repeated."""

from dataclasses import dataclass
from random import Random

from streams.commit.deciding import Limits
from tests.simulator.faults import Fault, plan_faults

COMMANDS = 300
# Making a log of commands takes as long as a run, so that neighbouring seeds share theirs.
SEEDS_PER_WORKLOAD = 4
_POISONED = 12
# Of the records, how many are produced while faults strike; the rest shows that all is well again.
SHARE_WITH_FAULTS = 0.88


@dataclass(frozen=True)
class Options:
    """One run."""

    seed: int
    commands: int
    workload: int
    workers: int
    # The lease says yes to everybody at all times, so that the log alone has to fence.
    lax_lease: bool
    poison: bool
    limits: Limits
    # Until when records are produced while faults strike.
    seconds: float
    faults: tuple[Fault, ...]
    sabotage: str = ""

    def command_line(self) -> str:
        """How to run this again."""
        sabotage = f" --sabotage {self.sabotage}" if self.sabotage else ""
        return f"python -m tests.simulator --seeds {self.seed}..{self.seed} --commands {self.commands}{sabotage}"


def options_of(seed: int, commands: int = COMMANDS, sabotage: str = "") -> Options:
    """Expand a seed."""
    random = Random(f"options {seed}")
    seconds = random.uniform(2.0, 4.0)
    return Options(
        seed=seed,
        commands=commands,
        workload=seed // SEEDS_PER_WORKLOAD,
        workers=random.randint(1, 3),
        lax_lease=random.random() < 0.3,
        poison=seed // SEEDS_PER_WORKLOAD % _POISONED == 1,
        limits=Limits(
            batch_rows=random.choice((20, 60, 1_000)),
            batch_items=random.choice((3, 8, 1_000)),
            queue_records=random.choice((4, 12, 2_048)),
        ),
        seconds=seconds,
        faults=tuple(plan_faults(random, seconds)),
        sabotage=sabotage,
    )
