"""What partners and carriers answer: cancellations, parcels together, scans in any order, silence, collection."""

from itertools import permutations

import pytest

from models import commands as c
from models.records.fulfillment import CancellationStatus, CarrierStatus, ParcelStatus
from models.records.order import Customer, OrderStatus
from models.records.place import Destination
from models.records.pool import LocationKind
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, HOUR_MS, Line, Shop, location, units
from tests.support.invariants import sound

BUYER = Customer(customer_id="buyer")


class TestCancellingWithAPartner:
    @pytest.fixture
    def shop(self) -> Shop:
        shop = Shop().open()
        shop.locate(location("partner", kind=LocationKind.THIRD_PARTY))
        shop.stock("A", "partner", 9)
        shop.place("1", Line("A", 3))
        return shop

    def test_what_it_has_not_accepted_is_cancelled_at_once(self, shop: Shop) -> None:
        shop.do(c.CancelUnits, **shop.on("1"))

        assert shop.order("1").status is OrderStatus.CANCELLED

    def test_what_it_has_accepted_is_asked_back_and_stays_until_it_answers(self, shop: Shop) -> None:
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))
        shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 2))))

        fulfillment = shop.order("1").fulfillments[0]
        assert fulfillment.cancellation is not None
        assert (fulfillment.cancellation.status, fulfillment.cancellation.units) == (
            CancellationStatus.REQUESTED,
            units(("1", 2)),
        )
        assert (shop.events(), shop.order("1").lines[0].allocated) == (["cancellation_requested"], 3)

        shop.do(c.AnswerCancellation, **shop.on("1", 1, accepted=True))
        line = shop.order("1").lines[0]
        assert (line.cancelled, line.allocated, shop.level("A", "partner").allocated) == (2, 1, 1)
        assert shop.events() == ["cancellation_answered", "units_cancelled"]
        assert sound(shop)

    def test_what_it_will_not_give_back_is_sent(self, shop: Shop) -> None:
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))
        shop.do(c.CancelUnits, **shop.on("1"))

        shop.do(c.AnswerCancellation, **shop.on("1", 1, accepted=False))

        assert (shop.order("1").status, shop.order("1").lines[0].cancelled) == (OrderStatus.ROUTED, 0)

    def test_asking_twice_for_the_same_units_is_refused(self, shop: Shop) -> None:
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))
        shop.do(c.CancelUnits, **shop.on("1"))

        assert shop.refused(RejectionCode.UNITS_PICKED, c.CancelUnits, **shop.on("1")) == "units"

    def test_what_has_left_meanwhile_closes_the_request(self, shop: Shop) -> None:
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))
        shop.do(c.CancelUnits, **shop.on("1"))

        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

        cancellation = shop.order("1").fulfillments[0].cancellation
        assert cancellation is not None
        assert (cancellation.status, shop.events()[0]) == (CancellationStatus.REJECTED, "cancellation_answered")
        assert shop.refused(
            RejectionCode.NOTHING_REQUESTED, c.AnswerCancellation, **shop.on("1", 1, accepted=True)
        ) == ("fulfillment_id")

    def test_what_it_rejects_instead_is_cancelled_as_far_as_it_was_asked_for(self, shop: Shop) -> None:
        shop.stock("A", "berlin", 9)
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))
        shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 2))))

        shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="no_capacity"))

        order = shop.order("1")
        assert (order.lines[0].cancelled, order.lines[0].allocated) == (2, 1)
        assert [(f.location_id, f.status) for f in order.fulfillments] == [
            ("partner", "rejected"),
            ("berlin", "allocated"),
        ]
        cancellation = order.fulfillments[0].cancellation
        assert cancellation is not None
        assert (cancellation.status, sound(shop)) == (CancellationStatus.ACCEPTED, True)

    def test_a_hold_that_frees_stock_leaves_alone_what_it_works_on(self, shop: Shop) -> None:
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))

        shop.do(c.HoldOrder, **shop.on("1", hold="parked"))

        assert shop.order("1").lines[0].allocated == 3

    def test_units_of_our_own_that_are_accepted_are_cancelled_at_once(self, shop: Shop) -> None:
        shop.stock("B", "berlin", 2)
        shop.place("2", Line("B", 2))
        shop.do(c.AcceptFulfillment, **shop.on("2", 1))

        shop.do(c.CancelUnits, **shop.on("2"))

        assert shop.order("2").status is OrderStatus.CANCELLED

    def test_some_at_once_and_some_asked_for_by_one_command(self, shop: Shop) -> None:
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))
        shop.place("2", Line("A", 8))
        shop.do(c.AcceptFulfillment, **shop.on("2", 1))

        shop.do(c.CancelUnits, **shop.on("2"))

        order = shop.order("2")
        assert (order.lines[0].cancelled, order.lines[0].allocated) == (2, 6)
        assert shop.events() == ["units_cancelled", "cancellation_requested"]


