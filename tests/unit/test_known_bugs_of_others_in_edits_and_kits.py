"""More bugs that order systems have had: with kits, edits, segments, holds and cents."""

from models import commands as c
from models.records.changes import AddUnits
from models.records.line import Component
from models.records.pool import CatalogueItem, Channel, LocationKind
from models.rejections import RejectionCode
from tests.support.builders import Line, Shop, location, units
from tests.support.invariants import sound


def shop_with(*stock: tuple[str, str, int]) -> Shop:
    shop = Shop().open()
    for sku, place, quantity in stock:
        shop.stock(sku, place, quantity)
    return shop


def test_a_kit_that_needs_two_claims_whole_kits_of_an_odd_number_of_units() -> None:
    shop = shop_with(("A", "berlin", 3))
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="PAIR", components=(Component(sku="A", quantity=2),)),))

    order = shop.place("1", Line("PAIR", 2))

    assert (order.lines[0].allocated, order.lines[0].waiting) == (1, 1)
    assert (shop.level("A", "berlin").allocated, shop.level("A", "berlin").available) == (2, 1)
    assert sound(shop)


def test_stock_is_claimed_of_what_lies_on_the_shelf_and_not_of_the_parent_that_is_sold() -> None:
    shop = shop_with(("A", "berlin", 2))
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="PARENT", components=(Component(sku="A", quantity=1),)),))

    shop.place("1", Line("PARENT", 1))

    assert shop.level("A", "berlin").allocated == 1
    assert shop.level("PARENT", "berlin").allocated == 0


def test_more_of_a_line_needs_no_second_parcel_from_where_the_first_has_not_begun() -> None:
    shop = shop_with(("A", "berlin", 5), ("A", "hamburg", 5))
    shop.place("1", Line("A", 1))

    shop.do(c.EditOrder, **shop.on("1", changes=(AddUnits(line_id="1", quantity=2),)))

    assert [(f.location_id, f.lines[0].allocated) for f in shop.order("1").fulfillments] == [("berlin", 3)]


def test_more_of_a_line_leaves_alone_what_a_partner_was_told() -> None:
    shop = Shop().open()
    shop.locate(location("partner", kind=LocationKind.THIRD_PARTY))
    shop.stock("A", "partner", 5)
    shop.place("1", Line("A", 1))

    shop.do(c.EditOrder, **shop.on("1", changes=(AddUnits(line_id="1", quantity=1),)))

    assert [f.lines[0].allocated for f in shop.order("1").fulfillments] == [1, 1]


def test_what_is_not_counted_never_waits_beside_a_line_that_does() -> None:
    shop = shop_with(("A", "berlin", 1))
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="CARD", untracked=True),))

    order = shop.place("1", Line("A", 2), Line("CARD", 3))

    assert [(line.allocated, line.waiting) for line in order.lines] == [(1, 1), (3, 0)]


def test_a_claim_goes_back_where_it_came_from_though_the_channel_sells_from_elsewhere_by_then() -> None:
    shop = shop_with(("A", "berlin", 4))
    shop.do(c.PutChannels, channels=(Channel(channel_id="web", name="Web", segment="one"),))
    shop.do(c.FenceStock, **shop.fact("berlin", sku="A", segment="one", quantity=3))
    shop.place("1", Line("A", 3))
    assert shop.level("A", "berlin").fenced == {}

    shop.do(c.PutChannels, channels=(Channel(channel_id="web", name="Web", segment="two"),))
    shop.do(c.CancelUnits, **shop.on("1"))

    assert (shop.level("A", "berlin").fenced, shop.level("A", "berlin").available) == ({"one": 3}, 1)
    assert sound(shop)


def test_units_that_wait_keep_waiting_when_others_of_the_line_ship() -> None:
    shop = shop_with(("A", "berlin", 2))
    shop.place("1", Line("A", 5))

    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

    line = shop.order("1").lines[0]
    assert (line.shipped, line.waiting, line.allocated) == (2, 3, 0)


def test_cents_of_a_discounted_line_come_back_to_the_cent_unit_by_unit() -> None:
    shop = shop_with(("A", "berlin", 7))
    order = shop.place("1", Line("A", 7, 333), shipping_minor=499, discount_minor=100)

    for _ in range(7):
        shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

    assert shop.order("1").lines[0].cancelled_minor == order.total_minor == 7 * 333 + 499 - 100


def test_cancelling_a_part_does_not_change_what_the_rest_costs() -> None:
    shop = shop_with(("A", "berlin", 3))
    shop.place("1", Line("A", 3, 1000))

    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))
    shop.do(c.EditOrder, **shop.on("1", changes=(AddUnits(line_id="1", quantity=1),)))

    line = shop.order("1").lines[0]
    assert (line.amount_minor, line.cancelled_minor, line.cancelled) == (3000, 0, 0)


def test_a_hold_of_another_type_stays_when_one_is_released() -> None:
    shop = shop_with(("A", "berlin", 1))
    shop.place("1", Line("A", 1))
    for hold in ("fraud_review", "payment"):
        shop.do(c.HoldOrder, **shop.on("1", hold=hold))

    shop.do(c.ReleaseHold, **shop.on("1", hold="payment"))

    shop.refused(RejectionCode.ORDER_HELD, c.AcceptFulfillment, **shop.on("1", 1))


def test_the_channels_update_of_an_order_does_not_bring_back_units_that_service_cancelled() -> None:
    shop = shop_with(("A", "berlin", 5))
    shop.place("1", Line("A", 3), source_version=1)
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 2))))

    shop.do(c.PlaceOrder, **shop.content("1", Line("A", 3), source_version=2, shipping_minor=0, priority=2))

    line = shop.order("1").lines[0]
    assert (line.quantity - line.cancelled, shop.level("A", "berlin").allocated) == (1, 1)
