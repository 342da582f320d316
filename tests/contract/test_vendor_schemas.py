"""The descriptions of what vendors take: closed, used to the last operation, and able to say no."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from connectors.frame.declaration import Page
from connectors.frame.http import HttpRequest, get_request, json_request
from connectors.frame.message import Account, Message
from connectors.frame.registry import connectors
from connectors.frame.translating import translate
from tests.support.rich_occasions import AT_MS, account, rich
from tests.support.vendor_peers import PEERS, play
from tests.support.vendor_schemas import SCHEMAS, faults_of, vendor_schemas

OTHER_SETTINGS = {
    "woocommerce": [{"tracking": "shipment-tracking"}, {"tracking": "advanced-shipment-tracking"}],
    "amazon": [{"orders_api": "v0"}],
    "shipstation_v2": [{"api": "shipengine"}],
}
OF_WHAT_A_POLL_FINDS = {"ListRefunds", "getOrderItems", "ListVariants"}
"""Asked for once something was found: tests of the polls, and of goods without a SKU, ask them."""


def accounts(name: str) -> Iterator[Account]:
    yield account(name)
    yield from (account(name, **more) for more in OTHER_SETTINGS.get(name, []))


def written(name: str) -> list[HttpRequest]:
    """All that is asked of a vendor, whatever happens."""
    return [
        request
        for who in accounts(name)
        for kind in sorted(connectors()[name].wants)
        for whole in (False, True)
        for request in play(connectors()[name], who, rich(name, kind, whole=whole), PEERS[name])[0]
    ]


def polled(name: str) -> list[HttpRequest]:
    first = [next(poll.run(who, "", AT_MS)) for who in accounts(name) for poll in connectors()[name].polls]
    return [step for step in first if not isinstance(step, Page)]


POINTERS: dict[str, list[Any]] = {
    "square": [{"type": "order.updated", "data": {"object": {"order_updated": {"order_id": "S1"}}}}],
    "amazon": [{"NotificationType": "ORDER_CHANGE", "Payload": {"OrderChangeNotification": {"AmazonOrderId": "1"}}}],
    "medusa": [
        {"name": "order.placed", "data": {"id": "order_01JSNXDH9BPJWWKVW03B9E9KW8"}},
        {"name": "payment.captured", "data": {"id": "pay_1"}},
    ],
}
"""Messages that only point at what they tell."""


def fetched(name: str) -> list[HttpRequest]:
    messages = [Message(body=json.dumps(content).encode()) for content in POINTERS.get(name, [])]
    told = [translate(connectors()[name], message, account(name)) for message in messages]
    assert all(one.fetch for one in told), told
    return [get_request(fetch.url) for one in told for fetch in one.fetch]


def granted(name: str) -> list[HttpRequest]:
    """Amazon's tokens are had elsewhere, with a form."""
    grant = connectors()[name].grant
    secrets = {"client_id": "c", "webhook_secret": "s"}
    return [grant.request(account(name), secrets)] if grant is not None and name != "amazon" else []


NAMES = sorted(vendor_schemas())


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_that_is_described_is_asked_and_taken(name: str) -> None:
    schema = vendor_schemas()[name]
    asked = [*written(name), *polled(name), *fetched(name), *granted(name)]
    used = {operation.name for request in asked for operation in schema.operations if is_of(operation, request)}

    assert [fault for request in asked for fault in faults_of(request)] == []
    assert {operation.name for operation in schema.operations} - used <= OF_WHAT_A_POLL_FINDS


def is_of(operation: Any, request: HttpRequest) -> bool:
    path = request.url.partition("?")[0].partition("//")[2].partition("/")[2]
    return operation.method == request.method and operation.path.fullmatch(f"/{path}") is not None


@pytest.mark.parametrize("name", NAMES)
def test_a_field_that_nobody_knows_is_found_wherever_it_stands(name: str) -> None:
    tried = 0
    for request in written(name):
        if not request.body:
            continue
        for changed in with_surprise(json.loads(request.body)):
            assert faults_of(replace(request, body=json.dumps(changed).encode())), changed
            tried += 1
    assert tried > 1


def with_surprise(value: Any) -> Iterator[Any]:
    """Give a value again and again, each time with a strange field in one of its objects; lists by their first."""
    if isinstance(value, list) and value:
        yield from ([one, *value[1:]] for one in with_surprise(value[0]))
    if isinstance(value, dict):
        # Medusa's metadata is anybody's, and what GraphQL gets is held to its own schema.
        yield value | {"surprise": 1}
        for name, inner in value.items():
            if name != "metadata":
                yield from (value | {name: one} for one in with_surprise(inner))


@pytest.mark.parametrize("file", sorted(SCHEMAS.glob("*.yaml")), ids=lambda file: file.stem)
def test_no_object_is_left_open_and_each_file_says_where_its_facts_are_from(file: Any) -> None:
    described = yaml.safe_load(file.read_text())

    assert {"vendor", "source", "version", "operations"} <= described.keys()
    assert list(open_objects(described, file.stem)) == []


