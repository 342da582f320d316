"""What is required of levels, claims and what waits, each promise by itself."""

from collections.abc import Callable

import pytest

from models import commands as c
from models.records.changes import RemoveUnits
from models.records.hold import HoldType
from models.records.line import Component
from models.records.order import OrderStatus
from models.records.pool import CatalogueItem
from models.records.stock import MovementKind, Unsellable
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, HOUR_MS, Line, Shop, units
from tests.support.invariants import sound


def shop_with(*stock: tuple[str, str, int]) -> Shop:
    shop = Shop().open()
    for sku, place, quantity in stock:
        shop.stock(sku, place, quantity)
    return shop


def counters(shop: Shop, sku: str = "A", place: str = "berlin") -> tuple[int, int, int, int]:
    level = shop.level(sku, place)
    return level.on_hand, level.allocated, level.unsellable, level.available


class TestLevels:
    def test_on_hand_is_what_is_available_promised_unsellable_and_kept_back(self) -> None:
        shop = shop_with(("A", "berlin", 20))
        shop.place("1", Line("A", 4))
        shop.do(c.SetSafetyStock, **shop.fact("berlin", sku="A", quantity=2))
        for state, quantity in ((Unsellable.DAMAGED, 1), (Unsellable.QUALITY_CONTROL, 2), (Unsellable.RESERVED, 3)):
            shop.do(c.RestateStock, **shop.fact("berlin", sku="A", quantity=quantity, after=state))

        level = shop.level("A", "berlin")
        assert (level.on_hand, level.allocated, level.unsellable, level.safety_stock) == (20, 4, 6, 2)
        assert level.states == {"damaged": 1, "quality_control": 2, "reserved": 3}
        assert level.available == 20 - 4 - 6 - 2

    def test_what_is_expected_is_outside_of_on_hand(self) -> None:
        shop = shop_with(("A", "berlin", 1))
        lines = (c.StockLine(line="1", sku="A", quantity=9),)
        shop.do(c.ExpectStock, **shop.fact("berlin"), lines=lines, expected_at_ms=shop.now_ms + DAY_MS)

        order = shop.place("1", Line("A", 3))

        assert counters(shop) == (1, 1, 0, 0)
        assert (order.lines[0].allocated, order.lines[0].waiting) == (1, 2)

    def test_more_that_is_kept_back_takes_nothing_from_who_has_it(self) -> None:
        shop = shop_with(("A", "berlin", 5))
        shop.place("1", Line("A", 4))

        shop.do(c.SetSafetyStock, **shop.fact("berlin", sku="A", quantity=5))

        assert (shop.order("1").status, counters(shop)) == (OrderStatus.ROUTED, (5, 4, 0, 0))

    def test_every_change_of_on_hand_stands_in_the_ledger_with_its_cause(self) -> None:
        shop = shop_with(("A", "berlin", 5))
        shop.place("1", Line("A", 2))
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))
        shop.do(c.AdjustStock, **shop.fact("berlin", sku="A", delta=-1), reason="broken")

        told = [(m.kind, m.on_hand_delta, m.allocated_delta, m.order_id, m.reason) for m in shop.movements]
        assert told == [
            (MovementKind.RECEIVED, 5, 0, "", ""),
            (MovementKind.ALLOCATED, 0, 2, shop.order_id("1"), ""),
            (MovementKind.SHIPPED, -2, -2, shop.order_id("1"), ""),
            (MovementKind.ADJUSTED, -1, 0, "", "broken"),
        ]
        assert all(m.command_id for m in shop.movements)

    def test_a_set_that_saw_another_level_changes_nothing(self) -> None:
        shop = shop_with(("A", "berlin", 5))
        shop.do(c.SellAtTill, **shop.document("berlin", ("A", 1)))
        shop.later(1_000)

        counted = shop.fact("berlin", sku="A", counted=7, expected_on_hand=5)
        assert shop.refused(RejectionCode.COUNT_CONFLICT, c.CountStock, **counted) == "expected_on_hand"
        shop.do(c.CountStock, **shop.fact("berlin", sku="A", counted=7, expected_on_hand=4))

        assert counters(shop) == (7, 0, 0, 7)


def _cancel(shop: Shop) -> None:
    shop.do(c.CancelUnits, **shop.on("1"))


def _edit(shop: Shop) -> None:
    shop.do(c.EditOrder, **shop.on("1", changes=(RemoveUnits(line_id="1", quantity=3),)))


def _park(shop: Shop) -> None:
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PARKED))


def _refuse(shop: Shop) -> None:
    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="no_capacity"))


