"""A breaker opens after some failures in a row, tries a little after a while, and opens sooner while it tries."""

import pytest

from api.exchange.outbox.breaker import (
    CLOSES_AT,
    TRIPS_AT,
    TRIPS_HALF_OPEN_AT,
    Breaker,
    BreakerState,
    asked_to_wait,
    failed,
    lets_through,
    looked_at,
    retry_wait_ms,
    succeeded,
)

NOW_MS = 1_000_000


def tripped() -> Breaker:
    breaker = Breaker()
    for _ in range(TRIPS_AT):
        breaker = failed(breaker, NOW_MS, 1.0)
    return breaker


def test_it_opens_at_the_last_of_some_failures_in_a_row() -> None:
    breaker = Breaker()
    for _ in range(TRIPS_AT - 1):
        breaker = failed(breaker, NOW_MS, 1.0)

    assert breaker.state is BreakerState.CLOSED
    assert lets_through(breaker, NOW_MS, 4) == 4
    opened = failed(breaker, NOW_MS, 1.0)
    assert (opened.state, opened.trips) == (BreakerState.OPEN, 1)
    assert lets_through(opened, NOW_MS, 4) == 0


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = Breaker()
    for _ in range(TRIPS_AT * 3):
        breaker = succeeded(failed(breaker, NOW_MS, 1.0))

    assert breaker == Breaker()


def test_after_its_time_one_is_let_through_and_some_successes_close_it() -> None:
    opened = tripped()
    breaker = looked_at(opened, opened.retry_at_ms)

    assert looked_at(opened, opened.retry_at_ms - 1) == opened
    assert (breaker.state, lets_through(breaker, opened.retry_at_ms, 4)) == (BreakerState.HALF_OPEN, 1)
    for _ in range(CLOSES_AT - 1):
        breaker = succeeded(breaker)
        assert breaker.state is BreakerState.HALF_OPEN
    assert succeeded(breaker) == Breaker()


def test_half_open_it_opens_again_sooner_and_for_longer() -> None:
    opened = tripped()
    again = looked_at(opened, opened.retry_at_ms)
    for _ in range(TRIPS_HALF_OPEN_AT):
        again = failed(again, opened.retry_at_ms, 1.0)

    assert TRIPS_HALF_OPEN_AT < TRIPS_AT
    assert (again.state, again.trips) == (BreakerState.OPEN, 2)
    assert again.retry_at_ms - opened.retry_at_ms == 2 * (opened.retry_at_ms - NOW_MS)


def test_it_tries_at_least_every_quarter_of_an_hour_however_long_it_has_been() -> None:
    breaker, now_ms = tripped(), NOW_MS
    for _ in range(40):
        now_ms = breaker.retry_at_ms
        breaker = failed(looked_at(breaker, now_ms), now_ms, 1.0)

    assert breaker.retry_at_ms - now_ms == 15 * 60_000


def test_who_asks_to_wait_is_left_alone_and_its_breaker_stays_closed() -> None:
    breaker = asked_to_wait(Breaker(), NOW_MS + 30_000)

    assert lets_through(breaker, NOW_MS + 29_999, 4) == 0
    assert lets_through(breaker, NOW_MS + 30_000, 4) == 4
    assert breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize(
    ("attempts", "wait_ms"), [(1, 5_000), (2, 10_000), (5, 80_000), (11, 3_600_000), (99, 3_600_000)]
)
def test_tries_of_a_delivery_come_at_doubling_times_up_to_an_hour(attempts: int, wait_ms: int) -> None:
    assert retry_wait_ms(attempts, 1.0) == wait_ms
    assert retry_wait_ms(attempts, 0.0) == wait_ms // 2