class TestParcelsTogether:
    @pytest.fixture
    def shop(self) -> Shop:
        shop = Shop().open()
        shop.stock("A", "berlin", 9)
        for name in ("1", "2"):
            shop.place(name, Line("A", 1), customer=BUYER)
        return shop

    def merge(self, shop: Shop) -> dict[str, object]:
        other = shop.order_id("2")
        return shop.on("1", 1, other_order_id=other, other_fulfillment_id=f"{other}-1")

    def test_two_orders_of_one_customer_leave_and_arrive_in_one_parcel(self, shop: Shop) -> None:
        shop.do(c.MergeFulfillments, **self.merge(shop))

        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", carrier="dhl", tracking_number="t"))
        assert [shop.order(name).parcels[0].tracking_number for name in ("1", "2")] == ["t", "t"]
        shop.do(c.DeliverParcel, **shop.on("2", 1, parcel_id="p"))

        assert [shop.order(name).status for name in ("1", "2")] == [OrderStatus.DELIVERED] * 2
        assert (shop.level("A", "berlin").on_hand, sound(shop)) == (7, True)

    def test_a_scan_is_kept_for_both(self, shop: Shop) -> None:
        shop.do(c.MergeFulfillments, **self.merge(shop))
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))

        shop.do(c.RecordScan, **shop.on("1", 1, parcel_id="p", status=CarrierStatus.OUT_FOR_DELIVERY))

        seen = [shop.order(name).parcels[0].tracking for name in ("1", "2")]
        assert [tracking.status for tracking in seen if tracking] == [CarrierStatus.OUT_FOR_DELIVERY] * 2

    @pytest.mark.parametrize(
        "other",
        [
            {"customer": Customer(customer_id="somebody else")},
            {"customer": BUYER, "destination": Destination(country="FR")},
            {},
        ],
    )
    def test_another_customer_or_address_is_not_put_together(self, shop: Shop, other: dict[str, object]) -> None:
        shop.place("3", Line("A", 1), **other)
        key = shop.order_id("3")
        asked = shop.on("1", 1, other_order_id=key, other_fulfillment_id=f"{key}-1")

        assert shop.refused(RejectionCode.NOT_TOGETHER, c.MergeFulfillments, **asked) == "other_fulfillment_id"


