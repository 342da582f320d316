import json
from typing import Any

import pytest

from connectors.frame.facts import OrderCancelled, OrderStated, ParcelScanned
from connectors.frame.message import Fetch, Message
from connectors.systems.amazon import CONNECTOR
from models.records.fulfillment import CarrierStatus
from tests.support.amazon_messages import ORDER_ID, UPDATED_MS, WHOLE, changed, order, order_v0, said, the_order


def envelopes(content: dict[str, Any]) -> list[Any]:
    text = json.dumps(content)
    of_bus = {"version": "0", "detail-type": "ORDER_CHANGE", "source": "aws.partner/x", "detail": content}
    of_topic = {"Type": "Notification", "TopicArn": "arn:x", "MessageId": "t", "Message": text}
    return [
        content,
        {"version": "0", "id": "e", "detail-type": "ORDER_CHANGE", "source": "aws.partner/x", "detail": content},
        {"Messages": [{"MessageId": "m", "ReceiptHandle": "r", "Body": text}]},
        {"Records": [{"messageId": "m", "receiptHandle": "r", "body": text}]},
        {"MessageId": "m", "Body": text},
        {"Type": "Notification", "TopicArn": "arn:x", "MessageId": "m", "Message": text},
        {"Messages": [{"MessageId": "m", "Body": text}], "ResponseMetadata": {"HTTPStatusCode": 200}},
        {"Records": [{"messageId": "m", "receiptHandle": "r", "body": json.dumps(of_topic)}]},
        {"MessageId": "m", "Body": json.dumps(of_bus)},
        {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": of_topic}]},
        [{"MessageId": "m", "ReceiptHandle": "r", "Body": text}],
        [content],
    ]


@pytest.mark.parametrize("content", envelopes(changed()))
def test_a_change_of_an_order_points_at_it_in_every_envelope(content: Any) -> None:
    told = said(content)

    assert (told.facts, told.refused) == ((), ())
    assert told.fetch == (Fetch(url=WHOLE, topic="order"),)
    assert "fetched" in told.ignored
    assert CONNECTOR.recognise(Message(body=json.dumps(content).encode()))


@pytest.mark.parametrize("content", envelopes(changed())[:-2])
def test_a_repeat_is_known_by_the_id_of_the_notification(content: Any) -> None:
    assert CONNECTOR.message_id(Message(body=json.dumps(content).encode())) == "n-1"


def test_an_answer_to_a_poll_has_no_id_of_its_own() -> None:
    assert CONNECTOR.message_id(Message(body=json.dumps(order()).encode())) == ""
    assert CONNECTOR.message_id(Message(body=b"[")) == ""


def test_a_cancelled_order_is_off_and_one_of_amazons_own_is_left_aside() -> None:
    assert said(changed(OrderStatus="Canceled")).facts == (
        OrderCancelled(external_id=ORDER_ID, at_ms=UPDATED_MS, cause="other"),
    )
    for content in (
        changed(FulfillmentType="AFN", OrderStatus="Canceled"),
        order_v0(FulfillmentChannel="AFN"),
        {"orders": [order(fulfillment={"fulfilledBy": "AMAZON"})]},
    ):
        told = said(content)
        assert (told.facts, told.fetch) == ((), ())
        assert "Amazon sends itself" in told.ignored


@pytest.mark.parametrize("content", [{"Orders": [order_v0()["payload"]], "NextToken": "n"}, [order_v0()["payload"]]])
def test_orders_without_what_an_answer_has_around_them_are_told_as_well(content: Any) -> None:
    (fact,) = said(content).facts

    assert isinstance(fact, OrderStated)
    assert (fact.external_id, [line.quantity for line in fact.lines]) == (ORDER_ID, [2])
    assert CONNECTOR.recognise(Message(body=json.dumps(content).encode()))


def milestone(code: str, at: str, **status: Any) -> dict[str, Any]:
    return {"status": {"code": code, "description": code.title()} | status, "occurredAt": at}


def test_milestones_are_scans_in_the_order_they_happened() -> None:
    detail = {
        "identifier": {"carrierTracking": {"trackingNumber": "1Z7", "carrierCode": "UPS"}},
        "milestoneHistory": [
            milestone("DELIVERED", "2026-09-03T08:30:00Z", subCode="SIGNED"),
            milestone("CUSTOMS_HOLD", "2026-09-02T08:30:00Z"),
            milestone("A_WORD_OF_NEXT_YEAR", "2026-09-01T08:30:00Z"),
        ],
    }
    content = {
        "notificationType": "SHIPMENT_TRACKING_MILESTONE_CHANGED",
        "payload": {"shipmentTrackingMilestoneChangedNotification": {"trackingDetail": detail}},
    }
    scans = [fact for fact in said(content).facts if isinstance(fact, ParcelScanned)]

    assert [(one.tracking_number, one.carrier) for one in scans] == [("1Z7", "UPS")] * 3
    assert [(one.status, one.detail, one.at_ms) for one in scans] == [
        (CarrierStatus.UNKNOWN, "a_word_of_next_year", 1_788_251_400_000),
        (CarrierStatus.EXCEPTION, "customs_hold", 1_788_337_800_000),
        (CarrierStatus.DELIVERED, "signed", 1_788_424_200_000),
    ]


def test_a_shipment_that_one_of_our_locations_is_asked_to_send_is_an_order() -> None:
    def charge(kind: str, base: str, off: str, tax: str) -> dict[str, Any]:
        def value(amount: str) -> dict[str, str]:
            return {"value": amount, "currencyCode": "INR"}

        return {
            "chargeType": kind,
            "baseCharge": {"baseAmount": value(base), "discountAmount": value(off)},
            "totalTax": {"charge": {"netAmount": value(tax)}},
            "totalCharge": {"netAmount": value("999")},
        }

    shipment = {
        "id": "Dx1",
        "locationId": "ABCD",
        "marketplaceAttributes": {"marketplaceId": "A21TJRUUN4KGV", "channelName": "FBA"},
        "shipmentInfo": {"buyerOrderId": "407-1"},
        "status": "CANCELLED",
        "creationDateTime": "2026-09-01T08:30:00Z",
        "lastUpdatedDateTime": "2026-09-01T09:30:00Z",
        "earliestPackDateTime": "2026-09-02 08:30:00Z",
        "charges": [charge("TOTAL", "0", "0", "0"), charge("SHIPPING", "40", "10", "5")],
        "lineItems": [
            {
                "shipmentLineItemId": "1",
                "merchantSku": "MUG",
                "numberOfUnits": 4,
                "charges": [charge("PRODUCT", "100", "20", "12"), charge("GIFT_WRAP", "8", "0", "1")],
                "cancellations": [{"cancelledQuantity": 1}],
            }
        ],
        "shippingInfo": {"shipToAddress": {"postalCode": "560055"}},
    }
    told = the_order({"shipments": [shipment]})

    assert (told.external_id, told.number, told.cancelled_at_ms) == ("Dx1", "407-1", UPDATED_MS)
    assert [
        (one.quantity, one.ordered, one.unit_price_minor, one.discount_minor, one.tax_minor) for one in told.lines
    ] == [(3, 4, 2500, 1500, 900)]
    assert (told.shipping_minor, told.tax_minor, told.total_minor) == (3800, 600, 99900)
    assert told.destination is not None
    assert (told.destination.country, told.destination.postcode) == ("IN", "560055")
    assert told.requested_at_ms == 1_788_337_800_000
    assert "ABCD" in told.note


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"errors": [{"code": "InvalidInput", "message": "no"}]}, "failed"),
        ({"marketplaceId": "A", "packageDetail": {}}, "asks Amazon"),
        ({"requests": [{"method": "POST", "uri": "/inventory/update"}]}, "stock"),
        ({"returns": [{"id": "r", "marketplaceChannelDetails": {}}]}, "return"),
        ({"payload": {"FinancialEvents": {}}}, "money"),
        ({"payload": {"AmazonOrderId": ORDER_ID, "ShippingAddress": {}}}, "who bought"),
        ({"payload": {"ShipmentId": "s", "AmazonOrderId": ORDER_ID, "TrackingId": "t"}}, "a label"),
        ({"NotificationType": "ANY_OFFER_CHANGED", "Payload": {}}, "ANY_OFFER_CHANGED"),
        ({"NotificationType": "LISTINGS_ITEM_MFN_QUANTITY_CHANGE", "Payload": {"Sku": "a"}}, "stock"),
        ({"orders": []}, "nothing in orders"),
    ],
)
def test_what_says_nothing_of_orders_is_left_aside_with_a_reason(content: dict[str, Any], why: str) -> None:
    told = said(content)

    assert (told.facts, told.refused) == ((), ())
    assert why in told.ignored


