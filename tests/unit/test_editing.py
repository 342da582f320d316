"""Editing an order: a set of changes is previewed, confirmed whole or not at all, and every edition is kept."""

from typing import Any

import pytest

from models import commands as c
from models.events import EditPreviewed, OrderEdited
from models.records import changes as ch
from models.records.hold import HoldType
from models.records.order import NewLine, OrderStatus, Terms
from models.records.place import Destination
from models.rejections import RejectionCode
from tests.support.builders import DAY_MS, HOUR_MS, POSITIONS, START_MS, Line, Shop, units

NEAR_MUNICH = Destination(country="DE", postcode="80331", position=POSITIONS["munich"])


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    for place in ("berlin", "munich"):
        shop.stock("A", place, 5)
        shop.stock("B", place, 5)
    return shop


def edit(shop: Shop, *changes: ch.Change, **fields: Any) -> None:
    shop.do(c.EditOrder, **shop.on("1", changes=changes, **fields))


def test_a_preview_tells_money_and_routing_and_changes_nothing(shop: Shop) -> None:
    shop.place("1", Line("A", 2, 1000))
    before = shop.business()

    told = shop.do(
        c.EditOrder,
        **shop.on(
            "1",
            changes=(ch.AddUnits(line_id="1", quantity=4), ch.SetShipping(shipping_minor=490)),
            preview=True,
        ),
    )

    assert shop.business() == before
    [seen] = told.events
    assert isinstance(seen, EditPreviewed)
    assert (seen.edition, seen.total_before_minor, seen.total_minor) == (0, 2000, 6490)
    assert [(one.location_id, one.units[0].quantity) for one in seen.assignments] == [("munich", 4)]
    assert seen.waiting == ()


def test_a_confirmed_edit_does_what_its_preview_told(shop: Shop) -> None:
    shop.place("1", Line("A", 2, 1000))

    edit(shop, ch.AddUnits(line_id="1", quantity=3), ch.AddLine(line=NewLine(line_id="2", sku="B", quantity=1)))

    order = shop.order("1")
    assert [(f.location_id, [(p.line_id, p.allocated) for p in f.lines]) for f in order.fulfillments] == [
        ("berlin", [("1", 5), ("2", 1)])
    ]
    assert (order.total_minor, order.edits.edition if order.edits else 0) == (5000, 1)
    edited = next(e for e in shop.told[-1].events if isinstance(e, OrderEdited))
    assert (edited.total_before_minor, edited.total_minor, edited.changed) == (2000, 5000, ("add_units", "add_line"))


def test_the_former_edition_can_be_shown(shop: Shop) -> None:
    shop.place("1", Line("A", 2, 1000))
    edit(shop, ch.AddUnits(line_id="1", quantity=1))

    edit(shop, ch.RemoveUnits(line_id="1", quantity=2))

    edits = shop.order("1").edits
    assert edits is not None
    assert [
        (e.number, e.total_minor, [(line.quantity, line.cancelled) for line in e.lines]) for e in edits.editions
    ] == [
        (0, 2000, [(2, 0)]),
        (1, 3000, [(3, 0)]),
    ]


def test_one_change_that_cannot_be_made_refuses_them_all(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    changes = (ch.AddUnits(line_id="1", quantity=1), ch.RemoveUnits(line_id="7", quantity=1))

    assert shop.refused(RejectionCode.LINE_UNKNOWN, c.EditOrder, **shop.on("1", changes=changes)) == "line_id"


def test_an_edit_made_for_another_edition_is_refused(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    edit(shop, ch.SetPriority(priority=1), edition=0)

    stale = shop.on("1", changes=(ch.SetPriority(priority=2),), edition=0)

    assert shop.refused(RejectionCode.EDITION_CONFLICT, c.EditOrder, **stale) == "edition"


def test_units_that_are_picked_stay_and_the_rest_may_go(shop: Shop) -> None:
    shop.place("1", Line("A", 3))
    shop.do(c.PickFulfillment, **shop.on("1", 1))
    edit(shop, ch.AddUnits(line_id="1", quantity=2))

    assert (
        shop.refused(
            RejectionCode.UNITS_PICKED,
            c.EditOrder,
            **shop.on("1", changes=(ch.RemoveUnits(line_id="1", quantity=3),)),
        )
        == "quantity"
    )
    edit(shop, ch.RemoveUnits(line_id="1", quantity=2))

    line = shop.order("1").lines[0]
    assert (line.quantity, line.cancelled, line.allocated) == (5, 2, 3)


def test_units_that_were_cancelled_come_back_with_their_own_cents(shop: Shop) -> None:
    shop.place("1", Line("A", 3, 333), shipping_minor=1)
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 2))))
    assert shop.order("1").lines[0].cancelled_minor == 667

    edit(shop, ch.AddUnits(line_id="1", quantity=3))

    line = shop.order("1").lines[0]
    assert (line.quantity, line.cancelled, line.cancelled_minor, line.amount_minor) == (4, 0, 0, 1333)
    assert shop.events() == ["units_reinstated", "order_edited", "units_routed"]


