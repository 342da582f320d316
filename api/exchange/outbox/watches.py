"""What is kept for each webhook that watches availability: the channels, and the level of each SKU that was told."""

import sqlite3

from api.exchange.outbox.names import AVAILABILITY
from api.exchange.outbox.telling import NewDelivery

_CROSSED_COLUMNS = (
    "delivery_id",
    "target",
    "pool",
    "lane",
    "kind",
    "event_id",
    "event_type",
    "about",
    "occurred_at_ms",
)
_CROSSED = (
    f"SELECT {', '.join(_CROSSED_COLUMNS)} FROM deliveries"  # noqa: S608 - the columns above
    " WHERE target = ? AND event_type GLOB ? AND occurred_at_ms >= ? ORDER BY sequence"
)


def watched(connection: sqlite3.Connection, target: str) -> set[str]:
    """Give the channels that are watched for a target."""
    found = connection.execute("SELECT channel FROM watched_channels WHERE target = ?", (target,))
    return {channel for (channel,) in found.fetchall()}


def unwatch(connection: sqlite3.Connection, target: str) -> None:
    """Forget all that is known for a target that is no more."""
    for table in ("watched_channels", "availability_levels", "availability_marks"):
        connection.execute(f"DELETE FROM {table} WHERE target = ?", (target,))  # noqa: S608 - of the three above


def is_watching(connection: sqlite3.Connection, target: str) -> bool:
    """Tell whether the first levels are noted, so that everything crossed from now on is told."""
    query = "SELECT 1 FROM availability_levels WHERE target = ? AND level = '' LIMIT 1"
    return bool(watched(connection, target)) and connection.execute(query, (target,)).fetchone() is None


def crossed_since(connection: sqlite3.Connection, target: str, since_ms: int) -> list[NewDelivery]:
    """Give what a target was told of crossings since a time, oldest first: no history has them, only the rows do."""
    found = connection.execute(_CROSSED, (target, f"{AVAILABILITY}.*", since_ms))
    return [NewDelivery(**dict(zip(_CROSSED_COLUMNS, row, strict=True))) for row in found.fetchall()]
