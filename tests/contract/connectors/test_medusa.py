from typing import Any

import pytest
from msgspec.structs import replace

from connectors.frame.facts import (
    Address,
    Buyer,
    LineStated,
    OrderStated,
    ParcelScanned,
    ParcelStated,
    PaymentKind,
    PaymentStated,
    RefundedUnits,
    RefundStated,
    UnitsStated,
)
from models.records.fulfillment import CarrierStatus
from models.records.hold import HoldType
from tests.support.medusa_messages import (
    ACCOUNT,
    CHANGED,
    CHANGED_MS,
    LATER,
    LATER_MS,
    ORDER_ID,
    PLACED_MS,
    fulfillment,
    item,
    order,
    payment,
    said,
    the_order,
)


def test_an_order_is_told_with_its_lines_money_and_times() -> None:
    assert said({"order": order()}).facts == (
        OrderStated(
            external_id=ORDER_ID,
            number="7",
            source_version=CHANGED_MS,
            placed_at_ms=PLACED_MS,
            updated_at_ms=CHANGED_MS,
            currency="EUR",
            lines=(
                LineStated(
                    line_id="ordli_1",
                    sku="MUG",
                    quantity=3,
                    ordered=3,
                    unit_price_minor=1000,
                    discount_minor=300,
                    tax_minor=540,
                    title="Mug",
                    listing_ref="variant_1",
                ),
            ),
            destination=Address(country="DE", name="Ada Q", lines=("Ring 1",), city="Ulm", postcode="89073"),
            buyer=Buyer(customer_ref="cus_1", name="Ada Q", email="ada@shop.example"),
            shipping_minor=400,
            tax_minor=80,
            total_minor=3720,
            payments=(
                PaymentStated(
                    payment_id="pay_1",
                    kind=PaymentKind.AUTHORISED,
                    amount_minor=3720,
                    currency="EUR",
                    at_ms=PLACED_MS,
                    tender="stripe",
                ),
            ),
            service="Standard",
        ),
    )


def test_prices_that_include_tax_are_given_as_customers_see_them_and_add_up_to_the_total() -> None:
    gross = item(is_tax_inclusive=True, unit_price=12, subtotal=30)
    told = the_order(gross)

    assert told.tax_included
    assert [(at.unit_price_minor, at.discount_minor, at.tax_minor) for at in told.lines] == [(1200, 360, 540)]
    assert sum(at.unit_price_minor * at.quantity - at.discount_minor for at in told.lines) + told.shipping_minor == 3720


def test_where_only_some_prices_include_tax_all_are_given_without_it() -> None:
    told = the_order(item(is_tax_inclusive=True, unit_price=12), item(id="ordli_2"))

    assert not told.tax_included
    assert [(at.unit_price_minor, at.discount_minor, at.tax_minor) for at in told.lines] == [(1000, 300, 540)] * 2


def test_what_came_back_lowers_neither_quantity_nor_price_nor_discount() -> None:
    returned = item(
        subtotal=20,
        original_total=24,
        discount_subtotal=2,
        discount_total=2.4,
        tax_total=3.6,
        return_received_total=10.8,
        detail={"shipped_quantity": 3, "return_received_quantity": 1},
    )
    came_back = {
        "id": "return_1",
        "status": "received",
        "received_at": LATER,
        "updated_at": LATER,
        "items": [{"item_id": "ordli_1", "quantity": 1, "received_quantity": 1, "damaged_quantity": 0}],
    }
    told = the_order(returned, total=26.4, returns=[came_back, came_back | {"status": "requested"}])

    assert [(at.quantity, at.fulfilled, at.unit_price_minor, at.discount_minor, at.tax_minor) for at in told.lines] == [
        (3, 3, 1000, 300, 540)
    ]
    assert (told.total_minor, told.source_version) == (3720, LATER_MS)
    assert told.refunds == (
        RefundStated(
            refund_id="return_1",
            at_ms=LATER_MS,
            currency="EUR",
            amount_minor=0,
            units=(RefundedUnits(line_id="ordli_1", quantity=1, restock=True),),
            reason="came back",
        ),
    )


def test_a_currency_without_decimals_is_counted_in_whole_units() -> None:
    yen = item(unit_price=1000, subtotal=3000, discount_subtotal=0, discount_total=0, tax_total=300)
    told = the_order(yen, currency_code="jpy", total=3700, shipping_total=400, shipping_tax_total=0)

    assert (told.currency, told.lines[0].unit_price_minor, told.total_minor) == ("JPY", 1000, 3700)


def test_the_quantity_is_that_of_the_orders_present_version() -> None:
    assert [at.quantity for at in the_order(item(detail={"quantity": 2})).lines] == [2]
    assert [at.quantity for at in the_order(item(detail={"quantity": None})).lines] == [3]


def test_a_capture_and_a_refund_make_a_newer_version_although_the_order_states_none() -> None:
    refund = {"id": "ref_1", "amount": 10, "created_at": LATER, "note": "chipped", "refund_reason": None}
    captured = payment(captures=[{"id": "capt_1", "amount": 37.2, "created_at": CHANGED}], refunds=[refund])
    collection = {"status": "completed", "updated_at": LATER, "payments": [captured]}
    told = the_order(payment_status="partially_refunded", payment_collections=[collection])

    assert (told.source_version, told.paid) == (LATER_MS, True)
    assert [(one.payment_id, one.kind, one.at_ms) for one in told.payments] == [
        ("pay_1", PaymentKind.AUTHORISED, PLACED_MS),
        ("capt_1", PaymentKind.CAPTURED, CHANGED_MS),
    ]
    assert told.refunds == (
        RefundStated(refund_id="ref_1", at_ms=LATER_MS, currency="EUR", amount_minor=1000, reason="chipped"),
    )


