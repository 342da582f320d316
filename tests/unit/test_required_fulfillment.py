"""What is required of fulfillments, parcels and what carriers say, each promise by itself."""

import itertools

import pytest

from models import commands as c
from models.records.fulfillment import CancellationStatus, CarrierStatus, FulfillmentStatus
from models.records.order import Customer, OrderStatus
from models.records.pool import LocationKind
from models.rejections import RejectionCode
from tests.support.builders import MINUTE_MS, Line, Shop, location, units
from tests.support.invariants import sound


@pytest.fixture
def shop() -> Shop:
    """A shop with nine of A in Berlin, of which order 1 has three."""
    shop = Shop().open()
    shop.stock("A", "berlin", 9)
    shop.place("1", Line("A", 3))
    return shop


@pytest.fixture
def partner() -> Shop:
    """A shop whose partner has accepted three of A for order 1."""
    shop = Shop().open()
    shop.locate(location("partner", kind=LocationKind.THIRD_PARTY))
    shop.stock("A", "partner", 3)
    shop.place("1", Line("A", 3))
    shop.do(c.AcceptFulfillment, **shop.on("1", 1))
    return shop


class TestSteps:
    def test_each_step_is_on_record_with_who_and_when(self, shop: Shop) -> None:
        began_ms = shop.now_ms
        for kind, actor in ((c.AcceptFulfillment, "anna"), (c.PickFulfillment, "ben"), (c.PackFulfillment, "cem")):
            shop.later(5 * MINUTE_MS)
            shop.do(kind, **shop.on("1", 1), actor=actor)
        shop.later(5 * MINUTE_MS)
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"), actor="dora")

        part, parcel = shop.order("1").fulfillments[0], shop.order("1").parcels[0]
        times = (part.accepted_at_ms, part.picked_at_ms, part.packed_at_ms, parcel.shipped_at_ms)
        assert times == tuple(began_ms + minutes * MINUTE_MS for minutes in (5, 10, 15, 20))
        assert part.by == {"accepted": "anna", "picked": "ben", "packed": "cem"}
        assert parcel.by == "dora"

    def test_each_line_counts_what_was_ordered_claimed_picked_shipped_delivered_and_cancelled(self, shop: Shop) -> None:
        shop.do(c.PickFulfillment, **shop.on("1", 1, units=units(("1", 2))))
        part = shop.order("1").fulfillments[0].lines[0]
        assert (part.allocated, part.picked, part.shipped) == (2, 2, 0)
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 1))))
        shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))
        shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

        line, part = shop.order("1").lines[0], shop.order("1").fulfillments[0].lines[0]
        counted = (line.quantity, line.cancelled, line.waiting, line.allocated, line.shipped, line.delivered)
        assert counted == (3, 1, 0, 1, 1, 1)
        assert (part.allocated, part.picked, part.shipped) == (1, 1, 1)
        assert sound(shop)

    def test_facts_of_a_parcel_in_any_order_end_alike(self) -> None:
        ended = []
        facts: tuple[type[c.FulfillmentCommand], ...] = (c.ShipParcel, c.DeliverParcel)
        for order_of_arrival in itertools.permutations(facts):
            shop = Shop().open()
            shop.stock("A", "berlin", 3)
            shop.place("1", Line("A", 3))
            for kind in order_of_arrival:
                shop.do(kind, **shop.on("1", 1, parcel_id="p"))
                shop.do(kind, **shop.on("1", 1, parcel_id="p"))
            order = shop.order("1")
            ended.append((order.status, order.lines, [p.status for p in order.parcels], shop.level("A", "berlin")))
            assert sound(shop)

        assert ended[0] == ended[1]
        assert ended[0][0] is OrderStatus.DELIVERED


