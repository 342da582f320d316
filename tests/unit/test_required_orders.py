"""What is required of taking, editing, cancelling and holding orders, each promise by itself."""

from typing import Any

import pytest

from models import commands as c
from models.events import EditPreviewed, HoldReleased, UnitsCancelled
from models.records.changes import AddUnits, RemoveUnits, SetShipping, SetTerms
from models.records.hold import HoldType
from models.records.order import OrderStatus, Terms
from models.rejections import RejectionCode
from models.rules.orders.cancel import CANCEL_CAUSES
from models.rules.orders.edit import MOST_EDITIONS
from tests.support.builders import DAY_MS, HOUR_MS, NEAR_BERLIN, Line, Shop, units
from tests.support.invariants import sound


@pytest.fixture
def shop() -> Shop:
    """A shop with ten of A in Berlin, of which order 1 has three."""
    shop = Shop().open()
    shop.stock("A", "berlin", 10)
    shop.place("1", Line("A", 3, 1_000))
    return shop


def edit(shop: Shop, *changes: Any, **fields: Any) -> None:
    shop.do(c.EditOrder, **shop.on("1", changes=changes, **fields))


class TestIdentity:
    def test_the_same_id_of_another_channel_is_another_order(self, shop: Shop) -> None:
        shop.do(c.PlaceOrder, **shop.content("1", Line("A", 2), channel="market"))

        assert shop.order("1").lines[0].allocated == 3
        assert shop.level("A", "berlin").allocated == 5

    def test_a_command_repeated_after_others_changes_nothing(self, shop: Shop) -> None:
        command = shop.make(c.EditOrder, **shop.on("1", changes=(AddUnits(line_id="1", quantity=1),)))
        shop.send(command)
        edit(shop, RemoveUnits(line_id="1", quantity=1))
        before = shop.business()

        told = shop.send(command)

        assert (told.repeated, told.events) == (True, ())
        assert shop.business() == before


class TestChangeSets:
    def test_every_former_edition_is_kept_up_to_the_newest_twenty(self, shop: Shop) -> None:
        for number in range(MOST_EDITIONS + 2):
            edit(shop, SetShipping(shipping_minor=number))

        edits = shop.order("1").edits
        assert edits is not None
        assert (edits.edition, [one.number for one in edits.editions]) == (22, list(range(2, 22)))
        assert [one.total_minor for one in edits.editions][:3] == [3_001, 3_002, 3_003]

    def test_a_preview_of_what_cannot_be_is_refused_like_the_edit_itself(self, shop: Shop) -> None:
        changes = (AddUnits(line_id="1", quantity=1), RemoveUnits(line_id="1", quantity=9))
        for preview in (True, False):
            shop.refused(RejectionCode.TOO_MANY_UNITS, c.EditOrder, **shop.on("1", changes=changes, preview=preview))

    def test_what_a_preview_says_is_owed_is_what_the_order_comes_to_after_it(self, shop: Shop) -> None:
        changes = (SetShipping(shipping_minor=490), AddUnits(line_id="1", quantity=2))
        told = shop.do(c.EditOrder, **shop.on("1", changes=changes, preview=True))
        (previewed,) = told.events
        assert isinstance(previewed, EditPreviewed)
        assert (previewed.total_before_minor, previewed.total_minor) == (3_000, 5_490)

        edit(shop, *changes, edition=previewed.edition)

        assert shop.order("1").total_minor == 5_490

    def test_units_that_have_left_are_not_edited_away(self, shop: Shop) -> None:
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 2))))

        changes = (RemoveUnits(line_id="1", quantity=2),)
        shop.refused(RejectionCode.TOO_MANY_UNITS, c.EditOrder, **shop.on("1", changes=changes))
        edit(shop, RemoveUnits(line_id="1", quantity=1))

        line = shop.order("1").lines[0]
        assert (line.shipped, line.allocated, line.cancelled) == (2, 0, 1)
        assert shop.order("1").status is OrderStatus.SHIPPED

    def test_a_purchase_order_number_is_stated_and_restated_and_the_other_terms_stay(self) -> None:
        shop = Shop().open()
        shop.place("1", Line("A"), terms=Terms(purchase_order="PO-1", cancel_at_ms=shop.now_ms + DAY_MS))

        edit(shop, SetTerms(purchase_order="PO-2"))

        assert shop.order("1").terms == Terms(purchase_order="PO-2", cancel_at_ms=shop.now_ms + DAY_MS)


