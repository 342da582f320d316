"""Which units a rule keeps back at a location: the most specific rule that matches counts."""

from collections.abc import Sequence
from typing import NamedTuple

from models.records.buffer import Buffer, BufferFor
from models.records.pool import Location
from models.rules import calendar


class Where(NamedTuple):
    """What a rule is weighed by: a SKU at a location, now."""

    sku: str
    category: str
    location: Location
    now_ms: int


def kept_from(whom: BufferFor, buffers: Sequence[Buffer], where: Where, units: int) -> int:
    """Give what is left of units that a location could promise."""
    today = calendar.local_day(where.location, where.now_ms) if any(map(_is_dated, buffers)) else ""
    matching = [
        buffer for buffer in buffers if buffer.keeps_from in (whom, BufferFor.BOTH) and _matches(buffer, where, today)
    ]
    # Of equals the first counts, as it does with publishing rules.
    counts = max(matching, key=_specific, default=None)
    if counts is None:
        return units
    left = max(0, units - counts.units)
    return left - -(-left * counts.percent // 100)


def _matches(buffer: Buffer, where: Where, today: str) -> bool:
    return (
        buffer.sku in (None, where.sku)
        and buffer.category in (None, where.category)
        and buffer.location_id in (None, where.location.location_id)
        and buffer.kind in (None, where.location.kind)
        and (buffer.first_day is None or buffer.first_day <= today)
        and (buffer.last_day is None or today <= buffer.last_day)
    )


def _is_dated(buffer: Buffer) -> bool:
    return buffer.first_day is not None or buffer.last_day is not None


def _specific(buffer: Buffer) -> tuple[bool, ...]:
    """Rank by what a rule names: its SKU first, then its location, its category, the kind of location, its days."""
    return (
        buffer.sku is not None,
        buffer.location_id is not None,
        buffer.category is not None,
        buffer.kind is not None,
        _is_dated(buffer),
    )