def open_objects(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "object" and "additionalProperties" not in value:
            yield where
        for name, inner in value.items():
            # What GraphQL's own types close is only bounded there.
            if name != "variables":
                yield from open_objects(inner, f"{where}.{name}")


def wrong(name: str, part: str, before: str, after: str) -> list[str]:
    """Change what is sent to an address that has a part, and give what is found then."""
    text = next(one for one in written(name) if part in one.url and before in one.body.decode())
    return faults_of(replace(text, body=text.body.decode().replace(before, after, 1).encode()))


@pytest.mark.parametrize(
    ("name", "part", "before", "after", "fault"),
    [
        ("amazon", "shipmentConfirmation", '"carrierCode":"DHL Express"', '"carrierCode":"DHLX"', "DHLX"),
        ("amazon", "shipmentConfirmation", '"packageReferenceId":"1"', '"packageReferenceId":"A"', "match"),
        ("amazon", "shipmentConfirmation", '"orderItemId"', '"itemId"', "required"),
        ("amazon", "/listings/", '"op":"replace"', '"op":"test"', "test"),
        ("square", "batch-create", '"state":"IN_STOCK"', '"state":"ON_SHELF"', "ON_SHELF"),
        ("square", "batch-create", '"quantity":"1"', '"quantity":1', "type"),
        ("shipstation_v1", "createorder", '"orderStatus":"awaiting_shipment"', '"orderStatus":"new"', "new"),
        ("shipstation_v1", "createorder", '"orderDate"', '"orderedAt"', "required"),
        ("shipstation_v2", "/v2/shipments", '"unit":"ounce"', '"unit":"stone"', "stone"),
        ("shipstation_v2", "/v2/shipments", '"value":1,', '"value":0,', "minimum"),
        ("shipstation_v2", "/v2/shipments", '"state_province":"TX"', '"state_province":""', "non-empty"),
        (
            "shipstation_v2",
            "/v1/shipments",
            '{"shipments":[{',
            '{"shipments":[{"create_sales_order":true,',
            "False schema",
        ),
        ("easypost", "/trackers", '"tracking_code"', '"tracking_number"', "required"),
        ("woocommerce", "/orders/501", '"status":"cancelled"', '"status":"canceled"', "canceled"),
        ("woocommerce", "/products/batch", '"stock_quantity":1', '"stock_quantity":"1"', "type"),
        ("medusa", "/shipments", '"label_url":""', '"label_url":"javascript:1"', "match"),
        ("medusa", "/fulfillments", '"items"', '"lines"', "required"),
        ("shopify", "graphql", "fulfillmentCreate(", "fulfillmentMake(", "fulfillmentMake"),
        ("shopify", "graphql", '"quantity":2', '"quantity":"two"', "Int"),
        ("shopify", "graphql", "gid://shopify/FulfillmentOrder/81", "81", "match"),
        ("shopify", "graphql", '"notifyCustomer":false', '"notify":false', "notify"),
        ("shopify", "graphql", "@idempotent(key: $key)", "@idempotent(id: $key)", "idempotent"),
        ("shopify", "graphql", '"name":"available"', '"name":"committed"', "committed"),
        ("shopify", "graphql", '"changeFromQuantity":50', '"compareQuantity":50', "compareQuantity"),
        ("shopify", "graphql", '"reason":"INVENTORY"', '"reason":"EXPIRED"', "EXPIRED"),
        ("shopify", "graphql", "restock: false, notify", "notify", "restock"),
        ("shopify", "graphql", '"reason":"INVENTORY","note":"', f'"reason":"OTHER","note":"{"x" * 255}', "too long"),
    ],
)
def test_what_a_vendor_would_refuse_is_found(name: str, part: str, before: str, after: str, fault: str) -> None:
    assert any(fault in one for one in wrong(name, part, before, after))


def test_a_carrier_that_has_a_code_needs_no_name_and_any_other_does() -> None:
    name = '"carrierName":"dhl_express",'

    assert wrong("amazon", "shipmentConfirmation", name, "") == []
    assert wrong("amazon", "shipmentConfirmation", f'"DHL Express",{name}', '"Other",')


def test_addresses_methods_and_queries_that_nobody_serves_are_found() -> None:
    shop = "https://acme.myshopify.com/admin/api"
    mine = "https://shop.example/wp-json/wc/v3"

    assert faults_of(get_request(f"{shop}/2025-01/orders/1.json"))
    assert faults_of(get_request(f"{shop}/2026-07/orders/one.json"))
    assert faults_of(get_request(f"{mine}/orders?per_page=200"))
    assert faults_of(get_request(f"{mine}/orders?page_size=10"))
    assert faults_of(json_request("PATCH", f"{mine}/orders/1", {"status": "completed"}))
    assert faults_of(get_request("https://sellingpartnerapi-eu.amazon.com/listings/2021-08-01/items/S/A")) == [
        "query lacks marketplaceIds"
    ]
    plain = replace(json_request("PUT", f"{mine}/orders/1", {"status": "completed"}), headers={})
    assert faults_of(plain) == ["UpdateOrder takes a body of application/json"]
    assert faults_of(replace(get_request(f"{mine}/orders/1"), body=b"{}")) == ["GetOrder takes no body"]


def test_addresses_of_nobody_are_left_alone() -> None:
    assert faults_of(get_request("https://parcelpost.example/x")) == []


def test_a_part_that_is_too_large_is_found() -> None:
    first = next(one for one in written("square") if one.url.endswith("batch-create"))
    body = json.loads(first.body)
    twice = json.dumps(body | {"changes": body["changes"] * 2}).encode()

    assert any("too long" in fault for fault in faults_of(replace(first, body=twice)))
