"""A location's own days: the day a fulfillment counts into, after its cut-off."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.records.pool import DAY_MS, Location
from models.types import MAX_INSTANT_MS

_LAST_MS = MAX_INSTANT_MS - 3 * DAY_MS
"""Beyond this a local time or the next day could fall out of the calendar."""


def is_time_zone(name: str) -> bool:
    """Tell whether the time zone database knows a name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def working_day(location: Location, at_ms: int) -> int:
    """Give the day (ordinal, day 1 is 0001-01-01) that a location ships what reaches it at an instant.

    The day is the location's local one; after its cut-off it is the next.
    """
    instant = datetime.fromtimestamp(min(at_ms, _LAST_MS) // 1000, UTC).astimezone(ZoneInfo(location.time_zone))
    late = instant.hour * 60 + instant.minute >= location.cut_off_minutes
    return (instant + timedelta(days=1)).toordinal() if late else instant.toordinal()
