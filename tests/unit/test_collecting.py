"""Click and collect: from the store's own stock, or shipped to the store; taken, or never come for."""

import pytest

from models import commands as c
from models.records.fulfillment import CarrierStatus, FulfillmentStatus
from models.records.order import CollectFrom, OrderStatus, Terms
from models.records.pool import LocationKind
from models.rejections import RejectionCode
from tests.support.builders import MINUTE_MS, Line, Shop, location
from tests.support.invariants import sound


class TestCollecting:
    @pytest.fixture
    def shop(self) -> Shop:
        shop = Shop().open()
        shop.locate(location("store", kind=LocationKind.STORE, collection=True))
        shop.stock("A", "store", 3)
        shop.stock("B", "berlin", 3)
        return shop

    def ready(self, shop: Shop) -> None:
        shop.place("1", Line("A", 2), terms=Terms(collect_at="store"))
        for step in (c.AcceptFulfillment, c.PickFulfillment, c.PackFulfillment, c.MakeReady):
            shop.later(MINUTE_MS)
            shop.do(step, **shop.on("1", 1))

    def test_an_order_from_the_stores_own_stock_lies_ready_and_is_taken(self, shop: Shop) -> None:
        self.ready(shop)
        fulfillment = shop.order("1").fulfillments[0]
        assert (fulfillment.status, fulfillment.by) == (
            FulfillmentStatus.READY,
            {"accepted": "tester", "picked": "tester", "packed": "tester", "ready": "tester"},
        )

        shop.do(c.CollectFulfillment, **shop.on("1", 1, parcel_id="desk"))

        assert shop.order("1").status is OrderStatus.DELIVERED
        assert (shop.level("A", "store").on_hand, sound(shop)) == (1, True)

    def test_what_other_locations_have_does_not_count_for_it(self, shop: Shop) -> None:
        order = shop.place("1", Line("B", 1), terms=Terms(collect_at="store"))

        assert order.status is OrderStatus.BACKORDERED
        assert shop.told[-1].events[-1].trace.excluded == {"not_collected_there": ("berlin",)}  # type: ignore[union-attr]

    def test_what_may_come_from_anywhere_is_shipped_to_the_store(self, shop: Shop) -> None:
        terms = Terms(collect_at="store", collect_from=CollectFrom.ANYWHERE)
        order = shop.place("1", Line("B", 1), terms=terms)
        assert order.fulfillments[0].location_id == "berlin"

        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))
        waits = shop.on("1", 1, parcel_id="p", status=CarrierStatus.AVAILABLE_FOR_PICKUP)
        shop.do(c.RecordScan, **waits)
        assert shop.order("1").status is OrderStatus.SHIPPED
        shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))

        assert shop.order("1").status is OrderStatus.DELIVERED

    def test_an_order_that_nobody_comes_for_is_cancelled_and_its_units_are_for_sale(self, shop: Shop) -> None:
        self.ready(shop)

        shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="not_collected"))

        assert shop.order("1").status is OrderStatus.CANCELLED
        assert (shop.level("A", "store").available, sound(shop)) == (3, True)

    def test_a_place_where_nobody_may_collect_is_refused(self, shop: Shop) -> None:
        asked = shop.content("1", Line("A", 1), terms=Terms(collect_at="berlin"))

        assert shop.refused(RejectionCode.COMMAND_INVALID, c.PlaceOrder, **asked) == "terms"

    def test_what_a_channel_has_sold_for_it_is_held_until_somebody_knows_better(self, shop: Shop) -> None:
        order = shop.place("1", Line("B", 1), terms=Terms(collect_at="mars"), sold=True)

        assert [(hold.type, hold.note) for hold in order.holds] == [("address", "nobody can collect at mars")]

    def test_only_what_is_collected_is_made_ready(self, shop: Shop) -> None:
        shop.place("1", Line("B", 1))
        for step in (c.PickFulfillment, c.PackFulfillment):
            shop.do(step, **shop.on("1", 1))

        assert shop.refused(RejectionCode.STATUS_FORBIDS, c.MakeReady, **shop.on("1", 1)) == "fulfillment_id"
