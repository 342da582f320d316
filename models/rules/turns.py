"""Whose turn it is when stock comes: by values in the order alone, so every machine agrees."""

from typing import NamedTuple

from models.records.order import Order

NEVER_MS = 1 << 62


class Turn(NamedTuple):
    """An order's turn: priority, promise, age, id."""

    priority_first: int
    promise_by_ms: int
    placed_at_ms: int
    order_id: str


def turn_of(order: Order) -> Turn:
    """Give the turn of an order; without a promise it comes after all with one."""
    promise = order.promise_by_ms if order.promise_by_ms is not None else NEVER_MS
    return Turn(-order.priority, promise, order.placed_at_ms, order.order_id)
