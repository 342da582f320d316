"""Cursors of polls that go by time: milliseconds, written as text."""

from datetime import UTC, datetime

from connectors.frame.reading import UnreadableError, shown
from models.types import MAX_INSTANT_MS

FIRST_LOOK_MS = 86_400_000
"""How far the first poll of an account looks back."""


def begin_ms(cursor: str, now_ms: int, overlap_ms: int) -> int:
    """Give the time from which to read: the cursor less the overlap, or a day ago where there is no cursor yet.

    Raises:
        UnreadableError: the cursor is none of a poll by time.
    """
    if not cursor:
        return max(0, now_ms - FIRST_LOOK_MS)
    if not cursor.isascii() or not cursor.isdecimal() or int(cursor[:20]) > MAX_INSTANT_MS:
        raise UnreadableError("cursor", f"{shown(cursor)} is no time in milliseconds")
    return max(0, int(cursor) - overlap_ms)


def utc_text(at_ms: int) -> str:
    """Write a time as 2026-11-23T09:30:00Z: whole seconds, so never after it."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
