"""Stock that is a supplier's, or not counted at all; units set aside in a state or apart for a segment; repairs."""

import pytest

from models import commands as c
from models.records.order import OrderStatus
from models.records.pool import CatalogueItem, Channel, LocationKind, RoutingModel, StockBasis
from models.records.stock import Unsellable
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, HOUR_MS, MINUTE_MS, Line, Shop, location
from tests.support.invariants import sound


class TestDeclaredStock:
    @pytest.fixture
    def shop(self) -> Shop:
        shop = Shop().open(declared_stale_ms=2 * DAY_MS)
        shop.locate(location("supplier", kind=LocationKind.DROP_SHIPPER, stock=StockBasis.DECLARED))
        return shop

    def declare(self, shop: Shop, quantity: int, as_of_ms: int) -> None:
        lines = (c.DeclaredLine(line="1", sku="A", quantity=quantity),)
        shop.do(c.DeclareStock, **shop.fact("supplier", lines=lines, occurred_at_ms=as_of_ms))

    def test_what_was_ordered_after_the_declaration_is_taken_off_it(self, shop: Shop) -> None:
        self.declare(shop, 10, shop.now_ms)
        asked_ms = shop.now_ms + MINUTE_MS
        shop.later(HOUR_MS)
        shop.place("1", Line("A", 4))

        shop.later(HOUR_MS)
        self.declare(shop, 8, asked_ms)

        assert shop.level("A", "supplier").available == 4
        assert sound(shop)

    def test_what_was_ordered_before_the_declaration_is_in_it_already(self, shop: Shop) -> None:
        self.declare(shop, 10, shop.now_ms)
        shop.later(HOUR_MS)
        shop.place("1", Line("A", 4))
        shop.later(HOUR_MS)

        self.declare(shop, 6, shop.now_ms)

        level = shop.level("A", "supplier")
        assert (level.available, level.allocated, level.on_hand) == (6, 4, 10)

    def test_units_that_shipped_between_the_declaration_and_its_coming_count_once(self, shop: Shop) -> None:
        self.declare(shop, 10, shop.now_ms)
        shop.later(HOUR_MS)
        shop.place("before", Line("A", 2))
        asked_ms = shop.now_ms + MINUTE_MS
        shop.later(HOUR_MS)
        shop.place("after", Line("A", 3))
        for name in ("before", "after"):
            shop.do(c.ShipParcel, **shop.on(name, 1, parcel_id=name))

        self.declare(shop, 8, asked_ms)

        level = shop.level("A", "supplier")
        assert (level.available, level.allocated) == (5, 0)
        assert sound(shop)

    def test_an_older_declaration_changes_nothing(self, shop: Shop) -> None:
        self.declare(shop, 10, shop.now_ms)
        before = shop.business()

        self.declare(shop, 99, shop.now_ms - HOUR_MS)

        assert shop.events() == ["stock_compared"]
        assert shop.business() == before

    def test_a_declaration_that_is_stale_is_not_counted_on(self, shop: Shop) -> None:
        self.declare(shop, 10, shop.now_ms)
        shop.later(3 * DAY_MS)

        assert shop.place("1", Line("A", 1)).status is OrderStatus.BACKORDERED
        self.declare(shop, 10, shop.now_ms)

        assert shop.order("1").status is OrderStatus.ROUTED

    def test_less_than_was_ordered_sends_the_last_orders_elsewhere(self, shop: Shop) -> None:
        self.declare(shop, 3, shop.now_ms)
        shop.later(MINUTE_MS)
        for name in ("1", "2", "3"):
            shop.later(MINUTE_MS)
            shop.place(name, Line("A", 1))
        shop.stock("A", "berlin", 1)

        self.declare(shop, 2, shop.now_ms - 3 * MINUTE_MS)

        assert [shop.order(name).fulfillments[-1].location_id for name in ("1", "2", "3")] == [
            "supplier",
            "supplier",
            "berlin",
        ]
        assert sound(shop)

    def test_a_suppliers_stock_is_not_counted_by_us(self, shop: Shop) -> None:
        asked = shop.fact("supplier", sku="A", counted=3)

        assert shop.refused(RejectionCode.COMMAND_INVALID, c.CountStock, **asked) == "location_id"

    def test_our_own_stock_is_not_declared(self, shop: Shop) -> None:
        lines = (c.DeclaredLine(line="1", sku="A", quantity=4),)

        assert shop.refused(RejectionCode.COMMAND_INVALID, c.DeclareStock, **shop.fact("berlin", lines=lines)) == (
            "location_id"
        )


