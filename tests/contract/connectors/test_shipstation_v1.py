import json
from typing import Any

import pytest

from connectors.frame.facts import FulfillmentAnswered, ParcelStated, UnitsStated
from connectors.frame.message import Account, Fetch, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.shipstation_v1 import CONNECTOR

ACCOUNT = Account(name="ss", connector="shipstation_v1", pool="us", location="austin")
AT_MS = 1_788_250_000_000
API = "https://ssapi.shipstation.com"


def said(content: object, account: Account = ACCOUNT) -> Translation:
    return translate(CONNECTOR, message(content), account)


def message(content: object, topic: str = "", url: str = "") -> Message:
    return Message(body=json.dumps(content).encode(), topic=topic, url=url, received_at_ms=AT_MS)


def shipment(**fields: Any) -> dict[str, Any]:
    return {
        "shipmentId": 77,
        "orderId": 5,
        "orderKey": "o1-1",
        "orderNumber": "o1-1",
        "createDate": "2026-09-01T03:00:00.0000000",
        "shipDate": "2026-09-01",
        "shipmentCost": 7.33,
        "insuranceCost": 0.5,
        "trackingNumber": "9400",
        "isReturnLabel": False,
        "carrierCode": "stamps_com",
        "serviceCode": "usps_priority_mail",
        "voided": False,
        "voidDate": None,
        "shipmentItems": [
            {"lineItemKey": "l1", "sku": "MUG", "quantity": 2},
            {"lineItemKey": None, "sku": "CUP", "quantity": 1},
            {"lineItemKey": None, "sku": "NOTE", "quantity": 0},
        ],
    } | fields


PARCEL = ParcelStated(
    parcel_id="77",
    fulfillment_id="o1-1",
    # Three in the morning of the Pacific coast's summer.
    at_ms=1_788_256_800_000,
    units=(UnitsStated(quantity=2, line_id="l1", sku="MUG"), UnitsStated(quantity=1, sku="CUP")),
    carrier="stamps_com",
    service="usps_priority_mail",
    tracking_number="9400",
    cost_minor=783,
    currency="USD",
)


def parcels(content: object, account: Account = ACCOUNT) -> list[ParcelStated]:
    return [fact for fact in said(content, account).facts if isinstance(fact, ParcelStated)]


@pytest.mark.parametrize("content", [shipment(), [shipment()], {"shipments": [shipment()], "page": 1, "pages": 1}])
def test_a_shipment_is_a_parcel_of_our_fulfillment_with_its_units_and_cost(content: object) -> None:
    assert said(content).facts == (PARCEL,)


def test_times_are_of_the_pacific_coast_summer_and_winter() -> None:
    winter = parcels(shipment(createDate="2026-12-01T03:00:00.1230000", shipDate=None))
    later = parcels(shipment(shipDate="2026-09-03T00:00:00.0000000"))
    undated = parcels(shipment(createDate=None, shipDate=None))

    assert [fact.at_ms for fact in winter] == [1_796_122_800_123]
    assert [fact.at_ms for fact in later] == [1_788_418_800_000]
    assert [fact.at_ms for fact in undated] == [AT_MS]


def test_a_voided_shipment_takes_its_parcel_back() -> None:
    facts = parcels(shipment(voided=True, voidDate="2026-09-01T05:00:00.0000000"))

    assert [(fact.cancelled, fact.at_ms) for fact in facts] == [(True, 1_788_264_000_000)]


def test_a_shipment_whose_items_were_told_and_are_none_does_not_take_all_that_is_left() -> None:
    told = said(shipment(shipmentItems=[]))
    assert (told.facts, told.ignored) == ((), f"shipment {shipment()['shipmentId']} holds no units of an order")


def test_costs_are_in_the_accounts_currency() -> None:
    japan = Account(name="jp", connector="shipstation_v1", pool="jp", currency="JPY")

    assert [
        (one.cost_minor, one.currency) for one in parcels(shipment(shipmentCost=1200, insuranceCost=None), japan)
    ] == [(1200, "JPY")]
    assert [(one.cost_minor, one.currency) for one in parcels(shipment(shipmentCost=None))] == [(None, "")]


def test_shipments_of_another_store_are_left_aside() -> None:
    account = Account(name="ss", connector="shipstation_v1", pool="us", settings={"store_id": "12"})

    assert parcels(shipment(advancedOptions={"storeId": 12}), account) == [PARCEL]
    assert parcels(shipment(advancedOptions=None), account) == [PARCEL]
    assert "store 13" in said(shipment(advancedOptions={"storeId": 13}), account).ignored


