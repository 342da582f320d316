"""From what partners, channels and carriers say of parcels to what the core is asked, and what comes of it."""

from typing import Any

import pytest

from connectors.frame.asked import UnknownYet
from connectors.frame.facts import (
    CancellationAnswered,
    FulfillmentAnswered,
    FulfillmentStepped,
    ParcelScanned,
    ParcelStated,
    Step,
    UnitsStated,
)
from connectors.frame.message import Account, Alias
from connectors.frame.reading import UnreadableError
from models import commands as c
from models.records.fulfillment import CarrierStatus, FulfillmentStatus
from models.records.order import Order, OrderStatus
from models.records.pool import LocationKind
from tests.support.builders import START_MS, Line, Shop, location, units
from tests.support.known import asked_of, tell

PARTNER = Account(
    name="3pl", connector="any", pool="shop", location="partner", aliases={"A-CASE": Alias(sku="A", quantity=2)}
)
CHANNEL = Account(name="shop-de", connector="any", pool="shop", channel="web", locations={"L1": "berlin"})


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.locate(location("partner", kind=LocationKind.THIRD_PARTY))
    shop.stock("A", "partner", 9)
    shop.place("1", Line("A", 3))
    return shop


def part(shop: Shop) -> str:
    return f"{shop.order_id('1')}-1"


def parcel(shop: Shop, **fields: Any) -> ParcelStated:
    stated: dict[str, Any] = {"parcel_id": "p1", "at_ms": START_MS, "fulfillment_id": part(shop)} | fields
    return ParcelStated(**stated)


def status(shop: Shop) -> tuple[OrderStatus, int]:
    order: Order = shop.order("1")
    return order.status, order.lines[0].shipped


def test_a_parcel_of_a_partner_leaves_with_all_that_is_left(shop: Shop) -> None:
    tell(shop, parcel(shop, carrier="dhl", tracking_number="T1"), PARTNER)

    sent = shop.order("1").parcels[0]
    assert status(shop) == (OrderStatus.SHIPPED, 3)
    assert (sent.parcel_id, sent.carrier, sent.tracking_number) == ("p1", "dhl", "T1")


def test_units_by_sku_and_by_the_partners_own_name_for_a_case_are_found_among_the_lines(shop: Shop) -> None:
    tell(shop, parcel(shop, units=(UnitsStated(quantity=1, sku="A-CASE"),)), PARTNER)

    assert status(shop) == (OrderStatus.PARTIALLY_SHIPPED, 2)


def test_units_that_will_not_come_are_a_short_pick(shop: Shop) -> None:
    sent, short = UnitsStated(quantity=2, line_id="1"), UnitsStated(quantity=1, line_id="1")
    tell(shop, parcel(shop, units=(sent,), short=(short,)), PARTNER)

    order = shop.order("1")
    assert (order.lines[0].shipped, order.lines[0].waiting) == (2, 1)
    assert order.refused_by == ("partner",)


def test_nothing_sent_and_all_short_gives_all_of_it_back(shop: Shop) -> None:
    tell(shop, parcel(shop, short=(UnitsStated(quantity=3, line_id="1"),)), PARTNER)

    order = shop.order("1")
    assert (order.lines[0].shipped, order.lines[0].waiting, order.parcels) == (0, 3, ())


def test_a_parcel_that_names_no_unit_of_what_it_names_is_not_all_that_is_left(shop: Shop) -> None:
    nothing = (UnitsStated(quantity=0, line_id="1"),)

    assert asked_of(shop, parcel(shop, units=nothing), PARTNER) == ()
    of_channel = ParcelStated(parcel_id="f1", at_ms=START_MS, external_id="1", units=nothing)
    assert asked_of(shop, of_channel, CHANNEL) == ()


def test_the_same_parcel_in_another_message_leaves_once(shop: Shop) -> None:
    tell(shop, parcel(shop), PARTNER, message="m1")
    [told] = tell(shop, parcel(shop), PARTNER, message="m2")

    assert told.repeated
    assert len(shop.order("1").parcels) == 1


def test_a_sku_that_the_fulfillment_does_not_have_is_refused_by_name(shop: Shop) -> None:
    with pytest.raises(UnreadableError, match="has no B"):
        asked_of(shop, parcel(shop, units=(UnitsStated(quantity=1, sku="B"),)), PARTNER)


def test_a_parcel_that_never_left_for_us_may_be_taken_back_and_one_that_did_is_a_persons_task(shop: Shop) -> None:
    assert asked_of(shop, parcel(shop, cancelled=True), PARTNER) == ()
    tell(shop, parcel(shop), PARTNER)

    with pytest.raises(UnreadableError, match="cancelled: parcel p1 was taken back"):
        asked_of(shop, parcel(shop, cancelled=True), PARTNER)


