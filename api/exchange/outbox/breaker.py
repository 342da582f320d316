"""A circuit breaker, as a value: after some failures in a row nothing is sent for a while, then a little is tried.

Source: Saleor, circuit breaker for synchronous webhooks: closed, open, half-open with a lower threshold, manual reset.
"""

from enum import StrEnum

from models.types import Record

TRIPS_AT = 5
"""Failures in a row that open it."""
TRIPS_HALF_OPEN_AT = 1
CLOSES_AT = 3
"""Successes in a row, half open, that close it."""
_FIRST_WAIT_MS = 15_000
_LONGEST_WAIT_MS = 15 * 60_000


class BreakerState(StrEnum):
    """Whether anything is sent."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker(Record, kw_only=True):
    """How a target has answered of late. `trips` counts how often it opened since it was last closed."""

    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    successes: int = 0
    trips: int = 0
    retry_at_ms: int = 0
    """While open: until then nothing is sent. Else: until then the target asked to be left alone."""


def looked_at(breaker: Breaker, now_ms: int) -> Breaker:
    """Give it as it is now: open, it is half open once its time is over."""
    if breaker.state is BreakerState.OPEN and now_ms >= breaker.retry_at_ms:
        return Breaker(state=BreakerState.HALF_OPEN, trips=breaker.trips)
    return breaker


def lets_through(breaker: Breaker, now_ms: int, concurrency: int) -> int:
    """Give how many may be sent at once now."""
    if now_ms < breaker.retry_at_ms:
        return 0
    return 1 if breaker.state is BreakerState.HALF_OPEN else concurrency


def succeeded(breaker: Breaker) -> Breaker:
    """Give it after an answer that shows the target at work, be it a refusal."""
    if breaker.state is BreakerState.CLOSED:
        return Breaker(retry_at_ms=breaker.retry_at_ms)
    successes = breaker.successes + 1
    return (
        Breaker()
        if successes >= CLOSES_AT
        else Breaker(state=BreakerState.HALF_OPEN, successes=successes, trips=breaker.trips)
    )


def failed(breaker: Breaker, now_ms: int, jitter: float) -> Breaker:
    """Give it after no answer, or one that says that the target does not work; `jitter` is from 0 to 1."""
    failures = breaker.failures + 1
    threshold = TRIPS_AT if breaker.state is BreakerState.CLOSED else TRIPS_HALF_OPEN_AT
    if failures < threshold:
        return Breaker(state=breaker.state, failures=failures, trips=breaker.trips, retry_at_ms=breaker.retry_at_ms)
    wait_ms = min(_LONGEST_WAIT_MS, _FIRST_WAIT_MS << min(breaker.trips, 10))
    return Breaker(
        state=BreakerState.OPEN,
        failures=failures,
        trips=breaker.trips + 1,
        retry_at_ms=now_ms + spread(wait_ms, jitter),
    )


def asked_to_wait(breaker: Breaker, until_ms: int) -> Breaker:
    """Give it after the target said when it wants to be asked again."""
    return Breaker(
        state=breaker.state,
        failures=breaker.failures,
        successes=breaker.successes,
        trips=breaker.trips,
        retry_at_ms=max(until_ms, breaker.retry_at_ms),
    )


_FIRST_RETRY_MS = 5_000
_LONGEST_RETRY_MS = 60 * 60_000


def retry_wait_ms(attempts: int, jitter: float) -> int:
    """Give how long a delivery waits after so many attempts: doubling from 5 s to an hour, spread by `jitter`."""
    return spread(min(_LONGEST_RETRY_MS, _FIRST_RETRY_MS << min(max(0, attempts - 1), 12)), jitter)


def spread(wait_ms: int, jitter: float) -> int:
    """Give between half and all of a time, so that what failed together is not tried together."""
    return wait_ms // 2 + int(wait_ms / 2 * jitter)