class TestScans:
    SAID = (
        (CarrierStatus.IN_TRANSIT, 1),
        (CarrierStatus.EXCEPTION, 2),
        (CarrierStatus.OUT_FOR_DELIVERY, 3),
    )

    def shipped(self) -> Shop:
        shop = Shop().open(silence_ms=2 * DAY_MS)
        shop.stock("A", "berlin", 9)
        shop.place("1", Line("A", 1))
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", carrier="dhl", tracking_number="t"))
        shop.later(DAY_MS)
        return shop

    def scan(self, shop: Shop, status: CarrierStatus, hour: int, **fields: str) -> None:
        at_ms = shop.now_ms - DAY_MS + hour * HOUR_MS
        said = shop.on("1", 1, parcel_id="p", status=status, **fields)
        shop.do(c.RecordScan, **{**said, "occurred_at_ms": at_ms})

    @pytest.mark.parametrize("order", list(permutations(SAID)))
    def test_the_newest_by_the_carriers_time_counts_in_any_order_of_coming(
        self, order: tuple[tuple[CarrierStatus, int], ...]
    ) -> None:
        shop = self.shipped()
        for status, hour in order:
            self.scan(shop, status, hour)

        tracking = shop.order("1").parcels[0].tracking
        assert tracking is not None
        assert tracking.status is CarrierStatus.OUT_FOR_DELIVERY
        assert [scan.status for scan in tracking.scans] == [status for status, _ in self.SAID]

    def test_what_the_carrier_said_is_kept_in_its_own_words(self) -> None:
        shop = self.shipped()

        self.scan(shop, CarrierStatus.EXCEPTION, 4, detail="customs delay", raw="EX-17")

        tracking = shop.order("1").parcels[0].tracking
        assert tracking is not None
        assert (tracking.detail, tracking.scans[0].raw) == ("customs delay", "EX-17")

    def test_the_same_scan_again_changes_nothing(self) -> None:
        shop = self.shipped()
        self.scan(shop, CarrierStatus.IN_TRANSIT, 1)
        told = len(shop.told[-1].events)
        parcels = shop.order("1").parcels

        self.scan(shop, CarrierStatus.IN_TRANSIT, 1)

        assert (told, shop.told[-1].events, shop.order("1").parcels) == (1, (), parcels)

    def test_a_delivered_scan_ends_the_parcel_at_the_carriers_time(self) -> None:
        shop = self.shipped()

        self.scan(shop, CarrierStatus.DELIVERED, 5)

        parcel = shop.order("1").parcels[0]
        assert (parcel.status, parcel.ended_at_ms) == (ParcelStatus.DELIVERED, shop.now_ms - DAY_MS + 5 * HOUR_MS)
        assert shop.order("1").status is OrderStatus.DELIVERED

    def test_a_scan_that_comes_after_its_delivery_does_not_bring_the_parcel_back(self) -> None:
        shop = self.shipped()
        self.scan(shop, CarrierStatus.DELIVERED, 5)

        self.scan(shop, CarrierStatus.OUT_FOR_DELIVERY, 4)

        tracking = shop.order("1").parcels[0].tracking
        assert tracking is not None
        assert (tracking.status, shop.order("1").status) == (CarrierStatus.DELIVERED, OrderStatus.DELIVERED)

    def test_silence_is_told_once_and_ends_with_the_next_word(self) -> None:
        shop = self.shipped()
        shop.tick(DAY_MS)
        assert shop.events() == ["parcel_silent"]
        assert shop.order("1").parcels[0].silent
        shop.tick(DAY_MS)
        assert shop.events() == []

        self.scan(shop, CarrierStatus.IN_TRANSIT, 23)
        assert not shop.order("1").parcels[0].silent
        shop.tick(3 * DAY_MS)

        assert shop.events() == ["parcel_silent"]

    def test_a_parcel_that_has_arrived_is_not_silent(self) -> None:
        shop = self.shipped()
        shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))

        shop.tick(9 * DAY_MS)

        assert shop.events() == []


def test_a_wrong_address_that_is_told_twice_is_one_hold() -> None:
    shop = Shop().open()
    for place in ("berlin", "hamburg"):
        shop.stock("A", place, 1)
    shop.place("1", Line("A", 2))

    for number in (1, 2):
        shop.do(c.RejectFulfillment, **shop.on("1", number, cause="incorrect_address"))

    assert [hold.type for hold in shop.order("1").holds] == ["address"]


def test_a_partner_may_refuse_some_units_and_ship_the_rest() -> None:
    shop = Shop().open()
    shop.stock("A", "berlin", 3)
    shop.stock("A", "hamburg", 3)
    shop.place("1", Line("A", 3))

    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="mismatch", units=units(("1", 1))))

    order = shop.order("1")
    assert [(f.location_id, f.status, f.lines[0].allocated) for f in order.fulfillments] == [
        ("berlin", "allocated", 2),
        ("hamburg", "allocated", 1),
    ]
    assert (shop.level("A", "berlin").on_hand, sound(shop)) == (2, True)
