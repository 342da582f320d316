import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from connectors.frame.facts import OrderStated, ParcelStated
from connectors.frame.message import Message
from connectors.systems.shopify import CONNECTOR
from tests.support.shopify_messages import AT, AT_MS, CHANGED, fulfillment, line, message, order, refund, said


def test_a_list_is_read_entry_by_entry() -> None:
    told = said({"orders": [order(), order(id=5002, currency="?"), order(id=5003)]})

    assert [fact.external_id for fact in told.facts if isinstance(fact, OrderStated)] == ["5001", "5003"]
    assert [(one.field, one.entry) for one in told.refused] == [("orders[1].currency", "5002")]


def test_each_entry_of_a_list_may_stand_in_the_name_of_what_it_is() -> None:
    content = [{"order": order()}, {"order": order(id=5002, currency="?")}, {"fulfillment": fulfillment()}]
    told = said(content)

    assert [fact.external_id for fact in told.facts if isinstance(fact, OrderStated)] == ["5001"]
    assert len(told.facts) == 2
    assert [(one.field, one.entry) for one in told.refused] == [("[1].order.currency", "5002")]
    assert CONNECTOR.recognise(message(content))


def graphql_order() -> dict[str, Any]:
    return {
        "id": "gid://shopify/Order/5001",
        "name": "#1001",
        "currencyCode": "EUR",
        "createdAt": AT,
        "updatedAt": CHANGED,
        "displayFinancialStatus": "PAID",
        "currentTotalPriceSet": {"shopMoney": {"amount": "20.0", "currencyCode": "EUR"}},
        "shippingAddress": {"city": "Bonn", "countryCodeV2": "DE"},
        "fulfillments": [
            {
                "id": "gid://shopify/Fulfillment/901",
                "status": "SUCCESS",
                "fulfillmentLineItems": {
                    "nodes": [{"quantity": 1, "lineItem": {"id": "gid://shopify/LineItem/11"}}],
                },
            }
        ],
        "lineItems": {"edges": [{"node": graphql_line()}]},
    }


def graphql_line() -> dict[str, Any]:
    return {
        "id": "gid://shopify/LineItem/11",
        "sku": "TEA-1",
        "quantity": 2,
        "currentQuantity": 2,
        "originalUnitPriceSet": {"shopMoney": {"amount": "10.0"}},
        "variant": {"id": "gid://shopify/ProductVariant/808"},
        "discountAllocations": [{"allocatedAmountSet": {"shopMoney": {"amount": "1.5"}}}],
    }


def check_graphql(fact: object, fulfilled: int) -> None:
    assert isinstance(fact, OrderStated)
    [one] = fact.lines
    assert (fact.external_id, fact.total_minor, fact.paid) == ("5001", 2000, True)
    assert fact.destination is not None
    assert fact.destination.country == "DE"
    assert (one.line_id, one.listing_ref, one.unit_price_minor, one.discount_minor) == ("11", "808", 1000, 150)
    assert one.fulfilled == fulfilled


def test_an_answer_of_graphql_says_the_same() -> None:
    for content in (
        {"data": {"order": graphql_order()}},
        {"data": {"node": graphql_order()}},
        {"data": {"orders": {"nodes": [graphql_order()]}}, "extensions": {}},
        graphql_order(),
    ):
        [fact] = said(content).facts
        check_graphql(fact, fulfilled=1)


def test_the_lines_of_a_bulk_operation_are_put_together() -> None:
    whole = graphql_order()
    top = {name: value for name, value in whole.items() if name not in {"lineItems", "fulfillments"}}
    child = graphql_line() | {"__parentId": whole["id"]}
    told = said(b"\n".join(json.dumps(one).encode() for one in (top, child, top | {"id": "gid://shopify/Order/5002"})))

    check_graphql(told.facts[0], fulfilled=0)
    assert [(one.field, one.entry) for one in told.refused] == [("[1].line_items", "5002")]