def test_a_fulfillment_that_is_not_known_may_be_a_moment_later(shop: Shop) -> None:
    strange = parcel(shop, fulfillment_id="o1-1", units=(UnitsStated(quantity=1, sku="A"),))

    with pytest.raises(UnknownYet, match="there is no order o1"):
        asked_of(shop, strange, PARTNER)


class TestAChannelSaysThatUnitsHaveLeft:
    def of_channel(self, shop: Shop, **fields: Any) -> ParcelStated:
        return parcel(shop, fulfillment_id="", external_id="1", **fields)

    def test_they_leave_from_where_they_are_allocated(self, shop: Shop) -> None:
        sent = (UnitsStated(quantity=2, line_id="1"),)
        tell(shop, self.of_channel(shop, units=sent, tracking_number="T1"), CHANNEL)

        assert status(shop) == (OrderStatus.PARTIALLY_SHIPPED, 2)
        assert shop.level("A", "partner").on_hand == 7

    def test_what_it_was_told_by_us_is_an_echo(self, shop: Shop) -> None:
        tell(shop, parcel(shop, tracking_number="T1"), PARTNER)

        echo = self.of_channel(
            shop, parcel_id="gid://1", tracking_number="T1", units=(UnitsStated(quantity=3, line_id="1"),)
        )

        assert asked_of(shop, echo, CHANNEL) == ()

    def test_units_of_two_fulfillments_leave_from_both(self, shop: Shop) -> None:
        shop.stock("A", "berlin", 2)
        shop.place("2", Line("A", 11))

        tell(shop, ParcelStated(parcel_id="p2", at_ms=START_MS, external_id="2"), CHANNEL)

        order = shop.order("2")
        assert [line.shipped for line in order.lines] == [8]
        assert len({sent.parcel_id for sent in order.parcels}) == len(order.parcels) == 2

    def test_what_is_not_located_yet_is_asked_again_later(self, shop: Shop) -> None:
        shop.place("2", Line("B", 1))

        with pytest.raises(UnknownYet, match="not located yet"):
            asked_of(shop, ParcelStated(parcel_id="p2", at_ms=START_MS, external_id="2"), CHANNEL)


class TestCarriersAndPartners:
    def test_a_scan_is_of_every_parcel_with_its_number_and_of_none_until_there_is_one(self, shop: Shop) -> None:
        scan = ParcelScanned(
            tracking_number="T1", status=CarrierStatus.IN_TRANSIT, at_ms=START_MS, detail="arrived", raw="AR"
        )
        with pytest.raises(UnknownYet, match="no parcel has the tracking number T1"):
            asked_of(shop, scan, PARTNER)
        tell(shop, parcel(shop, tracking_number="T1"), PARTNER)

        tell(shop, scan, PARTNER)
        again = tell(shop, scan, PARTNER, message="m2")

        tracking = shop.order("1").parcels[0].tracking
        assert tracking is not None
        assert (tracking.status, tracking.detail, len(tracking.scans)) == (CarrierStatus.IN_TRANSIT, "arrived", 1)
        assert [told.repeated for told in again] == [True]

    def test_a_partner_takes_its_part(self, shop: Shop) -> None:
        taken = FulfillmentAnswered(fulfillment_id=part(shop), accepted=True, at_ms=START_MS, partner_reference="WMS-1")
        tell(shop, taken, PARTNER)

        [fulfillment] = shop.order("1").fulfillments
        assert (fulfillment.status, fulfillment.partner_reference) == (FulfillmentStatus.ACCEPTED, "WMS-1")

    def test_a_partner_refuses_some_units(self, shop: Shop) -> None:
        refused = FulfillmentAnswered(
            fulfillment_id=part(shop),
            accepted=False,
            at_ms=START_MS,
            cause="damaged",
            note="wet",
            units=(UnitsStated(quantity=1, sku="A"),),
        )
        tell(shop, refused, PARTNER)

        assert (shop.order("1").lines[0].allocated, shop.level("A", "partner").unsellable) == (2, 1)

    def test_a_partner_gives_back_what_it_was_asked_for(self, shop: Shop) -> None:
        shop.do(c.AcceptFulfillment, **shop.on("1", 1))
        shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

        tell(shop, CancellationAnswered(fulfillment_id=part(shop), accepted=True, at_ms=START_MS), PARTNER)

        assert shop.order("1").lines[0].cancelled == 1

    def test_a_partner_picks_some_and_packs_them(self, shop: Shop) -> None:
        picked = FulfillmentStepped(
            fulfillment_id=part(shop), step=Step.PICKED, at_ms=START_MS, units=(UnitsStated(quantity=2, line_id="1"),)
        )
        tell(shop, picked, PARTNER)
        tell(
            shop, FulfillmentStepped(fulfillment_id=part(shop), step=Step.PACKED, at_ms=START_MS), PARTNER, message="m2"
        )

        order = shop.order("1")
        assert (order.fulfillments[0].status, order.lines[0].waiting) == (FulfillmentStatus.PACKED, 1)
