from typing import Any

from connectors.frame.facts import (
    Address,
    Buyer,
    LineStated,
    OrderStated,
    ParcelStated,
    PaymentKind,
    PaymentStated,
    RefundStated,
    TillSold,
    UnitsStated,
)
from tests.support.square_messages import item, said, sale, usd


def shipped(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    recipient = {
        "display_name": "A. Person",
        "email_address": "a@example.com",
        "phone_number": "5",
        "address": {
            "address_line_1": "1 Way",
            "address_line_2": "",
            "locality": "Austin",
            "administrative_district_level_1": "TX",
            "postal_code": "78701",
            "country": "US",
        },
    }
    part = {
        "uid": "F1",
        "type": "SHIPMENT",
        "state": "PROPOSED",
        "shipment_details": {"recipient": recipient, "shipping_type": "Express", "shipping_note": "ring twice"},
    }
    return sale(*items, state="OPEN", closed_at=None, version=4, fulfillments=[part]) | fields


def order_of(content: dict[str, Any]) -> OrderStated:
    (fact,) = [fact for fact in said({"order": content}).facts if isinstance(fact, OrderStated)]
    return fact


def test_an_order_to_be_shipped_is_stated_whole() -> None:
    modifiers = [{"base_price_money": usd(50), "total_price_money": usd(100)}]
    taxed = item(
        "a", "VAR-A", "2", modifiers=modifiers, total_tax_money=usd(160), total_discount_money=usd(100),
        variation_total_price_money=usd(2000), variation_name="Large",
    )  # fmt: skip
    content = shipped(
        taxed,
        taxes=[{"uid": "t", "type": "ADDITIVE"}],
        total_money=usd(2710),
        total_tax_money=usd(210),
        total_discount_money=usd(150),
        service_charges=[{"applied_money": usd(600)}],
        tenders=[
            {
                "id": "T1",
                "payment_id": "P1",
                "type": "CARD",
                "amount_money": usd(2710),
                "created_at": "2026-09-01T09:00:01Z",
            }
        ],
        net_amount_due_money=usd(0),
        reference_id="web-7",
        customer_id="C1",
    )

    assert order_of(content) == OrderStated(
        external_id="S1",
        number="web-7",
        source_version=4,
        placed_at_ms=1_788_253_200_000,
        updated_at_ms=1_788_256_805_000,
        currency="USD",
        lines=(
            LineStated(
                line_id="a",
                sku="VAR-A",
                listing_ref="VAR-A",
                title="Mug Large",
                quantity=2,
                ordered=2,
                unit_price_minor=1050,
                discount_minor=100,
                tax_minor=160,
            ),
        ),
        destination=Address(
            country="US", name="A. Person", lines=("1 Way",), city="Austin", region="TX", postcode="78701"
        ),
        buyer=Buyer(customer_ref="C1", name="A. Person", email="a@example.com", phone="5"),
        shipping_minor=600,
        discount_minor=50,
        tax_minor=50,
        total_minor=2710,
        paid=True,
        payments=(
            PaymentStated(
                payment_id="P1",
                kind=PaymentKind.CAPTURED,
                amount_minor=2710,
                currency="USD",
                at_ms=1_788_253_201_000,
                tender="card",
            ),
        ),
        service="Express",
        location="SHOP",
        note="ring twice",
    )


def test_a_price_that_its_units_do_not_divide_is_kept_to_the_cent() -> None:
    (line,) = order_of(shipped(item("a", "VAR-A", "3", variation_total_price_money=usd(1000)))).lines

    assert (line.unit_price_minor, line.discount_minor) == (334, 2)
    assert line.unit_price_minor * 3 - line.discount_minor == 1000


def test_taxes_inside_of_prices_are_told_and_mixed_ones_only_where_they_come_on_top() -> None:
    applied = [{"tax_uid": "in", "applied_money": usd(60)}, {"tax_uid": "on", "applied_money": usd(40)}]
    line = item("a", "VAR-A", total_tax_money=usd(100), applied_taxes=applied)
    inside, outside = {"uid": "in", "type": "INCLUSIVE"}, {"uid": "on", "type": "ADDITIVE"}
    all_inside = order_of(shipped(line, taxes=[inside], total_tax_money=usd(100)))
    mixed = order_of(shipped(line, taxes=[inside, outside], total_tax_money=usd(100)))

    assert (all_inside.tax_included, all_inside.lines[0].tax_minor) == (True, 100)
    assert (mixed.tax_included, mixed.lines[0].tax_minor) == (False, 40)


def test_yen_have_no_cents() -> None:
    yen = {"amount": 1500, "currency": "JPY"}
    order = order_of(shipped(item("a", "VAR-A", base_price_money=yen), total_money=yen))

    assert (order.currency, order.total_minor, order.lines[0].unit_price_minor) == ("JPY", 1500, 1500)


def test_gift_cards_and_typed_amounts_need_no_parcel_and_what_has_no_id_is_still_a_line() -> None:
    order = order_of(
        shipped(item("a", None, item_type="ITEM"), item("g", "GIFT", item_type="GIFT_CARD"), item("t", None))
    )

    assert [(line.line_id, line.sku, line.ships) for line in order.lines] == [
        ("a", "", True),
        ("g", "GIFT", False),
        ("t", "", False),
    ]


def test_an_order_to_be_collected_names_its_shop_and_time() -> None:
    details = {"pickup_at": "2026-09-02T15:00:00-05:00", "note": "curbside", "recipient": {"display_name": "A. Person"}}
    part = {"uid": "F1", "type": "PICKUP", "state": "RESERVED", "pickup_details": details}
    order = order_of(shipped(item("a", "VAR-A"), fulfillments=[part]))

    assert (order.collect_at, order.promise_by_ms, order.note) == ("SHOP", 1_788_379_200_000, "curbside")
    assert order.destination is None


def entries(**units: str) -> dict[str, Any]:
    return {"entries": [{"line_item_uid": uid, "quantity": count} for uid, count in units.items()]}


def test_units_of_a_fulfillment_that_is_off_are_not_wanted_any_more() -> None:
    parts = [
        {"uid": "F1", "type": "SHIPMENT", "state": "CANCELED"} | entries(a="1"),
        {"uid": "F2", "type": "SHIPMENT", "state": "PROPOSED"} | entries(a="1", b="1"),
    ]
    order = order_of(shipped(item("a", "VAR-A", "2"), item("b", "VAR-B"), fulfillments=parts))

    assert [(line.ordered, line.quantity) for line in order.lines] == [(2, 1), (1, 1)]
    assert order.cancelled_at_ms is None


def test_an_order_whose_fulfillments_are_all_off_is_cancelled() -> None:
    details = {"canceled_at": "2026-09-01T09:30:00Z"}
    off = [{"uid": "F1", "type": "SHIPMENT", "state": "CANCELED", "shipment_details": details}]

    assert order_of(shipped(item("a", "VAR-A"), fulfillments=off)).cancelled_at_ms == 1_788_255_000_000
    assert order_of(shipped(item("a", "VAR-A"), state="CANCELED")).cancelled_at_ms == 1_788_256_805_000


def test_what_the_seller_has_sent_by_its_own_means_is_a_parcel() -> None:
    details = {"shipped_at": "2026-09-01T11:00:00Z", "carrier": "UPS", "tracking_number": "1Z7"}
    part = {"uid": "F1", "type": "SHIPMENT", "state": "COMPLETED", "shipment_details": details} | entries(a="1")
    facts = said({"order": shipped(item("a", "VAR-A", "2"), fulfillments=[part], state="COMPLETED")}).facts

    assert [line.fulfilled for fact in facts if isinstance(fact, OrderStated) for line in fact.lines] == [1]
    assert facts[1:] == (
        ParcelStated(
            parcel_id="F1",
            external_id="S1",
            at_ms=1_788_260_400_000,
            units=(UnitsStated(line_id="a", quantity=1),),
            carrier="UPS",
            tracking_number="1Z7",
            location="SHOP",
        ),
    )


def test_of_a_basket_that_is_sent_in_part_the_rest_was_taken_along() -> None:
    part = {"uid": "F1", "type": "SHIPMENT", "state": "PROPOSED"} | entries(b="1")
    facts = said(
        {"order": shipped(item("a", "VAR-A"), item("b", "VAR-B"), fulfillments=[part], state="COMPLETED")}
    ).facts

    assert [[(line.line_id, line.ships) for line in fact.lines] for fact in facts if isinstance(fact, OrderStated)] == [
        [("a", False), ("b", True)]
    ]
    assert [[line.sku for line in fact.lines] for fact in facts if isinstance(fact, TillSold)] == [["VAR-A"]]


def test_an_order_that_is_not_paid_says_so() -> None:
    authorised = {"id": "T1", "type": "CARD", "amount_money": usd(1000), "card_details": {"status": "AUTHORIZED"}}

    assert not order_of(shipped(item("a", "VAR-A"))).paid
    assert not order_of(shipped(item("a", "VAR-A"), net_amount_due_money=usd(1))).paid
    held = order_of(shipped(item("a", "VAR-A"), tenders=[authorised]))
    assert (held.paid, held.payments[0].kind) == (True, PaymentKind.AUTHORISED)


def test_an_order_made_at_the_till_has_its_time_of_change_as_version() -> None:
    assert order_of(shipped(item("a", "VAR-A"), version=None)).source_version == 1_788_256_805_000


def test_refunds_that_an_order_has_itself_are_told_with_it() -> None:
    given = {"id": "R1", "status": "COMPLETED", "created_at": "2026-09-02T10:00:00Z", "amount_money": usd(300)}
    content = shipped(
        item("a", "VAR-A"), refunds=[given | {"reason": "late"}, given | {"id": "R2", "status": "PENDING"}]
    )

    assert order_of(content).refunds == (
        RefundStated(refund_id="R1", at_ms=1_788_343_200_000, currency="USD", amount_minor=300, reason="late"),
    )
