import pytest

from models import commands as c
from models.events import HoldReleased
from models.records.hold import HoldType
from models.records.order import OrderStatus
from models.records.pool import CatalogueItem
from models.rejections import RejectionCode
from models.rules.holds import HOLD_RULES, Step, Stock
from tests.support.builders import HOUR_MS, START_MS, Line, Shop

KEEPING = [hold for hold in HoldType if HOLD_RULES[hold].stock is Stock.KEPT]
NOT_ROUTED = [hold for hold in HoldType if Step.ROUTE in HOLD_RULES[hold].blocks]
ROUTED = [hold for hold in HoldType if Step.ROUTE not in HOLD_RULES[hold].blocks]
FREEING = [hold for hold in HoldType if HOLD_RULES[hold].stock is Stock.FREED]


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 2)
    shop.place("1", Line("A", 2))
    return shop


def test_every_type_of_hold_says_what_it_means() -> None:
    assert set(HOLD_RULES) == set(HoldType)
    assert all(rule.meaning for rule in HOLD_RULES.values())
    assert set(FREEING) == {
        HoldType.UNMAPPED_SKU,
        HoldType.UNEXPECTED_CURRENCY,
        HoldType.PARKED,
        HoldType.IMPORTED,
    }


@pytest.mark.parametrize("hold", KEEPING)
def test_a_hold_that_keeps_stock_keeps_it(shop: Shop, hold: HoldType) -> None:
    shop.do(c.HoldOrder, **shop.on("1", hold=hold), reason="look at it")

    order = shop.order("1")
    stands = OrderStatus.ROUTED if hold is HoldType.CLASH else OrderStatus.HELD
    assert (order.status, order.lines[0].allocated) == (stands, 2)
    assert (order.holds[0].actor, order.holds[0].note) == ("tester", "look at it")
    assert shop.events() == ["hold_applied"]


@pytest.mark.parametrize("hold", FREEING)
def test_a_hold_that_frees_stock_gives_it_to_who_waits_and_takes_it_back_after(shop: Shop, hold: HoldType) -> None:
    shop.place("2", Line("A", 1))

    shop.do(c.HoldOrder, **shop.on("1", hold=hold))
    assert shop.order("1").lines[0].waiting == 2
    assert shop.order("2").status is OrderStatus.ROUTED
    shop.do(c.ReleaseHold, **shop.on("1", hold=hold))

    assert (shop.order("1").lines[0].allocated, shop.order("1").lines[0].waiting) == (1, 1)


@pytest.mark.parametrize("hold", NOT_ROUTED)
def test_waiting_units_of_a_hold_that_forbids_it_claim_nothing(shop: Shop, hold: HoldType) -> None:
    shop.place("2", Line("A", 1))
    shop.do(c.HoldOrder, **shop.on("2", hold=hold))

    shop.stock("A", "berlin", 5)
    assert shop.order("2").lines[0].waiting == 1
    shop.do(c.ReleaseHold, **shop.on("2", hold=hold))

    assert shop.order("2").status is OrderStatus.ROUTED


@pytest.mark.parametrize("hold", ROUTED)
def test_waiting_units_of_other_holds_are_served(shop: Shop, hold: HoldType) -> None:
    shop.place("2", Line("A", 1))
    shop.do(c.HoldOrder, **shop.on("2", hold=hold))

    shop.stock("A", "berlin", 5)

    stands = OrderStatus.ROUTED if hold is HoldType.CLASH else OrderStatus.HELD
    assert (shop.order("2").status, shop.order("2").lines[0].allocated) == (stands, 1)


def test_an_order_moves_again_only_when_its_last_hold_is_off(shop: Shop) -> None:
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT))
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.ADDRESS))

    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.PAYMENT))
    assert shop.order("1").status is OrderStatus.HELD
    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.ADDRESS))

    assert shop.order("1").status is OrderStatus.ROUTED


def test_the_same_hold_is_not_put_on_twice_nor_taken_off_twice(shop: Shop) -> None:
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT))

    assert shop.refused(RejectionCode.HOLD_PRESENT, c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT)) == "hold"
    assert shop.refused(RejectionCode.HOLD_ABSENT, c.ReleaseHold, **shop.on("1", hold=HoldType.ADDRESS)) == "hold"


def test_a_hold_until_a_time_ends_by_a_tick(shop: Shop) -> None:
    until = START_MS + HOUR_MS
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.CUSTOMER_REQUEST, release_at_ms=until))

    shop.tick(HOUR_MS - 1000)
    assert shop.order("1").status is OrderStatus.HELD
    shop.tick(1000)

    assert shop.order("1").status is OrderStatus.ROUTED
    assert shop.events() == ["hold_released"]