def test_a_nested_envelope_ends_somewhere() -> None:
    content: dict[str, Any] = changed()
    for _ in range(9):
        content = {"MessageId": "m", "Body": json.dumps(content)}

    assert [one.reason for one in said(content).refused] == ["this is an envelope in envelopes"]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"\xff", b"[[[1]]]", b'{"order": {"id": 1}}', b'{"orders": [{"orderId": "1"}]}', b"[" * 2000],
)
def test_what_is_not_of_it_is_not_recognised(body: bytes) -> None:
    assert not CONNECTOR.recognise(Message(body=body))


@pytest.mark.parametrize(
    "content",
    [
        {"errors": [{"category": "INVALID_REQUEST_ERROR", "code": "BAD_REQUEST"}]},
        {"errors": {"line_items": [{"code": "blank", "message": "no"}]}},
        {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]},
        {"NotificationType": {"type": "string"}, "Payload": {"type": "object"}},
    ],
)
def test_errors_of_others_and_schemas_are_not_of_it(content: dict[str, Any]) -> None:
    assert not CONNECTOR.recognise(Message(body=json.dumps(content).encode()))


def test_settlements_are_known_by_their_first_line() -> None:
    sheet = Message(body=b"settlement-id\tcurrency\n1\tEUR\n")

    assert CONNECTOR.recognise(sheet)
    assert isinstance(the_order({"order": order()}), OrderStated)
