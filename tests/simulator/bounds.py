"""Bounds of the core made small, so that a few hundred commands run into them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from models import state
from models.rules import memory, settle, tick
from models.rules.stock import history

_SMALL = (
    (settle, "ORDERS_PER_COMMAND", 2),
    (tick, "ORDERS_PER_TICK", 3),
    (tick, "MEMORIES_PER_TICK", 5),
    (state, "MOST_DECODED_ORDERS", 12),
    (history, "MOST_MOVES", 12),
    (memory, "RING", 8),
)


@contextmanager
def small_bounds() -> Iterator[None]:
    """Bound work and memory tightly: slices, ticks with a rest, forgotten repeats, evicted orders."""
    with ExitStack() as stack:
        for module, name, value in _SMALL:
            stack.enter_context(patch.object(module, name, value))
        yield
