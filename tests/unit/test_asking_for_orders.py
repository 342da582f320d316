"""From what a channel says of an order to what the core is asked, and what comes of it."""

from typing import Any

import pytest

from connectors.frame.asked import Person, UnknownYet
from connectors.frame.facts import (
    Address,
    Buyer,
    HoldStated,
    LineStated,
    OrderCancelled,
    OrderHeld,
    OrderRefunded,
    OrderStated,
    PaymentKind,
    PaymentStated,
    RefundedUnits,
    RefundStated,
)
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from models import commands as c
from models.records.hold import HoldType
from models.records.order import OrderStatus, Terms
from tests.support.builders import DAY_MS, START_MS, Shop, units
from tests.support.known import asked_of, tell

SHOP = Account(name="shop-de", connector="any", pool="shop", channel="web", locations={"L1": "berlin"})
HERE = Address(country="de", postcode="10115", city="Berlin", name="Ada Muster", lines=("Musterweg 1",))
ADA = Buyer(customer_ref="c-1", name="Ada M.", email="ada@example.org")


def line(quantity: int = 2, line_id: str = "1", sku: str = "A", **fields: Any) -> LineStated:
    stated: dict[str, Any] = {"unit_price_minor": 1_000, "ordered": quantity} | fields
    return LineStated(line_id=line_id, sku=sku, quantity=quantity, **stated)


def order(*lines: LineStated, version: int = 1, **fields: Any) -> OrderStated:
    stated: dict[str, Any] = {"destination": HERE, "buyer": ADA, "currency": "EUR", "placed_at_ms": START_MS} | fields
    return OrderStated(external_id="1", source_version=version, lines=lines or (line(),), **stated)


@pytest.fixture
def shop() -> Shop:
    shop = Shop().open()
    shop.stock("A", "berlin", 9)
    return shop


def test_an_order_is_taken_as_sold_and_its_buyer_is_handed_over_to_be_sealed(shop: Shop) -> None:
    [asked] = asked_of(shop, order(line(tax_minor=380), shipping_minor=490), SHOP)
    shop.send(asked.command)

    assert asked.person == Person(
        customer_id="c-1",
        name="Ada Muster",
        email="ada@example.org",
        address_lines=("Musterweg 1", "10115 Berlin", "de"),
    )
    taken = shop.order("1")
    assert (taken.status, taken.total_minor, taken.destination.country) == (OrderStatus.ROUTED, 2_870, "DE")
    assert isinstance(asked.command, c.PlaceOrder)
    assert asked.command.sold


def test_a_buyer_without_an_id_is_one_of_the_order(shop: Shop) -> None:
    [asked] = asked_of(shop, order(buyer=None), SHOP)

    assert asked.person is not None
    assert asked.person.customer_id == "web:1"


def test_the_same_message_asks_the_very_same_and_is_a_repeat(shop: Shop) -> None:
    first = tell(shop, order(), SHOP)
    again = tell(shop, order(), SHOP)

    assert [told.repeated for told in (*first, *again)] == [False, True]
    assert len(shop.order("1").fulfillments) == 1


def test_an_older_message_that_comes_late_changes_nothing(shop: Shop) -> None:
    tell(shop, order(line(1), version=5), SHOP, message="newer")
    tell(shop, order(line(3), version=2), SHOP, message="older")

    assert shop.order("1").lines[0].quantity == 1


def test_newer_content_with_fewer_units_frees_them(shop: Shop) -> None:
    tell(shop, order(line(3)), SHOP)
    tell(shop, order(line(1, ordered=3), version=2), SHOP, message="m2")

    assert (shop.order("1").lines[0].cancelled, shop.level("A", "berlin").allocated) == (2, 1)


def test_what_needs_no_parcel_and_what_was_taken_off_is_no_line(shop: Shop) -> None:
    tell(shop, order(line(), line(1, "2", "CARD", ships=False), line(0, "3", "B", ordered=1)), SHOP)

    assert [one.line_id for one in shop.order("1").lines] == ["1"]


def test_an_order_of_which_nothing_is_sent_is_none_and_one_that_was_is_cancelled(shop: Shop) -> None:
    assert asked_of(shop, order(line(0)), SHOP) == ()
    tell(shop, order(), SHOP)

    tell(shop, order(line(0), version=2), SHOP, message="m2")

    assert shop.order("1").status is OrderStatus.CANCELLED


