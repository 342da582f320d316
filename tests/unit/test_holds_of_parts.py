"""Holds of a line or a fulfillment, dates on them, and whose clock runs meanwhile."""

from typing import Any

import pytest

from models import commands as c
from models.events import UnitsCancelled
from models.records.fulfillment import FulfillmentStatus
from models.records.hold import HoldType
from models.records.order import OrderStatus, Terms
from models.records.pool import Channel
from models.rejections import RejectionCode
from models.rules.holds import HOLD_RULES, Clock
from tests.support.builders import DAY_MS, HOUR_MS, START_MS, Line, Shop


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 2)
    shop.stock("B", "hamburg", 2)
    return shop


def test_a_held_line_does_not_hold_the_order_but_the_fulfillment_it_is_in(shop: Shop) -> None:
    shop.place("1", Line("A", 1), Line("B", 1))
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.OTHER, line_id="1"), reason="engraving")

    assert shop.order("1").status is OrderStatus.ROUTED
    assert shop.refused(RejectionCode.ORDER_HELD, c.PickFulfillment, **shop.on("1", 1)) == "order_id"
    shop.do(c.PickFulfillment, **shop.on("1", 2))
    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.OTHER, line_id="1"), reason="engraved")
    shop.do(c.PickFulfillment, **shop.on("1", 1))

    assert [f.status for f in shop.order("1").fulfillments] == [FulfillmentStatus.PICKED] * 2


def test_a_held_fulfillment_leaves_the_others_alone(shop: Shop) -> None:
    shop.place("1", Line("A", 1), Line("B", 1))
    key = shop.order("1").fulfillments[0].fulfillment_id
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.CUSTOMER_REQUEST, fulfillment_id=key))

    shop.refused(RejectionCode.ORDER_HELD, c.AcceptFulfillment, **shop.on("1", 1))
    shop.do(c.AcceptFulfillment, **shop.on("1", 2))


def test_a_line_that_is_parked_gives_its_stock_to_others_and_waits_for_none(shop: Shop) -> None:
    shop.place("1", Line("A", 2), Line("B", 1))
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PARKED, line_id="1"))
    assert [(line.allocated, line.waiting) for line in shop.order("1").lines] == [(0, 2), (1, 0)]

    assert shop.place("2", Line("A", 2)).status is OrderStatus.ROUTED
    shop.stock("A", "berlin", 5)
    assert shop.order("1").lines[0].waiting == 2
    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.PARKED, line_id="1"))

    assert shop.order("1").lines[0].allocated == 2


def test_the_same_type_may_stand_on_the_order_and_on_a_line_and_each_is_taken_off_alone(shop: Shop) -> None:
    shop.place("1", Line("A", 1))
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.OTHER))
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.OTHER, line_id="1"))

    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.OTHER))

    assert [(hold.type, hold.line_id) for hold in shop.order("1").holds] == [(HoldType.OTHER, "1")]


@pytest.mark.parametrize(
    ("part", "code"),
    [({"line_id": "9"}, RejectionCode.LINE_UNKNOWN), ({"fulfillment_id": "x"}, RejectionCode.FULFILLMENT_UNKNOWN)],
)
def test_a_part_that_is_not_there_is_refused(shop: Shop, part: dict[str, Any], code: RejectionCode) -> None:
    shop.place("1", Line("A", 1))

    assert shop.refused(code, c.HoldOrder, **shop.on("1", hold=HoldType.OTHER, **part)) == next(iter(part))


def test_a_new_date_takes_the_place_of_the_old_one(shop: Shop) -> None:
    shop.place("1", Line("A", 1))
    for hours in (1, 5):
        until = {"release_at_ms": START_MS + hours * HOUR_MS}
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.CUSTOMER_REQUEST, **until))

    assert [hold.release_at_ms for hold in shop.order("1").holds] == [START_MS + 5 * HOUR_MS]
    shop.tick(2 * HOUR_MS)
    assert shop.order("1").status is OrderStatus.HELD
    shop.tick(3 * HOUR_MS)
    assert shop.order("1").status is OrderStatus.ROUTED


