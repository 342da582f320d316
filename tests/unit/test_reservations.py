import pytest

from models import commands as c
from models.records.hold import HoldType
from models.records.order import Customer, OrderStatus
from models.records.place import Destination
from models.records.pool import Channel
from models.rejections import RejectionCode
from models.types import MAX_INSTANT_MS
from tests.support.builders import HOUR_MS, POSITIONS, START_MS, Line, Shop, units


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 3)
    return shop


def test_a_reservation_claims_stock_and_says_until_when(shop: Shop) -> None:
    order = shop.reserve("1", Line("A", 2), time_to_live_ms=HOUR_MS)

    assert (order.status, order.expires_at_ms) == (OrderStatus.RESERVED, START_MS + HOUR_MS)
    assert shop.level("A", "berlin").allocated == 2
    assert shop.events() == ["order_reserved", "units_routed"]


def test_a_reservation_without_a_time_to_live_has_its_channel_s(shop: Shop) -> None:
    shop.do(c.PutChannels, channels=(Channel(channel_id="web", name="Web", reservation_minutes=15),))

    shop.do(c.ReserveOrder, **shop.content("1", Line("A")))

    assert shop.order("1").expires_at_ms == START_MS + 15 * 60_000


def test_a_guest_s_reservation_lives_for_the_time_of_guests(shop: Shop) -> None:
    channel = Channel(channel_id="web", name="Web", reservation_minutes=60, guest_reservation_minutes=5)
    shop.do(c.PutChannels, channels=(channel,))
    shop.do(c.ReserveOrder, **shop.content("guest", Line("A")))
    shop.do(c.ReserveOrder, **shop.content("ada", Line("A"), customer=Customer(customer_id="ada")))

    assert shop.order("guest").expires_at_ms == START_MS + 5 * 60_000
    assert shop.order("ada").expires_at_ms == START_MS + 60 * 60_000


@pytest.mark.parametrize("channels", [(), (Channel(channel_id="web", name="Web"),)])
def test_a_reservation_that_nobody_gives_a_time_to_live_is_refused(shop: Shop, channels: tuple[Channel, ...]) -> None:
    if channels:
        shop.do(c.PutChannels, channels=channels)

    refused = shop.refused(RejectionCode.COMMAND_INVALID, c.ReserveOrder, **shop.content("1", Line("A")))
    assert refused == "time_to_live"


def test_a_tick_ends_a_reservation_that_was_not_placed_in_time(shop: Shop) -> None:
    shop.reserve("1", Line("A", 2), time_to_live_ms=HOUR_MS)

    shop.tick(HOUR_MS - 1000)
    assert shop.order("1").status is OrderStatus.RESERVED
    shop.tick(1000)

    order = shop.order("1")
    assert (order.status, order.reserved, order.lines[0].cancelled) == (OrderStatus.EXPIRED, False, 2)
    assert shop.level("A", "berlin").allocated == 0
    assert shop.events() == ["reservation_expired", "fulfillment_cancelled", "units_cancelled"]


def test_units_of_an_expired_reservation_go_to_who_waits(shop: Shop) -> None:
    shop.reserve("1", Line("A", 3))
    shop.place("2", Line("A", 1))

    shop.tick(HOUR_MS)

    assert shop.order("2").status is OrderStatus.ROUTED


def test_a_reservation_that_is_placed_keeps_its_stock(shop: Shop) -> None:
    reserved = shop.reserve("1", Line("A", 2))

    order = shop.place("1", Line("A", 2))

    assert (order.status, order.reserved, order.expires_at_ms) == (OrderStatus.ROUTED, False, None)
    assert order.fulfillments == reserved.fulfillments
    assert shop.events() == ["reservation_placed"]
    shop.tick(2 * HOUR_MS)
    assert shop.order("1").status is OrderStatus.ROUTED


@pytest.mark.parametrize("lines", [(Line("A", 3),), (Line("A", 1),), (Line("A", 1), Line("A", 1))])
def test_a_reservation_placed_with_other_lines_is_located_anew(shop: Shop, lines: tuple[Line, ...]) -> None:
    shop.reserve("1", Line("A", 2))

    order = shop.place("1", *lines)

    wanted = sum(line.quantity for line in lines)
    assert order.status is OrderStatus.ROUTED
    assert sum(line.allocated for line in order.lines) == wanted
    assert shop.level("A", "berlin").allocated == wanted
    assert [f.status for f in order.fulfillments] == ["cancelled", "allocated"]


