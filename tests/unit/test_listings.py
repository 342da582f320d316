"""Listings: what a channel calls so many units of an item. Its own SKU goes before one of ours written alike."""

import pytest

from models import commands as c
from models import rows
from models.ids import order_id
from models.records.hold import HoldType
from models.records.line import Component
from models.records.order import Order, OrderStatus
from models.records.pool import CatalogueItem, Listing
from models.rejections import RejectionCode
from tests.support.builders import Line, Shop
from tests.support.invariants import sound

SIX = Listing(channel="web", sku="SIX", quantity=6)


def item(sku: str, *listings: Listing, **fields: object) -> CatalogueItem:
    return CatalogueItem(sku=sku, listings=listings, **fields)  # type: ignore[arg-type]


def put(shop: Shop, *items: CatalogueItem) -> None:
    shop.do(c.PutCatalogue, items=items)


def at_market(shop: Shop, external_id: str) -> Order:
    return rows.decode_order(shop.engine.rows[rows.order_key(order_id("shop", "market", external_id))])


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 20)
    return shop


def test_a_six_pack_takes_six_units_and_is_one_of_the_order(shop: Shop) -> None:
    put(shop, item("A", SIX))

    order = shop.place("1", Line("SIX", 2, 1_500))

    line = order.lines[0]
    assert (line.sku, line.listing, line.quantity, line.amount_minor) == ("A", "SIX", 2, 3_000)
    assert line.components == (Component(sku="A", quantity=6),)
    assert shop.level("A", "berlin").allocated == 12
    assert sound(shop)


def test_units_of_a_six_pack_that_are_short_wait_as_units_of_its_sku(shop: Shop) -> None:
    put(shop, item("A", SIX))

    order = shop.place("1", Line("SIX", 4))

    assert (order.lines[0].allocated, order.lines[0].waiting) == (3, 1)
    assert shop.sku_view("A").waiting == 6


def test_another_name_for_one_unit_is_that_unit(shop: Shop) -> None:
    put(shop, item("A", Listing(channel="web", sku="A-WEB")))

    line = shop.place("1", Line("A-WEB", 3)).lines[0]

    assert (line.sku, line.listing, line.components, line.allocated) == ("A", "A-WEB", (), 3)


def test_the_name_counts_at_its_own_channel_alone(shop: Shop) -> None:
    put(shop, item("A", SIX))

    shop.refused(RejectionCode.SKU_UNKNOWN, c.PlaceOrder, **shop.content("1", Line("SIX"), channel="market"))


def test_a_channels_own_sku_goes_before_ours_that_is_written_alike(shop: Shop) -> None:
    put(shop, item("A", Listing(channel="web", sku="B")))

    assert shop.place("1", Line("B")).lines[0].sku == "A"
    shop.do(c.PlaceOrder, **shop.content("1", Line("B"), channel="market"))
    assert at_market(shop, "1").lines[0].sku == "B"


def test_a_listing_of_a_kit_is_so_many_of_its_components(shop: Shop) -> None:
    kit = (Component(sku="A", quantity=2), Component(sku="B", quantity=1))
    put(shop, item("KIT", Listing(channel="web", sku="TWO-KITS", quantity=2), components=kit))
    shop.stock("B", "berlin", 5)

    line = shop.place("1", Line("TWO-KITS", 2)).lines[0]

    assert line.components == (Component(sku="A", quantity=4), Component(sku="B", quantity=2))
    assert (shop.level("A", "berlin").allocated, shop.level("B", "berlin").allocated) == (8, 4)


def test_mapping_a_sku_frees_every_order_that_waits_for_it_at_once(shop: Shop) -> None:
    for number in ("1", "2"):
        assert shop.place(number, Line("SIX"), sold=True).status is OrderStatus.HELD
    shop.do(c.PlaceOrder, **shop.content("1", Line("SIX"), sold=True, channel="market"))

    put(shop, item("A", SIX))

    assert [shop.order(number).status for number in ("1", "2")] == [OrderStatus.ROUTED] * 2
    assert [shop.order(number).lines[0].listing for number in ("1", "2")] == ["SIX", "SIX"]
    assert shop.level("A", "berlin").allocated == 12
    assert [hold.type for hold in at_market(shop, "1").holds] == [HoldType.UNMAPPED_SKU]


def test_content_that_comes_again_under_the_channels_name_is_nothing_new(shop: Shop) -> None:
    put(shop, item("A", SIX))
    shop.place("1", Line("SIX", 2), source_version=1)

    told = shop.do(c.PlaceOrder, **shop.content("1", Line("SIX", 2), source_version=2))

    assert [str(event.__struct_config__.tag) for event in told.events] == ["older_content_ignored"]


def test_a_line_that_the_channel_adds_under_its_own_name_is_taken(shop: Shop) -> None:
    put(shop, item("A", SIX))
    shop.place("1", Line("A", 1), source_version=1)

    shop.do(c.PlaceOrder, **shop.content("1", Line("A", 1), Line("SIX", 1), source_version=2))

    added = shop.order("1").lines[1]
    assert (added.sku, added.listing, added.allocated) == ("A", "SIX", 1)
    assert shop.level("A", "berlin").allocated == 7


def test_a_name_that_another_item_has_is_refused(shop: Shop) -> None:
    put(shop, item("A", SIX))

    field = shop.refused(RejectionCode.COMMAND_INVALID, c.PutCatalogue, items=(item("B", SIX),))

    assert field == "listings"
    assert shop.place("1", Line("SIX")).lines[0].sku == "A"


def test_a_name_moves_to_another_item_in_one_command(shop: Shop) -> None:
    put(shop, item("A", SIX))
    shop.stock("B", "berlin", 20)

    put(shop, item("B", SIX), item("A"))

    assert shop.place("1", Line("SIX")).lines[0].sku == "B"
