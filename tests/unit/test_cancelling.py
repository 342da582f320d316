import pytest

from models import commands as c
from models.records.fulfillment import FulfillmentStatus
from models.records.line import UnitsOfLine
from models.records.order import OrderStatus
from models.rejections import RejectionCode
from tests.support.builders import Line, Shop, units


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 3)
    return shop


def test_waiting_units_are_cancelled_before_claimed_ones(shop: Shop) -> None:
    shop.place("1", Line("A", 5))

    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 3))))

    line = shop.order("1").lines[0]
    assert (line.waiting, line.allocated, line.cancelled) == (0, 2, 3)
    assert shop.level("A", "berlin").allocated == 2


def test_units_of_the_newest_fulfillment_are_cancelled_first(shop: Shop) -> None:
    shop.stock("A", "munich", 1)
    shop.place("1", Line("A", 4))
    newest = shop.order("1").fulfillments[-1].location_id
    before = shop.level("A", newest).allocated

    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

    assert shop.level("A", newest).allocated == before - 1


def test_cancelled_units_carry_their_own_cents(shop: Shop) -> None:
    shop.place("1", Line("A", 3, 33), shipping_minor=1)

    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))
    assert shop.order("1").lines[0].cancelled_minor == 34
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 2))))

    assert shop.order("1").lines[0].cancelled_minor == 100


def test_without_units_everything_not_shipped_is_cancelled(shop: Shop) -> None:
    shop.place("1", Line("A", 2), Line("B", 1))

    shop.do(c.CancelUnits, **shop.on("1"))

    order = shop.order("1")
    assert order.status is OrderStatus.CANCELLED
    assert [f.status for f in order.fulfillments] == [FulfillmentStatus.CANCELLED]
    assert (shop.level("A", "berlin").allocated, shop.level("A", "berlin").on_hand) == (0, 3)
    assert shop.events() == ["fulfillment_cancelled", "units_cancelled"]


def test_freed_units_go_to_who_waits(shop: Shop) -> None:
    shop.place("1", Line("A", 3))
    shop.place("2", Line("A", 2))

    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 2))))

    assert shop.order("2").status is OrderStatus.ROUTED


def test_accepted_units_may_be_cancelled_and_picked_ones_may_not(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    shop.do(c.AcceptFulfillment, **shop.on("1", 1))
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))
    shop.do(c.PickFulfillment, **shop.on("1", 1))

    assert shop.refused(RejectionCode.UNITS_PICKED, c.CancelUnits, **shop.on("1")) == "units"


def test_a_cancellation_is_refused_whole_where_one_unit_is_picked(shop: Shop) -> None:
    shop.place("1", Line("A", 5))
    shop.do(c.PickFulfillment, **shop.on("1", 1))

    shop.refused(RejectionCode.UNITS_PICKED, c.CancelUnits, **shop.on("1"))
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 2))))

    assert shop.order("1").lines[0].cancelled == 2


@pytest.mark.parametrize(
    ("named", "code"),
    [
        (units(("1", 1), ("1", 1)), RejectionCode.LINE_REPEATED),
        (units(("9", 1)), RejectionCode.LINE_UNKNOWN),
        (units(("1", 4)), RejectionCode.TOO_MANY_UNITS),
    ],
)
def test_units_that_are_not_there_are_refused(shop: Shop, named: tuple[UnitsOfLine, ...], code: RejectionCode) -> None:
    shop.place("1", Line("A", 3))

    assert shop.refused(code, c.CancelUnits, **shop.on("1", units=named)) == "units"


@pytest.mark.parametrize("named", [(), units(("1", 1))])
def test_nothing_is_left_to_cancel_twice(shop: Shop, named: tuple[UnitsOfLine, ...]) -> None:
    shop.place("1", Line("A", 3))
    shop.do(c.CancelUnits, **shop.on("1"))

    shop.refused(RejectionCode.STATUS_FORBIDS, c.CancelUnits, **shop.on("1", units=named))


def test_shipped_units_are_not_cancelled(shop: Shop) -> None:
    shop.place("1", Line("A", 3))
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 2))))

    shop.refused(RejectionCode.TOO_MANY_UNITS, c.CancelUnits, **shop.on("1", units=units(("1", 2))))
    shop.do(c.CancelUnits, **shop.on("1"))

    order = shop.order("1")
    assert (order.lines[0].shipped, order.lines[0].cancelled, order.status) == (2, 1, OrderStatus.SHIPPED)


def test_the_rest_of_a_delivered_fulfillment_ends_it_as_delivered(shop: Shop) -> None:
    shop.place("1", Line("A", 3))
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 2))))
    shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))

    shop.do(c.CancelUnits, **shop.on("1"))

    order = shop.order("1")
    assert (order.status, order.fulfillments[0].status) == (OrderStatus.DELIVERED, FulfillmentStatus.DELIVERED)


def test_an_order_that_is_not_there_cannot_be_cancelled(shop: Shop) -> None:
    assert shop.refused(RejectionCode.ORDER_UNKNOWN, c.CancelUnits, order_id="nobody") == "order_id"