def test_a_reservation_placed_for_another_destination_is_located_anew(shop: Shop) -> None:
    shop.stock("A", "munich", 3)
    shop.reserve("1", Line("A"))

    order = shop.place("1", Line("A"), destination=Destination(country="DE", position=POSITIONS["munich"]))

    assert [(f.location_id, f.status) for f in order.fulfillments] == [("berlin", "cancelled"), ("munich", "allocated")]


def test_units_cancelled_while_reserved_are_wanted_again_when_the_order_states_them(shop: Shop) -> None:
    shop.reserve("1", Line("A", 2))
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

    order = shop.place("1", Line("A", 2))

    assert (order.lines[0].allocated, order.lines[0].cancelled, order.lines[0].cancelled_minor) == (2, 0, 0)
    assert order.status is OrderStatus.ROUTED


def test_a_hold_put_on_a_reservation_by_hand_stays_when_it_is_placed(shop: Shop) -> None:
    shop.reserve("1", Line("A", 2))
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.FRAUD_REVIEW))

    order = shop.place("1", Line("A", 1))

    assert order.status is OrderStatus.HELD
    assert [hold.type for hold in order.holds] == [HoldType.FRAUD_REVIEW]


def test_an_expired_reservation_may_be_placed_and_is_located_anew(shop: Shop) -> None:
    shop.reserve("1", Line("A", 2))
    shop.tick(HOUR_MS)

    order = shop.place("1", Line("A", 2))

    assert (order.status, order.expired) == (OrderStatus.ROUTED, False)
    assert shop.level("A", "berlin").allocated == 2


def test_an_expired_reservation_sold_with_a_line_twice_is_refused(shop: Shop) -> None:
    shop.reserve("1", Line("A", 2))
    shop.tick(HOUR_MS)
    line = c.NewLine(line_id="1", sku="A", quantity=1)

    shop.refused(
        RejectionCode.LINE_REPEATED, c.PlaceOrder, **{**shop.content("1"), "lines": (line, line), "sold": True}
    )


def test_nothing_ships_while_an_order_is_only_reserved(shop: Shop) -> None:
    shop.reserve("1", Line("A"))

    for kind in (c.AcceptFulfillment, c.PickFulfillment, c.RejectFulfillment, c.PackFulfillment):
        assert shop.refused(RejectionCode.STATUS_FORBIDS, kind, **shop.on("1", 1)) == "order_id"
    shop.refused(RejectionCode.STATUS_FORBIDS, c.ShipParcel, **shop.on("1", 1, parcel_id="p"))


def test_a_reservation_that_waits_is_served_like_an_order(shop: Shop) -> None:
    shop.reserve("1", Line("B"))

    shop.stock("B", "munich", 1)

    order = shop.order("1")
    assert (order.status, order.lines[0].allocated) == (OrderStatus.RESERVED, 1)


def test_reserving_again_does_not_prolong_a_reservation(shop: Shop) -> None:
    shop.reserve("1", Line("A"), time_to_live_ms=HOUR_MS)
    shop.later(HOUR_MS // 2)

    order = shop.reserve("1", Line("A"), time_to_live_ms=HOUR_MS, placed_at_ms=START_MS)

    assert order.expires_at_ms == START_MS + HOUR_MS


def test_the_repeat_of_a_second_reservation_does_not_revive_an_expired_one(shop: Shop) -> None:
    shop.reserve("1", Line("A"))
    second = shop.make(c.ReserveOrder, time_to_live_ms=HOUR_MS, **shop.content("1", Line("A")))
    shop.send(second)
    shop.tick(HOUR_MS)

    assert shop.send(second).repeated is True
    assert shop.order("1").status is OrderStatus.EXPIRED


def test_a_reservation_at_the_end_of_time_is_read_back(shop: Shop) -> None:
    shop.now_ms = MAX_INSTANT_MS - 2 * 24 * HOUR_MS

    assert shop.reserve("1", Line("A"), time_to_live_ms=366 * 24 * HOUR_MS).expires_at_ms == MAX_INSTANT_MS