def test_what_was_marked_as_shipped_is_a_parcel_with_an_id_of_its_own_kind() -> None:
    content = {
        "fulfillmentId": 77,
        "orderNumber": "o1-1",
        "trackingNumber": "9400",
        "createDate": "2026-09-01T03:00:00.0000000",
        "shipDate": "2026-09-01T00:00:00.0000000",
        "carrierCode": "USPS",
        "fulfillmentFee": 1.5,
    }

    assert said({"fulfillments": [content], "total": 1, "page": 1, "pages": 1}).facts == (
        ParcelStated(
            parcel_id="fulfillment-77",
            fulfillment_id="o1-1",
            at_ms=1_788_256_800_000,
            carrier="USPS",
            tracking_number="9400",
            cost_minor=150,
            currency="USD",
        ),
    )


@pytest.mark.parametrize(
    ("status", "accepted", "note"),
    [
        ("awaiting_shipment", True, ""),
        ("pending_fulfillment", True, ""),
        ("cancelled", False, "cancelled in ShipStation"),
        ("rejected_fulfillment", False, "refused by its fulfillment provider"),
    ],
)
def test_an_order_says_whether_it_is_taken(status: str, accepted: bool, note: str) -> None:
    order = {
        "orderId": 5,
        "orderKey": "o1-1",
        "orderNumber": "o1-1",
        "orderStatus": status,
        "modifyDate": "2026-09-01T03:00:00.000",
    }
    expected = FulfillmentAnswered(
        fulfillment_id="o1-1", accepted=accepted, at_ms=1_788_256_800_000, note=note, partner_reference="5"
    )

    assert said(order).facts == (expected,)
    assert said({"orders": [order], "pages": 1}).facts == (expected,)


def test_the_answer_to_several_orders_says_it_of_each() -> None:
    made = {"orderId": 5, "orderKey": "o1-1", "success": True, "errorMessage": None}
    wrong = {"orderId": 0, "orderKey": "o2-1", "success": False, "errorMessage": "no address"}

    assert said({"hasErrors": True, "results": [made, wrong]}).facts == (
        FulfillmentAnswered(fulfillment_id="o1-1", accepted=True, at_ms=AT_MS, partner_reference="5"),
        FulfillmentAnswered(fulfillment_id="o2-1", accepted=False, at_ms=AT_MS, note="no address"),
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (shipment(isReturnLabel=True), "comes back"),
        ({"shipmentId": 77, "shipmentCost": 7.3, "trackingNumber": "9400", "labelData": "JVBE"}, "names no order"),
        ({"orderNumber": "o1-1", "orderStatus": "awaiting_shipment"}, "request"),
        ({"orderId": 5, "orderKey": "o1-1", "orderStatus": "on_hold"}, "neither taken nor refused"),
        ({"orderId": 5, "orderKey": "o1-1", "orderStatus": "shipped"}, "told by its shipments"),
        ({"shipments": [], "total": 0, "page": 1, "pages": 0}, "nothing in shipments"),
        ({"resource_type": "IMPORT_NOTIFY", "resource_url": f"{API}/stores"}, "IMPORT_NOTIFY"),
        ({"stores": []}, "no order"),
    ],
)
def test_what_moves_nothing_is_left_aside_with_a_reason(content: object, why: str) -> None:
    told = said(content)

    assert (told.facts, told.refused, told.fetch) == ((), (), ())
    assert why in told.ignored


def test_a_bad_shipment_of_a_list_is_refused_alone() -> None:
    half = shipment(shipmentId=78, shipmentItems=[{"sku": "MUG", "quantity": 1.5}])
    nameless = shipment(shipmentId=79, shipmentItems=[{"quantity": 1}])
    lost = {"fulfillmentId": 3, "orderNumber": None}
    told = said({"shipments": [half, shipment(), nameless]})

    assert told.facts == (PARCEL,)
    assert [(one.field, one.entry) for one in told.refused] == [
        ("shipments[0].shipmentItems[0].quantity", "78"),
        ("shipments[2].shipmentItems[0].sku", "79"),
    ]
    assert [one.field for one in said({"fulfillments": [lost]}).refused] == ["fulfillments[0].orderNumber"]
    assert [one.field for one in said(shipment(createDate="last week")).refused] == ["createDate"]