class TestUntrackedStock:
    @pytest.fixture
    def shop(self) -> Shop:
        shop = Shop().open()
        shop.do(c.PutCatalogue, items=(CatalogueItem(sku="CARD", untracked=True),))
        return shop

    def test_an_untracked_sku_is_never_backordered_not_even_beside_one_that_is_short(self, shop: Shop) -> None:
        shop.stock("A", "hamburg", 1)

        order = shop.place("1", Line("CARD", 500), Line("A", 2))

        assert [(line.allocated, line.waiting) for line in order.lines] == [(500, 0), (1, 1)]
        assert sound(shop)

    def test_shipping_it_leaves_no_debt_behind(self, shop: Shop) -> None:
        shop.place("1", Line("CARD", 5))

        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

        level = shop.level("CARD", shop.order("1").fulfillments[0].location_id)
        assert (level.on_hand, level.allocated) == (0, 0)
        assert sound(shop)

    def test_at_an_untracked_location_there_is_enough_of_what_it_carries(self, shop: Shop) -> None:
        shop.stock("A", "munich", 1)
        shop.locate(location("munich", stock=StockBasis.UNTRACKED))

        order = shop.place("1", Line("A", 700))

        assert (order.status, order.fulfillments[0].location_id) == (OrderStatus.ROUTED, "munich")
        assert shop.place("2", Line("B", 1)).status is OrderStatus.BACKORDERED
        assert sound(shop)

    def test_a_location_that_is_counted_again_promises_what_it_has(self, shop: Shop) -> None:
        shop.stock("A", "munich", 2)
        shop.locate(location("munich", stock=StockBasis.UNTRACKED))

        shop.locate(location("munich"))

        assert shop.place("1", Line("A", 3)).lines[0].waiting == 1


class TestStates:
    @pytest.fixture
    def shop(self) -> Shop:
        shop = Shop().open()
        shop.stock("A", "berlin", 10)
        return shop

    def test_units_go_from_sale_to_a_check_and_from_there_to_damaged_or_back(self, shop: Shop) -> None:
        check, damaged = Unsellable.QUALITY_CONTROL, Unsellable.DAMAGED

        shop.do(c.RestateStock, **shop.fact("berlin", sku="A", quantity=4, after=check))
        shop.do(c.RestateStock, **shop.fact("berlin", sku="A", quantity=1, before=check, after=damaged))
        shop.do(c.RestateStock, **shop.fact("berlin", sku="A", quantity=2, before=check))

        level = shop.level("A", "berlin")
        assert (level.states, level.unsellable, level.available) == ({"damaged": 1, "quality_control": 1}, 2, 8)
        assert sound(shop)

    def test_more_units_than_are_in_a_state_are_refused(self, shop: Shop) -> None:
        asked = shop.fact("berlin", sku="A", quantity=1, before=Unsellable.DAMAGED)

        assert shop.refused(RejectionCode.STOCK_TOO_LOW, c.RestateStock, **asked) == "quantity"

    def test_units_that_are_set_aside_are_taken_from_the_order_that_loses(self, shop: Shop) -> None:
        shop.place("1", Line("A", 9))

        shop.do(c.RestateStock, **shop.fact("berlin", sku="A", quantity=3, after=Unsellable.DAMAGED))

        assert (shop.order("1").lines[0].allocated, shop.order("1").lines[0].waiting) == (7, 2)
        assert "oversold" in shop.events()

    def test_units_back_for_sale_serve_who_waits(self, shop: Shop) -> None:
        shop.do(c.RestateStock, **shop.fact("berlin", sku="A", quantity=10, after=Unsellable.RESERVED))
        shop.place("1", Line("A", 2))

        shop.do(c.RestateStock, **shop.fact("berlin", sku="A", quantity=10, before=Unsellable.RESERVED))

        assert shop.order("1").status is OrderStatus.ROUTED

    def test_a_parcel_that_comes_back_unfit_is_to_be_checked(self, shop: Shop) -> None:
        shop.place("1", Line("A", 2))
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

        shop.do(c.ReturnParcelToSender, **shop.on("1", 1, parcel_id="p", restock=False))

        assert shop.level("A", "berlin").states == {"quality_control": 2}