def test_a_cancelled_order_is_kept_so_that_its_older_words_come_too_late(shop: Shop) -> None:
    tell(shop, order(cancelled_at_ms=START_MS, cancel_cause="fraud", version=3), SHOP, message="cancelled")
    tell(shop, order(version=1), SHOP, message="created")

    assert (shop.order("1").status, shop.level("A", "berlin").allocated) == (OrderStatus.CANCELLED, 0)


def test_what_was_all_sent_before_we_knew_it_is_of_the_past(shop: Shop) -> None:
    tell(shop, order(line(2, fulfilled=2), updated_at_ms=START_MS), SHOP)

    assert (shop.order("1").historic, shop.level("A", "berlin").on_hand) == (True, 9)


def test_what_is_not_paid_waits_a_week_and_goes_on_when_it_is(shop: Shop) -> None:
    tell(shop, order(paid=False), SHOP)
    [hold] = shop.order("1").holds
    assert (hold.type, hold.cancel_at_ms) == (HoldType.PAYMENT, START_MS + 7 * DAY_MS)

    tell(shop, order(version=2), SHOP, message="m2")

    assert (shop.order("1").holds, shop.order("1").status) == ((), OrderStatus.ROUTED)


def test_a_hold_that_a_person_took_off_is_not_put_on_by_the_next_message(shop: Shop) -> None:
    risky: dict[str, Any] = {"holds": (HoldStated(hold=HoldType.FRAUD_REVIEW, note="high risk"),)}
    tell(shop, order(**risky), SHOP)
    assert [hold.type for hold in shop.order("1").holds] == [HoldType.FRAUD_REVIEW]
    shop.do(c.ReleaseHold, **shop.on("1", hold=HoldType.FRAUD_REVIEW, handle=SHOP.name))

    tell(shop, order(version=2, **risky), SHOP, message="m2")

    assert shop.order("1").holds == ()


def test_money_is_kept_as_it_is_stated(shop: Shop) -> None:
    paid = PaymentStated(payment_id="p", kind=PaymentKind.CAPTURED, amount_minor=2_000, currency="EUR", at_ms=START_MS)
    tell(shop, order(payments=(paid,), total_minor=2_100), SHOP)
    refund = RefundStated(refund_id="r", at_ms=START_MS, currency="EUR", amount_minor=500)
    tell(shop, OrderRefunded(external_id="1", refund=refund), SHOP, message="m2")

    money = shop.order("1").money
    assert money is not None
    assert (money.total_minor, [p.amount_minor for p in money.payments], [r.refund_id for r in money.refunds]) == (
        2_100,
        [2_000],
        ["r"],
    )


def refunded(refund_id: str, quantity: int) -> OrderRefunded:
    named = (RefundedUnits(line_id="1", quantity=quantity),)
    return OrderRefunded(
        external_id="1",
        refund=RefundStated(refund_id=refund_id, at_ms=START_MS, currency="EUR", amount_minor=500, units=named),
    )


def test_refunded_units_that_cannot_have_left_are_not_sent_any_more_and_others_are(shop: Shop) -> None:
    tell(shop, order(line(3)), SHOP)
    shop.do(c.ShipParcel, **shop.on("1", 1, parcel_id="p", units=units(("1", 2))))

    tell(shop, refunded("r1", 1), SHOP, message="m2")
    assert shop.order("1").lines[0].cancelled == 0
    tell(shop, refunded("r2", 2), SHOP, message="m3")
    tell(shop, refunded("r2", 2), SHOP, message="m4")

    assert (shop.order("1").lines[0].cancelled, shop.order("1").lines[0].shipped) == (1, 2)


