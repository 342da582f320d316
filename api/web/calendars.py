"""A location's working days as people read them: the next cut-off, the days it is open, those it is closed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.records.pool import Location
from models.rules.calendar import working_day

_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOSED_SHOWN = 6


class CutOff(NamedTuple):
    """What reaches a location until `at_ms` it ships on `day`."""

    day: date
    at_ms: int
    capacity_day: int


class ClosedDays(NamedTuple):
    """The next days on which a location is closed, and how many more are known."""

    shown: tuple[str, ...]
    more: int


def next_cut_off(location: Location, now_ms: int) -> CutOff:
    """Give the end of the working day that orders of this moment count into."""
    ordinal = working_day(location, now_ms)
    day = date.fromordinal(ordinal)
    # Wall time, as the clock on the wall there says it, also on a day when it is put forward or back.
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=location.cut_off_minutes)  # noqa: DTZ001
    at = wall.replace(tzinfo=ZoneInfo(location.time_zone))
    return CutOff(day, int(at.timestamp() * 1_000), ordinal)


def open_days(weekdays: Sequence[int]) -> str:
    """Write weekdays with runs of three and more together: Mon–Fri, Sun."""
    runs: list[list[int]] = []
    for day in sorted(set(weekdays)):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts: list[str] = []
    for run in runs:
        long = len(run) > 2  # noqa: PLR2004 # Two days are as short by their names.
        parts += [f"{_NAMES[run[0]]}–{_NAMES[run[-1]]}"] if long else [_NAMES[day] for day in run]
    return ", ".join(parts)


def closed_days(location: Location, now_ms: int) -> ClosedDays:
    """Give the days from today on that a location is closed though its weekday is open."""
    today = datetime.fromtimestamp(now_ms / 1_000, ZoneInfo(location.time_zone)).date().isoformat()
    coming = sorted(day for day in location.closed_on if day >= today)
    return ClosedDays(tuple(coming[:_CLOSED_SHOWN]), max(0, len(coming) - _CLOSED_SHOWN))
