"""A location's own days: the day a fulfillment counts into, after its cut-off."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.records.pool import DAY_MS, Location
from models.types import MAX_INSTANT_MS

_LAST_MS = MAX_INSTANT_MS - 500 * DAY_MS
"""Beyond this a local time or the next open day could fall out of the calendar."""

_WEEK_DAYS = 7


def is_time_zone(name: str) -> bool:
    """Tell whether the time zone database knows a name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def is_date(text: str) -> bool:
    """Tell whether a text is a day of the calendar, such as 2026-12-24."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def local_day(location: Location, at_ms: int) -> str:
    """Give the location's own date at an instant, such as 2026-12-24."""
    instant = datetime.fromtimestamp(min(at_ms, _LAST_MS) // 1000, UTC).astimezone(ZoneInfo(location.time_zone))
    return instant.date().isoformat()


def working_day(location: Location, at_ms: int) -> int:
    """Give the day (ordinal, day 1 is 0001-01-01) that a location ships what reaches it at an instant.

    The day is the location's local one; after its cut-off it is the next. Days on which it is closed are passed over.
    """
    instant = datetime.fromtimestamp(min(at_ms, _LAST_MS) // 1000, UTC).astimezone(ZoneInfo(location.time_zone))
    late = instant.hour * 60 + instant.minute >= location.cut_off_minutes
    day = instant.toordinal() + late
    # It has an open weekday, and so many days in a row that are closed can only be a mistake.
    for _ in range(len(location.closed_on) + _WEEK_DAYS):
        if _is_open(location, day):
            break
        day += 1
    return day


def _is_open(location: Location, day: int) -> bool:
    if len(location.open_weekdays) == _WEEK_DAYS and not location.closed_on:
        return True
    local = date.fromordinal(day)
    return local.weekday() in location.open_weekdays and local.isoformat() not in location.closed_on
