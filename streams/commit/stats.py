"""What one partition's owner has done, counted for metrics; read from outside, never by the protocol."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from streams.commit.ports import Clock, Position
from streams.commit.rows import START


class Phase(StrEnum):
    """What an owner is doing."""

    WAITING = "waiting"
    RESTORING = "restoring"
    CLAIMING = "claiming"
    RUNNING = "running"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


class Step(StrEnum):
    """Where the time of a batch goes."""

    DECODE = "decode"
    DECIDE = "decide"
    ENCODE = "encode"
    APPEND = "append"
    STORE = "store"
    PUBLISH = "publish"


@dataclass
class Stats:
    """Counters only grow; seconds are wall time, and steps that wait overlap with steps that compute."""

    phase: Phase = Phase.WAITING
    position: Position = START
    rows_held: int = 0
    items: int = 0
    batches: int = 0
    rows: int = 0
    bytes: int = 0
    claims: int = 0
    restores: int = 0
    gaps: int = 0
    skipped: int = 0
    last_batch_seconds: float = 0.0
    seconds: dict[Step, float] = field(default_factory=lambda: dict.fromkeys(Step, 0.0))

    @contextmanager
    def timed(self, step: Step, clock: Clock) -> Iterator[None]:
        began = clock.seconds()
        try:
            yield
        finally:
            self.seconds[step] += clock.seconds() - began
