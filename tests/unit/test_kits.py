"""Kits: made up of components at one location, in whole multiples, with each component's stock in its own book."""

from typing import Any

import pytest

from models import commands as c
from models.records.line import Component
from models.records.order import OrderStatus
from models.records.pool import CatalogueItem
from tests.support.builders import Line, Shop, units
from tests.support.invariants import sound

KIT = CatalogueItem(sku="KIT", components=(Component(sku="A", quantity=2), Component(sku="B", quantity=1)))


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.do(c.PutCatalogue, items=(KIT,))
    return shop


def stocked(shop: Shop, **stock: tuple[int, int]) -> None:
    for place, (a, b) in stock.items():
        for sku, quantity in (("A", a), ("B", b)):
            if quantity:
                shop.stock(sku, place, quantity)


def held(shop: Shop, place: str) -> tuple[int, int]:
    return shop.level("A", place).allocated, shop.level("B", place).allocated


def test_a_kit_takes_its_components_at_one_location(shop: Shop) -> None:
    stocked(shop, berlin=(4, 2))

    order = shop.place("1", Line("KIT", 2))

    assert (order.status, held(shop, "berlin")) == (OrderStatus.ROUTED, (4, 2))
    assert [(part.sku, part.allocated) for part in order.fulfillments[0].lines] == [("KIT", 2)]
    assert sound(shop)


def test_only_whole_kits_are_taken(shop: Shop) -> None:
    stocked(shop, berlin=(3, 9))

    order = shop.place("1", Line("KIT", 2))

    assert (order.lines[0].allocated, order.lines[0].waiting, held(shop, "berlin")) == (1, 1, (2, 1))


def test_components_of_two_locations_make_no_kit(shop: Shop) -> None:
    stocked(shop, berlin=(9, 0), hamburg=(0, 9))

    order = shop.place("1", Line("KIT", 1))

    assert (order.status, held(shop, "berlin"), held(shop, "hamburg")) == (OrderStatus.BACKORDERED, (0, 0), (0, 0))


def test_a_kit_and_its_component_on_one_order_do_not_take_the_same_unit(shop: Shop) -> None:
    stocked(shop, berlin=(3, 1))

    order = shop.place("1", Line("A", 2), Line("KIT", 1))

    assert [(line.sku, line.allocated, line.waiting) for line in order.lines] == [("A", 2, 0), ("KIT", 0, 1)]
    assert held(shop, "berlin") == (2, 0)
    assert sound(shop)


def test_a_component_that_comes_in_frees_the_kit_that_waits(shop: Shop) -> None:
    stocked(shop, berlin=(1, 1))
    shop.place("1", Line("KIT", 1))

    shop.stock("A", "berlin", 1)

    assert (shop.order("1").status, held(shop, "berlin")) == (OrderStatus.ROUTED, (2, 1))


def test_a_kit_that_ships_takes_its_components_off_the_shelf_and_brings_them_back(shop: Shop) -> None:
    stocked(shop, berlin=(4, 2))
    shop.place("1", Line("KIT", 2))

    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 1))))
    assert (shop.level("A", "berlin").on_hand, held(shop, "berlin")) == (2, (2, 1))
    shop.do(c.ReturnParcelToSender, **shop.on("1", 1, parcel_id="p"))

    assert (shop.level("A", "berlin").on_hand, shop.level("B", "berlin").on_hand) == (4, 2)
    assert sound(shop)


def test_a_kit_that_is_cancelled_gives_its_components_back(shop: Shop) -> None:
    stocked(shop, berlin=(4, 2))
    shop.place("1", Line("KIT", 2))

    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

    assert held(shop, "berlin") == (2, 1)
    assert sound(shop)


def test_losing_one_component_gives_up_a_whole_kit(shop: Shop) -> None:
    stocked(shop, berlin=(4, 2))
    shop.place("1", Line("KIT", 2))

    shop.do(c.SellAtTill, **shop.document("berlin", ("A", 1)))

    order = shop.order("1")
    assert (order.lines[0].allocated, order.lines[0].waiting, held(shop, "berlin")) == (1, 1, (2, 1))
    assert shop.events()[-1] != "stock_short"
    assert sound(shop)


