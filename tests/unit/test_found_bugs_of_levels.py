"""Bugs found in levels and in what is expected; each test fails until its bug is mended, and stays as its guard."""

from models import commands as c
from models.records.changes import AddUnits
from models.records.order import OrderStatus
from models.records.pool import Channel
from tests.support.builders import DAY_MS, HOUR_MS, Line, Shop, units
from tests.support.invariants import sound


def shop_with(*stock: tuple[str, str, int]) -> Shop:
    shop = Shop().open()
    for sku, place, quantity in stock:
        shop.stock(sku, place, quantity)
    return shop


def of_segment(shop: Shop) -> None:
    shop.do(c.PutChannels, channels=(Channel(channel_id="web", name="Web", segment="trade"),))


def fence(shop: Shop, quantity: int) -> None:
    shop.do(c.FenceStock, **shop.fact("berlin", sku="A", segment="trade", quantity=quantity))


def expect(shop: Shop, quantity: int, version: int = 0) -> None:
    lines = (c.StockLine(line="1", sku="A", quantity=quantity),) if quantity else ()
    fact = shop.fact("berlin", document="PO")
    shop.do(c.ExpectStock, **fact, lines=lines, expected_at_ms=shop.now_ms + DAY_MS, version=version)


def incoming(shop: Shop) -> int:
    views = shop.sku_view("A").incoming
    return sum(one.quantity for one in views) if isinstance(views, tuple) else 0


def balances(on_hand: int, unsellable: int, allocated: int = 0) -> c.Balances:
    return c.Balances(on_hand=on_hand, allocated=allocated, unsellable=unsellable, safety_stock=0)


class TestStockThatIsSetApart:
    def test_units_that_come_behind_a_fence_serve_the_orders_of_its_segment(self) -> None:
        shop = Shop().open()
        of_segment(shop)
        fence(shop, 10)
        shop.place("1", Line("A", 3))

        shop.stock("A", "berlin", 5)

        assert shop.order("1").status is OrderStatus.ROUTED

    def test_a_channel_that_comes_to_a_segment_serves_its_orders_within_the_hour(self) -> None:
        shop = shop_with(("A", "berlin", 4))
        fence(shop, 4)
        shop.place("1", Line("A", 3))

        of_segment(shop)
        shop.tick(2 * HOUR_MS)

        assert shop.order("1").status is OrderStatus.ROUTED

    def test_what_joined_from_behind_a_fence_goes_back_behind_it(self) -> None:
        shop = shop_with(("A", "berlin", 10))
        shop.place("1", Line("A", 1))
        of_segment(shop)
        fence(shop, 4)
        shop.do(c.EditOrder, **shop.on("1", changes=(AddUnits(line_id="1", quantity=2),)))
        assert shop.level("A", "berlin").fenced == {"trade": 2}

        shop.do(c.CancelUnits, **shop.on("1"))

        assert shop.level("A", "berlin").fenced == {"trade": 4}
        assert sound(shop)


class TestWhatIsExpected:
    def test_orders_that_a_large_receipt_served_count_on_nothing_any_more(self) -> None:
        shop = Shop().open()
        expect(shop, 150)
        for number in range(130):
            shop.place(str(number), Line("A"))

        shop.stock("A", "berlin", 150, expected="PO")

        lines = [shop.order(str(number)).lines[0] for number in range(130)]
        assert [line.allocated for line in lines] == [1] * 130
        assert [number for number, line in enumerate(lines) if line.pegs] == []

    def test_an_older_version_that_comes_after_the_end_of_its_document_is_ignored(self) -> None:
        shop = Shop().open()
        expect(shop, 10, version=1)
        expect(shop, 0, version=3)

        expect(shop, 10, version=2)

        assert incoming(shop) == 0

    def test_the_same_advice_said_again_does_not_expect_what_has_come(self) -> None:
        shop = Shop().open()
        expect(shop, 10, version=1)
        shop.stock("A", "berlin", 4, expected="PO")

        expect(shop, 10, version=1)

        assert incoming(shop) == 6


class TestRepairs:
    def test_a_repair_that_leaves_too_little_takes_units_from_who_loses(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.place("1", Line("A", 2))

        wrong = {"seen": balances(3, 0, allocated=2), "ledger": balances(3, 3, allocated=2)}
        shop.do(c.RepairLevel, **shop.fact("berlin", sku="A", **wrong), reason="the ledger says so")

        assert shop.level("A", "berlin").allocated == 0

    def test_a_repair_that_frees_units_serves_who_waits(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.do(c.AdjustStock, **shop.fact("berlin", sku="A", delta=0, unsellable_delta=3))
        shop.place("1", Line("A", 2))

        wrong = {"seen": balances(3, 3), "ledger": balances(3, 0)}
        shop.do(c.RepairLevel, **shop.fact("berlin", sku="A", **wrong), reason="the ledger says so")

        assert shop.order("1").status is OrderStatus.ROUTED

    def test_a_repair_leaves_no_more_units_in_a_state_than_are_unsellable(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.do(c.AdjustStock, **shop.fact("berlin", sku="A", delta=0, unsellable_delta=3))

        wrong = {"seen": balances(3, 3), "ledger": balances(3, 0)}
        shop.do(c.RepairLevel, **shop.fact("berlin", sku="A", **wrong), reason="the ledger says so")

        level = shop.level("A", "berlin")
        assert sum(level.states.values()) <= level.unsellable


class TestUnitsThatNobodyElseHas:
    def test_what_the_only_warehouse_did_not_find_is_sent_from_there_once_somebody_asks_anew(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.place("1", Line("A", 3))
        shop.do(c.PickFulfillment, **shop.on("1", 1, units=units(("1", 2))))
        assert shop.order("1").status is OrderStatus.PARTIALLY_ROUTED

        shop.stock("A", "berlin", 5)
        assert shop.order("1").lines[0].waiting == 1
        shop.do(c.RerouteOrder, **shop.on("1"))

        assert (shop.order("1").lines[0].waiting, shop.order("1").refused_by) == (0, ())
