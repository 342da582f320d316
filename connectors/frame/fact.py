"""What every fact is."""

from models.types import Record


class Fact(Record, tag_field="fact", kw_only=True):
    """Something that a message says."""