@pytest.mark.parametrize(
    ("status", "setting", "paid"),
    [
        ("not_paid", "", False),
        ("awaiting", "", False),
        ("requires_action", "", False),
        ("partially_authorized", "", False),
        ("authorized", "", True),
        ("authorized", "captured", False),
        ("partially_captured", "captured", False),
        ("captured", "captured", True),
        ("partially_refunded", "", True),
        ("refunded", "", False),
        ("canceled", "", False),
        ("something new", "", False),
        (None, "", True),
    ],
)
def test_what_is_authorised_may_be_sent_unless_the_account_waits_for_the_money(
    status: str | None, setting: str, paid: bool
) -> None:
    account = replace(ACCOUNT, settings={"ship_when": setting})

    assert the_order(account=account, payment_status=status).paid is paid


def test_an_order_that_costs_nothing_is_paid() -> None:
    assert the_order(payment_status="not_paid", total=0).paid


@pytest.mark.parametrize(
    ("fields", "off_ms", "holds"),
    [
        ({"status": "pending"}, None, []),
        ({"status": "completed"}, None, []),
        ({"status": "archived"}, None, []),
        ({"status": "requires_action"}, None, [HoldType.OTHER]),
        ({"status": "canceled"}, CHANGED_MS, []),
        ({"status": "canceled", "canceled_at": LATER}, LATER_MS, []),
    ],
)
def test_every_status_says_whether_the_order_is_off_or_held(
    fields: dict[str, Any], off_ms: int | None, holds: list[HoldType]
) -> None:
    told = the_order(**fields)

    assert told.cancelled_at_ms == off_ms
    assert [hold.hold for hold in told.holds] == holds


def test_a_shipment_has_left_and_what_is_only_packed_has_not() -> None:
    packed = fulfillment(id="ful_2", shipped_at=None)
    told = said(order(fulfillments=[fulfillment(), packed]))

    assert told.facts[1:] == (
        ParcelStated(
            parcel_id="ful_1",
            external_id=ORDER_ID,
            at_ms=CHANGED_MS,
            units=(UnitsStated(line_id="ordli_1", quantity=2),),
            tracking_number="00340",
            location="sloc_1",
        ),
    )


def test_a_fulfillment_made_for_a_parcel_of_ours_is_that_parcel_and_its_delivery_is_a_scan() -> None:
    given = fulfillment(metadata={"headrace_parcel": "p1"}, delivered_at=LATER)
    parcel, scan = said(order(fulfillments=[given])).facts[1:]

    assert isinstance(parcel, ParcelStated)
    assert parcel.parcel_id == "p1"
    assert scan == ParcelScanned(
        tracking_number="00340", status=CarrierStatus.DELIVERED, at_ms=LATER_MS, raw="marked as delivered"
    )


def test_a_shipment_that_was_taken_back_says_so() -> None:
    (parcel,) = said(order(fulfillments=[fulfillment(canceled_at=LATER)])).facts[1:]

    assert isinstance(parcel, ParcelStated)
    assert parcel.cancelled


def test_a_kit_is_counted_by_what_it_has_fewest_of_and_never_beyond_the_line() -> None:
    parts = [{"line_item_id": "ordli_1", "quantity": 8}, {"line_item_id": "ordli_1", "quantity": 4}]
    (parcel,) = said(order(fulfillments=[fulfillment(items=parts)])).facts[1:]

    assert isinstance(parcel, ParcelStated)
    assert parcel.units == (UnitsStated(line_id="ordli_1", quantity=3),)


def test_a_fulfillment_that_names_no_units_does_not_take_all_of_them() -> None:
    told = said({"order": order(fulfillments=[fulfillment(items=None)])})
    assert [(one.field) for one in told.refused] == ["order.fulfillments[0].items"]

    strange = [{"line_item_id": "ordli_9", "quantity": 2}]
    assert len(said({"order": order(fulfillments=[fulfillment(items=strange)])}).facts) == 1


def test_goods_without_a_sku_are_named_by_variant_and_what_needs_no_parcel_does_not_ship() -> None:
    told = the_order(
        item(variant_sku=None), item(id="ordli_2", requires_shipping=False), item(id="ordli_3", is_giftcard=True)
    )

    assert [(at.sku, at.listing_ref, at.ships) for at in told.lines] == [
        ("", "variant_1", True),
        ("MUG", "variant_1", False),
        ("MUG", "variant_1", False),
    ]


def test_a_pickup_names_its_location_and_credit_lowers_what_is_due() -> None:
    place = {"type": "pickup", "location": {"id": "sloc_2"}}
    option = {"service_zone": {"fulfillment_set": place}}
    told = the_order(shipping_methods=[{"name": "Collect", "shipping_option": option}], credit_line_total=5, total=32.2)

    assert (told.collect_at, told.discount_minor, told.total_minor) == ("sloc_2", 500, 3220)


def test_an_order_without_times_of_its_own_has_those_of_its_lines() -> None:
    told = the_order(
        item(created_at=CHANGED, updated_at=LATER), created_at=None, updated_at=None, payment_collections=[]
    )

    assert (told.placed_at_ms, told.source_version) == (CHANGED_MS, LATER_MS)


def test_amounts_with_as_many_decimals_as_json_has_are_rounded_to_the_cent() -> None:
    told = the_order(item(subtotal=29.999999999999996, discount_subtotal="2.9999999999999999996", tax_total=5e-18))

    assert [(at.unit_price_minor, at.discount_minor, at.tax_minor) for at in told.lines] == [(1000, 300, 0)]
