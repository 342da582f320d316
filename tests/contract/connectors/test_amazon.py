from typing import Any

import pytest

from connectors.frame.facts import (
    Address,
    Buyer,
    HoldStated,
    LineStated,
    OrderCancelled,
    OrderStated,
    PaymentKind,
    PaymentStated,
)
from connectors.frame.message import Fetch
from models.records.hold import HoldType
from tests.support.amazon_messages import (
    JAPAN,
    ORDER_ID,
    PLACED_MS,
    UPDATED_MS,
    USA,
    WHOLE,
    euro,
    item,
    item_v0,
    order,
    order_v0,
    price,
    said,
    the_order,
)


def test_an_order_joined_with_its_items_is_told_whole() -> None:
    assert the_order(order_v0()) == OrderStated(
        external_id=ORDER_ID,
        source_version=UPDATED_MS,
        placed_at_ms=PLACED_MS,
        updated_at_ms=UPDATED_MS,
        currency="EUR",
        lines=(
            LineStated(
                line_id="61",
                sku="MUG",
                quantity=2,
                ordered=2,
                unit_price_minor=1000,
                tax_minor=319,
                title="Mug",
                listing_ref="B01",
            ),
        ),
        destination=Address(country="DE", name="Ada", lines=("Ring 1",), city="Ulm", postcode="89"),
        buyer=Buyer(email="x@marketplace.example"),
        tax_included=True,
        total_minor=2000,
        service="Standard",
        promise_by_ms=1_788_645_599_000,
        purchase_order="PO-1",
    )


def test_the_total_tells_whether_prices_contain_the_tax() -> None:
    beside = order_v0(item_v0(ItemTax=euro("1.80", "USD"), ItemPrice=euro("20.00", "USD")), MarketplaceId=USA)
    del beside["payload"]["OrderTotal"]

    assert the_order(order_v0()).tax_included
    assert not the_order(order_v0(OrderTotal=euro("23.19"))).tax_included
    assert the_order(order_v0(OrderTotal=euro("9.99"))).tax_included
    assert not the_order(beside).tax_included


def test_discounts_shipping_and_wrapping_are_told_apart_from_the_goods() -> None:
    told = the_order(
        order_v0(
            item_v0(
                PromotionDiscount=euro("2.00"),
                PromotionDiscountTax=euro("0.32"),
                ShippingPrice=euro("4.90"),
                ShippingTax=euro("0.78"),
                ShippingDiscount=euro("1.00"),
                ShippingDiscountTax=euro("0.16"),
                BuyerInfo={"GiftWrapPrice": euro("3.00"), "GiftWrapTax": euro("0.48")},
            ),
            OrderTotal=euro("24.90"),
        )
    )

    assert [(line.unit_price_minor, line.discount_minor, line.tax_minor) for line in told.lines] == [(1000, 200, 287)]
    assert (told.shipping_minor, told.tax_minor, told.tax_included) == (690, 110, True)


@pytest.mark.parametrize(
    ("status", "paid", "off", "holds"),
    [
        ("Pending", False, False, []),
        ("PendingAvailability", False, False, []),
        ("Unshipped", True, False, []),
        ("Shipped", True, False, []),
        ("Canceled", True, True, []),
        ("InvoiceUnconfirmed", True, False, [HoldType.APPROVAL]),
        ("AWordOfNextYear", True, False, []),
    ],
)
def test_every_status_says_whether_it_is_paid_off_or_held(
    status: str, paid: bool, off: bool, holds: list[HoldType]
) -> None:
    told = the_order(order_v0(OrderStatus=status))

    assert (told.paid, told.cancelled_at_ms) == (paid, UPDATED_MS if off else None)
    assert [hold.hold for hold in told.holds] == holds


def test_an_order_that_is_not_paid_yet_has_the_currency_of_its_marketplace() -> None:
    bare = item_v0()
    del bare["ItemPrice"], bare["ItemTax"]
    pending = order_v0(bare, OrderStatus="Pending", MarketplaceId=JAPAN, OrderTotal=None, ShippingAddress=None)
    told = the_order(pending)

    assert (told.currency, told.total_minor, told.lines[0].unit_price_minor) == ("JPY", None, 0)
    assert [(one.field) for one in said(order_v0(bare, OrderTotal=None, MarketplaceId="NEW")).refused] == [
        "payload.OrderTotal.CurrencyCode"
    ]


def test_a_buyer_who_asks_to_cancel_holds_the_order() -> None:
    wish = {"IsBuyerRequestedCancel": "true", "BuyerCancelReason": "too late"}
    told = the_order(order_v0(item_v0(BuyerRequestedCancel=wish)))
    calm = the_order(order_v0(item_v0(BuyerRequestedCancel={"IsBuyerRequestedCancel": "false"})))

    assert told.holds == (HoldStated(hold=HoldType.CUSTOMER_REQUEST, note="the buyer asks to cancel: too late"),)
    assert calm.holds == ()


def test_units_that_were_cancelled_or_have_left_are_told() -> None:
    told = the_order(order_v0(item_v0(QuantityShipped=1), item_v0(OrderItemId=62, QuantityOrdered=0)))

    assert [(line.line_id, line.quantity, line.fulfilled) for line in told.lines] == [("61", 2, 1), ("62", 0, 0)]


