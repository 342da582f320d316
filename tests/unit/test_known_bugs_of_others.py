"""Bugs that order systems have had, each kept from coming to this one."""

from models import commands as c
from models.records.fulfillment import FulfillmentStatus
from models.records.order import OrderStatus
from models.rejections import RejectionCode
from tests.support.builders import Line, Shop, units
from tests.support.invariants import sound


def shop_with(*stock: tuple[str, str, int]) -> Shop:
    shop = Shop().open()
    for sku, place, quantity in stock:
        shop.stock(sku, place, quantity)
    return shop


def test_of_two_orders_for_the_last_unit_exactly_one_gets_it() -> None:
    shop = shop_with(("A", "berlin", 1))
    both = [shop.make(c.PlaceOrder, **shop.content(name, Line("A")), command_id=name) for name in ("1", "2")]

    for command in both:
        shop.send(command)

    assert [shop.order(name).status for name in ("1", "2")] == [OrderStatus.ROUTED, OrderStatus.BACKORDERED]
    assert shop.level("A", "berlin").allocated == 1


def test_two_lines_of_one_sku_are_checked_against_the_same_stock() -> None:
    shop = shop_with(("A", "berlin", 3))

    order = shop.place("1", Line("A", 2, 1000), Line("A", 2, 1200))

    assert sum(line.allocated for line in order.lines) == 3
    assert shop.level("A", "berlin").available == 0


def test_four_units_come_as_one_and_three_from_two_locations() -> None:
    shop = shop_with(("A", "berlin", 1), ("A", "munich", 3))

    order = shop.place("1", Line("A", 4))

    assert sorted((f.location_id, f.lines[0].allocated) for f in order.fulfillments) == [("berlin", 1), ("munich", 3)]
    assert order.status is OrderStatus.ROUTED


def test_a_fulfillment_ships_from_where_its_units_were_claimed_and_nowhere_else() -> None:
    shop = shop_with(("A", "berlin", 1), ("A", "munich", 9))
    shop.place("1", Line("A", 1))
    shop.place("2", Line("A", 1))

    wrong = {**shop.on("1", 1, parcel_id="p"), "fulfillment_id": shop.on("2", 1)["fulfillment_id"]}
    assert shop.refused(RejectionCode.FULFILLMENT_UNKNOWN, c.ShipParcel, **wrong) == "fulfillment_id"
    shop.do(c.ShipParcel, **shop.on("2", 1, parcel_id="p"))

    assert (shop.level("A", "berlin").on_hand, shop.level("A", "berlin").allocated) == (1, 1)
    assert (shop.level("A", "munich").on_hand, shop.level("A", "munich").allocated) == (8, 0)


def test_a_reroute_never_claims_where_there_is_no_stock() -> None:
    shop = shop_with(("A", "berlin", 2))
    shop.place("1", Line("A", 2))
    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="out_of_stock"))

    shop.do(c.RerouteOrder, **shop.on("1"))

    assert shop.order("1").lines[0].waiting == 2
    assert all(shop.level("A", place).allocated == 0 for place in ("berlin", "hamburg", "munich"))


def test_units_of_a_refused_fulfillment_stay_with_their_order() -> None:
    shop = shop_with(("A", "berlin", 1), ("A", "munich", 1))
    shop.place("1", Line("A"))
    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="no_capacity"))

    order = shop.order("1")
    assert [(f.location_id, f.status) for f in order.fulfillments] == [
        ("berlin", FulfillmentStatus.REJECTED),
        ("munich", FulfillmentStatus.ALLOCATED),
    ]


def test_an_order_is_cancelled_even_where_on_hand_is_below_zero() -> None:
    shop = shop_with(("A", "berlin", 1))
    shop.place("1", Line("A", 1))
    shop.do(c.AcceptFulfillment, **shop.on("1", 1))
    shop.do(c.SellAtTill, **shop.document("berlin", ("A", 3)))

    shop.do(c.CancelUnits, **shop.on("1"))

    assert shop.order("1").status is OrderStatus.CANCELLED
    assert (shop.level("A", "berlin").on_hand, shop.level("A", "berlin").allocated) == (-2, 0)
    assert sound(shop)


