"""Fate is drawn by name, and the demo's time runs at its own speed."""

import pytest

from pipelines.demo.clock import DAY_MS, HOUR_MS, MINUTE_MS, Clock
from pipelines.demo.draws import Draws

START = 1_790_000_000_000


def test_a_draw_depends_on_its_name_and_seed_alone() -> None:
    one, other = Draws(1), Draws(1)
    other.share("something", "else")

    assert one.share("order", 7) == other.share("order", 7)
    assert one.share("order", 7) != one.share("order", 8)
    assert one.share("order", 7) != Draws(2).share("order", 7)


def test_draws_keep_to_their_shares() -> None:
    draws = Draws(1)

    assert sum(draws.happens(0.1, number) for number in range(10_000)) == 1_024
    assert [sum(draws.below(4, "die", number) == side for number in range(8_000)) for side in range(4)] == [
        2_013,
        2_025,
        1_972,
        1_990,
    ]
    assert sorted(draws.around(100.0, 0.5, "long", number) for number in range(10_001))[5_000] == pytest.approx(
        100, 0.02
    )


def test_an_hour_takes_a_minute_at_sixty_times_the_speed() -> None:
    clock = Clock(START, 60)

    assert clock.now(START + MINUTE_MS) == START + HOUR_MS
    assert clock.wall_of(START + HOUR_MS) == START + MINUTE_MS


def test_what_was_before_the_start_is_stamped_as_it_was() -> None:
    assert Clock(START, 60).wall_of(START - DAY_MS) == START - DAY_MS


def test_time_stands_still_at_speed_nought_and_goes_on_from_there() -> None:
    clock = Clock(START, 60)
    clock.change_speed(START + MINUTE_MS, 0)

    assert clock.now(START + 50 * MINUTE_MS) == START + HOUR_MS
    clock.change_speed(START + 50 * MINUTE_MS, 1)
    assert clock.now(START + 51 * MINUTE_MS) == START + HOUR_MS + MINUTE_MS
    assert clock.wall_of(START + HOUR_MS + MINUTE_MS) == START + 51 * MINUTE_MS


def test_what_was_due_before_a_change_of_speed_is_stamped_by_the_speed_of_then() -> None:
    clock = Clock(START, 60)
    clock.change_speed(START + MINUTE_MS, 1)

    assert clock.wall_of(START + HOUR_MS // 2) == START + MINUTE_MS // 2