def test_a_hold_of_the_channel_is_put_on_once_and_taken_off_by_the_channel_alone(shop: Shop) -> None:
    held = OrderHeld(external_id="1", at_ms=START_MS, hold=HoldStated(hold=HoldType.ADDRESS, note="which door?"))
    with pytest.raises(UnknownYet):
        asked_of(shop, held, SHOP)
    tell(shop, order(), SHOP)

    tell(shop, held, SHOP, message="m2")
    [hold] = shop.order("1").holds
    assert (hold.type, hold.note, asked_of(shop, held, SHOP, message="m3")) == (HoldType.ADDRESS, "which door?", ())
    released = OrderHeld(external_id="1", at_ms=START_MS, hold=held.hold, released=True)
    tell(shop, released, SHOP, message="m4")
    assert shop.order("1").holds == ()

    shop.do(c.HoldOrder, **shop.on("1", hold=HoldType.ADDRESS))
    assert asked_of(shop, released, SHOP, message="m5") == ()
    tell(shop, held, SHOP, message="m6")
    tell(shop, released, SHOP, message="m7")
    assert [(hold.actor, hold.handle) for hold in shop.order("1").holds] == [("tester", "")]


def test_a_refund_over_the_counter_of_which_there_is_no_order_says_nothing(shop: Shop) -> None:
    refund = refunded("r1", 1)

    assert asked_of(shop, OrderRefunded(external_id="1", refund=refund.refund, of_a_till=True), SHOP) == ()


def test_a_refund_of_an_order_that_is_not_known_may_be_a_moment_early(shop: Shop) -> None:
    with pytest.raises(UnknownYet, match="there is no order 1"):
        asked_of(shop, refunded("r1", 1), SHOP)


def test_tax_in_the_prices_is_not_added_to_them_and_tax_beside_the_lines_is_shippings(shop: Shop) -> None:
    included = order(line(2, tax_minor=319), shipping_minor=500, tax_minor=80, tax_included=True)
    tell(shop, included, SHOP)
    assert shop.order("1").total_minor == 2_500

    beside = order(line(2, tax_minor=319), shipping_minor=500, tax_minor=80)
    [asked, *_] = asked_of(shop, beside, SHOP)
    assert isinstance(asked.command, c.PlaceOrder)
    assert (asked.command.shipping_minor, asked.command.lines[0].tax_minor) == (580, 319)


def test_an_address_that_is_not_stated_holds_the_order(shop: Shop) -> None:
    tell(shop, order(destination=None), SHOP)

    assert [hold.type for hold in shop.order("1").holds] == [HoldType.ADDRESS]


def test_what_is_sold_without_a_sku_waits_to_be_mapped_under_its_listing(shop: Shop) -> None:
    tell(shop, order(line(sku="", listing_ref="4711")), SHOP)

    taken = shop.order("1")
    assert (taken.lines[0].sku, [hold.type for hold in taken.holds]) == ("listing 4711", [HoldType.UNMAPPED_SKU])


def test_a_case_of_a_sku_waits_to_be_mapped_apart_from_the_piece(shop: Shop) -> None:
    tell(shop, order(line(2, sku="MUG", unit="CA")), SHOP)

    taken = shop.order("1")
    assert [(line.sku, line.quantity) for line in taken.lines] == [("MUG CA", 2)]
    assert [hold.type for hold in taken.holds] == [HoldType.UNMAPPED_SKU]


def test_terms_are_of_the_account_where_they_name_places_and_days(shop: Shop) -> None:
    account = Account(
        **{name: getattr(SHOP, name) for name in SHOP.__struct_fields__} | {"settings": {"pay_within_days": "2"}}
    )
    [asked] = asked_of(shop, order(paid=False, purchase_order="PO-1", collect_at="L1"), account)

    assert isinstance(asked.command, c.PlaceOrder)
    assert asked.command.terms == Terms(purchase_order="PO-1", pay_by_ms=START_MS + 2 * DAY_MS, collect_at="berlin")


def test_a_cancellation_without_content_is_of_what_we_have(shop: Shop) -> None:
    off = OrderCancelled(external_id="1", at_ms=START_MS, cause="not one of ours")
    assert asked_of(shop, off, SHOP) == ()
    tell(shop, order(), SHOP)

    tell(shop, off, SHOP, message="m2")

    assert shop.order("1").status is OrderStatus.CANCELLED


def test_more_lines_than_an_order_may_have_are_refused_by_name(shop: Shop) -> None:
    many = tuple(line(1, str(number)) for number in range(201))

    with pytest.raises(UnreadableError, match="lines: an order has 200 lines at most, this has 201"):
        asked_of(shop, order(*many), SHOP)


def test_an_order_that_nobody_means_is_not_taken_outside_a_simulated_pool(shop: Shop) -> None:
    assert asked_of(shop, order(test=True), SHOP) == ()