class TestPartners:
    def test_a_rejected_part_leaves_the_rest_with_the_partner(self, partner: Shop) -> None:
        partner.stock("A", "berlin", 5)

        partner.do(c.RejectFulfillment, **partner.on("1", 1, cause="damaged", units=units(("1", 1))))

        parts = [(f.location_id, f.status, f.lines[0].allocated) for f in partner.order("1").fulfillments]
        assert parts == [
            ("partner", FulfillmentStatus.ACCEPTED, 2),
            ("berlin", FulfillmentStatus.ALLOCATED, 1),
        ]
        level = partner.level("A", "partner")
        assert (level.on_hand, level.allocated, level.states) == (3, 2, {"damaged": 1})

    def test_what_was_asked_for_and_has_left_in_part_is_given_back_as_far_as_it_is_there(self, partner: Shop) -> None:
        partner.do(c.CancelUnits, **partner.on("1", units=units(("1", 2))))
        partner.do(c.ShipParcel, **partner.on("1", 1, parcel_id="p", units=units(("1", 2))))

        partner.do(c.AnswerCancellation, **partner.on("1", 1, accepted=True))

        line, part = partner.order("1").lines[0], partner.order("1").fulfillments[0]
        assert (line.shipped, line.cancelled, line.allocated) == (2, 1, 0)
        assert part.cancellation is not None
        assert part.cancellation.status is CancellationStatus.ACCEPTED
        assert sound(partner)

    def test_an_answer_told_twice_cancels_once(self, partner: Shop) -> None:
        partner.do(c.CancelUnits, **partner.on("1", units=units(("1", 1))))
        partner.do(c.AnswerCancellation, **partner.on("1", 1, accepted=True))

        partner.refused(RejectionCode.NOTHING_REQUESTED, c.AnswerCancellation, **partner.on("1", 1, accepted=True))

        assert (partner.order("1").lines[0].cancelled, partner.order("1").lines[0].allocated) == (1, 2)


class TestParcels:
    def test_the_canonical_states_of_carriers_are_all_there(self) -> None:
        assert {str(status) for status in CarrierStatus} == {
            "pre_transit",
            "in_transit",
            "out_for_delivery",
            "available_for_pickup",
            "delivered",
            "attempt_failed",
            "exception",
            "return_to_sender",
            "expired",
            "unknown",
        }

    @pytest.mark.parametrize("status", [one for one in CarrierStatus if one is not CarrierStatus.DELIVERED])
    def test_what_a_carrier_says_moves_neither_stock_nor_order(self, shop: Shop, status: CarrierStatus) -> None:
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", carrier="dhl", tracking_number="t"))
        before, level = shop.order("1"), shop.level("A", "berlin")

        shop.do(c.RecordScan, **shop.on("1", 1, parcel_id="p", status=status, detail="gate", raw="<X7>"))

        after, parcel = shop.order("1"), shop.order("1").parcels[0]
        assert (after.status, after.lines, shop.level("A", "berlin")) == (before.status, before.lines, level)
        assert (parcel.status, parcel.tracking.status if parcel.tracking else None) == ("in_transit", status)
        assert [scan.raw for scan in (parcel.tracking.scans if parcel.tracking else ())] == ["<X7>"]

    def test_scans_that_come_twice_and_out_of_order_end_as_they_happened(self, shop: Shop) -> None:
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p"))
        began_ms = shop.now_ms
        shop.later(60 * MINUTE_MS)
        said = [CarrierStatus.PRE_TRANSIT, CarrierStatus.IN_TRANSIT, CarrierStatus.OUT_FOR_DELIVERY]
        scans = [
            {**shop.on("1", 1, parcel_id="p", status=status), "occurred_at_ms": began_ms + minute * MINUTE_MS}
            for minute, status in enumerate(said)
        ]

        for scan in (scans[2], scans[0], scans[2], scans[1], scans[0]):
            shop.do(c.RecordScan, **scan)

        tracking = shop.order("1").parcels[0].tracking
        assert tracking is not None
        assert [scan.status for scan in tracking.scans] == said
        assert (tracking.status, tracking.scanned_at_ms) == (said[2], began_ms + 2 * MINUTE_MS)

    def test_of_two_orders_in_one_parcel_the_one_that_is_cancelled_stays_out_of_it(self, shop: Shop) -> None:
        buyer = Customer(customer_id="buyer")
        shop.place("2", Line("A", 2), customer=buyer)
        shop.place("3", Line("A", 1), customer=buyer)
        other = {"other_order_id": shop.order_id("3"), "other_fulfillment_id": f"{shop.order_id('3')}-1"}
        shop.do(c.MergeFulfillments, **shop.on("2", 1, **other))
        shop.do(c.CancelUnits, **shop.on("3"))

        shop.do(c.ShipParcel, **shop.on("2", 1, parcel_id="p"))

        assert (shop.order("2").status, shop.order("3").status) == (OrderStatus.SHIPPED, OrderStatus.CANCELLED)
        assert (shop.level("A", "berlin").on_hand, shop.level("A", "berlin").allocated) == (7, 3)
        assert sound(shop)
