"""What really happens in shops, played from end to end: facts that cross, come late, or come twice."""

from itertools import permutations
from typing import Any

import pytest

from models import commands as c
from models.events import Oversold, StockCompared, UnitsRouted
from models.records.order import OrderStatus, Terms
from models.records.place import Destination
from models.records.pool import Authority, LocationKind
from models.rejections import RejectionCode
from tests.support.builders import HOUR_MS, MINUTE_MS, POSITIONS, Line, Shop, location, units
from tests.support.invariants import sound


def at(place: str, shop: Shop, occurred_at_ms: int, *lines: tuple[str, int], **fields: Any) -> dict[str, Any]:
    return shop.document(place, *lines, occurred_at_ms=occurred_at_ms, **fields)


def test_the_last_unit_is_sold_at_the_till_while_the_web_order_for_it_is_being_picked() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 1)
    shop.place("web", Line("A", 1))
    shop.do(c.AcceptFulfillment, **shop.on("web", 1))

    shop.do(c.SellAtTill, **shop.document("berlin", ("A", 1)))
    order = shop.order("web")
    assert (order.status, order.lines[0].waiting) == (OrderStatus.BACKORDERED, 1)
    ledger = [event for event in shop.told[-1].events if isinstance(event, Oversold)]
    assert [(e.quantity, e.cause, e.located_again) for e in ledger] == [(1, "sell_at_till", 0)]
    shop.refused(RejectionCode.STATUS_FORBIDS, c.PickFulfillment, **shop.on("web", 1))
    shop.stock("A", "hamburg", 1)

    order = shop.order("web")
    assert (order.status, order.fulfillments[-1].location_id) == (OrderStatus.ROUTED, "hamburg")
    assert sound(shop)


def test_a_unit_that_is_picked_already_stays_with_its_order_and_the_book_shows_what_is_missing() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 1)
    shop.place("web", Line("A", 1))
    shop.do(c.PickFulfillment, **shop.on("web", 1))

    shop.do(c.SellAtTill, **shop.document("berlin", ("A", 1)))
    assert shop.events() == ["stock_short"]
    shop.do(c.ShipParcel, **shop.on("web", 1, parcel_id="p"))

    assert (shop.order("web").status, shop.level("A", "berlin").on_hand) == (OrderStatus.SHIPPED, -1)
    assert sound(shop)


@pytest.mark.parametrize("arrival", list(permutations(range(4))))
def test_a_snapshot_of_two_oclock_that_comes_at_nine_amid_sales(arrival: tuple[int, ...]) -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 20)
    night_ms = shop.now_ms
    shop.later(10 * HOUR_MS)
    facts: list[tuple[type[c.Command], dict[str, Any]]] = [
        (c.SellAtTill, at("berlin", shop, night_ms + 1 * HOUR_MS, ("A", 2), document="before")),
        (c.SellAtTill, at("berlin", shop, night_ms + 3 * HOUR_MS, ("A", 3), document="after")),
        (c.ReceiveStock, at("berlin", shop, night_ms + 4 * HOUR_MS, ("A", 5), document="delivery")),
        (
            c.CountStock,
            shop.fact("berlin", sku="A", counted=17, occurred_at_ms=night_ms + 2 * HOUR_MS, document="snapshot"),
        ),
    ]

    for index in arrival:
        kind, fields = facts[index]
        shop.do(kind, **fields)

    # 17 were there at two o'clock; three were sold and five came in since.
    assert shop.level("A", "berlin").on_hand == 19
    assert sound(shop)


def test_a_till_that_was_offline_for_a_day_tells_its_sales_late() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    morning_ms = shop.now_ms
    for hour in range(4):
        shop.later(6 * HOUR_MS)
        shop.place(f"web {hour}", Line("A", 1))
    assert shop.level("A", "berlin").available == 1

    for hour in range(3):
        shop.do(c.SellAtTill, **at("berlin", shop, morning_ms + hour * HOUR_MS, ("A", 1)))

    level = shop.level("A", "berlin")
    assert (level.on_hand, level.allocated) == (2, 2)
    assert [shop.order(f"web {hour}").status for hour in range(4)] == [
        OrderStatus.ROUTED,
        OrderStatus.ROUTED,
        OrderStatus.BACKORDERED,
        OrderStatus.BACKORDERED,
    ]
    assert sound(shop)


@pytest.mark.parametrize("first", ["order", "inventory"])
def test_the_tills_order_and_its_inventory_message_move_the_stock_once(first: str) -> None:
    shop = Shop().open()
    shop.locate(location("berlin", authority=Authority(movers={"sell": "pos-orders", "adjust": "pos-orders"})))
    shop.stock("A", "berlin", 5)
    sale = (c.SellAtTill, shop.document("berlin", ("A", 1), source="pos-orders", document="S-1"))
    level = (c.AdjustStock, shop.fact("berlin", sku="A", delta=-1, source="pos-inventory", document="L-1"))

    for kind, fields in (sale, level) if first == "order" else (level, sale):
        shop.do(kind, **fields)

    assert shop.level("A", "berlin").on_hand == 4
    compared = [event for told in shop.told for event in told.events if isinstance(event, StockCompared)]
    assert [(event.source, event.sku) for event in compared] == [("pos-inventory", "A")]


