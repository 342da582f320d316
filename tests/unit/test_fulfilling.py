import pytest

from models import commands as c
from models.records.fulfillment import FulfillmentStatus
from models.records.hold import HoldType
from models.records.order import OrderStatus
from models.rejections import RejectionCode
from models.rules.orders.reject import REJECT_CAUSES, StockEffect
from tests.support.builders import Line, Shop, units


@pytest.fixture
def shop() -> Shop:
    """Three units of A in Berlin, two in Hamburg; order 1 has two of Berlin's."""
    shop = Shop().open()
    shop.stock("A", "berlin", 3)
    shop.stock("A", "hamburg", 2)
    shop.place("1", Line("A", 2))
    return shop


def test_a_fulfillment_goes_from_accepted_to_delivered(shop: Shop) -> None:
    steps: list[tuple[type[c.FulfillmentCommand], dict[str, str], FulfillmentStatus]] = [
        (c.AcceptFulfillment, {"partner_reference": "P-1"}, FulfillmentStatus.ACCEPTED),
        (c.PickFulfillment, {}, FulfillmentStatus.PICKED),
        (c.PackFulfillment, {}, FulfillmentStatus.PACKED),
        (c.ShipParcel, {"parcel_id": "p"}, FulfillmentStatus.SHIPPED),
        (c.DeliverParcel, {"parcel_id": "p"}, FulfillmentStatus.DELIVERED),
    ]
    for kind, fields, status in steps:
        shop.later(1000)
        shop.do(kind, **shop.on("1", 1, **fields))
        assert shop.order("1").fulfillments[0].status is status

    fulfillment = shop.order("1").fulfillments[0]
    start = fulfillment.routed_at_ms
    assert fulfillment.partner_reference == "P-1"
    times = (fulfillment.accepted_at_ms, fulfillment.picked_at_ms, fulfillment.packed_at_ms)
    assert times == (start + 1000, start + 2000, start + 3000)
    assert shop.order("1").status is OrderStatus.DELIVERED


@pytest.mark.parametrize(
    ("before", "refused"),
    [
        ((c.AcceptFulfillment,), c.AcceptFulfillment),
        ((), c.PackFulfillment),
        ((c.PickFulfillment,), c.PickFulfillment),
        ((c.PickFulfillment,), c.AcceptFulfillment),
        ((c.PickFulfillment, c.PackFulfillment), c.PackFulfillment),
        ((c.RejectFulfillment,), c.RejectFulfillment),
        ((c.RejectFulfillment,), c.AcceptFulfillment),
    ],
)
def test_a_step_out_of_turn_is_refused(
    shop: Shop, before: tuple[type[c.FulfillmentCommand], ...], refused: type[c.FulfillmentCommand]
) -> None:
    for kind in before:
        shop.do(kind, **shop.on("1", 1))

    assert shop.refused(RejectionCode.STATUS_FORBIDS, refused, **shop.on("1", 1)) == "fulfillment_id"


@pytest.mark.parametrize("kind", [c.AcceptFulfillment, c.RejectFulfillment, c.PickFulfillment, c.PackFulfillment])
def test_a_fulfillment_that_is_not_there_is_refused(shop: Shop, kind: type[c.FulfillmentCommand]) -> None:
    assert shop.refused(RejectionCode.FULFILLMENT_UNKNOWN, kind, **shop.on("1", 9)) == "fulfillment_id"


def test_a_rejected_fulfillment_is_routed_elsewhere_and_never_back(shop: Shop) -> None:
    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="closed"))

    order = shop.order("1")
    assert [(f.location_id, f.status) for f in order.fulfillments] == [
        ("berlin", FulfillmentStatus.REJECTED),
        ("hamburg", FulfillmentStatus.ALLOCATED),
    ]
    assert (order.refused_by, order.reroutes) == (("berlin",), 1)
    shop.do(c.RejectFulfillment, **shop.on("1", 2, cause="closed"))
    shop.stock("A", "berlin", 9)

    assert shop.order("1").lines[0].waiting == 2


def test_the_trace_says_which_location_was_left_out_for_having_refused(shop: Shop) -> None:
    told = shop.do(c.RejectFulfillment, **shop.on("1", 1))

    routed = told.events[-1]
    assert routed.trace.excluded == {"refused_before": ("berlin",)}  # type: ignore[union-attr]