def test_a_short_pick_of_a_kit_takes_every_component_out_of_the_book(shop: Shop) -> None:
    stocked(shop, berlin=(4, 2))
    shop.place("1", Line("KIT", 2))

    shop.do(c.PickFulfillment, **shop.on("1", 1, units=units(("1", 1))))

    assert (shop.level("A", "berlin").on_hand, shop.level("B", "berlin").on_hand) == (2, 1)
    assert sound(shop)


def test_another_recipe_later_does_not_change_what_an_order_took(shop: Shop) -> None:
    stocked(shop, berlin=(4, 2))
    shop.place("1", Line("KIT", 1))

    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="KIT", components=(Component(sku="C", quantity=5),)),))
    shop.do(c.CancelUnits, **shop.on("1"))

    assert held(shop, "berlin") == (0, 0)
    assert sound(shop)


def test_a_kit_that_was_sold_before_the_catalogue_knew_it_is_made_up_once_it_does() -> None:
    shop = Shop().open()
    stocked(shop, berlin=(4, 2))
    shop.place("1", Line("KIT", 1), sold=True)

    shop.do(c.PutCatalogue, items=(KIT,))

    assert (shop.order("1").status, held(shop, "berlin")) == (OrderStatus.ROUTED, (2, 1))
    assert sound(shop)


def test_a_kit_that_somebody_frees_by_hand_is_made_up_too() -> None:
    shop = Shop().open()
    stocked(shop, berlin=(4, 2))
    shop.place("1", Line("KIT", 1), sold=True)
    shop.do(c.HoldOrder, **shop.on("1", hold="unmapped_sku", line_id="1"))
    shop.do(c.PutCatalogue, items=(KIT,))
    assert shop.order("1").lines[0].waiting == 1

    shop.do(c.ReleaseHold, **shop.on("1", hold="unmapped_sku", line_id="1"))

    assert (shop.order("1").status, held(shop, "berlin")) == (OrderStatus.ROUTED, (2, 1))


def test_two_kits_that_share_a_component_share_its_stock(shop: Shop) -> None:
    other = CatalogueItem(sku="DUO", components=(Component(sku="A", quantity=1), Component(sku="C", quantity=1)))
    shop.do(c.PutCatalogue, items=(other,))
    stocked(shop, berlin=(3, 5))
    shop.stock("C", "berlin", 5)

    order = shop.place("1", Line("KIT", 1), Line("DUO", 2))

    assert [(line.allocated, line.waiting) for line in order.lines] == [(1, 0), (1, 1)]
    assert shop.level("A", "berlin").available == 0
    assert sound(shop)


def test_a_ship_complete_order_with_kits_goes_whole_or_not_at_all(shop: Shop) -> None:
    stocked(shop, berlin=(3, 1))

    order = shop.place("1", Line("A", 2), Line("KIT", 1), ship_complete=True)
    assert (order.status, held(shop, "berlin")) == (OrderStatus.BACKORDERED, (0, 0))
    shop.stock("A", "berlin", 1)

    assert (shop.order("1").status, held(shop, "berlin")) == (OrderStatus.ROUTED, (4, 1))
    assert sound(shop)


def test_kits_of_an_engine_that_was_rebuilt_wait_and_lose_alike(shop: Shop) -> None:
    stocked(shop, berlin=(1, 1))
    shop.place("1", Line("KIT", 1))
    rebuilt: Any = Shop(shop.pool)
    rebuilt.engine.load(list(shop.engine.rows.items()))
    rebuilt.offset, rebuilt.now_ms = shop.offset, shop.now_ms

    for each in (shop, rebuilt):
        each.stock("A", "berlin", 1)

    assert rebuilt.engine.rows == shop.engine.rows


def test_an_order_that_ships_whole_is_tried_without_a_trace_as_often_as_stock_comes(shop: Shop) -> None:
    shop.place("1", Line("A", 2), Line("KIT", 2), ship_complete=True)

    for _ in range(3):
        shop.stock("A", "berlin", 1)

    order = shop.order("1")
    assert (order.fulfillments, order.sequence, held(shop, "berlin")) == ((), 0, (0, 0))
    assert [str(event.__struct_config__.tag) for told in shop.told[-3:] for event in told.events] == []
