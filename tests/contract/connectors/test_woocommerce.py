from typing import Any

import pytest

from connectors.frame.facts import (
    Address,
    Buyer,
    LineStated,
    OrderStated,
    ParcelStated,
    PaymentKind,
    PaymentStated,
    RefundStated,
)
from models.records.hold import HoldType
from tests.support.woocommerce_messages import CHANGED_MS, CREATED_MS, WITH_URL, line, order, said


def the_order(*lines: dict[str, Any], **fields: Any) -> OrderStated:
    told = said(order(*lines, **fields))
    assert told.refused == ()
    fact = told.facts[0]
    assert isinstance(fact, OrderStated)
    return fact


def test_an_order_is_told_with_its_lines_money_and_times() -> None:
    told = said(order(date_paid_gmt="2026-09-01T08:30:30"), topic="order.updated")

    assert told.facts == (
        OrderStated(
            external_id="501",
            number="W-501",
            source_version=CHANGED_MS,
            placed_at_ms=CREATED_MS,
            updated_at_ms=CHANGED_MS,
            currency="EUR",
            lines=(
                LineStated(
                    line_id="11",
                    sku="MUG",
                    quantity=3,
                    ordered=3,
                    unit_price_minor=1000,
                    discount_minor=600,
                    tax_minor=456,
                    title="Mug",
                    listing_ref="7",
                ),
            ),
            destination=Address(country="DE", name="Ada Q", lines=("Ring 1",), city="Ulm", postcode="89073"),
            buyer=Buyer(customer_ref="9", name="Ada Q", email="ada@shop.example", phone="1"),
            shipping_minor=400,
            tax_minor=76,
            total_minor=3332,
            payments=(
                PaymentStated(
                    payment_id="ch_1",
                    kind=PaymentKind.CAPTURED,
                    amount_minor=3332,
                    currency="EUR",
                    at_ms=1_788_251_430_000,
                    tender="stripe",
                ),
            ),
            service="DHL",
            note="Ring twice",
        ),
    )


def test_prices_that_include_tax_are_given_as_customers_see_them_and_add_up_to_the_total() -> None:
    one = line(subtotal="25.210084", subtotal_tax="4.789916", total="20.168067", total_tax="3.831933", quantity=3)
    told = the_order(one, prices_include_tax=True, total="28.76", total_tax="4.59")

    assert told.tax_included
    assert [(at.unit_price_minor, at.discount_minor, at.tax_minor) for at in told.lines] == [(1000, 600, 383)]
    assert (told.shipping_minor, told.tax_minor) == (476, 76)
    assert sum(at.unit_price_minor * at.quantity - at.discount_minor for at in told.lines) + told.shipping_minor == 2876


def test_a_price_that_does_not_divide_leaves_the_line_right_to_the_cent() -> None:
    told = the_order(line(subtotal="10.00", total="10.00", quantity=3))

    assert [(at.unit_price_minor, at.discount_minor) for at in told.lines] == [(334, 2)]


def test_fees_are_charges_or_discounts_beside_the_lines() -> None:
    told = the_order(fee_lines=[{"total": "2.50", "total_tax": "0"}, {"total": "-1.00"}])

    assert (told.shipping_minor, told.discount_minor) == (650, 100)


def test_a_currency_without_decimals_is_counted_in_whole_units() -> None:
    told = the_order(line(subtotal="3000", total="3000", total_tax="300"), currency="JPY", total="3700")

    assert (told.lines[0].unit_price_minor, told.lines[0].tax_minor, told.total_minor) == (1000, 300, 3700)


@pytest.mark.parametrize(
    ("status", "paid_at", "paid", "off", "holds"),
    [
        ("pending", None, False, False, []),
        ("failed", "2026-09-01T08:30:30", False, False, []),
        ("on-hold", None, False, False, []),
        ("on-hold", "2026-09-01T08:30:30", True, False, [HoldType.OTHER]),
        ("processing", None, True, False, []),
        ("wc-packing", None, True, False, []),
        ("cancelled", None, True, True, []),
        ("refunded", "2026-09-01T08:30:30", True, True, []),
        ("trash", None, True, True, []),
    ],
)
def test_every_status_says_whether_it_is_paid_off_or_held(
    status: str, paid_at: str | None, paid: bool, off: bool, holds: list[HoldType]
) -> None:
    told = the_order(status=status, date_paid_gmt=paid_at)

    assert told.paid is paid
    assert (told.cancelled_at_ms == CHANGED_MS) is off
    assert [hold.hold for hold in told.holds] == holds
    assert told.lines[0].fulfilled == 0


def test_a_completed_order_has_left_by_what_the_tracking_extension_says() -> None:
    items = [{"tracking_provider": "DHL", "tracking_number": "00340", "tracking_id": "t"}]
    told = said(
        order(
            status="completed",
            date_completed_gmt="2026-09-02T08:00:00",
            meta_data=[{"id": 1, "key": "_wc_shipment_tracking_items", "value": items}],
        )
    )

    assert told.facts[1:] == (
        ParcelStated(
            parcel_id="501-completed",
            at_ms=1_788_336_000_000,
            external_id="501",
            carrier="DHL",
            tracking_number="00340",
        ),
    )
    assert isinstance(told.facts[0], OrderStated)
    assert told.facts[0].lines[0].fulfilled == 3


def test_a_variation_without_a_sku_is_named_by_product_and_variation() -> None:
    told = the_order(line(sku="", variation_id=23), line(id=12, sku=None, product_id=0))

    assert [(at.sku, at.listing_ref) for at in told.lines] == [("", "7/23"), ("", "")]


def test_times_of_the_first_api_version_are_of_the_shops_zone() -> None:
    old = {"date_created_gmt": None, "date_modified_gmt": None, "date_modified": "2026-09-01T10:31:00"}

    assert (the_order(**old).placed_at_ms, the_order(**old).updated_at_ms) == (CREATED_MS, CHANGED_MS)


def test_an_order_to_collect_names_its_place() -> None:
    pickup = {"method_id": "local_pickup", "method_title": "Pick up", "instance_id": "4"}
    placed = pickup | {"meta_data": [{"key": "pickup_location", "value": "Ulm"}]}

    assert the_order(shipping_lines=[pickup]).collect_at == "4"
    assert the_order(shipping_lines=[placed]).collect_at == "Ulm"
    assert the_order().collect_at == ""


def test_sums_of_refunds_are_taken_from_the_order_where_no_poll_asks_for_them() -> None:
    deleted = {"id": 0, "reason": "", "total": "-0.00"}
    content = order(refunds=[{"id": 77, "reason": "broken", "total": "-10.00"}, deleted])
    polled = said(content, WITH_URL).facts[0]

    assert the_order(refunds=content["refunds"]).refunds == (
        RefundStated(refund_id="77", at_ms=CHANGED_MS, currency="EUR", amount_minor=1000, reason="broken"),
    )
    assert isinstance(polled, OrderStated)
    assert polled.refunds == ()


def test_who_is_called_about_a_parcel_may_be_named_with_where_it_goes_to() -> None:
    to = {"first_name": "Bo", "address_1": "Weg 2", "city": "Bonn", "country": "DE", "phone": "+49 228 2"}
    billed = {"first_name": "Ada", "last_name": "Lovelace", "country": "DE", "phone": ""}
    told = the_order(billing=billed, shipping=to)

    assert told.buyer is not None
    assert (told.buyer.name, told.buyer.phone) == ("Ada Lovelace", "+49 228 2")
    told = the_order(billing=billed | {"phone": "1"}, shipping=to)
    assert told.buyer is not None
    assert told.buyer.phone == "1"