def test_an_order_that_is_not_paid_in_time_is_cancelled_and_its_stock_is_free(shop: Shop) -> None:
    shop.place("1", Line("A", 2), terms=Terms(pay_by_ms=START_MS + HOUR_MS))
    assert (shop.order("1").status, shop.level("A", "berlin").allocated) == (OrderStatus.HELD, 2)

    shop.tick(HOUR_MS)

    assert (shop.order("1").status, shop.level("A", "berlin").allocated) == (OrderStatus.CANCELLED, 0)
    cancelled = [event for event in shop.told[-1].events if isinstance(event, UnitsCancelled)]
    assert [event.cause for event in cancelled] == ["expired"]


def test_a_line_that_is_held_beyond_its_date_is_cancelled_and_the_others_go_on(shop: Shop) -> None:
    shop.place("1", Line("A", 1), Line("B", 1))
    held = shop.on("1", hold=HoldType.OTHER, line_id="1", cancel_at_ms=START_MS + HOUR_MS)
    shop.do(c.HoldOrder, **held)

    shop.tick(HOUR_MS)

    order = shop.order("1")
    assert [(line.cancelled, line.allocated) for line in order.lines] == [(1, 0), (0, 1)]
    assert (order.holds, order.status) == ((), OrderStatus.ROUTED)
    assert shop.events() == ["fulfillment_cancelled", "units_cancelled", "hold_released"]


def test_an_order_that_is_paid_in_time_goes_on(shop: Shop) -> None:
    shop.place("1", Line("A", 2), terms=Terms(pay_by_ms=START_MS + HOUR_MS))
    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.PAYMENT), reason="paid")

    shop.tick(2 * HOUR_MS)

    assert shop.order("1").status is OrderStatus.ROUTED


def test_an_order_above_its_channels_amount_waits_for_approval(shop: Shop) -> None:
    shop.do(c.PutChannels, channels=(Channel(channel_id="web", name="Web", approval_above_minor=1_000),))

    assert shop.place("1", Line("A", 1, 1_000)).status is OrderStatus.ROUTED
    order = shop.place("2", Line("A", 1, 1_001))

    assert (order.status, [hold.type for hold in order.holds]) == (OrderStatus.HELD, [HoldType.APPROVAL])


def test_an_order_wanted_later_keeps_its_stock_and_is_released_at_its_date(shop: Shop) -> None:
    order = shop.place("1", Line("A", 2), terms=Terms(requested_at_ms=START_MS + 2 * DAY_MS))
    assert (order.status, order.lines[0].allocated) == (OrderStatus.HELD, 2)

    shop.tick(2 * DAY_MS)

    assert shop.order("1").status is OrderStatus.ROUTED


@pytest.mark.parametrize("hold", [hold for hold in HoldType if hold is not HoldType.CLASH])
def test_the_clock_of_the_promise_stands_still_where_the_delay_is_not_ours(shop: Shop, hold: HoldType) -> None:
    shop.place("1", Line("A", 1), promise_by_ms=START_MS + 2 * DAY_MS)
    shop.do(c.HoldOrder, **shop.on("1", hold=hold))
    shop.tick(3 * DAY_MS)
    stopped = HOLD_RULES[hold].clock is Clock.STOPS
    assert shop.order("1").at_risk is not stopped

    shop.do(c.ReleaseHold, **shop.on("1", hold=hold))

    order = shop.order("1")
    assert (order.clock_stopped_ms, order.clock_stopped_at_ms) == (3 * DAY_MS if stopped else 0, None)
    assert order.at_risk_from_ms == START_MS + DAY_MS + order.clock_stopped_ms
    shop.tick(DAY_MS)
    assert shop.order("1").at_risk


def test_two_holds_that_stop_the_clock_stop_it_once(shop: Shop) -> None:
    shop.place("1", Line("A", 1), promise_by_ms=START_MS + 9 * DAY_MS)
    for hold in (HoldType.PAYMENT, HoldType.ADDRESS):
        shop.do(c.HoldOrder, **shop.on("1", hold=hold))
        shop.later(DAY_MS)
    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.PAYMENT))
    shop.later(DAY_MS)

    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.ADDRESS))

    assert shop.order("1").clock_stopped_ms == 3 * DAY_MS


def test_ending_a_fraud_review_neither_approves_nor_cancels(shop: Shop) -> None:
    shop.place("1", Line("A", 1))
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.FRAUD_REVIEW))

    told = shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.FRAUD_REVIEW), reason="called the buyer")

    assert [str(event.__struct_config__.tag) for event in told.events] == ["hold_released"]
    assert told.events[0].resolution == "called the buyer"  # type: ignore[union-attr]
    assert shop.order("1").lines[0].cancelled == 0
