"""Waiting units count on expected receipts, first come first pegged; promises follow; arrivals serve who waits."""

from typing import Any

import pytest

from models import commands as c
from models.events import PromiseRevised
from models.records.hold import HoldType
from models.records.order import OrderStatus
from models.records.pool import CatalogueItem
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, HOUR_MS, MINUTE_MS, START_MS, Line, Shop


@pytest.fixture
def shop() -> Shop:
    return Shop().open(receipt_to_promise_ms=2 * DAY_MS)


def expect(shop: Shop, document: str, quantity: int, day: int, version: int = 1, **fields: Any) -> None:
    lines = (c.StockLine(line="1", sku="A", quantity=quantity),) if quantity else ()
    known = {"document": document, "lines": lines, "expected_at_ms": START_MS + day * DAY_MS, "version": version}
    shop.do(c.ExpectStock, **{**shop.fact("berlin"), **known, **fields})


def pegs(shop: Shop, external_id: str) -> list[tuple[str, int]]:
    return [(peg.receipt_id, peg.quantity) for line in shop.order(external_id).lines for peg in line.pegs]


def promised(shop: Shop, external_id: str) -> int | None:
    revised = shop.order(external_id).revised_promise_ms
    return None if revised is None else (revised - START_MS) // DAY_MS


def waiting_orders(shop: Shop, *quantities: int) -> None:
    for number, quantity in enumerate(quantities, start=1):
        shop.later(MINUTE_MS)
        shop.place(str(number), Line("A", quantity))


def test_who_waits_longest_is_pegged_to_what_comes_first(shop: Shop) -> None:
    waiting_orders(shop, 2, 3)

    expect(shop, "PO-2", 10, day=9)
    expect(shop, "PO-1", 4, day=5)

    assert pegs(shop, "1") == [("wms/PO-1/1", 2)]
    assert pegs(shop, "2") == [("wms/PO-1/1", 2), ("wms/PO-2/1", 1)]
    assert (promised(shop, "1"), promised(shop, "2")) == (7, 11)


def test_an_order_placed_later_counts_on_what_is_left(shop: Shop) -> None:
    expect(shop, "PO-1", 3, day=5)

    waiting_orders(shop, 2, 2)

    assert (pegs(shop, "1"), pegs(shop, "2")) == ([("wms/PO-1/1", 2)], [("wms/PO-1/1", 1)])


def test_an_order_of_higher_priority_takes_the_peg_of_one_that_came_before(shop: Shop) -> None:
    expect(shop, "PO-1", 2, day=5)
    waiting_orders(shop, 2)

    shop.place("urgent", Line("A", 2), priority=5)

    assert (pegs(shop, "urgent"), pegs(shop, "1")) == ([("wms/PO-1/1", 2)], [])


