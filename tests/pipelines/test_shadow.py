"""A merchant's history beside what Headrace would have done: every figure reckoned by hand."""

import random

import pytest

from connectors.frame.facts import OrderCancelled, ParcelStated
from models import commands
from models.records.pool import RoutingModel
from pipelines.shadow.history import Told
from pipelines.shadow.page import page
from pipelines.shadow.shadow import Shadowed, shadow
from pipelines.shadow.words import sentences
from tests.pipelines.shadow_shop import BEGIN_MS, BERLIN, COLOGNE, HISTORY, SETUP, at, count, order, parcel


@pytest.fixture(scope="module")
def found() -> Shadowed:
    return shadow(HISTORY, SETUP)


def test_money_lateness_and_splits_are_those_reckoned_by_hand(found: Shadowed) -> None:
    told = found.report.summary
    assert told["orders"] == 6
    assert told["compared"] == 3
    assert told["not_compared"] == {
        "a SKU of it is not mapped": 1,
        "it was cancelled": 1,
        "the merchant has not sent all of it": 1,
    }
    assert (told["alike"], told["different"]) == (1, 2)
    # 9.00 + (9.00 + 5.00) + 5.00 by the merchant, three times 5.00 by Headrace.
    assert (told["cost_theirs_minor"], told["cost_ours_minor"], told["saved_minor"]) == (2800, 1500, 1300)
    # One order has a promise; west delivers within a day, by the one parcel that is known to have arrived from there.
    assert (told["late_judged"], told["late_theirs_per_mille"], told["late_ours_per_mille"]) == (1, 1000, 0)
    assert (told["splits_theirs"], told["splits_ours"]) == (1, 0)
    assert (told["parcels_avoided"], told["parcels_added"]) == (1, 0)
    assert told["refused"] == {}


def test_each_order_shows_where_both_would_send_it_from(found: Shadowed) -> None:
    rows = {row["order"]: row for row in found.report.orders.to_dicts()}
    assert (rows["#1"]["theirs"], rows["#1"]["ours"], rows["#1"]["saved_minor"]) == ("east", "west", 400)
    assert (rows["#2"]["theirs"], rows["#2"]["ours"], rows["#2"]["saved_minor"]) == ("east + west", "east", 900)
    assert rows["#2"]["splits_avoided"] == 1
    assert (rows["#5"]["theirs"], rows["#5"]["ours"], rows["#5"]["alike"]) == ("east", "east", True)
    assert rows["#3"]["saved_minor"] is None
    assert rows["#3"]["not_compared"] == "the merchant has not sent all of it"


def test_days_and_locations_count_the_units_of_both_sides(found: Shadowed) -> None:
    assert found.report.days.rows() == [
        ("2026-09-02", "east", 2, 1, 2, 2),
        ("2026-09-02", "west", 1, 1, 1, 1),
        ("2026-09-04", "east", 1, 1, 1, 1),
    ]


def test_all_that_went_wrong_is_caught_once(found: Shadowed) -> None:
    caught = [(row["kind"], row["about"], row["sku"], row["units"]) for row in found.report.breaks.to_dicts()]
    assert caught == [
        ("oversold", "#3", "B", 2),
        ("shipped_twice", "#5", "A", 1),
        ("shipped_cancelled", "#4", "A", 1),
        ("never_shipped", "#3", "B", 3),
        ("count_differs", "c2-east", "A", -1),
        ("unmapped_sku", "ZZZ", "ZZZ", 1),
    ]
    assert (found.report.summary["oversold_orders"], found.report.summary["oversold_units"]) == (1, 2)


def test_the_order_in_which_messages_are_read_changes_nothing(found: Shadowed) -> None:
    mixed = list(HISTORY)
    random.Random(3).shuffle(mixed)
    again = shadow(mixed, SETUP)
    assert again.report.summary == found.report.summary
    assert again.report.orders.equals(found.report.orders)
    assert again.report.breaks.equals(found.report.breaks)
    assert again.commands == found.commands
    assert shadow([*HISTORY, *HISTORY], SETUP).report.summary == found.report.summary


def test_nobody_is_named_in_what_is_played_or_told(found: Shadowed) -> None:
    played = b"".join(found.commands)
    shown = page(found.report)
    assert found.commands
    for word in (b"Ada", b"Ben", b"Weg"):
        assert word not in played
        assert word not in shown


