"""What answers of GraphQL hold beside an order by itself: levels inside of what is stocked, and pages."""

import json
from typing import Any

import pytest

from connectors.frame.facts import OrderRefunded, OrderStated, ParcelScanned, StockCounted
from connectors.frame.message import Translation
from models.records.fulfillment import CarrierStatus
from tests.support.shopify_messages import AT, AT_MS, fulfillment, order, said

LEVEL = "gid://shopify/InventoryLevel/71?inventory_item_id=5551"


def level(available: int = 7, **fields: Any) -> dict[str, Any]:
    quantities = [{"name": "on_hand", "quantity": 12}, {"name": "available", "quantity": available}]
    return {"id": LEVEL, "location": {"id": "gid://shopify/Location/31"}, "quantities": quantities, "updatedAt": AT} | (
        fields
    )


def item(*levels: dict[str, Any]) -> dict[str, Any]:
    return {"id": "gid://shopify/InventoryItem/5551", "sku": "TEA-1", "inventoryLevels": {"nodes": list(levels)}}


def check_counted(told: Translation) -> None:
    [counted] = told.facts
    assert isinstance(counted, StockCounted)
    assert (counted.location, counted.as_of_ms, counted.available) == ("31", AT_MS, True)
    assert [(one.line, one.sku, one.quantity) for one in counted.lines] == [("5551", "TEA-1", 7)]
    assert not told.refused


def test_levels_inside_of_what_is_stocked_count_it() -> None:
    variant = {"id": "gid://shopify/ProductVariant/808", "inventoryItem": item(level())}
    product = {"id": "gid://shopify/Product/9", "variants": {"edges": [{"node": variant}]}}
    stocked = level(item={"id": "gid://shopify/InventoryItem/5551", "sku": "TEA-1"})
    del stocked["location"]
    place = {"id": "gid://shopify/Location/31", "inventoryLevels": {"nodes": [stocked]}}

    for content in (
        {"data": {"inventoryItem": item(level())}},
        {"data": {"inventoryItems": {"edges": [{"node": item(level())}]}}},
        {"data": {"productVariants": {"nodes": [variant]}}},
        {"data": {"products": {"nodes": [product]}}},
        {"data": {"location": place}},
        {"data": {"nodes": [None, item(level())]}},
    ):
        check_counted(said(content))


def test_levels_of_a_bulk_operation_belong_to_the_item_that_is_their_parent() -> None:
    parent = {"id": "gid://shopify/InventoryItem/5551", "sku": "TEA-1"}
    lines = (parent, level() | {"__parentId": parent["id"]})

    check_counted(said(b"\n".join(json.dumps(one).encode() for one in lines)))


def test_a_level_by_itself_names_its_item_in_its_id() -> None:
    [counted] = said({"data": {"inventoryLevel": level()}}).facts

    assert isinstance(counted, StockCounted)
    assert [(one.line, one.sku, one.quantity) for one in counted.lines] == [("5551", "5551", 7)]


def test_levels_without_a_time_are_no_count() -> None:
    timeless = {name: value for name, value in level().items() if name != "updatedAt"}
    told = said({"data": {"inventoryItem": item(timeless)}})
    assert [one.field for one in told.refused] == ["data.inventory_item.inventory_levels[0].updated_at"]
    variant = {"id": "gid://shopify/ProductVariant/808", "inventoryItem": item(timeless)}
    assert said({"data": {"productVariant": variant}}).ignored == "what is offered, and how, moves no stock"


def test_what_is_not_there_is_left_out_of_a_list() -> None:
    told = said({"data": {"nodes": [None, {"id": "gid://shopify/Product/9", "title": "Tea"}]}})

    assert not told.refused
    assert not told.facts


def paged(nodes: list[dict[str, Any]], *, more: bool) -> dict[str, Any]:
    return {"nodes": nodes, "pageInfo": {"hasNextPage": more, "endCursor": "abc"}}


def asked_order(*, more: bool) -> dict[str, Any]:
    lines = [{"id": "gid://shopify/LineItem/11", "sku": "TEA-1", "quantity": 2, "currentQuantity": 2}]
    content = {name: value for name, value in order().items() if name not in {"line_items", "fulfillments", "refunds"}}
    return content | {"id": "gid://shopify/Order/5001", "lineItems": paged(lines, more=more)}


def test_an_order_of_which_only_the_first_page_of_lines_came_is_refused() -> None:
    told = said({"data": {"orders": paged([asked_order(more=True), asked_order(more=False)], more=True)}})

    assert [(one.field, one.reason) for one in told.refused] == [
        ("data.orders[0].line_items", "there are more of them on a further page: ask for all of them at once")
    ]
    [fact] = told.facts
    assert isinstance(fact, OrderStated)
    assert [one.quantity for one in fact.lines] == [2]


def test_a_refund_of_which_only_the_first_page_of_lines_came_is_refused() -> None:
    units = [{"quantity": 1, "lineItem": {"id": "gid://shopify/LineItem/11"}, "restockType": "RETURN"}]
    content = {
        "id": "gid://shopify/Refund/4401",
        "createdAt": AT,
        "order": {"id": "gid://shopify/Order/5001"},
        "totalRefundedSet": {"shopMoney": {"amount": "5.0", "currencyCode": "EUR"}},
    }

    told = said({"data": {"refund": content | {"refundLineItems": paged(units, more=True)}}})
    assert [one.field for one in told.refused] == ["data.refund.refund_line_items"]
    [fact] = said({"data": {"refund": content | {"refundLineItems": paged(units, more=False)}}}).facts
    assert isinstance(fact, OrderRefunded)


@pytest.mark.parametrize("topic", ["fulfillments/create", ""])
def test_a_fulfillment_that_names_no_units_does_not_take_all_of_them(topic: str) -> None:
    without = {name: value for name, value in fulfillment().items() if name != "line_items"}
    told = said({"fulfillment": without}, topic) if topic else said({"fulfillment": without})
    assert [one.field for one in told.refused] == ["fulfillment.line_items"]

    none_of_it = without | {"line_items": [], "shipment_status": None}
    assert said({"fulfillment": none_of_it}).ignored == "the fulfillment holds no units: nothing has left"
    scanned = none_of_it | {"shipment_status": "delivered", "tracking_number": "1Z9"}
    [scan] = said({"fulfillment": scanned}).facts
    assert isinstance(scan, ParcelScanned)
    assert (scan.tracking_number, scan.status) == ("1Z9", CarrierStatus.DELIVERED)


def test_a_checkout_of_the_storefront_is_no_order() -> None:
    checkout = asked_order(more=False) | {"id": "gid://shopify/Checkout/e3bd?key=47", "taxesIncluded": False}

    assert said({"data": {"node": checkout}}).ignored.startswith("nothing is ordered before")
