"""Bugs found in how orders are taken and changed; each test fails until its bug is mended, and stays as its guard."""

from models import commands as c
from models.records.changes import AddLine, AddUnits, SetDestination, SetDiscount
from models.records.hold import HoldType
from models.records.line import Component
from models.records.order import NewLine, OrderStatus, Terms
from models.records.place import Destination
from models.records.pool import CatalogueItem, Channel, LocationKind
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, HOUR_MS, Line, Shop, location, units
from tests.support.invariants import sound


def shop_with(*stock: tuple[str, str, int]) -> Shop:
    shop = Shop().open()
    for sku, place, quantity in stock:
        shop.stock(sku, place, quantity)
    return shop


class TestAReservationThatIsPlaced:
    def test_keeps_the_recipe_by_which_its_stock_was_claimed(self) -> None:
        shop = shop_with(("A", "berlin", 10))
        shop.do(c.PutCatalogue, items=(CatalogueItem(sku="KIT", components=(Component(sku="A", quantity=2),)),))
        shop.reserve("1", Line("KIT", 2))
        shop.do(c.PutCatalogue, items=(CatalogueItem(sku="KIT", components=(Component(sku="A", quantity=3),)),))

        shop.place("1", Line("KIT", 2))
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

        level = shop.level("A", "berlin")
        assert (level.on_hand, level.allocated) == (6, 0)
        assert sound(shop)

    def test_with_fewer_units_than_an_edit_gave_it_has_what_the_channel_states(self) -> None:
        shop = shop_with(("A", "berlin", 10))
        shop.reserve("1", Line("A", 3))
        shop.do(c.EditOrder, **shop.on("1", changes=(AddUnits(line_id="1", quantity=2),)))

        order = shop.place("1", Line("A", 3))

        assert (order.lines[0].quantity, order.lines[0].waiting, order.lines[0].allocated) == (3, 0, 3)
        assert sound(shop)

    def test_without_a_line_that_an_edit_added_has_what_the_channel_states(self) -> None:
        shop = shop_with(("A", "berlin", 10), ("B", "berlin", 10))
        shop.reserve("1", Line("A", 3))
        added = AddLine(line=NewLine(line_id="9", sku="B", quantity=1))
        shop.do(c.EditOrder, **shop.on("1", changes=(added,)))

        order = shop.place("1", Line("A", 3))

        assert [(line.sku, line.allocated) for line in order.lines] == [("A", 3)]
        assert sound(shop)

    def test_waits_for_its_money_until_it_is_due(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.reserve("1", Line("A", 3))

        order = shop.place("1", Line("A", 3), terms=Terms(pay_by_ms=shop.now_ms + HOUR_MS))

        assert [hold.type for hold in order.holds] == [HoldType.PAYMENT]
        shop.tick(2 * HOUR_MS)
        assert shop.order("1").status is OrderStatus.CANCELLED
        assert shop.level("A", "berlin").available == 3

    def test_is_not_released_before_its_requested_date(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.reserve("1", Line("A", 3))

        shop.place("1", Line("A", 3), terms=Terms(requested_at_ms=shop.now_ms + DAY_MS))

        assert [hold.type for hold in shop.order("1").holds] == [HoldType.SCHEDULED]

    def test_above_its_channels_amount_waits_for_approval(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.do(c.PutChannels, channels=(Channel(channel_id="web", name="Web", approval_above_minor=5_000),))
        shop.reserve("1", Line("A", 3))

        order = shop.place("1", Line("A", 3), shipping_minor=9_000)

        assert (order.total_minor, order.status) == (12_000, OrderStatus.HELD)

    def test_for_collection_is_located_where_it_is_collected(self) -> None:
        shop = shop_with(("A", "berlin", 3), ("A", "munich", 3))
        shop.locate(location("munich", kind=LocationKind.STORE, collection=True))
        assert shop.reserve("1", Line("A", 3)).fulfillments[0].location_id == "berlin"

        order = shop.place("1", Line("A", 3), terms=Terms(collect_at="munich"))

        assert [(f.location_id, f.lines[0].allocated) for f in order.fulfillments if f.lines[0].allocated] == [
            ("munich", 3)
        ]

    def test_may_wait_for_what_it_waited_for_as_a_reservation(self) -> None:
        shop = Shop().open()
        shop.do(c.PutCatalogue, items=(CatalogueItem(sku="A", backorder_limit=5),))
        shop.reserve("1", Line("A", 4))

        order = shop.place("1", Line("A", 4))

        assert (order.status, order.lines[0].waiting) == (OrderStatus.BACKORDERED, 4)

    def test_with_the_clock_stopped_by_hand_does_not_come_at_risk(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        promise = {"promise_by_ms": shop.now_ms + 30 * HOUR_MS}
        shop.reserve("1", Line("A", 3), **promise)
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.CUSTOMER_REQUEST))

        shop.place("1", Line("A", 3), **promise)
        shop.tick(10 * HOUR_MS)

        assert not shop.order("1").at_risk


class TestChangesOfAnOrder:
    def test_an_edit_above_the_channels_amount_waits_for_approval(self) -> None:
        shop = shop_with(("A", "berlin", 9))
        shop.do(c.PutChannels, channels=(Channel(channel_id="web", name="Web", approval_above_minor=5_000),))
        shop.place("1", Line("A", 3))

        shop.do(c.EditOrder, **shop.on("1", changes=(AddUnits(line_id="1", quantity=5),)))

        assert [hold.type for hold in shop.order("1").holds] == [HoldType.APPROVAL]

    def test_another_sku_that_the_channel_states_on_a_line_is_sent_or_asked_about(self) -> None:
        shop = shop_with(("A", "berlin", 9), ("B", "berlin", 9))
        shop.place("1", Line("A", 3), source_version=1)

        shop.do(c.PlaceOrder, **shop.content("1", Line("B", 3), source_version=2))

        order = shop.order("1")
        sent = {line.sku: line.allocated for line in order.lines if line.allocated}
        assert sent == {"B": 3} or HoldType.CLASH in {hold.type for hold in order.holds}

    def test_more_units_that_the_channel_has_sold_wait_beyond_the_limit(self) -> None:
        shop = Shop().open()
        shop.do(c.PutCatalogue, items=(CatalogueItem(sku="A", backorder_limit=2),))
        shop.place("1", Line("A", 1), source_version=1, sold=True)

        shop.do(c.PlaceOrder, **shop.content("1", Line("A", 5), source_version=2, sold=True))

        assert shop.order("1").lines[0].waiting == 5

    def test_a_later_date_to_pay_by_keeps_the_order_until_then(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.place("1", Line("A", 3), terms=Terms(pay_by_ms=shop.now_ms + HOUR_MS))
        later = Terms(pay_by_ms=shop.now_ms + 5 * HOUR_MS)

        shop.do(c.PlaceOrder, **shop.content("1", Line("A", 3), source_version=1, terms=later))
        shop.tick(2 * HOUR_MS)

        assert shop.order("1").status is OrderStatus.HELD
        assert [hold.cancel_at_ms for hold in shop.order("1").holds] == [later.pay_by_ms]

    def test_a_channel_that_no_longer_states_a_date_lets_units_wait_for_ever(self) -> None:
        shop = Shop().open()
        shop.place("1", Line("A", 3), terms=Terms(cancel_at_ms=shop.now_ms + HOUR_MS))

        shop.do(c.PlaceOrder, **shop.content("1", Line("A", 3), source_version=1, terms=Terms()))
        shop.tick(2 * HOUR_MS)

        assert shop.order("1").status is OrderStatus.BACKORDERED

    def test_a_line_that_only_the_channel_took_out_and_put_back_is_no_clash(self) -> None:
        shop = shop_with(("A", "berlin", 9), ("B", "berlin", 9))
        both = (Line("A", 2), Line("B", 1))
        shop.place("1", *both, source_version=1)
        shop.do(c.PlaceOrder, **shop.content("1", Line("A", 2), source_version=2))

        shop.do(c.PlaceOrder, **shop.content("1", *both, source_version=3))

        assert [line.allocated for line in shop.order("1").lines] == [2, 1]
        assert shop.order("1").holds == ()

    def test_a_discount_beyond_what_it_is_taken_from_is_refused(self) -> None:
        shop = shop_with(("A", "berlin", 3))
        shop.place("1", Line("A", 2))

        changes = (SetDiscount(discount_minor=2_001),)
        shop.refused(RejectionCode.AMOUNT_INVALID, c.EditOrder, **shop.on("1", changes=changes))

    def test_the_address_of_what_has_left_whole_does_not_change(self) -> None:
        shop = shop_with(("A", "berlin", 2))
        shop.place("1", Line("A", 2))
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

        changes = (SetDestination(destination=Destination(country="FR")),)
        shop.refused(RejectionCode.STATUS_FORBIDS, c.EditOrder, **shop.on("1", changes=changes))

    def test_the_rest_is_asked_back_while_a_first_request_is_open(self) -> None:
        shop = Shop().open()
        shop.locate(location("partner", kind=LocationKind.THIRD_PARTY))
        shop.stock("A", "partner", 3)
        shop.place("1", Line("A", 3))
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))
        shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

        shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 2))))
        shop.do(c.AnswerCancellation, **shop.on("1", 1, accepted=True))

        assert shop.order("1").status is OrderStatus.CANCELLED
