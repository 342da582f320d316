"""What may go wrong, when, and how often it did."""

from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

PAUSES = (
    "before_claim",
    "after_claim",
    "before_send",
    "after_send",
    "before_store",
    "after_store",
    "before_outbox",
    "after_outbox",
)
# Inside the steps: the request never left, or left and was not answered; rows half written; some topics told.
INSIDE = (
    "append_unsent",
    "append_unanswered",
    "in_store",
    "publish_none",
    "publish_some",
    "publish_unanswered",
    "deciding",
    "restoring",
    "seeking",
)
CRASH_POINTS = PAUSES + INSIDE
# Those before the log takes a batch come twice: what is sent afterwards is what the log has to fence.
FREEZE_POINTS = (*PAUSES, "before_send", "append_unsent", "append_unsent", "append_unanswered", "publish_none")
# What is left of the local store after a crash.
DISKS = ("kept", "kept", "torn", "torn_and_ended", "behind", "wiped", "corrupt")
# Answers of the log that are no answer: whether the batch landed is not known, or it landed twice.
ANSWERS = ("append_lost", "append_landed", "append_twice", "append_twice_late", "publish_failed", "publish_twice")
DELIVERIES = ("gap", "duplicate", "reorder", "delay", "stale")
REBALANCES = ("rebalance", "join", "leave")
COMPACTIONS = ("compact", "trim")


class Fault(NamedTuple):
    """Something that goes wrong at the first chance after a time."""

    at: float
    kind: str
    # Where it strikes; what acts at once has none.
    point: str = ""
    # What a crash leaves of the store, or how long a freeze lasts.
    disk: str = "kept"
    seconds: float = 0.0


@dataclass
class Coverage:
    """What a run has met."""

    commands: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Coverage") -> None:
        self.commands += other.commands
        self.points += other.points
        self.faults += other.faults
        self.found += other.found


class Armed:
    """Faults whose time has come, waiting for somebody to reach their point."""

    def __init__(self, coverage: Coverage) -> None:
        self._waiting: dict[str, deque[Fault]] = {}
        self._coverage = coverage
        self.over = False

    def arm(self, fault: Fault) -> None:
        if not self.over:
            self._waiting.setdefault(fault.point, deque()).append(fault)

    def take(self, point: str) -> Fault | None:
        """Give the fault that strikes here and now, if one does."""
        waiting = self._waiting.get(point)
        if not waiting:
            return None
        fault = waiting.popleft()
        self._coverage.faults[fault.kind] += 1
        if fault.kind in ("crash", "freeze"):
            self._coverage.points[f"{fault.kind} at {point}"] += 1
        if fault.kind == "crash":
            self._coverage.faults[f"store {fault.disk}"] += 1
        return fault

    def end(self) -> None:
        """Nothing goes wrong from now on."""
        self.over = True
        self._waiting.clear()


def plan_faults(random: Random, seconds: float) -> list[Fault]:
    """Draw what goes wrong in a run of so many seconds."""
    faults = []
    for _ in range(random.randint(1, 4)):
        point = random.choice(CRASH_POINTS)
        faults.append(Fault(_at(random, seconds), "crash", point, random.choice(DISKS)))
    for _ in range(random.randint(0, 3)):
        frozen = random.choice((0.05, 0.4, 0.4, 0.8))
        faults.append(Fault(_at(random, seconds), "freeze", random.choice(FREEZE_POINTS), seconds=frozen))
    for _ in range(random.randint(0, 2)):
        kind = random.choice(ANSWERS)
        faults.append(Fault(_at(random, seconds), kind, kind))
    for _ in range(random.randint(2, 8)):
        kind = random.choice(DELIVERIES)
        faults.append(Fault(_at(random, seconds), kind, kind))
    faults.extend(Fault(_at(random, seconds), random.choice(REBALANCES)) for _ in range(random.randint(0, 3)))
    faults.extend(Fault(_at(random, seconds), random.choice(COMPACTIONS)) for _ in range(random.randint(1, 3)))
    return sorted(faults)


def _at(random: Random, seconds: float) -> float:
    return round(random.uniform(0.0, seconds), 3)
