from typing import Any

import pytest

from connectors.frame.facts import (
    OrderCancelled,
    OrderRefunded,
    ParcelScanned,
    ParcelStated,
    RefundedUnits,
    RefundStated,
    StockCounted,
    StockLine,
    UnitsStated,
)
from connectors.frame.message import Account
from models.records.fulfillment import CarrierStatus
from tests.support.shopify_messages import (
    AT,
    AT_MS,
    CAME_MS,
    CHANGED_MS,
    fulfillment,
    given_back,
    money,
    refund,
    refunded,
    said,
)

WITHOUT_CURRENCY = Account(name="acme", connector="shopify", pool="eu")


def the_refund(content: dict[str, Any]) -> RefundStated:
    told = said(content, topic="refunds/create")
    assert told.refused == ()
    [fact] = told.facts
    assert isinstance(fact, OrderRefunded)
    assert fact.external_id == "5001"
    return fact.refund


def test_a_refund_is_the_money_that_moved_and_the_units_that_it_names() -> None:
    units = (
        RefundedUnits(line_id="11", quantity=1, amount_minor=1000, tax_minor=190, restock=True),
        RefundedUnits(line_id="11", quantity=1, amount_minor=1000, tax_minor=190),
    )

    assert the_refund(
        refund(
            refunded(),
            refunded(restock_type="no_restock"),
            refund_shipping_lines=[{"subtotal_amount_set": money("3.00"), "tax_amount_set": money("0.57")}],
            transactions=[given_back("20.00"), given_back("3.57"), given_back("9.99", status="failure")],
        )
    ) == RefundStated(
        refund_id="701",
        at_ms=AT_MS,
        currency="EUR",
        amount_minor=2357,
        units=units,
        shipping_minor=357,
        reason="broken",
    )


def test_a_refund_without_a_transaction_moved_no_money() -> None:
    assert the_refund(refund(refunded())).amount_minor == 0


def test_money_that_was_given_back_in_the_customers_currency_counts_as_what_it_was_for() -> None:
    assert the_refund(refund(refunded(), transactions=[given_back("13.00", currency="USD")])).amount_minor == 1190


@pytest.mark.parametrize("kind", ["return", "cancel", "legacy_restock"])
def test_units_are_for_sale_again_where_a_refund_says_so(kind: str) -> None:
    assert the_refund(refund(refunded(restock_type=kind))).units[0].restock


def test_a_refund_of_an_unknown_currency_is_refused() -> None:
    told = said(refund(transactions=[given_back("1.00", currency=None)]), "refunds/create", WITHOUT_CURRENCY)

    assert [refusal.field for refusal in told.refused] == ["currency"]


def test_a_fulfillment_is_a_parcel_with_its_tracking_and_scan() -> None:
    told = said(fulfillment(shipment_status="out_for_delivery"), topic="fulfillments/update")

    assert told.facts == (
        ParcelStated(
            parcel_id="901",
            external_id="5001",
            at_ms=AT_MS,
            units=(UnitsStated(line_id="11", sku="TEA-1", quantity=2),),
            carrier="DHL",
            tracking_number="JD01",
            location="71",
        ),
        ParcelScanned(
            tracking_number="JD01",
            carrier="DHL",
            status=CarrierStatus.OUT_FOR_DELIVERY,
            at_ms=CHANGED_MS,
            raw="out_for_delivery",
        ),
    )


def test_a_fulfillment_that_was_cancelled_is_taken_back() -> None:
    [fact] = said(fulfillment(status="cancelled", shipment_status="delivered"), topic="fulfillments/update").facts

    assert isinstance(fact, ParcelStated)
    assert fact.cancelled


@pytest.mark.parametrize("status", ["pending", "open", "error", "failure"])
def test_a_fulfillment_with_which_nothing_left_says_nothing(status: str) -> None:
    told = said(fulfillment(status=status), topic="fulfillments/create")

    assert told.facts == ()
    assert "nothing has left" in told.ignored


def test_a_scan_without_a_number_is_none_and_a_new_word_is_unknown() -> None:
    nameless = fulfillment(tracking_number=None, tracking_numbers=[], shipment_status="in_transit")
    strange = said(fulfillment(shipment_status="teleported"), topic="fulfillments/update")

    assert len(said(nameless, topic="fulfillments/update").facts) == 1
    assert [fact.status for fact in strange.facts if isinstance(fact, ParcelScanned)] == [CarrierStatus.UNKNOWN]


def test_an_inventory_level_counts_what_may_be_sold() -> None:
    level = {"inventory_item_id": 33, "location_id": 71, "available": -2, "updated_at": AT}

    assert said(level, topic="inventory_levels/update").facts == (
        StockCounted(
            document=f"inventory_level/71/33/{AT_MS}",
            location="71",
            as_of_ms=AT_MS,
            lines=(StockLine(line="33", sku="33", quantity=-2),),
            available=True,
        ),
    )
    assert "no count" in said(level | {"available": None}, topic="inventory_levels/connect").ignored


def test_a_deleted_order_is_off() -> None:
    told = said({"id": 5001}, topic="orders/delete", x_shopify_triggered_at="2026-09-01T08:31:00.123456789Z")

    assert told.facts == (OrderCancelled(external_id="5001", at_ms=AT_MS + 60_123, cause="other"),)
    assert said({"id": 5001}, topic="orders/delete").facts == (
        OrderCancelled(external_id="5001", at_ms=CAME_MS, cause="other"),
    )


@pytest.mark.parametrize(
    ("topic", "why"),
    [
        ("orders/edited", "orders/updated"),
        ("draft_orders/create", "draft"),
        ("app/uninstalled", "new token"),
        ("customers/redact", "erase"),
        ("customers/data_request", "erase"),
        ("shop/redact", "erase"),
        ("fulfillment_orders/cancellation_request_submitted", "comes with the order"),
        ("fulfillment_events/create", "tracking number"),
        ("order_transactions/create", "paid"),
        ("returns/approve", "refund"),
        ("inventory_transfers/complete", "SKU"),
        ("products/update", "stock"),
        ("ORDERS_EDITED", "orders/updated"),
        ("customer.tags_added", "buyer"),
        ("customer.joined_segment", "buyer"),
        ("CUSTOMER_LEFT_SEGMENT", "buyer"),
        ("shipping_addresses/create", "set up"),
        ("markets_backup_region/update", "set up"),
    ],
)
def test_what_moves_nothing_says_why(topic: str, why: str) -> None:
    told = said({"id": 1, "line_items": []}, topic=topic)

    assert (told.facts, told.refused) == ((), ())
    assert why in told.ignored


def test_a_word_that_names_a_resource_is_none_where_only_text_stands_behind_it() -> None:
    told = said({"locale": "fr-CA", "published": True}, topic="locales/create")

    assert (told.facts, told.refused) == ((), ())
    assert "set up" in told.ignored


def test_a_topic_that_is_not_known_is_refused() -> None:
    assert [one.field for one in said({"id": 1}, topic="moons/rise").refused] == ["x-shopify-topic"]