@pytest.mark.parametrize(
    ("kind", "url", "fetch"),
    [
        (
            "SHIP_NOTIFY",
            f"{API}/shipments?batchId=1&includeShipmentItems=False",
            Fetch(url=f"{API}/shipments?batchId=1&includeShipmentItems=True&pageSize=500", topic="shipments"),
        ),
        (
            "ORDER_NOTIFY",
            "https://ssapi6.shipstation.com/orders?importBatch=1",
            Fetch(url="https://ssapi6.shipstation.com/orders?importBatch=1&pageSize=500", topic="orders"),
        ),
        (
            "FULFILLMENT_SHIPPED",
            f"{API}/fulfillments?batchId=1",
            Fetch(url=f"{API}/fulfillments?batchId=1&pageSize=500", topic="fulfillments"),
        ),
    ],
)
def test_a_webhook_is_followed_to_all_items_of_what_it_points_at(kind: str, url: str, fetch: Fetch) -> None:
    told = said({"resource_type": kind, "resource_url": url})

    assert told.fetch == (fetch,)
    assert told.facts == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://ssapi.shipstation.com.evil.example/shipments",
        "https://evil.example/ssapi.shipstation.com/shipments",
        "https://ssapi.shipstation.com@evil.example/shipments",
        "https://ssapi.shipstation.com:444/shipments",
        "http://ssapi.shipstation.com/shipments",
        "https://ssapi999.shipstation.com/shipments",
        "https://127.0.0.1/shipments",
        "https://[::1]/shipments",
        "https://ssapi.shipstation.com\\@evil.example/shipments",
        "//[",
        "",
    ],
)
def test_a_webhook_that_points_elsewhere_is_refused(url: str) -> None:
    told = said({"resource_type": "SHIP_NOTIFY", "resource_url": url})

    assert [one.field for one in told.refused] == ["resource_url"]
    assert told.fetch == ()


def test_the_next_page_of_what_was_fetched_is_followed_unless_a_poll_turns_the_pages() -> None:
    content = {"shipments": [shipment()], "page": 1, "pages": 2}
    url = f"{API}/shipments?batchId=1&pageSize=500"

    def fetched(topic: str, url: str) -> tuple[Fetch, ...]:
        return translate(CONNECTOR, message(content, topic, url), ACCOUNT).fetch

    assert fetched("shipments", url) == (Fetch(url=f"{url}&page=2", topic="shipments"),)
    assert fetched("polled", url) == ()
    assert fetched("shipments", "https://hooks.example/shipstation_v1/secret") == ()


@pytest.mark.parametrize(
    ("content", "is_ours"),
    [
        (shipment(), True),
        ([shipment()], True),
        ({"shipments": [shipment()]}, True),
        ({"fulfillments": [{"fulfillmentId": 3, "orderNumber": "1"}]}, True),
        ({"orders": [{"orderNumber": "1", "orderStatus": "shipped"}]}, True),
        ({"results": [{"orderNumber": "1", "orderKey": "2"}]}, True),
        ({"resource_type": "SHIP_NOTIFY", "resource_url": "https://elsewhere.example"}, True),
        ({"resource_type": "TRACK_EVENT_V2", "resource_url": "https://api.shipstation.com/v2/x"}, False),
        ({"shipments": [{"shipment_id": "se-1"}]}, False),
        ({"orders": [{"id": 4}]}, False),
        ([], False),
        (None, False),
    ],
)
def test_its_messages_are_told_by_their_shape(content: object, is_ours: bool) -> None:
    assert CONNECTOR.recognise(message(content)) is is_ours


def test_numbers_of_orders_and_parcels_may_come_as_numbers() -> None:
    (fact,) = said({"shipments": [shipment(orderKey=None, orderNumber=1001, trackingNumber=9400)]}).facts
    assert isinstance(fact, ParcelStated)
    assert (fact.fulfillment_id, fact.tracking_number) == ("1001", "9400")

    (fact,) = said({"orderId": 5, "orderNumber": 1001, "orderStatus": "cancelled"}).facts
    assert isinstance(fact, FulfillmentAnswered)
    assert (fact.fulfillment_id, fact.accepted) == ("1001", False)
    assert CONNECTOR.recognise(message(shipment(orderKey=None, orderNumber=1001, trackingNumber=9400)))