def test_claims_count_against_stock_whatever_is_on_hand() -> None:
    shop = shop_with(("A", "berlin", 5))
    shop.place("1", Line("A", 4))

    order = shop.place("2", Line("A", 4))

    assert (order.lines[0].allocated, order.lines[0].waiting) == (1, 3)


def test_two_of_three_units_of_a_line_ship_first() -> None:
    shop = shop_with(("A", "berlin", 3))
    shop.place("1", Line("A", 3))

    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 2))))

    order = shop.order("1")
    assert (order.status, order.lines[0].shipped, order.lines[0].allocated) == (OrderStatus.PARTIALLY_SHIPPED, 2, 1)


def test_units_served_later_do_not_split_what_is_already_claimed() -> None:
    shop = shop_with(("A", "berlin", 1))
    shop.place("1", Line("A", 3))

    shop.stock("A", "berlin", 9)

    order = shop.order("1")
    assert [(f.location_id, f.lines[0].allocated) for f in order.fulfillments] == [("berlin", 3)]
    assert order.lines[0].allocated == 3


def test_a_lost_parcel_that_comes_back_is_booked_without_any_refund() -> None:
    shop = shop_with(("A", "berlin", 1))
    shop.place("1", Line("A", 1, 500))
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))
    shop.do(c.LoseParcel, **shop.on("1", 1, parcel_id="p"))

    shop.do(c.ReturnParcelToSender, **shop.on("1", 1, parcel_id="p"))

    line = shop.order("1").lines[0]
    assert (line.lost, line.returned_to_sender, line.cancelled_minor) == (0, 1, 0)
    assert shop.level("A", "berlin").on_hand == 1


def test_what_is_left_of_a_partly_delivered_fulfillment_can_be_released() -> None:
    shop = shop_with(("A", "berlin", 3))
    shop.place("1", Line("A", 3))
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 2))))
    shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))

    shop.do(c.CancelUnits, **shop.on("1"))

    assert shop.order("1").status is OrderStatus.DELIVERED
    assert (shop.level("A", "berlin").on_hand, shop.level("A", "berlin").allocated) == (1, 0)


def test_the_same_message_twice_at_the_same_millisecond_has_one_effect() -> None:
    shop = shop_with(("A", "berlin", 5))
    content = shop.content("1", Line("A", 2))

    shop.do(c.PlaceOrder, **content, command_id="delivery-1")
    shop.do(c.PlaceOrder, **content, command_id="delivery-1")
    shop.do(c.PlaceOrder, **content, command_id="delivery-2")

    assert [told.repeated for told in shop.told[-3:]] == [False, True, False]
    assert shop.events() == ["older_content_ignored"]
    assert (shop.level("A", "berlin").allocated, shop.order("1").version) == (2, 1)


def test_claims_end_in_the_pool_and_place_where_they_were_made() -> None:
    shop = shop_with(("A", "berlin", 2), ("A", "munich", 2))
    shop.place("1", Line("A", 2))
    shop.do(c.PutLocations, locations=({"location_id": "berlin", "name": "Berlin", "enabled": False},))

    shop.do(c.CancelUnits, **shop.on("1"))

    assert (shop.level("A", "berlin").allocated, shop.level("A", "munich").allocated) == (0, 0)
    assert sound(shop)


def test_shelves_hold_what_on_hand_says_until_a_parcel_leaves() -> None:
    shop = shop_with(("A", "berlin", 5))
    shop.place("1", Line("A", 2))
    seen = [shop.level("A", "berlin").on_hand]
    for kind in (c.AcceptFulfillment, c.PickFulfillment, c.PackFulfillment):
        shop.do(kind, **shop.on("1", 1))
        seen.append(shop.level("A", "berlin").on_hand)
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

    assert [*seen, shop.level("A", "berlin").on_hand] == [5, 5, 5, 5, 3]