@pytest.mark.parametrize("cause", REJECT_CAUSES)
def test_the_cause_of_a_rejection_corrects_the_stock(shop: Shop, cause: str) -> None:
    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause=cause))

    level = shop.level("A", "berlin")
    left = {
        StockEffect.NOTHING: (3, 0),
        StockEffect.EMPTY: (0, 0),
        StockEffect.FEWER: (1, 0),
        StockEffect.DAMAGED: (3, 2),
    }
    assert (level.on_hand, level.unsellable) == left[REJECT_CAUSES[cause].effect]
    # Only a wrong address leaves the units where they are, until it is mended.
    assert level.allocated == (2 if cause == "incorrect_address" else 0)
    assert level.states == ({"damaged": 2} if REJECT_CAUSES[cause].effect is StockEffect.DAMAGED else {})


def test_an_unknown_cause_is_refused(shop: Shop) -> None:
    assert shop.refused(RejectionCode.COMMAND_INVALID, c.RejectFulfillment, **shop.on("1", 1, cause="mood")) == "cause"


def test_past_the_budget_of_tries_a_person_is_asked() -> None:
    shop = Shop().open(reroute_budget=1)
    for place in ("berlin", "hamburg", "munich"):
        shop.stock("A", place, 1)
    shop.place("1", Line("A"))

    shop.do(c.RejectFulfillment, **shop.on("1", 1))
    assert shop.order("1").status is OrderStatus.ROUTED
    shop.do(c.RejectFulfillment, **shop.on("1", 2))

    order = shop.order("1")
    assert (order.status, [hold.type for hold in order.holds]) == (OrderStatus.HELD, [HoldType.UNROUTABLE])
    assert order.lines[0].waiting == 1
    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.UNROUTABLE))
    order = shop.order("1")
    assert (order.status, order.reroutes) == (OrderStatus.ROUTED, 0)
    assert order.fulfillments[-1].location_id == "munich"


def test_a_rejection_for_want_of_stock_moves_the_next_order_too(shop: Shop) -> None:
    shop.place("2", Line("A", 1), placed_at_ms=shop.now_ms + 1)

    shop.do(c.CountStock, **shop.fact("berlin", sku="A", counted=2))
    assert [f.location_id for f in shop.order("2").fulfillments if f.status == "allocated"] == ["hamburg"]
    shop.later(1000)
    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="out_of_stock"))

    assert shop.level("A", "berlin").on_hand == 0
    assert (shop.order("1").lines[0].allocated, shop.order("1").lines[0].waiting) == (1, 1)


def test_a_short_pick_corrects_the_stock_and_routes_the_rest_elsewhere(shop: Shop) -> None:
    shop.do(c.PickFulfillment, **shop.on("1", 1, units=units(("1", 1))))

    order = shop.order("1")
    first, second = order.fulfillments
    assert (first.status, first.lines[0].allocated, first.lines[0].picked) == (FulfillmentStatus.PICKED, 1, 1)
    assert (second.location_id, second.lines[0].allocated) == ("hamburg", 1)
    assert (shop.level("A", "berlin").on_hand, shop.level("A", "berlin").allocated) == (2, 1)
    assert order.refused_by == ("berlin",)
    assert shop.events() == ["fulfillment_picked", "units_routed"]


def test_a_pick_that_finds_nothing_cancels_the_fulfillment(shop: Shop) -> None:
    shop.do(c.PickFulfillment, **shop.on("1", 1, units=()))

    order = shop.order("1")
    assert [f.status for f in order.fulfillments] == [FulfillmentStatus.CANCELLED, FulfillmentStatus.ALLOCATED]
    assert shop.level("A", "berlin").on_hand == 1


@pytest.mark.parametrize(
    ("line", "quantity", "code"),
    [("1", 3, RejectionCode.TOO_MANY_UNITS), ("2", 1, RejectionCode.LINE_UNKNOWN)],
)
def test_more_than_was_asked_for_cannot_be_picked(shop: Shop, line: str, quantity: int, code: RejectionCode) -> None:
    assert shop.refused(code, c.PickFulfillment, **shop.on("1", 1, units=units((line, quantity)))) == "units"


def test_picked_units_may_still_be_rejected_and_go_elsewhere(shop: Shop) -> None:
    shop.do(c.PickFulfillment, **shop.on("1", 1))

    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="no_capacity"))

    assert shop.order("1").fulfillments[-1].location_id == "hamburg"
    assert shop.level("A", "berlin").allocated == 0


def test_a_rejection_after_a_first_parcel_leaves_that_parcel_alone(shop: Shop) -> None:
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 1))))

    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="closed"))

    order = shop.order("1")
    assert [f.status for f in order.fulfillments] == [FulfillmentStatus.SHIPPED, FulfillmentStatus.ALLOCATED]
    assert (order.lines[0].shipped, order.lines[0].allocated) == (1, 1)
