"""A person names the location that ships units instead, or takes a fulfillment apart."""

from typing import Any

import pytest

from models import commands as c
from models.records.fulfillment import FulfillmentStatus
from models.records.hold import HoldType
from models.records.order import Order, Terms
from models.records.pool import LocationKind
from models.rejections import RejectionCode
from tests.support.builders import Line, Shop, location, units


@pytest.fixture
def shop() -> Shop:
    """Berlin is the closest to every order and Hamburg has stock too; Munich has none."""
    made = Shop()
    made.open()
    made.locate(location("berlin"), location("hamburg"), location("munich"))
    for place in ("berlin", "hamburg"):
        made.stock("A", place, 5)
        made.stock("B", place, 1)
    return made


def parts_of(order: Order) -> list[tuple[str, FulfillmentStatus, dict[str, int]]]:
    return [
        (one.location_id, one.status, {part.line_id: part.allocated for part in one.lines if part.allocated})
        for one in order.fulfillments
    ]


def part(shop: Shop, external_id: str, sequence: int) -> dict[str, Any]:
    return shop.on(external_id, fulfillment_id=f"{shop.order_id(external_id)}-{sequence}")


def levels(shop: Shop, sku: str) -> dict[str, int]:
    return {place: shop.level(sku, place).allocated for place in ("berlin", "hamburg")}


CANCELLED, ALLOCATED = FulfillmentStatus.CANCELLED, FulfillmentStatus.ALLOCATED