def test_a_delay_moves_the_promise_and_an_earlier_receipt_moves_it_back(shop: Shop) -> None:
    waiting_orders(shop, 2)
    expect(shop, "PO-1", 4, day=5)

    expect(shop, "PO-1", 4, day=12, version=2)
    assert promised(shop, "1") == 14
    expect(shop, "PO-0", 4, day=3)

    assert (pegs(shop, "1"), promised(shop, "1")) == ([("wms/PO-0/1", 2)], 5)
    revised = [e for told in shop.told for e in told.events if isinstance(e, PromiseRevised)]
    assert [((e.promise_by_ms - START_MS) // DAY_MS, e.cause) for e in revised] == [
        (7, "incoming"),
        (14, "incoming"),
        (5, "incoming"),
    ]


def test_the_first_promise_stays_and_is_never_made_earlier_than_it_was(shop: Shop) -> None:
    shop.place("1", Line("A", 1), promise_by_ms=START_MS + 30 * DAY_MS)

    expect(shop, "PO-1", 4, day=5)

    order = shop.order("1")
    assert (order.promise_by_ms, order.revised_promise_ms) == (START_MS + 30 * DAY_MS, None)


def test_an_older_version_of_an_advice_is_ignored(shop: Shop) -> None:
    waiting_orders(shop, 2)
    expect(shop, "PO-1", 4, day=5, version=3)
    before = shop.business()

    expect(shop, "PO-1", 1, day=50, version=2)

    assert shop.business() == before


def test_what_a_document_no_longer_names_is_not_expected(shop: Shop) -> None:
    waiting_orders(shop, 2)
    expect(shop, "PO-1", 4, day=5)

    expect(shop, "PO-1", 0, day=5, version=2)

    assert (pegs(shop, "1"), shop.sku_view("A").incoming) == ([], shop.sku_view("B").incoming)


def test_a_receipt_serves_who_is_pegged_and_takes_itself_off_what_is_expected(shop: Shop) -> None:
    waiting_orders(shop, 2, 3)
    expect(shop, "PO-1", 4, day=5)

    shop.stock("A", "berlin", 3, expected="PO-1")

    assert (shop.order("1").status, shop.order("2").lines[0].allocated) == (OrderStatus.ROUTED, 1)
    assert (pegs(shop, "1"), pegs(shop, "2")) == ([], [("wms/PO-1/1", 1)])
    incoming = shop.sku_view("A").incoming
    assert incoming
    assert [(view.quantity, view.expected_at_ms) for view in incoming] == [(1, START_MS + 5 * DAY_MS)]


def test_units_are_counted_on_as_far_as_the_supplier_is_reliable(shop: Shop) -> None:
    waiting_orders(shop, 10)

    expect(shop, "PO-1", 10, day=5, confidence_per_mille=850)

    assert pegs(shop, "1") == [("wms/PO-1/1", 8)]


def test_a_cancelled_order_leaves_its_peg_to_the_next(shop: Shop) -> None:
    expect(shop, "PO-1", 2, day=5)
    waiting_orders(shop, 2, 2)

    shop.do(c.CancelUnits, **shop.on("1"))

    assert (pegs(shop, "1"), pegs(shop, "2")) == ([], [("wms/PO-1/1", 2)])


def test_a_person_takes_a_peg_off_by_parking_the_line_and_it_comes_back_with_the_release(shop: Shop) -> None:
    waiting_orders(shop, 2, 3)
    expect(shop, "PO-1", 3, day=5)
    parked = shop.on("1", hold=HoldType.PARKED, line_id="1")

    shop.do(c.HoldOrder, **parked)
    assert (pegs(shop, "1"), pegs(shop, "2")) == ([], [("wms/PO-1/1", 3)])
    shop.do(c.ReleaseHold, **parked)
    assert (pegs(shop, "1"), pegs(shop, "2")) == ([("wms/PO-1/1", 2)], [("wms/PO-1/1", 1)])


def test_more_orders_than_one_command_may_touch_are_pegged_in_slices(shop: Shop) -> None:
    waiting_orders(shop, *([1] * 230))

    expect(shop, "PO-1", 230, day=5)

    assert all(pegs(shop, str(number)) == [("wms/PO-1/1", 1)] for number in range(1, 231))


class TestTheBackorderLimit:
    @pytest.fixture
    def capped(self, shop: Shop) -> Shop:
        shop.do(c.PutCatalogue, items=(CatalogueItem(sku="A", backorder_limit=3),))
        shop.stock("A", "berlin", 2)
        return shop

    def test_so_many_units_may_wait_and_no_more(self, capped: Shop) -> None:
        capped.place("1", Line("A", 4))

        assert capped.refused(RejectionCode.BACKORDER_LIMIT, c.PlaceOrder, **capped.content("2", Line("A", 2))) == (
            "quantity"
        )
        capped.place("3", Line("A", 1))
        assert capped.order("3").lines[0].waiting == 1

    def test_what_a_channel_has_sold_waits_beyond_it(self, capped: Shop) -> None:
        assert capped.place("1", Line("A", 9), sold=True).lines[0].waiting == 7

    def test_none_may_wait_where_it_is_nought(self, capped: Shop) -> None:
        capped.do(c.PutCatalogue, items=(CatalogueItem(sku="A", backorder_limit=0),))

        capped.refused(RejectionCode.BACKORDER_LIMIT, c.PlaceOrder, **capped.content("1", Line("A", 3)))
        assert capped.place("2", Line("A", 2)).status is OrderStatus.ROUTED

    def test_an_order_that_must_be_claimed_whole_is_refused_where_it_is_not(self, capped: Shop) -> None:
        capped.refused(
            RejectionCode.STOCK_TOO_LOW, c.PlaceOrder, stock=c.StockPolicy.REFUSE, **capped.content("1", Line("A", 3))
        )
        capped.do(c.PlaceOrder, stock=c.StockPolicy.REFUSE, **capped.content("2", Line("A", 2)))

    def test_an_order_that_is_to_skip_stock_claims_none_until_somebody_lets_it(self, capped: Shop) -> None:
        capped.do(c.PlaceOrder, stock=c.StockPolicy.SKIP, **capped.content("1", Line("A", 2)))
        order = capped.order("1")
        assert (order.status, order.lines[0].waiting, [hold.type for hold in order.holds]) == (
            OrderStatus.HELD,
            2,
            ["imported"],
        )
        capped.tick(2 * HOUR_MS)
        assert capped.level("A", "berlin").allocated == 0

        capped.do(c.ReleaseHold, **capped.on("1", hold="imported"))

        assert capped.order("1").status is OrderStatus.ROUTED


def test_an_arrival_that_names_a_sku_twice_fulfils_with_both_lines(shop: Shop) -> None:
    expect(shop, "PO", 10, 5)
    shop.do(c.ReceiveStock, **shop.document("berlin", ("A", 4), ("A", 5), expected="PO"))

    incoming = shop.sku_view("A").incoming
    assert isinstance(incoming, tuple)
    assert [receipt.quantity for receipt in incoming] == [1]
