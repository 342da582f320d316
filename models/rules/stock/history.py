"""Late facts and counts: on hand is the newest count plus what happened after it, in any order of arrival."""

from bisect import bisect_right

from msgspec.structs import replace

from models.records.stock import StockHistory

MOST_MOVES = 400
"""Moves kept per SKU and location; older ones raise the floor, so a count from before it is stale."""


def book(history: StockHistory, at_ms: int, delta: int, horizon_ms: int) -> tuple[StockHistory, bool]:
    """Enter a change of on hand that happened at a time.

    Returns the new history, and whether the newest count (taken at or after that time) has seen the change.
    """
    if history.counted_as_of_ms is not None and at_ms <= history.counted_as_of_ms:
        return history, True
    if at_ms <= history.floor_ms:
        return history, False
    moves = list(history.moves)
    moves.insert(bisect_right(moves, at_ms, key=_time), (at_ms, delta))
    return _pruned(replace(history, moves=tuple(moves)), horizon_ms), False


def book_at(history: StockHistory, on_hand: int, as_of_ms: int) -> int:
    """Give what our book said was on hand at a time, after all facts known now."""
    return on_hand - sum(delta for at_ms, delta in history.moves if at_ms > as_of_ms)


def is_stale(history: StockHistory, as_of_ms: int) -> bool:
    """Tell whether a count as of a time cannot be used: a newer one is there, or the history is gone."""
    newest = history.counted_as_of_ms
    return as_of_ms < history.floor_ms or (newest is not None and as_of_ms <= newest)


def counted(history: StockHistory, as_of_ms: int) -> StockHistory:
    """Enter a count: everything up to it is settled."""
    later = tuple(move for move in history.moves if move[0] > as_of_ms)
    return replace(history, counted_as_of_ms=as_of_ms, floor_ms=as_of_ms, moves=later)


def _time(move: tuple[int, int]) -> int:
    return move[0]


def _pruned(history: StockHistory, horizon_ms: int) -> StockHistory:
    moves = history.moves
    drop = max(bisect_right(moves, horizon_ms, key=_time), len(moves) - MOST_MOVES)
    if drop <= 0:
        return history
    return replace(history, moves=moves[drop:], floor_ms=max(history.floor_ms, moves[drop - 1][0]))
