from typing import Any

import pytest
from msgspec.structs import replace

from connectors.frame.facts import Address, Buyer, LineStated, OrderStated, PaymentKind, PaymentStated, RefundedUnits
from connectors.frame.message import Account
from tests.support.shopify_messages import (
    ACCOUNT,
    AT,
    AT_MS,
    CHANGED_MS,
    fulfillment,
    given_back,
    line,
    money,
    order,
    refund,
    refunded,
    said,
)


def the_order(*lines: dict[str, Any], account: Account = ACCOUNT, **fields: Any) -> OrderStated:
    told = said(order(*lines, **fields), topic="orders/updated", account=account)
    assert told.refused == ()
    [fact] = told.facts
    assert isinstance(fact, OrderStated)
    return fact


def the_line(**fields: Any) -> LineStated:
    [one] = the_order(line(**fields)).lines
    return one


def test_an_order_is_told_whole() -> None:
    address = {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "company": None,
        "address1": "Hauptstr. 1",
        "address2": None,
        "city": "Berlin",
        "zip": "10115",
        "province_code": "BE",
        "country": "Germany",
        "country_code": "DE",
        "latitude": 52.5,
        "longitude": 13.4,
    }
    told = the_order(
        shipping_address=address,
        customer={"id": 42, "first_name": "Ada", "last_name": "Lovelace", "email": "other@example.org"},
        contact_email="ada@example.org",
        phone="+49 30 1",
        customer_locale="de",
        shipping_lines=[{"title": "Express", "code": "exp", "price": "5.00", "discounted_price": "4.00"}],
        total_discounts="1.00",
        current_total_price_set=money("24.00", "26.40"),
        po_number="PO-7",
        note="ring twice",
        processed_at="2026-08-31T23:00:00Z",
    )

    assert told == OrderStated(
        external_id="5001",
        number="#1001",
        source_version=CHANGED_MS,
        placed_at_ms=1_788_217_200_000,
        updated_at_ms=CHANGED_MS,
        currency="EUR",
        lines=(
            LineStated(
                line_id="11",
                sku="TEA-1",
                quantity=2,
                ordered=2,
                unit_price_minor=1000,
                title="Tea - green",
                listing_ref="808",
            ),
        ),
        destination=Address(
            country="DE",
            name="Ada Lovelace",
            lines=("Hauptstr. 1",),
            city="Berlin",
            region="BE",
            postcode="10115",
            latitude=52.5,
            longitude=13.4,
        ),
        buyer=Buyer(customer_ref="42", name="Ada Lovelace", email="ada@example.org", phone="+49 30 1", locale="de"),
        shipping_minor=400,
        total_minor=2400,
        service="Express",
        purchase_order="PO-7",
        note="ring twice",
    )


def test_lines_are_told_as_edits_and_refunds_left_them() -> None:
    left = the_line(
        quantity=3,
        current_quantity=2,
        discount_allocations=[{"amount": "2.00", "amount_set": money("1.00")}, {"amount": "0.50"}],
        tax_lines=[{"price": "5.00", "price_set": money("4.00")}, {"price": "0.50"}],
    )

    assert (left.quantity, left.ordered) == (2, 3)
    assert (left.discount_minor, left.tax_minor) == (100, 300)


def test_a_line_that_was_taken_off_stays_with_nothing_left() -> None:
    gone = the_line(quantity=1, current_quantity=0, total_discount="1.00")

    assert (gone.quantity, gone.ordered, gone.discount_minor) == (0, 1, 0)


def test_versions_that_do_not_say_what_is_left_are_read_by_their_refunds() -> None:
    told = the_order(
        line(quantity=5),
        refunds=[refund(refunded(2), refunded(1, restock_type="no_restock")), refund(refunded(1), id=702)],
    )

    assert told.lines[0].quantity == 2


def test_taxes_and_discounts_that_are_on_no_line_stand_beside() -> None:
    told = the_order(
        line(tax_lines=[{"price": "1.00"}], total_discount="0.50"),
        taxes_included=True,
        current_total_tax="1.80",
        current_total_discounts="2.00",
        total_tax="9.00",
        total_discounts="9.00",
    )

    assert (told.tax_minor, told.discount_minor, told.tax_included) == (80, 150, True)


def test_shipping_is_what_is_left_of_it_after_discounts_and_refunds() -> None:
    shipping = [
        {"title": "Post", "price": "5.00", "discounted_price_set": money("4.00")},
        {"title": "Old", "price": "9.00", "is_removed": True},
    ]
    old = [refund(order_adjustments=[{"kind": "shipping_refund", "amount": "-1.00", "tax_amount": "-0.20"}])]
    new = [
        refund(
            refund_shipping_lines=[{"subtotal_amount_set": money("1.50")}],
            order_adjustments=[{"kind": "shipping_refund", "amount": "-1.50"}],
        )
    ]

    assert the_order(shipping_lines=shipping).shipping_minor == 400
    assert the_order(shipping_lines=shipping, refunds=old).shipping_minor == 280
    assert the_order(shipping_lines=shipping, refunds=new).shipping_minor == 250
    assert the_order(shipping_lines=shipping, current_shipping_price_set=money("2.00")).shipping_minor == 200


def test_amounts_are_of_the_shops_currency_and_its_decimals() -> None:
    yen = the_order(line(price="1200", price_set=None), currency="JPY", current_total_price="2400")
    dinar = the_order(line(price_set=money("1.234", currency="KWD")), currency="KWD")

    assert (yen.lines[0].unit_price_minor, yen.total_minor) == (1200, 2400)
    assert dinar.lines[0].unit_price_minor == 1234