def test_prices_do_not_change_once_units_are_cancelled_at_the_old_ones(shop: Shop) -> None:
    shop.place("1", Line("A", 3, 333))
    shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

    changes = (ch.SetShipping(shipping_minor=100),)

    assert shop.refused(RejectionCode.AMOUNT_INVALID, c.EditOrder, **shop.on("1", changes=changes)) == "changes"


def test_another_address_locates_what_is_not_picked_anew(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    assert shop.order("1").fulfillments[0].location_id == "berlin"

    edit(shop, ch.SetDestination(destination=NEAR_MUNICH))

    order = shop.order("1")
    assert [(f.location_id, f.status) for f in order.fulfillments] == [("berlin", "cancelled"), ("munich", "allocated")]
    assert (shop.level("A", "berlin").allocated, shop.level("A", "munich").allocated) == (0, 2)


def test_another_address_is_refused_once_units_are_picked_for_the_old_one(shop: Shop) -> None:
    shop.place("1", Line("A", 2))
    shop.do(c.PickFulfillment, **shop.on("1", 1))

    changes = (ch.SetDestination(destination=NEAR_MUNICH),)

    assert shop.refused(RejectionCode.UNITS_PICKED, c.EditOrder, **shop.on("1", changes=changes)) == "destination"


def test_the_first_promise_stays_on_record_and_risk_follows_the_new_one(shop: Shop) -> None:
    shop.place("1", Line("A", 2), promise_by_ms=START_MS + 3 * DAY_MS)

    edit(shop, ch.SetPromise(promise_by_ms=START_MS + 9 * DAY_MS))

    order = shop.order("1")
    assert (order.promise_by_ms, order.revised_promise_ms) == (START_MS + 3 * DAY_MS, START_MS + 9 * DAY_MS)
    assert order.at_risk_from_ms == START_MS + 8 * DAY_MS


def test_a_requested_date_holds_the_order_until_then_with_its_stock(shop: Shop) -> None:
    shop.place("1", Line("A", 2))

    edit(shop, ch.SetTerms(purchase_order="PO-9", requested_at_ms=START_MS + DAY_MS))
    order = shop.order("1")
    assert (order.status, [hold.type for hold in order.holds]) == (OrderStatus.HELD, [HoldType.SCHEDULED])
    assert (order.terms, order.lines[0].allocated) == (
        Terms(purchase_order="PO-9", requested_at_ms=START_MS + DAY_MS),
        2,
    )
    shop.tick(DAY_MS)

    assert shop.order("1").status is OrderStatus.ROUTED


def test_adding_units_makes_no_second_fulfillment_where_nobody_has_begun(shop: Shop) -> None:
    shop.place("1", Line("A", 1))

    edit(shop, ch.AddUnits(line_id="1", quantity=1))

    assert [(f.location_id, f.lines[0].allocated) for f in shop.order("1").fulfillments] == [("berlin", 2)]


@pytest.mark.parametrize("end", ["cancelled", "delivered"])
def test_an_order_that_has_ended_is_not_edited(shop: Shop, end: str) -> None:
    shop.place("1", Line("A", 1))
    if end == "cancelled":
        shop.do(c.CancelUnits, **shop.on("1"))
    else:
        shop.do(c.DeliverParcel, **shop.on("1", 1, parcel_id="p"))

    changes = (ch.SetPriority(priority=1),)

    assert shop.refused(RejectionCode.STATUS_FORBIDS, c.EditOrder, **shop.on("1", changes=changes)) == "order_id"


def test_an_edit_while_the_order_is_held_for_its_payment_still_claims_stock(shop: Shop) -> None:
    shop.place("1", Line("A", 1))
    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT))

    edit(shop, ch.AddUnits(line_id="1", quantity=1))

    assert (shop.order("1").status, shop.order("1").lines[0].allocated) == (OrderStatus.HELD, 2)


def test_the_same_edit_twice_is_one(shop: Shop) -> None:
    shop.place("1", Line("A", 1))
    command = shop.make(c.EditOrder, **shop.on("1", changes=(ch.AddUnits(line_id="1", quantity=1),)))
    shop.send(command)
    before = shop.business()

    again = shop.send(command)

    assert again.repeated
    assert shop.business() == before


def test_waiting_units_are_cancelled_at_the_date_until_which_they_were_to_wait(shop: Shop) -> None:
    shop.place("1", Line("A", 12, 100), terms=Terms(cancel_at_ms=START_MS + HOUR_MS))
    assert shop.order("1").lines[0].waiting == 2

    shop.tick(HOUR_MS)

    line = shop.order("1").lines[0]
    assert (line.allocated, line.waiting, line.cancelled, line.cancelled_minor) == (10, 0, 2, 200)
    assert shop.events() == ["units_cancelled"]
