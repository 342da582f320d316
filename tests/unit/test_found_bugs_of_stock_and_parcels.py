"""Bugs found in holds, parcels and stock; each test fails until its bug is mended, and stays as its guard."""

from typing import Any

from models import commands as c
from models.records.changes import AddUnits
from models.records.fulfillment import CarrierStatus
from models.records.hold import HoldType
from models.records.order import Customer, OrderStatus, Terms
from models.records.pool import LocationKind
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, HOUR_MS, Line, Shop, location, units
from tests.support.invariants import sound

BUYER = Customer(customer_id="buyer")


def shop_with(*stock: tuple[str, str, int]) -> Shop:
    shop = Shop().open()
    for sku, place, quantity in stock:
        shop.stock(sku, place, quantity)
    return shop


def put_together(shop: Shop) -> None:
    """Let the first fulfillment of order 2 leave in the parcel of order 1's."""
    other = {"other_order_id": shop.order_id("2"), "other_fulfillment_id": f"{shop.order_id('2')}-1"}
    shop.do(c.MergeFulfillments, **shop.on("1", 1, **other))


class TestHolds:
    def test_a_fulfillment_held_beyond_its_date_is_the_one_that_is_cancelled(self) -> None:
        shop = shop_with(("A", "berlin", 1), ("A", "hamburg", 1))
        order = shop.place("1", Line("A", 2))
        held, other = (f.location_id for f in order.fulfillments)
        until: dict[str, Any] = {"hold": HoldType.OTHER, "cancel_at_ms": shop.now_ms + HOUR_MS}
        shop.do(c.HoldOrder, **shop.on("1", **until, fulfillment_id=order.fulfillments[0].fulfillment_id))

        shop.tick(2 * HOUR_MS)

        left = {f.location_id: f.lines[0].allocated for f in shop.order("1").fulfillments}
        assert left == {held: 0, other: 1}

    def test_what_is_picked_and_not_paid_in_time_stays_held(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.place("1", Line("A", 3))
        shop.do(c.PickFulfillment, **shop.on("1", 1))
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT, cancel_at_ms=shop.now_ms + HOUR_MS))

        shop.tick(2 * HOUR_MS)

        assert shop.order("1").status is OrderStatus.HELD
        shop.refused(RejectionCode.ORDER_HELD, c.PackFulfillment, **shop.on("1", 1))

    def test_what_a_partner_has_and_is_not_paid_in_time_is_asked_back(self) -> None:
        shop = Shop().open()
        shop.locate(location("partner", kind=LocationKind.THIRD_PARTY))
        shop.stock("A", "partner", 3)
        shop.place("1", Line("A", 3))
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT, cancel_at_ms=shop.now_ms + HOUR_MS))

        shop.tick(2 * HOUR_MS)

        assert shop.order("1").fulfillments[0].cancellation is not None

    def test_a_fulfillment_cannot_be_parked_since_without_its_stock_it_is_none(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        order = shop.place("1", Line("A", 3))

        parked: dict[str, Any] = {"hold": HoldType.PARKED, "fulfillment_id": order.fulfillments[0].fulfillment_id}
        shop.refused(RejectionCode.COMMAND_INVALID, c.HoldOrder, **shop.on("1", **parked))

        assert shop.order("1").lines[0].allocated == 3

    def test_what_is_held_and_refused_is_held_where_it_goes(self) -> None:
        shop = shop_with(("A", "berlin", 3), ("A", "hamburg", 3))
        order = shop.place("1", Line("A", 2))
        part = order.fulfillments[0].fulfillment_id
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.OTHER, fulfillment_id=part))

        shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="closed"))

        shop.refused(RejectionCode.ORDER_HELD, c.PickFulfillment, **shop.on("1", 2))

    def test_a_date_by_another_app_does_not_end_a_hold_that_has_none(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.place("1", Line("A", 2))
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.FRAUD_REVIEW), actor="app-1")

        until: dict[str, Any] = {"hold": HoldType.FRAUD_REVIEW, "release_at_ms": shop.now_ms + HOUR_MS}
        shop.send(shop.make(c.HoldOrder, **shop.on("1", **until), actor="app-2"))
        shop.tick(2 * HOUR_MS)

        assert shop.order("1").status is OrderStatus.HELD

    def test_a_hold_that_ended_before_its_last_date_cancels_nothing_though_the_clock_was_late(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.place("1", Line("A", 2))
        dates = {"release_at_ms": shop.now_ms + HOUR_MS, "cancel_at_ms": shop.now_ms + 2 * HOUR_MS}
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.OTHER, **dates))

        shop.tick(3 * HOUR_MS)

        assert shop.order("1").status is OrderStatus.ROUTED


