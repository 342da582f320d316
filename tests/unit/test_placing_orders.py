import pytest

from models import commands as c
from models.records.hold import HoldType
from models.records.order import OrderStatus
from models.records.place import Destination
from models.records.pool import CatalogueItem
from models.rejections import RejectionCode
from models.types import MAX_AMOUNT_MINOR
from tests.support.builders import HOUR_MS, START_MS, Line, Shop, neighbour_of


@pytest.fixture
def shop() -> Shop:
    return Shop().open()


def test_an_order_claims_stock_at_the_closest_location_that_has_all_of_it(shop: Shop) -> None:
    for place in ("munich", "hamburg", "berlin"):
        shop.stock("A", place, 5)

    order = shop.place("1", Line("A", 2))

    assert order.status is OrderStatus.ROUTED
    assert [(f.location_id, f.fulfillment_id) for f in order.fulfillments] == [("berlin", f"{order.order_id}-1")]
    assert (shop.level("A", "berlin").allocated, shop.level("A", "berlin").available) == (2, 3)
    assert shop.events() == ["order_placed", "units_routed"]


def test_what_is_short_waits_and_the_rest_is_claimed(shop: Shop) -> None:
    shop.stock("A", "berlin", 3)

    order = shop.place("1", Line("A", 5))

    assert order.status is OrderStatus.PARTIALLY_ROUTED
    assert (order.lines[0].allocated, order.lines[0].waiting) == (3, 2)
    assert shop.sku_view("A").waiting == 2


def test_an_order_without_any_stock_is_backordered(shop: Shop) -> None:
    order = shop.place("1", Line("A"))

    assert order.status is OrderStatus.BACKORDERED
    assert order.fulfillments == ()


def test_an_order_that_must_ship_complete_claims_nothing_until_one_location_has_all_of_it(shop: Shop) -> None:
    shop.stock("A", "berlin", 1)
    shop.stock("A", "hamburg", 1)

    assert shop.place("1", Line("A", 2), ship_complete=True).status is OrderStatus.BACKORDERED
    shop.stock("A", "hamburg", 1)

    order = shop.order("1")
    assert order.status is OrderStatus.ROUTED
    assert [f.location_id for f in order.fulfillments] == ["hamburg"]


def test_amounts_go_to_lines_cent_by_cent(shop: Shop) -> None:
    order = shop.place("1", Line("A", 1, 1000), Line("B", 2, 500), shipping_minor=5, discount_minor=101)

    assert [line.amount_minor for line in order.lines] == [1000 + 3 - 51, 1000 + 2 - 50]
    assert order.total_minor == 2000 + 5 - 101


def test_the_same_order_again_changes_nothing(shop: Shop) -> None:
    shop.stock("A", "berlin", 5)
    before = shop.place("1", Line("A", 2))

    shop.do(c.PlaceOrder, **shop.content("1", Line("A", 2)))

    assert shop.events() == ["older_content_ignored"]
    assert shop.order("1") == before


def test_older_content_is_ignored_and_newer_content_is_merged(shop: Shop) -> None:
    shop.place("1", Line("A", 2), source_version=5)

    shop.do(c.PlaceOrder, **shop.content("1", Line("A", 9), source_version=4))
    assert shop.events() == ["older_content_ignored"]
    shop.do(c.PlaceOrder, **shop.content("1", Line("A", 9), source_version=6))

    assert shop.events() == ["content_merged", "order_edited"]
    order = shop.order("1")
    assert (order.source_version, order.lines[0].quantity) == (6, 9)


def test_newer_content_that_was_merged_is_nothing_new_the_second_time(shop: Shop) -> None:
    shop.place("1", Line("A", 2), source_version=5)
    for _ in range(2):
        shop.do(c.PlaceOrder, **shop.content("1", Line("A", 9), source_version=6))

    assert shop.events() == ["older_content_ignored"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"lines": (c.NewLine(line_id="1", sku="A", quantity=3, unit_price_minor=1000),)}, "lines"),
        ({"shipping_minor": 1}, "shipping_minor"),
        ({"priority": 2}, "priority"),
        ({"placed_at_ms": START_MS - 1}, "placed_at_ms"),
        ({"destination": Destination(country="FR")}, "destination"),
    ],
)
def test_other_content_under_the_same_version_is_refused_naming_the_field(
    shop: Shop, changed: dict[str, object], field: str
) -> None:
    shop.place("1", Line("A", 2))

    content = {**shop.content("1", Line("A", 2)), **changed}

    assert shop.refused(RejectionCode.ORDER_CONFLICT, c.PlaceOrder, **content) == field


def test_an_unknown_sku_is_refused(shop: Shop) -> None:
    assert shop.refused(RejectionCode.SKU_UNKNOWN, c.PlaceOrder, **shop.content("1", Line("NEW"))) == "sku"


def test_a_sku_with_an_invisible_character_is_refused(shop: Shop) -> None:
    assert shop.refused(RejectionCode.SKU_INVALID, c.PlaceOrder, **shop.content("1", Line("A\u200b"))) == "sku"