def _newer(shop: Shop) -> None:
    shop.do(c.PlaceOrder, **shop.content("1", Line("B", 1), source_version=2, lines=_only_b()))


def _only_b() -> tuple[c.NewLine, ...]:
    return (c.NewLine(line_id="2", sku="B", quantity=1),)


def _auto_cancel(shop: Shop) -> None:
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.OTHER, cancel_at_ms=shop.now_ms + HOUR_MS))
    shop.tick(2 * HOUR_MS)


RELEASES: dict[str, Callable[[Shop], None]] = {
    "cancelled": _cancel,
    "edited down": _edit,
    "parked": _park,
    "refused by its location": _refuse,
    "no longer stated by its channel": _newer,
    "held beyond its date": _auto_cancel,
}


class TestClaimsThatEnd:
    @pytest.mark.parametrize("release", RELEASES.values(), ids=RELEASES)
    def test_units_that_are_given_back_serve_who_waits_at_once(self, release: Callable[[Shop], None]) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.place("1", Line("A", 3), source_version=1)
        shop.place("2", Line("A", 3))
        assert shop.order("2").status is OrderStatus.BACKORDERED

        release(shop)

        assert (shop.order("2").status, counters(shop)) == (OrderStatus.ROUTED, (3, 3, 0, 0))
        assert sound(shop)

    def test_a_reservation_that_runs_out_serves_who_waits_at_once(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.reserve("1", Line("A", 3))
        shop.place("2", Line("A", 3))

        shop.tick(HOUR_MS)

        assert (shop.order("1").status, shop.order("2").status) == (OrderStatus.EXPIRED, OrderStatus.ROUTED)
        assert counters(shop) == (3, 3, 0, 0)

    def test_what_is_left_of_a_part_that_was_delivered_serves_who_waits(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.place("1", Line("A", 3))
        shop.place("2", Line("A", 1))
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 2))))
        shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))

        shop.do(c.CancelUnits, **shop.on("1"))

        assert (shop.order("1").status, shop.order("2").status) == (OrderStatus.DELIVERED, OrderStatus.ROUTED)
        assert counters(shop) == (1, 1, 0, 0)

    def test_a_reservation_placed_in_the_hour_in_which_it_runs_out_keeps_its_stock(self) -> None:
        shop = shop_with(("A", "berlin", 1))
        shop.reserve("1", Line("A"), time_to_live_ms=HOUR_MS)
        shop.later(HOUR_MS)

        shop.place("1", Line("A"))
        shop.tick(1_000)

        assert (shop.order("1").status, counters(shop)) == (OrderStatus.ROUTED, (1, 1, 0, 0))


class TestKits:
    def test_a_recipe_corrected_while_a_kit_is_held_back_takes_what_was_claimed(self) -> None:
        shop = shop_with(("A", "berlin", 6))
        shop.do(c.PutCatalogue, items=(CatalogueItem(sku="KIT", components=(Component(sku="A", quantity=2),)),))
        shop.place("1", Line("KIT", 2))
        shop.do(c.PutCatalogue, items=(CatalogueItem(sku="KIT", components=(Component(sku="A", quantity=3),)),))

        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 1))))
        shop.do(c.CancelUnits, **shop.on("1"))

        assert counters(shop) == (4, 0, 0, 4)
        assert shop.place("2", Line("KIT", 1)).lines[0].components == (Component(sku="A", quantity=3),)
        assert counters(shop) == (4, 3, 0, 1)


class TestTheLastUnit:
    def test_of_many_orders_exactly_as_many_get_one_as_there_are(self) -> None:
        shop = shop_with(("A", "berlin", 2), ("A", "munich", 1))

        for number in range(8):
            shop.place(str(number), Line("A"))

        routed = [shop.order(str(number)).status is OrderStatus.ROUTED for number in range(8)]
        assert routed == [True] * 3 + [False] * 5
        assert sound(shop)

    def test_a_count_as_of_before_a_sale_takes_the_sale_off_what_was_counted(self) -> None:
        shop = shop_with(("A", "berlin", 10))
        shop.later(HOUR_MS)
        counted_ms = shop.now_ms
        shop.later(HOUR_MS)
        shop.do(c.SellAtTill, **shop.document("berlin", ("A", 3)))
        shop.place("1", Line("A", 7))

        shop.do(c.CountStock, **{**shop.fact("berlin", sku="A", counted=9), "occurred_at_ms": counted_ms})

        assert counters(shop) == (6, 6, 0, 0)
        assert (shop.order("1").lines[0].allocated, shop.order("1").lines[0].waiting) == (6, 1)
        assert sound(shop)