def test_a_web_order_that_is_brought_back_to_a_store_is_for_sale_there() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 2)
    shop.place("web", Line("A", 1))
    shop.do(c.DeliverParcel, **shop.on("web", 1, parcel_id="p"))

    shop.do(c.ReceiveStock, **shop.document("hamburg", ("A", 1), source="till-7", document="return-of-web"))

    assert (shop.level("A", "berlin").on_hand, shop.level("A", "hamburg").available) == (1, 1)
    assert shop.order("web").status is OrderStatus.DELIVERED
    assert sound(shop)


def test_an_order_taken_at_a_till_ships_from_elsewhere() -> None:
    shop = Shop().open()
    shop.locate(location("shop", kind=LocationKind.STORE))
    shop.stock("A", "munich", 1)

    shop.do(c.PlaceOrder, **shop.content("till-1", Line("A", 1), channel="till"), correlation_id="till")

    [event] = [event for event in shop.told[-1].events if isinstance(event, UnitsRouted)]
    assert [assignment.location_id for assignment in event.assignments] == ["munich"]


def test_the_same_marketplace_order_through_two_connectors_is_one() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 5)
    content = shop.content("M-1", Line("A", 2), channel="marketplace", source_version=7)
    shop.send(shop.make(c.PlaceOrder, **content, command_id="by-webhook", sold=True))
    before = shop.business()

    told = shop.send(shop.make(c.PlaceOrder, **content, command_id="by-poll", sold=True))

    assert [str(event.__struct_config__.tag) for event in told.events] == ["older_content_ignored"]
    assert shop.business() == before
    assert shop.level("A", "berlin").allocated == 2


def test_an_order_to_several_addresses_is_located_for_each_of_them() -> None:
    shop = Shop().open()
    for place in ("berlin", "munich"):
        shop.stock("A", place, 5)
    south = Destination(country="DE", postcode="80331", position=POSITIONS["munich"])
    lines = (
        c.NewLine(line_id="1", sku="A", quantity=1, unit_price_minor=100),
        c.NewLine(line_id="2", sku="A", quantity=2, unit_price_minor=100, ship_to="south"),
    )

    terms = Terms(purchase_order="PO-1", destinations={"south": south})
    shop.do(c.PlaceOrder, **{**shop.content("1"), "lines": lines, "terms": terms})

    order = shop.order("1")
    assert [(f.location_id, f.ship_to, [p.line_id for p in f.lines]) for f in order.fulfillments] == [
        ("berlin", "", ["1"]),
        ("munich", "south", ["2"]),
    ]
    assert sound(shop)


def test_a_line_to_an_address_that_nobody_stated_is_refused_or_held() -> None:
    shop = Shop().open()
    lines = (c.NewLine(line_id="1", sku="A", quantity=1, ship_to="moon"),)
    content = {**shop.content("1"), "lines": lines}

    assert shop.refused(RejectionCode.COMMAND_INVALID, c.PlaceOrder, **content) == "terms"
    shop.do(c.PlaceOrder, **content, sold=True)

    order = shop.order("1")
    assert [(hold.type, hold.note) for hold in order.holds] == [("address", "no such address: moon")]


def test_a_lost_unit_is_told_with_where_it_was_found_again() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 3)
    shop.stock("A", "munich", 1)
    shop.place("1", Line("A", 3))

    shop.later(MINUTE_MS)
    shop.do(c.CountStock, **shop.fact("berlin", sku="A", counted=1))

    [entry] = [event for event in shop.told[-1].events if isinstance(event, Oversold)]
    assert (entry.quantity, entry.located_again, entry.places, entry.source) == (2, 1, ("munich",), "wms")


def test_a_short_pick_of_some_units_ships_the_rest_and_finds_the_others_elsewhere() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 3)
    shop.stock("A", "hamburg", 3)
    shop.place("1", Line("A", 3))

    shop.do(c.PickFulfillment, **shop.on("1", 1, units=units(("1", 2))))
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

    order = shop.order("1")
    assert (order.status, order.lines[0].shipped, order.fulfillments[-1].location_id) == (
        OrderStatus.PARTIALLY_SHIPPED,
        2,
        "hamburg",
    )
    assert sound(shop)


def test_an_order_for_two_hundred_lines_is_located_over_fifty_locations() -> None:
    skus = [f"S{n}" for n in range(200)]
    shop = Shop().open(skus=skus, max_fulfillments=8)
    places = [f"place-{n:02}" for n in range(50)]
    shop.locate(*(location(place, position=POSITIONS["berlin"]) for place in places))
    for n, sku in enumerate(skus):
        for place in places[n % 7 :: 7]:
            shop.stock(sku, place, 3)

    shop.do(c.PlaceOrder, **shop.content("big", *(Line(sku, 2) for sku in skus)))

    order = shop.order("big")
    assert (order.status, len({f.location_id for f in order.fulfillments})) == (OrderStatus.ROUTED, 7)
    assert sound(shop)