class TestOrdersInOneParcel:
    def both(self, **second: Any) -> Shop:
        shop = shop_with(("A", "berlin", 9))
        shop.locate(location("berlin", collection=True))
        shop.place("1", Line("A", 3), customer=BUYER)
        shop.place("2", Line("A", 1), customer=BUYER, **second)
        return shop

    def test_the_arrival_of_an_earlier_parcel_ships_nothing_of_the_other_order(self) -> None:
        shop = self.both()
        put_together(shop)
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="first", units=units(("1", 2))))

        shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="first"))

        assert (shop.order("2").status, shop.order("2").parcels) == (OrderStatus.ROUTED, ())

    def test_an_earlier_parcel_told_again_ships_nothing_of_the_other_order(self) -> None:
        shop = self.both()
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="first", units=units(("1", 2))))
        put_together(shop)

        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="first"))

        assert (shop.order("2").status, shop.order("2").parcels) == (OrderStatus.ROUTED, ())

    def test_an_order_held_for_fraud_does_not_leave_in_another_orders_parcel(self) -> None:
        shop = self.both()
        put_together(shop)
        shop.do(c.HoldOrder, **shop.on("2", hold=HoldType.FRAUD_REVIEW))

        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

        assert (shop.order("2").status, shop.order("2").lines[0].shipped) == (OrderStatus.HELD, 0)

    def test_what_is_only_reserved_is_not_put_into_a_parcel(self) -> None:
        shop = shop_with(("A", "berlin", 9))
        shop.place("1", Line("A", 3), customer=BUYER)
        shop.reserve("2", Line("A", 1), customer=BUYER)

        other = {"other_order_id": shop.order_id("2"), "other_fulfillment_id": f"{shop.order_id('2')}-1"}
        shop.refused(RejectionCode.NOT_TOGETHER, c.MergeFulfillments, **shop.on("1", 1, **other))

    def test_what_is_collected_is_not_sent_with_what_is_shipped(self) -> None:
        shop = self.both(terms=Terms(collect_at="berlin"))

        other = {"other_order_id": shop.order_id("2"), "other_fulfillment_id": f"{shop.order_id('2')}-1"}
        shop.refused(RejectionCode.NOT_TOGETHER, c.MergeFulfillments, **shop.on("1", 1, **other))

    def test_two_fulfillments_of_one_order_leave_in_one_parcel(self) -> None:
        shop = shop_with(("A", "berlin", 9))
        shop.place("1", Line("A", 2))
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))
        shop.do(c.EditOrder, **shop.on("1", changes=(AddUnits(line_id="1", quantity=1),)))
        other = {"other_order_id": shop.order_id("1"), "other_fulfillment_id": f"{shop.order_id('1')}-2"}
        shop.do(c.MergeFulfillments, **shop.on("1", 1, **other))

        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

        assert (shop.order("1").status, shop.level("A", "berlin").on_hand) == (OrderStatus.SHIPPED, 6)


class TestParcels:
    def test_a_parcel_heard_of_by_its_arrival_has_the_units_that_its_shipment_states(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.place("1", Line("A", 3))
        shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="first"))

        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="first", units=units(("1", 2))))
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="second", units=units(("1", 1))))

        line = shop.order("1").lines[0]
        assert (line.shipped, line.delivered, shop.level("A", "berlin").on_hand) == (3, 2, 0)
        assert sound(shop)

    def test_silence_is_not_told_again_for_an_old_scan_that_comes_late(self) -> None:
        shop = shop_with(("A", "berlin", 1))
        shop.place("1", Line("A"))
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", carrier="dhl", tracking_number="t"))
        early_ms = shop.now_ms + 1
        shop.later(HOUR_MS)
        shop.do(c.RecordScan, **shop.on("1", 1, parcel_id="p", status=CarrierStatus.IN_TRANSIT))
        shop.tick(4 * DAY_MS)
        assert shop.events() == ["parcel_silent"]

        late = {**shop.on("1", 1, parcel_id="p", status=CarrierStatus.PRE_TRANSIT), "occurred_at_ms": early_ms}
        shop.do(c.RecordScan, **late)
        shop.tick(HOUR_MS)

        assert shop.events() == []

    def test_a_collection_of_other_units_under_the_same_parcel_is_refused(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.locate(location("berlin", collection=True))
        shop.place("1", Line("A", 3), terms=Terms(collect_at="berlin"))
        shop.do(c.CollectFulfillment, **shop.on("1", 1, parcel_id="p", units=units(("1", 1))))

        again = shop.on("1", 1, parcel_id="p", units=units(("1", 2)))
        shop.refused(RejectionCode.PARCEL_CONFLICT, c.CollectFulfillment, **again)