def test_another_currency_is_refused(shop: Shop) -> None:
    content = shop.content("1", Line("A"), currency="USD")

    assert shop.refused(RejectionCode.CURRENCY_MISMATCH, c.PlaceOrder, **content) == "currency"


@pytest.mark.parametrize("sold", [False, True])
def test_a_line_id_that_stands_twice_is_refused_even_of_a_sold_order(shop: Shop, sold: bool) -> None:
    line = c.NewLine(line_id="1", sku="A", quantity=1)
    content = {**shop.content("1"), "lines": (line, line), "sold": sold}

    assert shop.refused(RejectionCode.LINE_REPEATED, c.PlaceOrder, **content) == "line_id"


def test_a_discount_beyond_what_it_is_taken_from_is_refused(shop: Shop) -> None:
    content = shop.content("1", Line("A", 1, 100), discount_minor=101)

    assert shop.refused(RejectionCode.AMOUNT_INVALID, c.PlaceOrder, **content) == "discount_minor"


@pytest.mark.parametrize("sold", [False, True])
def test_amounts_that_do_not_fit_a_row_are_refused(shop: Shop, sold: bool) -> None:
    content = shop.content("1", Line("A", 2, MAX_AMOUNT_MINOR), sold=sold)

    assert shop.refused(RejectionCode.AMOUNT_INVALID, c.PlaceOrder, **content) == "lines"


def test_the_largest_order_is_read_back_as_it_was_written(shop: Shop) -> None:
    lines = [Line("A", 1_000_000, 1) for _ in range(200)]

    order = shop.place("1", *lines)

    assert order.total_minor == 200_000_000
    assert order.status is OrderStatus.BACKORDERED


def test_a_sold_order_with_an_unknown_sku_is_held_and_freed_by_the_catalogue(shop: Shop) -> None:
    shop.stock("A", "berlin", 5)

    order = shop.place("1", Line("A"), Line("NEW"), sold=True)
    assert (order.status, [hold.type for hold in order.holds]) == (OrderStatus.HELD, [HoldType.UNMAPPED_SKU])
    assert shop.level("A", "berlin").allocated == 0
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="NEW"),))

    order = shop.order("1")
    assert order.holds == ()
    assert order.status is OrderStatus.PARTIALLY_ROUTED
    assert shop.level("A", "berlin").allocated == 1


def test_orders_freed_by_the_catalogue_are_served_in_their_turn(shop: Shop) -> None:
    shop.stock("A", "berlin", 1)
    for name, priority in (("low", 0), ("high", 3), ("middle", 1)):
        shop.place(name, Line("A"), Line("NEW"), sold=True, priority=priority)

    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="NEW"),))

    assert {name: shop.order(name).lines[0].allocated for name in ("low", "high", "middle")} == {
        "low": 0,
        "high": 1,
        "middle": 0,
    }


def test_an_order_waits_for_the_last_of_its_unknown_skus(shop: Shop) -> None:
    shop.place("1", Line("NEW"), Line("NEWER"), sold=True)

    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="NEW"),))
    assert shop.order("1").status is OrderStatus.HELD
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="NEWER"),))

    assert shop.order("1").status is OrderStatus.BACKORDERED


def test_many_orders_freed_at_once_are_freed_in_slices(shop: Shop) -> None:
    for number in range(250):
        shop.place(str(number), Line("NEW"), sold=True)
    before = len(shop.told)

    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="NEW"),))

    slices = [len(told.others) for told in shop.told[before:]]
    assert slices == [0, 100, 100, 50]
    assert all(shop.order(str(number)).holds == () for number in range(250))


def test_a_sold_order_in_another_currency_is_held(shop: Shop) -> None:
    order = shop.place("1", Line("A"), currency="USD", sold=True)

    assert [hold.type for hold in order.holds] == [HoldType.UNEXPECTED_CURRENCY]


def test_a_sold_order_with_too_large_a_discount_is_held_and_costs_nothing_below_zero(shop: Shop) -> None:
    order = shop.place("1", Line("A", 1, 100), discount_minor=500, sold=True)

    assert [hold.type for hold in order.holds] == [HoldType.OTHER]
    assert order.total_minor == 0


def test_an_order_of_another_pool_is_not_found_under_this_one(shop: Shop) -> None:
    shop.stock("A", "berlin", 1)
    order = shop.place("1", Line("A"))
    other = neighbour_of(shop).open()

    other.refused(RejectionCode.ORDER_UNKNOWN, c.CancelUnits, order_id=order.order_id)

    assert shop.order("1") == order


def test_a_promise_that_comes_near_is_told_once(shop: Shop) -> None:
    shop.place("1", Line("A"), promise_by_ms=START_MS + 25 * HOUR_MS)

    assert shop.tick().events == ()
    shop.tick(HOUR_MS)
    assert shop.events() == ["order_at_risk"]
    shop.tick(HOUR_MS)

    assert shop.events() == []
    assert shop.order("1").at_risk is True
