"""Levels of availability: where they begin, and what a change of the quantity crosses."""

import pytest

from api.exchange.outbox.levels import Crossing, Level, Thresholds, Watch, crossing_of, level_of, thresholds_for
from api.exchange.outbox.names import is_known_pattern, wants_availability
from connectors.frame.accounts import stock_thresholds
from models.records.pool import CatalogueItem

OUT, LOW, IN = Level.OUT_OF_STOCK, Level.LOW_STOCK, Level.IN_STOCK


def walked(quantities: list[int], thresholds: Thresholds) -> list[Crossing]:
    level, found = level_of(quantities[0], thresholds), []
    for quantity in quantities[1:]:
        crossed = crossing_of(level, quantity, thresholds)
        if crossed is not None:
            found.append(crossed)
            level = crossed.after
    return found


def test_a_walk_crosses_each_threshold_where_it_is_passed_and_no_other() -> None:
    assert walked([10, 4, 5, 0, 1, 20], Thresholds()) == [
        Crossing(before=IN, after=LOW, threshold=5),
        Crossing(before=LOW, after=OUT, threshold=0),
        Crossing(before=OUT, after=LOW, threshold=0),
        Crossing(before=LOW, after=IN, threshold=5),
    ]


def test_who_passes_two_thresholds_at_once_is_told_of_the_last_one() -> None:
    assert walked([10, 0, 10], Thresholds(low_stock=5, out_of_stock=1)) == [
        Crossing(before=IN, after=OUT, threshold=1),
        Crossing(before=OUT, after=IN, threshold=5),
    ]


def test_without_a_low_level_there_is_in_and_out_alone() -> None:
    assert walked([3, 1, 0, 1], Thresholds(low_stock=0)) == [
        Crossing(before=IN, after=OUT, threshold=0),
        Crossing(before=OUT, after=IN, threshold=0),
    ]


@pytest.mark.parametrize(("sku", "category", "low"), [("A", "", 1), ("B", "lamps", 2), ("C", "", 3), ("A", "lamps", 1)])
def test_the_most_specific_thresholds_count(sku: str, category: str, low: int) -> None:
    watch = Watch(
        thresholds=(
            Thresholds(low_stock=3),
            Thresholds(category="lamps", low_stock=2),
            Thresholds(sku="A", low_stock=1),
        )
    )

    assert thresholds_for(CatalogueItem(sku=sku, category=category), watch).low_stock == low
    assert thresholds_for(CatalogueItem(sku=sku), Watch()) == Thresholds(low_stock=5, out_of_stock=0)


def test_availability_is_asked_for_by_its_name() -> None:
    assert [is_known_pattern(f"availability.{what}") for what in ("*", "low_stock", "gone")] == [True, True, False]
    assert wants_availability(["order.*", "availability.out_of_stock"])
    assert not wants_availability(["*"])


@pytest.mark.parametrize(
    ("text", "read"), [("", ()), ("5, 20", (0, 5, 20)), ("20,0", (0, 20)), ("five", None), ("5,,6", None), ("-1", None)]
)
def test_thresholds_of_an_account_are_read_with_none_left_always_among_them(
    text: str, read: tuple[int, ...] | None
) -> None:
    assert stock_thresholds({"stock_thresholds": text}) == read
