import pytest

from api.problems import Problem
from api.schemas.orders import HoldIn
from api.web.bodies import attempt_of, body_of, instant_of, units_of, whole
from api.web.spreadsheet import csv_lines
from models.records.hold import HoldType


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_cell_that_would_be_a_formula_is_a_text(text: str) -> None:
    [row] = csv_lines([[text]]).splitlines()

    assert row.strip('"') == f"'{text}"


def test_numbers_stay_numbers_below_zero_too() -> None:
    assert csv_lines([["SKU-1", -3, None, 'a "b", c']]) == 'SKU-1,-3,,"a ""b"", c"\r\n'


@pytest.mark.parametrize(("text", "number"), [("", None), ("3", 3), ("-2", -2), ("−2", -2), ("1 000", 1000)])
def test_a_whole_number_is_read_as_people_write_it(text: str, number: int | None) -> None:
    assert whole({"delta": text}, "delta") == number


@pytest.mark.parametrize("text", ["1.5", "1,5", "two", "--1", "1-", "٣"])
def test_what_is_no_whole_number_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Problem) as refused:
        whole({"units.1": text}, "units.1")

    assert (refused.value.code, refused.value.field) == ("number_invalid", "units")


def test_lines_without_units_are_left_out() -> None:
    form = {"units.1": "2", "units.2": "", "units.3": "0", "reason": "1"}

    assert units_of(form) == [{"line_id": "1", "quantity": 2}]


def test_a_local_time_is_an_instant_of_the_reader_s_zone() -> None:
    assert instant_of({"at": "2026-07-01T12:00"}, "at", "Europe/Berlin") == "2026-07-01T10:00:00+00:00"


def test_a_body_is_checked_as_that_of_a_program() -> None:
    assert body_of(HoldIn, {"hold": "payment", "reason": "", "release_at": None}) == HoldIn(hold=HoldType.PAYMENT)
    with pytest.raises(Problem) as refused:
        body_of(HoldIn, {"hold": "nonsense"})

    assert (refused.value.status_code, refused.value.field) == (422, "hold")


def test_only_a_try_that_may_have_arrived_keeps_its_key() -> None:
    form = {"key": "k1"}

    assert attempt_of("hold", form, Problem(503, "broker_unavailable", "")).key == "k1"
    assert attempt_of("hold", form, Problem(409, "hold_present", "")).key != "k1"
