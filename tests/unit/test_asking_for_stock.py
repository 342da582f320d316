"""From what others say of stock to what the core is asked, and what comes of it."""

from typing import Any

import pytest

from connectors.frame.facts import StockAdjusted, StockCounted, StockExpected, StockLine, StockReceived, TillSold
from connectors.frame.message import Account, Alias
from connectors.frame.reading import UnreadableError
from models import commands as c
from models.records.pool import StockBasis
from tests.support.builders import DAY_MS, START_MS, Shop, location
from tests.support.known import asked_of, tell

WMS = Account(
    name="wms",
    connector="any",
    pool="shop",
    location="berlin",
    aliases={"A-CASE": Alias(sku="A", quantity=6), "A EA": Alias(sku="A")},
)
AT: dict[str, Any] = {"document": "D1", "location": ""}


def lines(*stated: tuple[str, int], **fields: Any) -> tuple[StockLine, ...]:
    return tuple(
        StockLine(line=str(number), sku=sku, quantity=quantity, **fields)
        for number, (sku, quantity) in enumerate(stated, start=1)
    )


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 10)
    return shop


def test_a_count_books_only_what_differs(shop: Shop) -> None:
    shop.stock("B", "berlin", 4)
    counted = StockCounted(**AT, as_of_ms=shop.now_ms, lines=lines(("A", 7), ("B", 4)))

    asked = asked_of(shop, counted, WMS)
    tell(shop, counted, WMS)

    assert [one.command.sku for one in asked if isinstance(one.command, c.CountStock)] == ["A"]
    assert (shop.level("A", "berlin").on_hand, shop.level("B", "berlin").on_hand) == (7, 4)


def test_a_count_of_a_time_before_a_sale_is_booked_though_the_book_says_the_same_now(shop: Shop) -> None:
    counted_at_ms = shop.now_ms
    shop.now_ms += 60_000
    sale = TillSold(**AT | {"document": "T1"}, at_ms=shop.now_ms, lines=lines(("A", 2)))
    tell(shop, sale, WMS, message="sale")
    assert shop.level("A", "berlin").on_hand == 8

    tell(shop, StockCounted(**AT, as_of_ms=counted_at_ms, lines=lines(("A", 8))), WMS)

    assert shop.level("A", "berlin").on_hand == 6


def test_lots_cases_and_units_of_one_sku_are_counted_together(shop: Shop) -> None:
    stated = (
        *lines(("A-CASE", 2)),
        StockLine(line="2", sku="A", quantity=3, unit="EA", lot="L1"),
        StockLine(line="3", sku="A", quantity=1, unit="EA", lot="L2"),
    )
    tell(shop, StockCounted(**AT, as_of_ms=shop.now_ms, lines=stated), WMS)

    assert shop.level("A", "berlin").on_hand == 16


def test_what_may_be_sold_of_our_own_stock_is_not_booked(shop: Shop) -> None:
    assert asked_of(shop, StockCounted(**AT, as_of_ms=shop.now_ms, lines=lines(("A", 1)), available=True), WMS) == ()


def test_a_supplier_declares_what_it_has(shop: Shop) -> None:
    shop.locate(location("supplier", stock=StockBasis.DECLARED))
    supplier = Account(name="sup", connector="any", pool="shop", location="supplier")

    tell(shop, StockCounted(**AT, as_of_ms=shop.now_ms, lines=lines(("A", 5), ("B", -1)), available=True), supplier)

    assert (shop.level("A", "supplier").available, shop.level("B", "supplier").available) == (5, 0)


def test_a_count_below_nothing_is_refused(shop: Shop) -> None:
    with pytest.raises(UnreadableError, match="A cannot be counted as -1"):
        asked_of(shop, StockCounted(**AT, as_of_ms=shop.now_ms, lines=lines(("A", -1))), WMS)


def test_a_receipt_of_many_lines_is_booked_in_parts_and_once(shop: Shop) -> None:
    many = StockReceived(
        **AT, at_ms=shop.now_ms, lines=tuple(StockLine(line=str(number), sku="A", quantity=1) for number in range(150))
    )
    assert len(tell(shop, many, WMS)) == 2
    tell(shop, many, WMS, message="again")

    assert shop.level("A", "berlin").on_hand == 160


def test_what_comes_in_damaged_is_on_hand_and_not_for_sale(shop: Shop) -> None:
    received = StockReceived(
        **AT, at_ms=shop.now_ms, lines=(*lines(("A", 5)), StockLine(line="9", sku="A", quantity=2, state="damaged"))
    )
    tell(shop, received, WMS)

    level = shop.level("A", "berlin")
    assert (level.on_hand, level.unsellable, level.states) == (17, 2, {"damaged": 2})


def test_an_adjustment_moves_units_between_states(shop: Shop) -> None:
    moved = (
        StockLine(line="1a", sku="A", quantity=-3, reason="dropped"),
        StockLine(line="1b", sku="A", quantity=3, state="damaged", reason="dropped"),
    )
    tell(shop, StockAdjusted(**AT, at_ms=shop.now_ms, lines=moved), WMS)

    level = shop.level("A", "berlin")
    assert (level.on_hand, level.unsellable, level.available) == (10, 3, 7)


def test_a_state_that_we_do_not_have_is_refused_by_name(shop: Shop) -> None:
    strange = StockAdjusted(**AT, at_ms=shop.now_ms, lines=lines(("A", 1), state="lost in space"))

    with pytest.raises(UnreadableError, match="lost in space is no state of stock"):
        asked_of(shop, strange, WMS)


def test_a_till_sells_and_takes_back(shop: Shop) -> None:
    tell(shop, TillSold(**AT, at_ms=shop.now_ms, lines=lines(("A", 3), ("A", -1))), WMS)

    assert shop.level("A", "berlin").on_hand == 8


def test_what_is_expected_may_come_later_than_it_was_said(shop: Shop) -> None:
    tell(
        shop,
        StockExpected(**AT, at_ms=shop.now_ms, expected_at_ms=START_MS + DAY_MS, lines=lines(("A", 6)), version=1),
        WMS,
    )
    tell(
        shop,
        StockExpected(**AT, at_ms=shop.now_ms, expected_at_ms=START_MS + 2 * DAY_MS, lines=lines(("A", 6)), version=2),
        WMS,
        message="m2",
    )

    incoming = shop.sku_view("A").incoming
    assert isinstance(incoming, tuple)
    assert [(one.quantity, one.expected_at_ms) for one in incoming] == [(6, START_MS + 2 * DAY_MS)]


def test_a_place_that_the_account_does_not_map_is_refused(shop: Shop) -> None:
    account = Account(name="till", connector="any", pool="shop", locations={"S1": "berlin"})
    sale = TillSold(document="D", location="S2", at_ms=START_MS, lines=lines(("A", 1)))

    with pytest.raises(UnreadableError, match="location: account till maps no location to 'S2'"):
        asked_of(shop, sale, account)