class TestCancelling:
    @pytest.mark.parametrize("cause", CANCEL_CAUSES)
    def test_a_cancellation_is_told_with_cause_units_amount_who_and_note(self, shop: Shop, cause: str) -> None:
        wanted = shop.on("1", units=units(("1", 2)), cause=cause)

        told = shop.do(c.CancelUnits, **wanted, actor="anna", reason="called us")

        (cancelled,) = told.events
        assert isinstance(cancelled, UnitsCancelled)
        assert (cancelled.cause, cancelled.units, cancelled.amount_minor) == (cause, units(("1", 2)), 2_000)
        assert (told.actor, told.reason) == ("anna", "called us")

    def test_a_cause_that_is_none_is_refused(self, shop: Shop) -> None:
        assert shop.refused(RejectionCode.COMMAND_INVALID, c.CancelUnits, **shop.on("1", cause="rain")) == "cause"

    def test_a_part_is_cancelled_after_a_part_has_left_and_the_sums_stay(self, shop: Shop) -> None:
        shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 1))))

        shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

        line = shop.order("1").lines[0]
        assert (line.quantity, line.cancelled, line.allocated, line.shipped) == (3, 1, 1, 1)
        assert (shop.level("A", "berlin").on_hand, shop.level("A", "berlin").allocated) == (9, 1)
        assert sound(shop)

    def test_a_discounted_order_with_tax_comes_back_to_the_cent(self) -> None:
        shop = Shop().open()
        shop.stock("A", "berlin", 9)
        line = c.NewLine(line_id="1", sku="A", quantity=3, unit_price_minor=1_999, discount_minor=100, tax_minor=1_121)
        content = shop.content("1", shipping_minor=595, discount_minor=333)
        shop.do(c.PlaceOrder, **{**content, "lines": (line,)})
        total_minor = shop.order("1").total_minor

        for _ in range(3):
            shop.do(c.CancelUnits, **shop.on("1", units=units(("1", 1))))

        assert total_minor == 3 * 1_999 - 100 + 1_121 + 595 - 333
        assert shop.order("1").lines[0].cancelled_minor == total_minor

    def test_an_order_that_was_not_paid_leaves_the_table_so_many_days_later(self) -> None:
        shop = Shop().open()
        shop.stock("A", "berlin", 1)
        shop.place("1", Line("A"), terms=Terms(pay_by_ms=shop.now_ms + HOUR_MS))
        shop.tick(2 * HOUR_MS)
        assert shop.order("1").status is OrderStatus.CANCELLED

        shop.tick(30 * DAY_MS)

        assert shop.closed("1").lines[0].cancelled == 1
        assert shop.level("A", "berlin").available == 1


class TestHolds:
    def test_whoever_takes_a_hold_off_says_how_it_was_resolved(self, shop: Shop) -> None:
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.FRAUD_REVIEW), reason="two cards")

        told = shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.FRAUD_REVIEW), actor="anna", reason="she called")

        (released,) = told.events
        assert isinstance(released, HoldReleased)
        assert (released.hold, released.resolution, told.actor) == (HoldType.FRAUD_REVIEW, "she called", "anna")
        assert shop.order("1").holds == ()

    def test_a_hold_released_twice_is_refused_the_second_time_and_frees_nothing(self, shop: Shop) -> None:
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.FRAUD_REVIEW))
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.PAYMENT))
        shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.PAYMENT))

        shop.refused(RejectionCode.HOLD_ABSENT, c.ReleaseHold, **shop.on("1", hold=HoldType.PAYMENT))

        assert [hold.type for hold in shop.order("1").holds] == [HoldType.FRAUD_REVIEW]

    def test_a_hold_says_who_put_it_on_when_and_why(self, shop: Shop) -> None:
        shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.OTHER), actor="anna", reason="wrong colour")

        (hold,) = shop.order("1").holds
        assert (hold.actor, hold.applied_at_ms, hold.note) == ("anna", shop.now_ms, "wrong colour")


class TestOrdersOfThePast:
    def test_nothing_of_it_can_be_cancelled_held_or_edited_and_no_stock_moves(self, shop: Shop) -> None:
        content = shop.content("past", Line("A", 2), placed_at_ms=shop.now_ms - 90 * DAY_MS)
        shop.do(c.ImportOrder, **content, shipped_at_ms=shop.now_ms - 89 * DAY_MS, location_id="berlin")
        level = shop.level("A", "berlin")

        edited = shop.on("past", changes=(SetShipping(shipping_minor=1),))
        shop.refused(RejectionCode.STATUS_FORBIDS, c.CancelUnits, **shop.on("past"))
        shop.refused(RejectionCode.STATUS_FORBIDS, c.HoldOrder, **shop.on("past", hold=HoldType.OTHER))
        shop.refused(RejectionCode.STATUS_FORBIDS, c.EditOrder, **edited)

        assert shop.order("past").status is OrderStatus.DELIVERED
        assert shop.level("A", "berlin") == level

    def test_newer_content_of_it_is_noted_and_claims_nothing(self, shop: Shop) -> None:
        content = shop.content("past", Line("A", 2), placed_at_ms=shop.now_ms - 90 * DAY_MS)
        shop.do(c.ImportOrder, **content, shipped_at_ms=shop.now_ms - 89 * DAY_MS)

        newer = {**content, "lines": shop.content("past", Line("A", 5))["lines"], "source_version": 7}
        shop.do(c.PlaceOrder, **newer)

        assert shop.events() == ["newer_content_noted"]
        assert shop.level("A", "berlin").allocated == 3

    def test_it_may_have_been_placed_long_before_its_pool_was_opened(self) -> None:
        shop = Shop().open()

        content = shop.content("past", Line("A"), placed_at_ms=1, destination=NEAR_BERLIN)
        shop.do(c.ImportOrder, **content, shipped_at_ms=2)

        assert (shop.order("past").placed_at_ms, shop.order("past").historic) == (1, True)
