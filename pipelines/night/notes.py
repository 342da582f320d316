"""The note of a night that went through, for those who watch: written last, taken back when the day is found wrong."""

import datetime as dt
import shutil

import polars as pl

from connectors.night_note import FOLDER, NightNote, path_of, written
from pipelines.night.breaks import BREAK_CLASSES, OPEN
from pipelines.night.orders import pools_of
from pipelines.night.steps.night import Night

_KEPT_DAYS = 400


def write_note(night: Night, pool: str) -> None:
    """Say that the pool's night is done, and what it came to."""
    mine = (pl.col("day") == night.day) & (pl.col("pool") == pool)
    ledger = night.store.read("breaks", mine & (pl.col("state") == OPEN))
    judged = night.store.read("routing_models", mine)
    note = NightNote(
        day=night.day.isoformat(),
        pool=pool,
        pools=tuple(pools_of(night.store, night.day)),
        through_ms=min(night.end_ms, night.now_ms),
        breaks=dict.fromkeys(BREAK_CLASSES, 0) | dict(ledger.group_by("class").len().iter_rows()),
        gate_passed=bool(judged["passed"].any()),
    )
    path = night.data / path_of(note.day, pool)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whoever watches finds the old one or the new one, whole.
    scratch = path.with_suffix(".part")
    scratch.write_bytes(written(note))
    scratch.replace(path)
    _forget(night)


def take_back(night: Night) -> None:
    """The day was green once, and is not any more."""
    shutil.rmtree(night.data / FOLDER / night.day.isoformat(), ignore_errors=True)


def _forget(night: Night) -> None:
    """Whoever watches asks for the last days only."""
    before = (night.day - dt.timedelta(days=_KEPT_DAYS)).isoformat()
    for folder in (night.data / FOLDER).iterdir():
        if folder.name < before:
            shutil.rmtree(folder, ignore_errors=True)