def test_the_pool_that_is_played_is_simulated_and_its_commands_can_be_read(found: Shadowed) -> None:
    first = commands.decode(found.commands[0])
    assert isinstance(first, commands.PutPool)
    assert first.simulated
    assert all(commands.decode(item).issued_at_ms <= at(10) for item in found.commands)


def test_a_given_model_decides_and_judges() -> None:
    model = RoutingModel(version=7, lanes={"west": (0, 0, 0, 900), "east": (0, 1000)})
    told = shadow(HISTORY, SETUP, model=model).report.summary
    # West has nobody's parcel there within two days.
    assert (told["late_theirs_per_mille"], told["late_ours_per_mille"]) == (1000, 1000)


def test_a_partner_s_word_of_a_parcel_goes_before_the_shop_s_echo() -> None:
    shop = HISTORY[2].account
    sent = parcel("1", 1, 2, "E1", {"A": 1})
    echo = Told(shop, ParcelStated(parcel_id="F1", at_ms=at(2.1), external_id="x1"))
    report = shadow([*HISTORY[:2], HISTORY[2], sent, echo], SETUP).report
    assert report.summary["breaks"] == {}
    assert report.orders["theirs"].to_list() == ["east"]


def test_stock_that_was_never_counted_is_what_left() -> None:
    report = shadow([order("1", 1, {"A": 2}, COLOGNE), parcel("1", 1, 2, "E1", {"A": 2})], SETUP).report
    assert report.summary["compared"] == 1
    assert report.summary["alike"] == 1
    assert report.summary["oversold_units"] == 0
    assert "1 levels were never counted: what left from them is taken to have been there." in report.assumed
    assert "1 SKUs were sold of which nobody said any stock: they are not judged oversold." in report.assumed


def test_the_first_count_is_worked_back_to_the_beginning() -> None:
    told = [order("1", 1, {"A": 2}, BERLIN), parcel("1", 1, 2, "E1", {"A": 2}), count("c", 3, "E1", {"A": 4})]
    sold = order("2", 3.5, {"A": 5}, BERLIN)
    report = shadow([*told, sold], SETUP).report
    assert [(row["kind"], row["units"]) for row in report.breaks.to_dicts()] == [("oversold", 1)]


def test_a_cancellation_that_comes_by_itself_frees_what_was_promised() -> None:
    told = [count("c", 0, "E1", {"A": 1}), order("1", 1, {"A": 1}, BERLIN)]
    off = Told(told[1].account, OrderCancelled(external_id="x1", at_ms=at(2)))
    later = order("2", 3, {"A": 1}, BERLIN)
    assert shadow([*told, later], SETUP).report.summary["oversold_units"] == 1
    assert shadow([*told, off, later], SETUP).report.summary["oversold_units"] == 0


def test_what_arrives_later_lets_an_order_leave_that_waited() -> None:
    told = [count("c1", 0, "E1", {"A": 0}), order("1", 1, {"A": 1}, BERLIN), parcel("1", 1, 1.5, "E1", {"A": 1})]
    # By its book the 3PL has sent what it did not have; its next count says that three had come.
    report = shadow([*told, count("c2", 2, "E1", {"A": 2})], SETUP).report
    assert report.summary["compared"] == 1
    assert report.summary["alike"] == 1
    assert [(row["kind"], row["units"]) for row in report.breaks.to_dicts()] == [("oversold", 1), ("count_differs", 3)]


def test_nothing_read_gives_an_empty_report_that_can_be_shown() -> None:
    report = shadow((), SETUP).report
    assert report.summary["orders"] == 0
    assert report.orders.height == 0
    assert b"Shadow of pool p" in page(report)
    assert next(sentences(report)) == "0 orders read, 0 of them compared."


def test_the_words_have_the_exact_figures(found: Shadowed) -> None:
    said = list(sentences(found.report))
    assert "Shipping would have cost 15.00 EUR instead of 28.00 EUR: 13.00 EUR less (46.4 %)." in said
    assert "Of 1 order with a promise that can be judged, 0 would have come late, instead of 1." in said
    assert "Oversold: 1 order, 2 units that no location had." in said
    assert BEGIN_MS % 86_400_000 == 0


def test_the_page_stands_alone(found: Shadowed) -> None:
    shown = page(found.report).decode()
    assert "<script" not in shown
    assert "http" not in shown
    assert shown.count("<svg") == 3
    assert "13.00" in shown
