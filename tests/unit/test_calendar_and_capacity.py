from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models import commands as c
from models.rejections import RejectionCode
from models.rules.calendar import working_day
from models.types import MAX_INSTANT_MS
from tests.support.builders import DAY_MS, HOUR_MS, Line, Shop, location


def ms(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "cut_off", "local", "day"),
    [
        pytest.param("UTC", 1440, "2024-03-05T23:59:59", "2024-03-05", id="no cut-off takes until midnight"),
        pytest.param("Europe/Berlin", 840, "2024-03-05T13:59:59", "2024-03-05", id="before two"),
        pytest.param("Europe/Berlin", 840, "2024-03-05T14:00:00", "2024-03-06", id="from two on it is tomorrow"),
        pytest.param("Europe/Berlin", 0, "2024-03-05T00:00:00", "2024-03-06", id="never the same day"),
        pytest.param("Europe/Berlin", 840, "2024-02-28T15:00:00", "2024-02-29", id="leap day"),
        pytest.param("Europe/Berlin", 840, "2024-12-31T15:00:00", "2025-01-01", id="year's end"),
        pytest.param("Europe/Berlin", 840, "2024-03-31T13:59:00", "2024-03-31", id="the short day of spring"),
        pytest.param("Europe/Berlin", 840, "2024-03-31T14:00:00", "2024-04-01", id="its cut-off"),
        pytest.param("Europe/Berlin", 150, "2024-03-31T03:00:00", "2024-04-01", id="a cut-off in the hour skipped"),
        pytest.param("Europe/Berlin", 840, "2024-10-27T13:59:00", "2024-10-27", id="the long day of autumn"),
        pytest.param("Asia/Kathmandu", 840, "2024-03-05T14:00:00", "2024-03-06", id="three quarters of an hour"),
        pytest.param("Pacific/Auckland", 840, "2024-03-05T09:00:00", "2024-03-05", id="a day ahead of UTC"),
        pytest.param("America/Los_Angeles", 1440, "2024-03-05T23:00:00", "2024-03-05", id="a day behind UTC"),
    ],
)
def test_a_location_reckons_its_days_where_it_is(zone: str, cut_off: int, local: str, day: str) -> None:
    place = location("berlin", time_zone=zone, cut_off_minutes=cut_off)

    assert date.fromordinal(working_day(place, ms(local, zone))).isoformat() == day


@pytest.mark.parametrize(
    ("closed", "local", "day"),
    [
        pytest.param({"open_weekdays": (0, 1, 2, 3, 4)}, "2024-03-08T13:59:59", "2024-03-08", id="Friday in time"),
        pytest.param({"open_weekdays": (0, 1, 2, 3, 4)}, "2024-03-08T14:00:00", "2024-03-11", id="over the weekend"),
        pytest.param({"open_weekdays": (6,)}, "2024-03-04T09:00:00", "2024-03-10", id="Sundays only"),
        pytest.param({"closed_on": ("2024-03-08",)}, "2024-03-08T09:00:00", "2024-03-09", id="a holiday"),
        pytest.param(
            {"open_weekdays": (0, 1, 2, 3, 4), "closed_on": ("2024-12-25", "2024-12-26")},
            "2024-12-24T15:00:00",
            "2024-12-27",
            id="two holidays",
        ),
    ],
)
def test_days_on_which_a_location_is_closed_are_passed_over(closed: dict[str, Any], local: str, day: str) -> None:
    place = location("berlin", time_zone="Europe/Berlin", cut_off_minutes=840, **closed)

    assert date.fromordinal(working_day(place, ms(local, "Europe/Berlin"))).isoformat() == day


def test_a_location_that_is_closed_for_all_days_it_names_still_has_a_day() -> None:
    year = tuple(date.fromordinal(date(2024, 1, 1).toordinal() + day).isoformat() for day in range(400))
    place = location("berlin", closed_on=year)

    assert date.fromordinal(working_day(place, ms("2024-01-01T09:00:00"))) == date(2025, 2, 4)


@pytest.mark.parametrize("day", ["2024-02-30", "2023-02-29", "2024-13-01"])
def test_a_closed_day_that_no_calendar_has_is_refused(day: str) -> None:
    shop = Shop().open()

    place = location("berlin", closed_on=(day,))
    assert shop.refused(RejectionCode.COMMAND_INVALID, c.PutLocations, locations=(place,)) == "closed_on"


