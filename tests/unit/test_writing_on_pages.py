from datetime import UTC, date, datetime

import pytest

from api.web.calendars import closed_days, next_cut_off, open_days
from api.web.filters import clock, distance, duration, instant, money, weight
from api.web.map import Place, degrees_of, draw
from models.geo import position_of
from models.records.pool import Location


def at_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def berlin(**more: object) -> Location:
    return Location(location_id="berlin", name="Berlin", time_zone="Europe/Berlin", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        pytest.param(1999, "EUR", "€19.99", id="two digits"),
        pytest.param(1999, "JPY", "¥1,999", id="no digits"),
        pytest.param(1999, "BHD", "BHD1.999", id="three digits"),
        pytest.param(-5, "USD", "-$0.05", id="below nothing"),
        pytest.param(9_007_199_254_740_993, "USD", "$90,071,992,547,409.93", id="more than a float holds"),
        pytest.param(None, "USD", "–", id="nothing known"),
    ],
)
def test_money_follows_its_currency(amount_minor: int | None, currency: str, text: str) -> None:
    assert money(amount_minor, currency) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (999, "0 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (3_600_000, "1 h"),
        (5_400_000, "1 h 30 min"),
        (86_400_000, "1 d"),
        (90_000_000, "1 d 1 h"),
        (-90_000, "−1 min"),
        (None, "–"),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units(milliseconds: int | None, text: str) -> None:
    assert duration(milliseconds) == text


def test_weights_distances_and_times_of_day_name_their_unit() -> None:
    assert [weight(999), weight(1_000), weight(2_250)] == ["999 g", "1 kg", "2.25 kg"]
    assert [distance(999), distance(1_609_000)] == ["999 m", "1,609 km"]
    assert [clock(0), clock(930), clock(1440)] == ["00:00", "15:30", "24:00"]


def test_an_instant_names_the_zone_it_is_written_in() -> None:
    written = instant(at_ms("2026-11-23T13:05"), "Europe/Berlin")

    assert written.striptags() == "23 Nov 2026 14:05 CET"
    assert 'datetime="2026-11-23T13:05:00Z"' in written


def test_weekdays_are_written_as_runs() -> None:
    assert open_days((0, 1, 2, 3, 4)) == "Mon–Fri"
    assert open_days((5, 6)) == "Sat, Sun"
    assert open_days((0, 2, 3, 4, 6)) == "Mon, Wed–Fri, Sun"


def test_the_next_cut_off_is_by_the_clock_on_the_wall_there() -> None:
    # A Friday afternoon, after the cut-off; Monday is closed, and clocks went back on the Sunday between.
    location = berlin(cut_off_minutes=900, open_weekdays=(0, 1, 2, 3, 4), closed_on=("2026-10-26",))

    cut_off = next_cut_off(location, at_ms("2026-10-23T13:30"))

    assert cut_off.day == date(2026, 10, 27)
    assert cut_off.at_ms == at_ms("2026-10-27T14:00")


def test_a_cut_off_at_midnight_is_the_end_of_the_day() -> None:
    assert next_cut_off(berlin(), at_ms("2026-11-23T10:00")).at_ms == at_ms("2026-11-23T23:00")


def test_only_closed_days_that_come_are_told() -> None:
    days = ("2020-01-01", *(f"2099-01-{day:02d}" for day in range(1, 9)))

    found = closed_days(berlin(closed_on=days), at_ms("2026-11-23T10:00"))

    assert found.shown == tuple(f"2099-01-{day:02d}" for day in range(1, 7))
    assert found.more == 2


@pytest.mark.parametrize(("latitude", "longitude"), [(52.52, 13.41), (-33.87, 151.21), (0.0, -179.9)])
def test_a_position_gives_its_degrees_back(latitude: float, longitude: float) -> None:
    found = degrees_of(position_of(latitude, longitude))

    assert found == pytest.approx((longitude, latitude), abs=1e-6)


def test_every_place_of_a_map_is_inside_it() -> None:
    places = [Place(str(number), position_of(20.0 + number, -120.0 + 5 * number)) for number in range(10)]

    drawn = draw(places, [(0, 9, "chosen")])

    assert drawn is not None
    assert all(0 < pin.x < drawn.width and 0 < pin.y < drawn.height for pin in drawn.pins)
    assert drawn.lines[0][:2] == pytest.approx((drawn.pins[0].x, drawn.pins[0].y), abs=0.1)


def test_one_place_and_the_poles_can_be_drawn_and_nothing_is_no_map() -> None:
    assert draw([]) is None
    assert draw([Place("alone", position_of(52.5, 13.4))]) is not None
    assert draw([Place("north", position_of(89.9, 0.0)), Place("south", position_of(-89.9, 180.0))]) is not None


def test_labels_of_places_side_by_side_do_not_cover_each_other() -> None:
    places = [Place("A long name of a place", position_of(50.0, 10.0 + number / 1_000)) for number in range(8)]

    drawn = draw(places)

    assert drawn is not None
    labelled = [pin for pin in drawn.pins if pin.label_x is not None]
    assert 1 <= len(labelled) < 8
