"""Base of what is told."""

from models.types import Record


class Event(Record, tag_field="type", kw_only=True):
    """Base of all events."""