def test_an_answer_of_graphql_may_name_the_currency_at_its_amounts_alone() -> None:
    whole = {name: value for name, value in graphql_order().items() if name != "currencyCode"}
    by_total = whole | {"currentTotalPriceSet": {"shopMoney": {"amount": "2000", "currencyCode": "JPY"}}}
    priced = graphql_line() | {"originalUnitPriceSet": {"shopMoney": {"amount": "1000", "currencyCode": "JPY"}}}
    by_line = whole | {"currentTotalPriceSet": None, "lineItems": {"nodes": [priced]}}

    for content in (by_total, by_line):
        [fact] = said({"data": {"order": content}}).facts
        assert isinstance(fact, OrderStated)
        assert fact.currency == "JPY"
    told = said({"data": {"order": whole | {"currentTotalPriceSet": None}}})
    assert [(one.field, one.reason) for one in told.refused] == [("data.order.currency", "a currency is missing")]


def test_a_line_is_priced_by_whichever_of_its_prices_was_asked_for() -> None:
    def priced(**prices: str) -> tuple[int, int]:
        line = {"id": "gid://shopify/LineItem/11", "quantity": 4, "currentQuantity": 2}
        line |= {name: {"shopMoney": {"amount": amount}} for name, amount in prices.items()}
        [fact] = said({"data": {"order": graphql_order() | {"lineItems": {"nodes": [line]}}}}).facts
        assert isinstance(fact, OrderStated)
        return fact.lines[0].unit_price_minor, fact.lines[0].discount_minor

    assert priced(originalTotalSet="40.0") == (1000, 0)
    assert priced(originalTotalSet="40.0", discountedTotalSet="36.0") == (1000, 200)
    assert priced(originalUnitPriceSet="10.0", discountedTotalSet="36.0") == (1000, 200)
    assert priced(discountedUnitPriceSet="9.0") == (900, 0)


def test_what_comes_of_a_mutation_is_read_as_what_it_is() -> None:
    made = {"fulfillmentCreate": {"fulfillment": fulfillment(id="gid://shopify/Fulfillment/901"), "userErrors": []}}

    [fact] = said({"data": made}).facts
    assert isinstance(fact, ParcelStated)
    assert (fact.parcel_id, fact.external_id) == ("901", "5001")


def test_a_tracking_number_may_come_as_a_number() -> None:
    [fact] = said(fulfillment(tracking_number=None, tracking_numbers=[40012345])).facts

    assert isinstance(fact, ParcelStated)
    assert fact.tracking_number == "40012345"


def test_an_order_that_says_only_when_it_was_processed_was_placed_then() -> None:
    [fact] = said({"order": order(created_at=None, updated_at=None, processed_at=AT)}).facts

    assert isinstance(fact, OrderStated)
    assert (fact.placed_at_ms, fact.source_version) == (AT_MS, AT_MS)