def test_units_have_left_by_fulfillments_that_stand() -> None:
    made = [
        fulfillment(line_items=[{"id": 11, "quantity": 1}]),
        fulfillment(id=902, status="cancelled", line_items=[{"id": 11, "quantity": 1}]),
        fulfillment(id=903, status="success", line_items=[{"id": 11, "quantity": 1}]),
    ]

    assert the_order(line(quantity=3), fulfillments=made).lines[0].fulfilled == 2


def test_units_have_left_by_the_status_where_no_fulfillment_is_told() -> None:
    assert the_line(quantity=3, fulfillable_quantity=1, fulfillment_status="partial").fulfilled == 2
    assert the_line(quantity=3, fulfillable_quantity=0, fulfillment_status=None).fulfilled == 0
    assert the_order(line(fulfillable_quantity=0), fulfillment_status="fulfilled").lines[0].fulfilled == 2


@pytest.mark.parametrize("fields", [{"gift_card": True}, {"requires_shipping": False}])
def test_gift_cards_and_tips_need_no_parcel(fields: dict[str, Any]) -> None:
    assert not the_line(**fields).ships
    assert the_line().ships


def test_goods_without_a_sku_are_known_by_their_variant() -> None:
    told = the_line(sku=None, variant_id=808)

    assert (told.sku, told.listing_ref) == ("", "808")


@pytest.mark.parametrize(
    ("fields", "paid"),
    [
        ({"financial_status": "paid"}, True),
        ({"financial_status": "partially_refunded"}, True),
        ({"financial_status": "refunded"}, False),
        ({"financial_status": "authorized"}, False),
        ({"financial_status": "pending"}, False),
        ({"financial_status": "partially_paid"}, False),
        ({"financial_status": None}, False),
        ({"financial_status": "pending", "payment_terms": {"payment_terms_type": "net"}}, True),
        ({"financial_status": "voided", "payment_terms": {"payment_terms_type": "net"}}, False),
        ({"financial_status": "pending", "payment_terms": {"payment_terms_type": "receipt"}}, False),
    ],
)
def test_an_order_is_paid_where_nothing_is_in_the_way_of_sending_it(fields: dict[str, Any], paid: bool) -> None:
    assert the_order(**fields).paid is paid


def test_a_merchant_may_send_what_is_authorised() -> None:
    account = replace(ACCOUNT, settings=ACCOUNT.settings | {"ship_when": "authorised"})

    assert the_order(account=account, financial_status="authorized").paid


def test_a_cancelled_order_says_when_and_why() -> None:
    off = the_order(cancelled_at=AT, cancel_reason="fraud")

    assert (off.cancelled_at_ms, off.cancel_cause) == (AT_MS, "fraud")
    assert the_order(cancelled_at=AT, cancel_reason="whatever").cancel_cause == "other"
    assert the_order(cancel_reason="fraud").cancel_cause == ""


def test_an_order_of_a_till_says_its_shop_and_a_test_order_that_it_is_one() -> None:
    told = the_order(source_name="pos", location_id=71, test=True, shipping_address=None)

    assert (told.location, told.test, told.destination) == ("71", True, None)


def test_an_order_has_its_refunds_and_payments() -> None:
    told = the_order(
        line(quantity=2, current_quantity=1),
        refunds=[refund(refunded(1), transactions=[given_back("11.90")])],
        transactions=[
            {"id": 1, "kind": "sale", "status": "success", "amount": "24.00", "currency": "USD", "created_at": AT},
            {"id": 2, "kind": "sale", "status": "pending", "amount": "9.00", "created_at": AT},
            {"id": 3, "kind": "capture", "status": "failure", "amount": "5.00", "created_at": AT, "gateway": "bank"},
        ],
    )

    assert told.refunds[0].amount_minor == 1190
    assert told.refunds[0].units == (
        RefundedUnits(line_id="11", quantity=1, amount_minor=1000, tax_minor=190, restock=True),
    )
    assert told.payments == (
        PaymentStated(payment_id="1", kind=PaymentKind.CAPTURED, amount_minor=2400, currency="USD", at_ms=AT_MS),
        PaymentStated(
            payment_id="3", kind=PaymentKind.FAILED, amount_minor=500, currency="EUR", at_ms=AT_MS, tender="bank"
        ),
    )


@pytest.mark.parametrize("given", [None, {"address1": None, "country_code": None}])
def test_an_address_that_says_nothing_is_none(given: object) -> None:
    assert the_order(shipping_address=given).destination is None


def test_a_position_that_is_none_on_earth_is_left_out() -> None:
    told = the_order(shipping_address={"city": "Bonn", "country_code": "DE", "latitude": 123.4, "longitude": 7.1})

    assert told.destination == Address(country="DE", city="Bonn")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": None}, "id"),
        ({"line_items": None}, "line_items"),
        ({"line_items": []}, "line_items"),
        ({"currency": "euro"}, "currency"),
        ({"created_at": None}, "created_at"),
        ({"updated_at": "yesterday"}, "updated_at"),
        ({"line_items": [line(), line(12, quantity=None)]}, "line_items[1].quantity"),
        ({"line_items": [line(price="free", price_set=None)]}, "line_items[0].price"),
        ({"line_items": [line(tax_lines=[{"price": "-1"}])]}, "line_items[0].tax_lines[0].price"),
        ({"shipping_address": {"city": "Bonn", "country": "Germany"}}, "shipping_address.country_code"),
        ({"refunds": [refund(refunded(line_item_id=None))]}, "refunds[0].refund_line_items[0].line_item_id"),
        ({"fulfillments": [fulfillment(line_items=[{"id": 11}])]}, "fulfillments[0].line_items[0].quantity"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_field(fields: dict[str, Any], field: str) -> None:
    told = said(order(**fields), topic="orders/create")

    assert told.facts == ()
    assert [refusal.field for refusal in told.refused] == [field]