def test_all_units_of_a_part_go_to_the_location_that_is_named(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    told = shop.do(c.MoveUnits, **part(shop, "1", 1), location_id="hamburg")

    assert parts_of(shop.order("1")) == [("berlin", CANCELLED, {}), ("hamburg", ALLOCATED, {"1": 2})]
    assert levels(shop, "A") == {"berlin": 0, "hamburg": 2}
    assert [event.__struct_config__.tag for event in told.events] == ["fulfillment_cancelled", "units_routed"]


def test_some_units_of_a_part_go_and_the_others_stay(shop: Shop) -> None:
    shop.place("1", Line("A", 3), Line("B"))
    shop.do(c.MoveUnits, **part(shop, "1", 1), location_id="hamburg", units=units(("1", 1), ("2", 1)))

    assert parts_of(shop.order("1")) == [("berlin", ALLOCATED, {"1": 2}), ("hamburg", ALLOCATED, {"1": 1, "2": 1})]
    assert (levels(shop, "A"), levels(shop, "B")) == ({"berlin": 2, "hamburg": 1}, {"berlin": 0, "hamburg": 1})


def test_at_their_own_location_some_units_get_a_part_of_their_own(shop: Shop) -> None:
    shop.place("1", Line("A", 3))
    shop.do(c.MoveUnits, **part(shop, "1", 1), location_id="berlin", units=units(("1", 1)))

    assert parts_of(shop.order("1")) == [("berlin", ALLOCATED, {"1": 2}), ("berlin", ALLOCATED, {"1": 1})]
    assert levels(shop, "A") == {"berlin": 3, "hamburg": 0}
    shop.refused(RejectionCode.STATUS_FORBIDS, c.MoveUnits, **part(shop, "1", 2), location_id="berlin")


def test_units_that_go_where_a_part_of_the_order_is_open_join_it(shop: Shop) -> None:
    shop.place("1", Line("A", 3))
    shop.do(c.MoveUnits, **part(shop, "1", 1), location_id="hamburg", units=units(("1", 1)))
    shop.do(c.MoveUnits, **part(shop, "1", 1), location_id="hamburg")

    assert parts_of(shop.order("1")) == [("berlin", CANCELLED, {}), ("hamburg", ALLOCATED, {"1": 3})]


def test_a_location_that_has_refused_may_be_named_and_is_asked_again(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    shop.do(c.RejectFulfillment, **shop.on("1", 1, cause="no_capacity"))
    shop.do(c.MoveUnits, **part(shop, "1", 2), location_id="berlin")

    order = shop.order("1")
    assert (parts_of(order)[-1], order.refused_by) == (("berlin", ALLOCATED, {"1": 2}), ())


def test_a_location_that_cannot_promise_all_of_them_gets_none(shop: Shop) -> None:
    shop.place("1", Line("A", 2), Line("B"))
    shop.place("2", Line("B"))  # Takes Hamburg's only one.

    field = shop.refused(RejectionCode.STOCK_TOO_LOW, c.MoveUnits, **part(shop, "1", 1), location_id="hamburg")

    assert field == "location_id"
    shop.refused(RejectionCode.STOCK_TOO_LOW, c.MoveUnits, **part(shop, "1", 1), location_id="munich")
    shop.refused(RejectionCode.LOCATION_UNKNOWN, c.MoveUnits, **part(shop, "1", 1), location_id="paris")


def test_what_is_picked_held_or_accepted_by_a_partner_stays(shop: Shop) -> None:
    shop.locate(location("berlin", kind=LocationKind.THIRD_PARTY), location("hamburg"), location("munich"))
    shop.place("accepted", Line("A"))
    shop.do(c.AcceptFulfillment, **shop.on("accepted", 1))
    shop.refused(RejectionCode.STATUS_FORBIDS, c.MoveUnits, **part(shop, "accepted", 1), location_id="hamburg")

    shop.place("held", Line("A"))
    shop.do(c.HoldOrder, **shop.on("held", hold=HoldType.UNROUTABLE))
    shop.refused(RejectionCode.ORDER_HELD, c.MoveUnits, **part(shop, "held", 1), location_id="hamburg")

    shop.locate(location("berlin"), location("hamburg"), location("munich"))
    shop.place("picked", Line("A"))
    shop.do(c.PickFulfillment, **shop.on("picked", 1))
    shop.refused(RejectionCode.STATUS_FORBIDS, c.MoveUnits, **part(shop, "picked", 1), location_id="hamburg")


def test_a_closed_or_full_location_and_another_store_than_the_customers_are_refused(shop: Shop) -> None:
    shop.locate(
        location("berlin", collection=True),
        location("hamburg", enabled=False),
        location("munich", capacity_per_day=0),
    )
    shop.stock("A", "munich", 5)
    shop.place("1", Line("A"))
    for place in ("hamburg", "munich"):
        field = shop.refused(RejectionCode.STATUS_FORBIDS, c.MoveUnits, **part(shop, "1", 1), location_id=place)
        assert field == "location_id"

    shop.locate(location("berlin", collection=True), location("hamburg"))
    shop.place("2", Line("A"), terms=Terms(collect_at="berlin"))
    shop.refused(RejectionCode.STATUS_FORBIDS, c.MoveUnits, **part(shop, "2", 1), location_id="hamburg")


def test_a_partner_that_was_told_and_has_not_answered_is_told_that_they_go(shop: Shop) -> None:
    shop.locate(location("berlin", kind=LocationKind.THIRD_PARTY), location("hamburg"))
    shop.place("1", Line("A", 3))
    told = shop.do(c.MoveUnits, **part(shop, "1", 1), location_id="hamburg", units=units(("1", 1)))

    assert [event.__struct_config__.tag for event in told.events] == ["units_recalled", "units_routed"]


def test_a_hold_of_the_part_goes_on_with_its_lines(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    held = part(shop, "1", 1)["fulfillment_id"]
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.CUSTOMER_REQUEST), fulfillment_id=held)
    shop.do(c.MoveUnits, **part(shop, "1", 1), location_id="hamburg")

    [hold] = shop.order("1").holds
    assert (hold.type, hold.fulfillment_id, hold.line_id) == (HoldType.CUSTOMER_REQUEST, "", "1")
    shop.refused(RejectionCode.ORDER_HELD, c.PickFulfillment, **shop.on("1", 2))