@pytest.mark.parametrize("utc", ["2024-10-27T00:30:00", "2024-10-27T01:30:00"])
def test_both_runs_of_the_hour_that_comes_twice_are_before_its_cut_off(utc: str) -> None:
    place = location("berlin", time_zone="Europe/Berlin", cut_off_minutes=180)
    at_ms = int(datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp() * 1000)

    assert date.fromordinal(working_day(place, at_ms)) == date(2024, 10, 27)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_end_of_time_has_a_day_too(zone: str) -> None:
    for at_ms in (MAX_INSTANT_MS, 0):
        assert working_day(location("berlin", time_zone=zone, cut_off_minutes=0), at_ms) > 0


@pytest.fixture
def shop() -> Shop:
    """Berlin takes one fulfillment a day until two o'clock, and it is eleven there."""
    shop = Shop()
    shop.now_ms = ms("2024-03-05T11:00:00", "Europe/Berlin")
    shop.open()
    shop.locate(location("berlin", time_zone="Europe/Berlin", cut_off_minutes=840, capacity_per_day=1))
    shop.stock("A", "berlin", 9)
    return shop


def waiting(shop: Shop, *names: str) -> list[int]:
    return [shop.order(name).lines[0].waiting for name in names]


def test_a_full_location_takes_no_more_that_day(shop: Shop) -> None:
    shop.place("1", Line("A"))
    shop.place("2", Line("A"))

    assert waiting(shop, "1", "2") == [0, 1]
    routed = shop.told[-1].events[-1]
    assert routed.trace.excluded == {"no_capacity": ("berlin",)}  # type: ignore[union-attr]


def test_a_full_location_is_passed_over_for_the_next(shop: Shop) -> None:
    shop.stock("A", "munich", 1)
    shop.place("1", Line("A"))

    assert shop.place("2", Line("A")).fulfillments[0].location_id == "munich"


def test_after_the_cut_off_the_next_day_takes(shop: Shop) -> None:
    shop.place("1", Line("A"))
    shop.later(4 * HOUR_MS)

    shop.place("2", Line("A"))

    assert waiting(shop, "2") == [0]
    days = {shop.order(name).fulfillments[0].capacity_day for name in ("1", "2")}
    assert days == {date(2024, 3, 5).toordinal(), date(2024, 3, 6).toordinal()}


@pytest.mark.parametrize("kind", [c.Tick, c.SetSafetyStock])
def test_who_waited_for_capacity_is_served_when_the_next_day_begins(shop: Shop, kind: type[c.Command]) -> None:
    for name in ("1", "2"):
        shop.place(name, Line("A"))
    shop.later(4 * HOUR_MS)

    shop.do(kind, **({} if kind is c.Tick else shop.fact("munich", sku="B", quantity=1)))

    assert waiting(shop, "2") == [0]


def test_a_refused_command_does_not_use_up_the_moment_in_which_a_day_begins(shop: Shop) -> None:
    for name in ("1", "2"):
        shop.place(name, Line("A"))
    shop.later(4 * HOUR_MS)

    shop.send(shop.make(c.CancelUnits, order_id="nobody"))
    shop.tick()

    assert waiting(shop, "2") == [0]


def test_a_cancelled_fulfillment_gives_its_place_back(shop: Shop) -> None:
    shop.place("1", Line("A"))
    shop.do(c.CancelUnits, **shop.on("1"))

    shop.place("2", Line("A"))

    assert waiting(shop, "2") == [0]


def test_a_place_given_back_goes_to_who_waits_for_it_with_another_sku(shop: Shop) -> None:
    shop.stock("B", "berlin", 1)
    shop.place("1", Line("A"))
    shop.place("2", Line("B"))

    shop.do(c.CancelUnits, **shop.on("1"))

    assert waiting(shop, "2") == [0]


def test_a_shipped_fulfillment_keeps_its_place(shop: Shop) -> None:
    shop.place("1", Line("A"))
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

    shop.place("2", Line("A"))

    assert waiting(shop, "2") == [1]
    shop.tick(DAY_MS)
    assert waiting(shop, "2") == [0]
