"""What every step of a night is given, and what it gives back to be shown."""

import datetime as dt
from pathlib import Path
from typing import Any

from msgspec import Struct

from pipelines.audit.audit import Told
from pipelines.night.store import Store

DAY_MS = 86_400_000


class NightError(RuntimeError):
    """The night cannot go on; the message says what to do."""


class Night(Struct, frozen=True, kw_only=True):
    """One night: the day it is about, where things are, and how long it may wait for them.

    The day is one of UTC, as that of the archive: all pools of a partition of the log end it at the same record.
    """

    day: dt.date
    store: Store
    data: Path
    broker: str | None = None
    """Without one, digests are not compared and nothing is published."""
    prefix: str = ""
    so_far: bool = False
    """The day is not over: it is taken as far as it has come."""
    wait_seconds: float = 300.0
    now_ms: int
    told: Told

    @property
    def end_ms(self) -> int:
        """The first instant after the day."""
        start = dt.datetime.combine(self.day, dt.time(), dt.UTC)
        return int(start.timestamp() * 1000) + DAY_MS

    def feeds(self, pool: str) -> Path:
        return self.data / "feeds" / pool / "shipments"

    def report(self, pool: str, name: str) -> Path:
        return self.data / "reports" / pool / self.day.isoformat() / name


class Verdict(Struct, frozen=True):
    """One thing that was checked: whether it holds, and what a person reads."""

    name: str
    passed: bool
    text: str
    blocking: bool = True


class Done(Struct, frozen=True, kw_only=True):
    """What a step came to: figures, tables in Markdown, and verdicts."""

    step: str
    counts: dict[str, Any] = {}
    tables: dict[str, str] = {}
    verdicts: tuple[Verdict, ...] = ()

    @property
    def ok(self) -> bool:
        return all(verdict.passed for verdict in self.verdicts if verdict.blocking)


def table_of(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A table in Markdown; a bar or a line break in a cell would end it."""
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for row in rows:
        cells = (str(cell).replace("|", "\\|").replace("\n", " ") for cell in row)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