class TestSegments:
    @pytest.fixture
    def shop(self) -> Shop:
        shop = Shop().open()
        shop.do(c.PutChannels, channels=(Channel(channel_id="trade", name="Trade", segment="wholesale"),))
        shop.stock("A", "berlin", 10)
        shop.do(c.FenceStock, **shop.fact("berlin", sku="A", segment="wholesale", quantity=6))
        return shop

    def trade(self, shop: Shop, name: str, quantity: int) -> None:
        shop.do(c.PlaceOrder, **shop.content(name, Line("A", quantity), channel="trade"))

    def test_what_is_fenced_is_for_its_own_channel_alone(self, shop: Shop) -> None:
        order = shop.place("1", Line("A", 5))

        assert (order.lines[0].allocated, order.lines[0].waiting) == (4, 1)
        assert shop.level("A", "berlin").available == 0

    def test_a_channel_takes_its_own_first_and_then_what_is_free_to_all(self, shop: Shop) -> None:
        self.trade(shop, "1", 8)

        level = shop.level("A", "berlin")
        assert (level.allocated, level.fenced, level.available) == (8, {}, 2)
        assert sound(shop)

    def test_what_is_cancelled_goes_back_behind_its_fence_though_the_channel_has_another_by_then(
        self, shop: Shop
    ) -> None:
        self.trade(shop, "1", 8)
        shop.do(c.PutChannels, channels=(Channel(channel_id="trade", name="Trade", segment="other"),))
        order_id = next(iter(shop.told[-2].others or {shop.told[-2].order_id: 1}))

        shop.do(c.CancelUnits, order_id=order_id)

        level = shop.level("A", "berlin")
        assert (level.allocated, level.fenced, level.available) == (0, {"wholesale": 6}, 4)

    def test_a_fence_that_is_lowered_serves_who_waits(self, shop: Shop) -> None:
        shop.place("1", Line("A", 7))

        shop.do(c.FenceStock, **shop.fact("berlin", sku="A", segment="wholesale", quantity=2))

        assert shop.order("1").lines[0].allocated == 7

    def test_a_fence_above_what_is_there_leaves_nothing_to_others_and_breaks_nobody(self, shop: Shop) -> None:
        shop.place("1", Line("A", 4))

        shop.do(c.FenceStock, **shop.fact("berlin", sku="A", segment="wholesale", quantity=50))

        assert (shop.order("1").lines[0].allocated, shop.level("A", "berlin").available) == (4, 0)


class TestRepair:
    def test_a_level_is_put_right_only_while_it_is_as_it_was_seen(self) -> None:
        shop = Shop().open()
        shop.stock("A", "berlin", 5)
        seen = c.Balances(on_hand=5, allocated=0, unsellable=0, safety_stock=0)
        right = c.Balances(on_hand=7, allocated=0, unsellable=0, safety_stock=0)
        asked = shop.fact("berlin", sku="A", seen=seen, ledger=right)

        shop.do(c.RepairLevel, **asked, reason="the ledger sums to 7")
        assert (shop.level("A", "berlin").on_hand, shop.events()) == (7, ["level_repaired"])

        again = shop.refused(RejectionCode.COUNT_CONFLICT, c.RepairLevel, **asked, reason="the ledger sums to 7")
        assert again == "seen"

    def test_a_repair_says_why(self) -> None:
        shop = Shop().open()
        seen = c.Balances(on_hand=0, allocated=0, unsellable=0, safety_stock=0)

        asked = shop.fact("berlin", sku="A", seen=seen, ledger=seen)

        assert shop.refused(RejectionCode.COMMAND_INVALID, c.RepairLevel, **asked) == "reason"


def test_a_location_that_often_does_not_find_units_promises_fewer() -> None:
    shop = Shop().open()
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="A", category="shoes"),))
    model = RoutingModel(version=1, lanes={"*": (1000,)}, pick_success={"berlin": 900, "berlin/shoes": 500})
    shop.do(c.PutRoutingModel, model=model)
    shop.stock("A", "berlin", 5)
    shop.stock("B", "berlin", 5)

    order = shop.place("1", Line("A", 5), Line("B", 5))

    assert [line.allocated for line in order.lines] == [2, 4]
