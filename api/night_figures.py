"""Gauges of the nights, from the notes that they leave in the data directory; none where no night was."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from connectors.night_note import NightNote, read

_HOUR_MS = 3_600_000


class NightFigures(Collector):
    """Read when they are asked for: a night ends once a day, and has few pools."""

    def __init__(self, folder: Path, now_ms: Callable[[], int]) -> None:
        self._folder = folder
        self._now_ms = now_ms

    def describe(self) -> list[GaugeMetricFamily]:
        """Give the names alone."""
        return [_breaks(), _gate(), _age()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give what the newest night of each pool came to, and how old the last green one is."""
        newest: dict[str, NightNote] = {}
        green_ms = None
        for notes in _days(self._folder):
            newest = {note.pool: note for note in notes} | newest
            if {pool for note in notes for pool in note.pools} <= {note.pool for note in notes}:
                # All pools of this day are known, and so are those that have not come so far since.
                green_ms = min(note.through_ms for note in notes)
                break
        if newest:
            open_breaks: Counter[str] = Counter()
            for note in newest.values():
                open_breaks.update(note.breaks)
            yield _breaks(open_breaks)
            yield _gate(sum(note.gate_passed for note in newest.values()) / len(newest))
        if green_ms is not None:
            yield _age((self._now_ms() - green_ms) / _HOUR_MS)


def _days(folder: Path) -> Iterator[list[NightNote]]:
    """The notes of each day that has any, the newest day first."""
    if not folder.is_dir():
        return
    for day in sorted(folder.iterdir(), reverse=True):
        found = [_note(path) for path in sorted(day.glob("*.json"))]
        notes = [note for note in found if note is not None]
        if notes:
            yield notes


def _note(path: Path) -> NightNote | None:
    """A night may take its notes back while they are read."""
    try:
        return read(path.read_bytes())
    except FileNotFoundError:
        return None


def _breaks(counts: Counter[str] | None = None) -> GaugeMetricFamily:
    name, text = "headrace_night_breaks_open", "Open breaks in the newest night, by class."
    family = GaugeMetricFamily(name, text, labels=["class"])
    for found, count in (counts or {}).items():
        family.add_metric([found], count)
    return family


def _gate(passed: float | None = None) -> GaugeMetricFamily:
    text = "1 if the routing model of the newest night passed its gate, 0 if not; of several pools their share."
    return GaugeMetricFamily("headrace_night_gate_passed", text, value=passed)


def _age(hours: float | None = None) -> GaugeMetricFamily:
    text = "Hours since the end of the newest day whose night was green for every pool."
    return GaugeMetricFamily("headrace_night_green_age_hours", text, value=hours)