@pytest.mark.parametrize("earlier_ms", [0, 1, HOUR_MS])
def test_a_hold_until_a_time_that_is_not_ahead_is_refused(shop: Shop, earlier_ms: int) -> None:
    hold = shop.on("1", hold=HoldType.OTHER, release_at_ms=START_MS - earlier_ms)

    assert shop.refused(RejectionCode.HOLD_IN_PAST, c.HoldOrder, **hold) == "release_at_ms"


def test_what_has_shipped_is_not_held(shop: Shop) -> None:
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

    shop.refused(RejectionCode.STATUS_FORBIDS, c.HoldOrder, **shop.on("1", hold=HoldType.OTHER))


def test_locations_do_not_work_on_a_held_order_but_may_refuse_it(shop: Shop) -> None:
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT))

    for kind in (c.AcceptFulfillment, c.PickFulfillment, c.PackFulfillment):
        assert shop.refused(RejectionCode.ORDER_HELD, kind, **shop.on("1", 1)) == "order_id"
    shop.do(c.RejectFulfillment, **shop.on("1", 1))

    assert shop.order("1").lines[0].waiting == 2


def test_a_hold_does_not_undo_a_parcel_that_has_left(shop: Shop) -> None:
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT))

    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

    assert shop.order("1").status is OrderStatus.SHIPPED


def test_holds_of_two_programs_stand_beside_each_other_until_both_are_taken_off(shop: Shop) -> None:
    shop.stock("A", "berlin", 5)
    shop.place("two", Line("A"))
    for handle in ("radar", "sift"):
        shop.do(c.HoldOrder, **shop.on("two", hold=HoldType.FRAUD_REVIEW, handle=handle))
    shop.refused(RejectionCode.HOLD_PRESENT, c.HoldOrder, **shop.on("two", hold=HoldType.FRAUD_REVIEW, handle="sift"))
    shop.refused(RejectionCode.HOLD_ABSENT, c.ReleaseHold, **shop.on("two", hold=HoldType.FRAUD_REVIEW))

    shop.do(c.ReleaseHold, **shop.on("two", hold=HoldType.FRAUD_REVIEW, handle="radar"))
    shop.refused(RejectionCode.ORDER_HELD, c.AcceptFulfillment, **shop.on("two", 1))
    shop.do(c.ReleaseHold, **shop.on("two", hold=HoldType.FRAUD_REVIEW, handle="sift"))
    shop.do(c.AcceptFulfillment, **shop.on("two", 1))

    told = [
        (event.hold, event.handle) for told in shop.told for event in told.events if isinstance(event, HoldReleased)
    ]
    assert told == [(HoldType.FRAUD_REVIEW, "radar"), (HoldType.FRAUD_REVIEW, "sift")]


def test_a_hold_for_an_unknown_sku_is_taken_off_only_once_it_is_known(shop: Shop) -> None:
    shop.place("2", Line("NEW"), sold=True)
    release = shop.on("2", hold=HoldType.UNMAPPED_SKU)

    shop.refused(RejectionCode.SKU_UNKNOWN, c.ReleaseHold, **release)
    shop.do(c.HoldOrder, **shop.on("2", hold=HoldType.PAYMENT))
    shop.do(c.PutCatalogue, items=(CatalogueItem(sku="NEW"),))

    assert [hold.type for hold in shop.order("2").holds] == [HoldType.PAYMENT]


def test_an_order_is_rerouted_over_what_is_there_now(shop: Shop) -> None:
    shop.place("2", Line("A", 1))
    shop.do(c.CancelUnits, **shop.on("2"))
    shop.place("3", Line("B", 1))
    shop.refused(RejectionCode.ORDER_HELD, c.RerouteOrder, **_held(shop, "3"))

    shop.do(c.RerouteOrder, **shop.on("1"))

    order = shop.order("1")
    assert [f.status for f in order.fulfillments] == ["cancelled", "allocated"]
    assert shop.level("A", "berlin").allocated == 2


def test_nothing_is_rerouted_once_a_location_has_accepted(shop: Shop) -> None:
    shop.do(c.AcceptFulfillment, **shop.on("1", 1))

    shop.refused(RejectionCode.STATUS_FORBIDS, c.RerouteOrder, **shop.on("1"))


def test_an_expired_reservation_is_not_rerouted(shop: Shop) -> None:
    shop.reserve("2", Line("B"))
    shop.tick(HOUR_MS)

    shop.refused(RejectionCode.STATUS_FORBIDS, c.RerouteOrder, **shop.on("2"))


def _held(shop: Shop, external_id: str) -> dict[str, object]:
    shop.do(c.HoldOrder, **shop.on(external_id, hold=HoldType.UNROUTABLE))
    return shop.on(external_id)