def test_what_comes_without_its_items_points_at_the_whole_order() -> None:
    head = order_v0()["payload"]
    del head["OrderItems"]
    several = {"payload": {"Orders": [head, head | {"FulfillmentChannel": "AFN"}]}}
    items = {"payload": {"AmazonOrderId": ORDER_ID, "OrderItems": [item_v0()]}}

    for content in ({"payload": head}, head, several, items):
        told = said(content)
        assert (told.facts, told.fetch) == ((), (Fetch(url=WHOLE, topic="order"),))
        assert "fetched" in told.ignored


def test_a_cancelled_order_needs_no_items() -> None:
    head = order_v0(OrderStatus="Canceled")["payload"]
    del head["OrderItems"]

    assert said({"payload": {"Orders": [head]}}).facts == (
        OrderCancelled(external_id=ORDER_ID, at_ms=UPDATED_MS, cause="other"),
    )


def test_an_order_of_the_new_api_is_told_whole() -> None:
    payments = {"paymentExecutions": [{"paymentMethod": "CreditCard", "paymentAmount": price("21.80")}]}
    windows = {"shipByWindow": {"latestDateTime": "2026-09-02T21:59:59Z"}}
    fulfillment = order()["fulfillment"] | windows
    told = the_order({"order": order(payment=payments, fulfillment=fulfillment, orderAliases=[{"aliasId": "S-1"}])})

    assert told == OrderStated(
        external_id=ORDER_ID,
        number="S-1",
        source_version=UPDATED_MS,
        placed_at_ms=PLACED_MS,
        updated_at_ms=UPDATED_MS,
        currency="USD",
        lines=(
            LineStated(
                line_id="71",
                sku="MUG",
                quantity=2,
                ordered=2,
                unit_price_minor=1000,
                tax_minor=180,
                title="Mug",
                listing_ref="B01",
            ),
        ),
        destination=Address(country="US", name="Ada", city="Erie", postcode="16501"),
        total_minor=2180,
        payments=(
            PaymentStated(
                payment_id=f"{ORDER_ID}-0",
                kind=PaymentKind.AUTHORISED,
                amount_minor=2180,
                currency="USD",
                at_ms=PLACED_MS,
                tender="CreditCard",
            ),
        ),
        service="STANDARD",
        promise_by_ms=1_788_386_399_000,
    )


def test_a_breakdown_parts_goods_from_what_is_charged_beside_them() -> None:
    detailed = [
        {"type": "ITEM", "subtotal": price("20.00")},
        {"type": "SHIPPING", "subtotal": price("5.00")},
        {
            "type": "DISCOUNT",
            "subtotal": price("-3.00"),
            "detailedBreakdowns": [
                {"subtype": "ITEM", "value": price("-2.00")},
                {"subtype": "SHIPPING", "value": price("-1.00")},
            ],
        },
        {
            "type": "TAX",
            "subtotal": price("2.00"),
            "detailedBreakdowns": [
                {"subtype": "ITEM", "value": price("1.60")},
                {"subtype": "SHIPPING", "value": price("0.40")},
            ],
        },
    ]
    told = the_order(order(item(proceeds={"breakdowns": detailed}), proceeds={"grandTotal": price("24.00")}))

    assert [(line.unit_price_minor, line.discount_minor, line.tax_minor) for line in told.lines] == [(1000, 200, 160)]
    assert (told.shipping_minor, told.tax_minor, told.tax_included) == (400, 40, False)


@pytest.mark.parametrize(
    ("fulfillment", "cancellation", "quantities"),
    [
        ({"quantityFulfilled": 1, "quantityUnfulfilled": 1}, None, (2, 1)),
        (
            {"quantityFulfilled": 1, "quantityUnfulfilled": 0},
            {"cancellationExecution": {"cancelledBy": "BUYER"}},
            (1, 1),
        ),
        ({"quantityFulfilled": 0, "quantityUnfulfilled": 0}, None, (2, 0)),
        ({"quantityFulfilled": 0, "quantityUnfulfilled": 0}, {"cancellationExecution": {}}, (0, 0)),
        (None, {"cancellationExecution": {}}, (0, 0)),
        (None, None, (2, 0)),
    ],
)
def test_what_is_neither_fulfilled_nor_to_be_is_cancelled(
    fulfillment: Any, cancellation: Any, quantities: tuple[int, int]
) -> None:
    (line,) = the_order(order(item(fulfillment=fulfillment, cancellation=cancellation))).lines

    assert ((line.quantity, line.fulfilled), line.ordered) == (quantities, 2)


def test_a_wish_to_cancel_holds_until_it_is_carried_out() -> None:
    wish = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "too late"}}

    assert the_order(order(item(cancellation=wish))).holds == (
        HoldStated(hold=HoldType.CUSTOMER_REQUEST, note="the buyer asks to cancel: too late"),
    )
    assert the_order(order(item(cancellation=wish | {"cancellationExecution": {}}))).holds == ()


def test_an_order_to_collect_names_its_store() -> None:
    assert the_order(order(programs=["IN_STORE_PICK_UP"])).collect_at == "Ada"
    assert the_order(order_v0(item_v0(StoreChainStoreId="S7"), IsISPU=True)).collect_at == "S7"
    assert the_order(order_v0(item_v0(StoreChainStoreId="S7"))).collect_at == ""


def test_an_order_that_cannot_be_read_is_refused_alone() -> None:
    told = said(
        {"orders": [order(item(quantityOrdered=None)), order(orderId="2"), order(orderId="3", createdTime="?")]}
    )

    assert [(one.field, one.entry) for one in told.refused] == [
        ("orders[0].orderItems[0].quantityOrdered", ORDER_ID),
        ("orders[2].createdTime", "3"),
    ]
    assert [fact.external_id for fact in told.facts if isinstance(fact, OrderStated)] == ["2"]
