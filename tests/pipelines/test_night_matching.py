"""Two books of shipments laid side by side: each row in one class, each break under one id until it closes."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from pipelines.night.breaks import carried, ledger_of
from pipelines.night.feed import read_feed
from pipelines.night.matching import Known, classify, tie_out
from pipelines.night.tables import BREAKS, RULINGS, SEEN

HOUR_MS = 3_600_000
NOON_MS = 12 * HOUR_MS
DAY = dt.date(1970, 1, 10)
NOW_MS = 10 * 24 * HOUR_MS
NONE, UNSAID = pl.DataFrame(schema=BREAKS), pl.DataFrame(schema=RULINGS)
HEADER = "fulfillment_id,order_id,location_id,sku,quantity,shipped_at,carrier,tracking_number\n"


def row(side: str, name: str, **fields: Any) -> dict[str, Any]:
    """A shipment of 2 units of SKU A from reno, eight days ago."""
    return {
        "row_id": f"{side}-{name}",
        "side": side,
        "source": "reno-3pl" if side == "there" else "",
        "fulfillment_id": name,
        "order_id": f"order-{name}",
        "location_id": "reno",
        "sku": "A",
        "quantity": 2,
        "shipped_at_ms": NOON_MS + 24 * HOUR_MS,
        "tracking_number": "",
        "first_seen": DAY,
        **fields,
    }


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SEEN)


def known(*settled: dict[str, Any], reporting: frozenset[str] = frozenset({"reno", "austin"})) -> Known:
    return Known(frame(*settled), frozenset({"A", "B"}), reporting, NOW_MS)


def classes(here: pl.DataFrame, there: pl.DataFrame, what: Known | None = None) -> dict[str, tuple[str, str]]:
    """Class and method by row, after I11 was seen to hold."""
    found = classify(here, there, what or known())
    assert all(tie.holds for tie in tie_out(here, there, found))
    return {
        name: (found_class, method) for name, found_class, method in found.select("row_id", "class", "method").rows()
    }


def test_the_same_row_on_both_sides_matches_exactly() -> None:
    assert classes(frame(row("here", "f1")), frame(row("there", "f1"))) == {
        "here-f1": ("match", "exact"),
        "there-f1": ("match", "exact"),
    }


@pytest.mark.parametrize(
    ("change", "found_class", "method"),
    [
        ({"shipped_at_ms": NOON_MS + 70 * HOUR_MS}, "match", "tolerance"),
        ({"shipped_at_ms": NOON_MS + 90 * HOUR_MS}, "timing", "times differ"),
        ({"quantity": 3}, "quantity", "units differ"),
        ({"location_id": "austin"}, "wrong_location", "another location"),
        ({"location_id": "austin", "quantity": 1}, "quantity", "units and location differ"),
        ({"sku": "A-2PACK"}, "unknown_sku", "another SKU"),
        ({"fulfillment_id": "typo"}, "match", "grouped by order"),
    ],
)
def test_what_differs_in_one_thing_is_of_the_class_of_that_thing(
    change: dict[str, Any], found_class: str, method: str
) -> None:
    found = classes(frame(row("here", "f1")), frame(row("there", "f1", **change)))

    assert found == {"here-f1": (found_class, method), "there-f1": (found_class, method)}


def test_one_parcel_here_and_two_there_match_as_a_group() -> None:
    there = frame(row("there", "f1", quantity=1), row("there", "f1", row_id="there-f1b", quantity=1))

    assert set(classes(frame(row("here", "f1")), there).values()) == {("match", "grouped")}


def test_a_row_without_other_side_is_timing_while_young_and_missing_later() -> None:
    young = NOW_MS - HOUR_MS
    here = frame(row("here", "f1"), row("here", "f2", shipped_at_ms=young))
    there = frame(row("there", "f3"), row("there", "f4", shipped_at_ms=young), row("there", "f5", sku="Z"))

    assert {name: found[0] for name, found in classes(here, there).items()} == {
        "here-f1": "missing_there",
        "here-f2": "timing",
        "there-f3": "missing_here",
        "there-f4": "timing",
        "there-f5": "unknown_sku",
    }


def test_a_row_told_twice_is_a_duplicate_the_second_time_and_after_it_was_settled_on_an_earlier_night() -> None:
    again = row("there", "f1", row_id="there-f1b")
    settled = row("there", "f0", row_id="there-f0-before")

    found = classes(frame(row("here", "f1")), frame(row("there", "f1"), again, row("there", "f0")), known(settled))

    assert found == {
        "here-f1": ("match", "exact"),
        "there-f1": ("match", "exact"),
        "there-f1b": ("duplicate", "told before"),
        "there-f0": ("duplicate", "told before"),
    }


def test_a_location_of_which_nobody_reports_is_no_break() -> None:
    what = known(reporting=frozenset({"austin"}))

    assert classes(frame(row("here", "f1")), frame(), what) == {
        "here-f1": ("not_reported", "no partner reports for the location")
    }


def test_a_row_that_is_lost_or_doubled_does_not_tie_out() -> None:
    here, there = frame(row("here", "f1"), row("here", "f2")), frame(row("there", "f1"))
    found = classify(here, there, known())

    assert not tie_out(here, there, found.head(1))[0].holds
    assert not tie_out(here, there, pl.concat([found.filter(pl.col("row_id") != "here-f2"), found.head(1)]))[0].holds


def test_a_break_keeps_its_id_ages_and_closes_when_the_other_side_comes() -> None:
    first = classify(frame(row("here", "f1")), frame(), known())
    opened = ledger_of(DAY, "eu", first, NONE, UNSAID)
    second = classify(carried(first).select(list(SEEN)), frame(), known())
    aged = ledger_of(DAY + dt.timedelta(days=1), "eu", second, opened, UNSAID)
    late = frame(row("there", "f1", first_seen=DAY + dt.timedelta(days=2)))
    third = classify(carried(second).select(list(SEEN)), late, known())
    closed = ledger_of(DAY + dt.timedelta(days=2), "eu", third, aged, UNSAID)

    facts = ("break_id", "class", "state", "first_seen", "age_days", "closed_on", "units_here", "units_there")
    name = opened["break_id"][0]
    assert opened.select(facts).rows() == [(name, "missing_there", "open", DAY, 0, None, 2, 0)]
    assert aged.select(facts).rows() == [(name, "missing_there", "open", DAY, 1, None, 2, 0)]
    assert closed.select(facts).rows() == [(name, "missing_there", "closed", DAY, 2, DAY + dt.timedelta(days=2), 2, 2)]
    after = ledger_of(DAY + dt.timedelta(days=3), "eu", third.clear(), closed, UNSAID)
    assert after.rows() == []


def test_a_break_of_units_closes_when_the_missing_unit_is_told_later() -> None:
    first = classify(frame(row("here", "f1")), frame(row("there", "f1", quantity=1)), known())
    opened = ledger_of(DAY, "eu", first, NONE, UNSAID)
    rest = carried(first).select(list(SEEN))
    here, there = (rest.filter(pl.col("side") == side) for side in ("here", "there"))
    more = frame(row("there", "f1", row_id="there-f1b", quantity=1, shipped_at_ms=NOON_MS + 30 * HOUR_MS))
    second = classify(here, pl.concat([there, more]), known())
    closed = ledger_of(DAY + dt.timedelta(days=1), "eu", second, opened, UNSAID)

    assert opened.select("class", "units_here", "units_there").rows() == [("quantity", 2, 1)]
    assert closed.select("break_id", "state").rows() == [(opened["break_id"][0], "closed")]


def test_rows_that_break_the_contract_are_set_aside_and_the_rest_goes_on() -> None:
    content = HEADER + (
        "f1,o1,reno,A,2,2026-03-01T14:30:00Z,ups,1Z\n"
        "f1,o1,reno,A,two,2026-03-01T14:30:00Z,ups,1Z\n"
        "f1,o1,reno,A,2,2026-03-01 14:30,ups,1Z\n"
        ",o1,reno,A,2,2026-03-01T14:30:00Z,ups,1Z\n"
        "f1,o1\n"
    )

    read = read_feed("reno-3pl", "2026-03-01", content.encode())

    assert read.rows.select("fulfillment_id", "quantity", "shipped_at_ms").rows() == [("f1", 2, 1_772_375_400_000)]
    assert read.quarantine.select("row", "reason").rows() == [
        (3, "quantity 'two' is no whole number from 1 to 1,000,000"),
        (4, "shipped_at '2026-03-01 14:30' is no time such as 2026-03-01T14:30:00Z"),
        (5, "fulfillment_id is empty"),
        (6, "2 cells, and must be 8"),
    ]


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", HEADER.replace("sku", "SKU").encode(), b"", b"\xff\xfe"])
def test_a_file_with_another_header_is_refused_whole(content: bytes) -> None:
    read = read_feed("reno-3pl", "2026-03-01", content)

    assert read.refused
    assert read.rows.is_empty()
    assert read.quarantine.is_empty()


def test_a_file_sent_again_with_more_rows_names_the_old_rows_alike() -> None:
    lines = ["f1,o1,reno,A,2,2026-03-01T14:30:00Z,ups,1Z\n", "f2,o2,reno,A,1,2026-03-01T15:30:00Z,ups,2Z\n"]

    first = read_feed("reno-3pl", "2026-03-01", (HEADER + lines[0]).encode())
    second = read_feed("reno-3pl", "2026-03-01", (HEADER + lines[0] + lines[1] + lines[0]).encode())

    assert second.rows["row_id"][0] == first.rows["row_id"][0]
    assert second.rows["row_id"].n_unique() == 3
    assert second.sha256 != first.sha256