def test_an_event_bus_wraps_the_message_and_its_topic() -> None:
    bus = {
        "detail-type": "shopifyWebhook",
        "detail": {"payload": order(), "metadata": {"X-Shopify-Topic": "orders/paid"}},
    }
    told = said(bus)

    assert [fact.external_id for fact in told.facts if isinstance(fact, OrderStated)] == ["5001"]


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"text"', b'{"order": 7}', b"\xff", b'{"a":' * 2000, b"null"])
def test_what_is_no_message_is_refused_and_not_recognised(body: bytes) -> None:
    told = said(body, topic="orders/create")

    assert told.facts == ()
    assert told.refused
    assert not CONNECTOR.recognise(Message(body=body)) or body == b'{"order": 7}'


def test_a_message_is_known_by_its_shape() -> None:
    known = [
        order(),
        refund(),
        fulfillment(),
        {"order": order()},
        {"id": 1, "admin_graphql_api_id": "gid://shopify/Order/1"},
    ]

    assert all(CONNECTOR.recognise(message(one)) for one in known)
    assert CONNECTOR.recognise(message({"anything": 1}, topic="orders/create"))
    assert not CONNECTOR.recognise(message({"order": {"id": "order_01J", "line_items": [line()]}}))
    assert not CONNECTOR.recognise(message({"id": 1, "line_items": [line()]}))


def test_a_few_fields_of_an_order_are_enough_to_know_it() -> None:
    few = {name: value for name, value in order().items() if name not in {"financial_status", "name"}}
    few |= {"taxes_included": False, "order_number": 1001}

    assert CONNECTOR.recognise(message(few))
    [fact] = said(few).facts
    assert isinstance(fact, OrderStated)
    assert (fact.external_id, fact.number, fact.paid) == ("5001", "1001", False)


def test_a_cart_is_known_by_its_token_and_left_aside() -> None:
    cart = {"id": "c1-f9", "token": "c1-f9", "line_items": [line()], "note": None, "updated_at": AT, "created_at": AT}

    assert CONNECTOR.recognise(message(cart))
    assert "nothing is ordered" in said(cart).ignored
    assert not CONNECTOR.recognise(message(cart | {"token": "other"}))


def test_what_other_systems_write_alike_is_theirs() -> None:
    asked = {"location": {"name": "Shop", "address": {"address_line_1": "Ring 1"}}}

    assert not CONNECTOR.recognise(message(asked))
    assert not CONNECTOR.recognise(message({"refund": {"reason": "x"}, "idempotency_key": "k"}))
    assert not CONNECTOR.recognise(message({"webhooks": []}))
    assert not CONNECTOR.recognise(message({"order": {"billing_address": {"address_1": "Ring 1"}, "line_items": []}}))
    assert CONNECTOR.recognise(message({"orders": []}))


def signed(secret: str, body: bytes = b'{"id":1}') -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@pytest.mark.parametrize("header", ["x-shopify-hmac-sha256", "shopify-hmac-sha256"])
def test_a_signature_is_verified_with_every_secret_that_is_good(header: str) -> None:
    def verified(given: str, *secrets: str) -> bool:
        assert CONNECTOR.signature is not None
        return CONNECTOR.signature(Message(body=b'{"id":1}', headers={header: given}), secrets)

    assert verified(signed("new"), "old", "new")
    assert not verified(signed("other"), "old", "new")
    assert not verified(signed("new", b"{}"), "new")
    assert not verified("", "new")
    assert not verified(signed("new"))


def test_headers_tell_the_delivery_and_the_topic() -> None:
    webhook = message({}, topic="orders/paid", x_shopify_webhook_id="b54557e4")
    event = Message(body=b"{}", headers={"shopify-topic": "orders/paid", "shopify-webhook-id": "b54557e4"})

    assert {CONNECTOR.message_id(webhook), CONNECTOR.message_id(event)} == {"b54557e4"}
    assert {CONNECTOR.topic_of(webhook), CONNECTOR.topic_of(event)} == {"orders/paid"}


@pytest.mark.parametrize("topic", ["orders/updated", "ORDERS_UPDATED"])
def test_a_webhook_may_stand_beside_its_topic_as_libraries_hand_it_to_apps(topic: str) -> None:
    content = {"topic": topic, "shop": "acme.myshopify.com", "payload": order()}
    [fact] = said(content).facts

    assert isinstance(fact, OrderStated)
    assert fact.external_id == "5001"
    assert CONNECTOR.recognise(message(content))
    assert not CONNECTOR.recognise(message({"topic": "order.updated", "payload": {"id": 1, "status": "new"}}))


def test_graphql_may_tell_what_a_unit_costs_without_its_currency() -> None:
    """So versions before 2021 and queries that nobody touched since do; it is the shop's currency."""
    asked = graphql_line() | {"originalUnitPrice": "12.50"}
    without_sets = {name: value for name, value in asked.items() if not name.endswith("Set")}
    [fact] = said({"data": {"order": graphql_order() | {"lineItems": {"nodes": [without_sets]}}}}).facts

    assert isinstance(fact, OrderStated)
    assert fact.lines[0].unit_price_minor == 1250


def test_who_is_called_about_a_parcel_may_be_named_with_where_it_goes_to() -> None:
    to = {"city": "Bonn", "country_code": "DE", "phone": "+49 228 2"}
    customer = {"id": 42, "phone": None}
    [told, called] = said(
        [order(shipping_address=to, customer=customer), order(shipping_address=to, customer=customer | {"phone": "1"})]
    ).facts

    assert isinstance(told, OrderStated)
    assert isinstance(called, OrderStated)
    assert told.buyer is not None
    assert told.buyer.phone == "+49 228 2"
    assert called.buyer is not None
    assert called.buyer.phone == "1"
