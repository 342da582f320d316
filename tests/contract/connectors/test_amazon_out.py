import json
from typing import Any

import pytest

from connectors.frame.documents import Available, Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import HttpResponse, get_request
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from connectors.systems.amazon import CONNECTOR
from models.records.fulfillment import Parcel, ParcelStatus
from models.records.line import UnitsOfLine
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from tests.support.amazon_messages import ACCOUNT, AT_MS, GERMANY, ORDER_ID, item_v0, order, order_v0, said
from tests.support.scripted_peer import answer, deliver, poll

HOST = "https://sellingpartnerapi-eu.amazon.com"
LOOKED_AT = f"{HOST}/orders/2026-01-01/orders/{ORDER_ID}?includedData=PACKAGES"
CONFIRMED_AT = f"{HOST}/orders/v0/orders/{ORDER_ID}/shipmentConfirmation"
OLD = Account(name="amz", connector="amazon", pool="eu", settings={"marketplaces": GERMANY, "orders_api": "v0"})


def parcel(**fields: Any) -> Parcel:
    given = {"parcel_id": "p1", "carrier": "ups", "tracking_number": "1Z7"} | fields
    return Parcel(
        fulfillment_id="o-1",
        units=(UnitsOfLine(line_id="61", quantity=2),),
        status=ParcelStatus.IN_TRANSIT,
        shipped_at_ms=AT_MS,
        **given,
    )


def shipped(of: str = ORDER_ID, **fields: Any) -> Occasion:
    told = parcel(**fields)
    placed = Order(
        order_id="o",
        pool="eu",
        channel="amz",
        external_id=of,
        currency="EUR",
        status=OrderStatus.SHIPPED,
        lines=(),
        destination=Destination(country="DE"),
        placed_at_ms=0,
        version=1,
        offset=0,
        index=0,
        updated_at_ms=0,
        parcels=(parcel(parcel_id="p0"), told),
    )
    return Occasion(delivery_id="d", kind=OccasionKind.PARCEL_SHIPPED, at_ms=AT_MS, number=1, order=placed, parcel=told)


def available(*levels: Available) -> Occasion:
    return Occasion(delivery_id="d", kind=OccasionKind.AVAILABILITY, at_ms=AT_MS, number=1, available=levels)


def sent(what: Occasion, *script: HttpResponse) -> tuple[list[tuple[str, str, Any]], Sent]:
    assert CONNECTOR.send is not None
    asked, outcome = deliver(CONNECTOR.send(what, ACCOUNT), *script)
    return [(one.method, one.url, json.loads(one.body) if one.body else None) for one in asked], outcome


def packages(*numbers: str) -> HttpResponse:
    found = [{"packageReferenceId": str(at), "trackingNumber": one} for at, one in enumerate(numbers, 1)]
    return answer({"order": {"packages": found, "salesChannel": {"marketplaceId": "A13V1IB3VIYZZH"}}})


def test_a_parcel_is_confirmed_with_its_lines() -> None:
    asked, outcome = sent(shipped(), packages(), answer(None, 204))

    assert asked == [
        ("GET", LOOKED_AT, None),
        (
            "POST",
            CONFIRMED_AT,
            {
                "marketplaceId": "A13V1IB3VIYZZH",
                "packageDetail": {
                    "packageReferenceId": "2",
                    "carrierCode": "UPS",
                    "carrierName": "ups",
                    "trackingNumber": "1Z7",
                    "shipDate": "2026-09-01T08:06:40Z",
                    "orderItems": [{"orderItemId": "61", "quantity": 2}],
                },
            },
        ),
    ]
    assert outcome == Sent(outcome=Outcome.DONE, reference="2")


def test_a_parcel_that_is_there_is_not_confirmed_again_and_a_taken_number_is_left_free() -> None:
    again, known = sent(shipped(), packages("1Z7"))
    _, moved = sent(shipped(), packages("a", "b"), answer(None, 204))

    assert (len(again), known) == (1, Sent(outcome=Outcome.DONE, reference="1"))
    assert moved.reference == "3"


def test_a_carrier_that_amazon_has_no_code_for_is_named() -> None:
    asked, _ = sent(shipped(carrier="bike"), packages(), answer(None, 204))
    detail = asked[1][2]["packageDetail"]

    assert (detail["carrierCode"], detail["carrierName"]) == ("Other", "Bike & Co")


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (shipped(tracking_number=""), "without a tracking number"),
        (shipped(of="Dx1"), "External Fulfillment"),
        (Occasion(delivery_id="d", kind=OccasionKind.PARCEL_SHIPPED, at_ms=1, number=1), "without an order"),
    ],
)
def test_what_amazon_cannot_be_told_is_refused_without_a_request(what: Occasion, why: str) -> None:
    asked, outcome = sent(what)

    assert (asked, outcome.outcome) == ([], Outcome.REFUSED)
    assert why in outcome.note


def test_what_may_pass_is_tried_later_and_what_will_not_is_refused() -> None:
    _, slow = sent(shipped(), answer({}, 429, retry_after="9"))
    _, broken = sent(shipped(), packages(), answer(None, 503))
    _, wrong = sent(shipped(), packages(), answer({"errors": [{"code": "InvalidInput"}]}, 400))
    _, odd = sent(shipped(), HttpResponse(status=200, body=b"<html>"))

    assert [one.outcome for one in (slow, broken, wrong, odd)] == [
        Outcome.LATER,
        Outcome.LATER,
        Outcome.REFUSED,
        Outcome.LATER,
    ]
    assert slow.retry_after_seconds == 9


def listing(quantity: int | None) -> HttpResponse:
    offered = [
        {"fulfillmentChannelCode": "AMAZON_EU", "quantity": 99},
        {"fulfillmentChannelCode": "DEFAULT", "quantity": quantity},
    ]
    return answer({"sku": "x", "fulfillmentAvailability": offered})


def test_a_listing_gets_the_quantity_that_it_does_not_show_and_what_was_changed_there_is_observed() -> None:
    asked, outcome = sent(
        available(
            Available(sku="MUG 1/2", quantity=0, last_sent=5),
            Available(sku="SAME", quantity=4, last_sent=4),
        ),
        listing(3),
        answer({"sku": "x", "status": "ACCEPTED", "submissionId": "s"}),
        listing(4),
    )

    base = f"{HOST}/listings/2021-08-01/items/SELLER"
    assert asked == [
        ("GET", f"{base}/MUG%201%2F2?marketplaceIds={GERMANY}&includedData=fulfillmentAvailability", None),
        (
            "PATCH",
            f"{base}/MUG%201%2F2?marketplaceIds={GERMANY}",
            {
                "productType": "PRODUCT",
                "patches": [
                    {
                        "op": "replace",
                        "path": "/attributes/fulfillment_availability",
                        "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": 0}],
                    }
                ],
            },
        ),
        ("GET", f"{base}/SAME?marketplaceIds={GERMANY}&includedData=fulfillmentAvailability", None),
    ]
    assert outcome == Sent(outcome=Outcome.DONE, observed={"MUG 1/2": 3})


def test_a_listing_that_is_wrong_is_refused_and_the_others_are_told() -> None:
    invalid = answer({"status": "INVALID", "issues": [{"severity": "ERROR", "message": "no such value"}]})
    asked, outcome = sent(
        available(
            Available(sku="GONE", quantity=1), Available(sku="BAD", quantity=1), Available(sku="MUG", quantity=1)
        ),
        answer({"errors": []}, 404),
        listing(None),
        invalid,
        listing(0),
        answer({"status": "ACCEPTED"}),
    )

    assert [method for method, _, _ in asked] == ["GET", "GET", "PATCH", "GET", "PATCH"]
    assert (outcome.outcome, outcome.note) == (Outcome.REFUSED, "GONE: no such listing; BAD: no such value")


def test_the_poll_keeps_its_cursor_until_the_last_page_is_read() -> None:
    first = answer({"orders": [order(lastUpdatedTime="2026-09-01T10:30:00Z")], "pagination": {"nextToken": "t=1"}})
    last = answer({"orders": [order()]})
    asked, pages = poll(CONNECTOR.polls[0].run(ACCOUNT, "1788249600000", AT_MS), [first, last])

    assert asked[0].startswith(f"{HOST}/orders/2026-01-01/orders?fulfilledBy=MERCHANT&includedData=BUYER,")
    assert f"lastUpdatedAfter=2026-09-01T07:45:00Z&marketplaceIds={GERMANY},A13V1IB3VIYZZH&" in asked[0]
    assert asked[1].endswith("&paginationToken=t%3D1")
    assert [page.cursor for page in pages] == ["1788249600000", "1788258600000"]
    assert said(json.loads(pages[0].messages[0].body)).facts


def test_the_older_api_is_polled_order_by_order_and_its_answers_are_joined() -> None:
    head = order_v0()["payload"]
    del head["OrderItems"]
    orders = answer({"payload": {"Orders": [head, {"AmazonOrderId": 5}]}})
    some = answer({"payload": {"AmazonOrderId": ORDER_ID, "OrderItems": [item_v0()], "NextToken": "n"}})
    more = answer({"payload": {"AmazonOrderId": ORDER_ID, "OrderItems": [item_v0(OrderItemId="62")]}})
    asked, pages = poll(CONNECTOR.polls[0].run(OLD, "", AT_MS), [orders, some, more])

    assert asked[1:] == [
        f"{HOST}/orders/v0/orders/{ORDER_ID}/orderItems",
        f"{HOST}/orders/v0/orders/{ORDER_ID}/orderItems?NextToken=n",
    ]
    bodies = [json.loads(message.body) for page in pages for message in page.messages]
    assert bodies == [order_v0(item_v0(), item_v0(OrderItemId="62")), {"AmazonOrderId": 5}]
    assert [page.cursor for page in pages] == ["", "", "1788255000000"]


def test_a_poll_that_fails_says_so() -> None:
    with pytest.raises(UnreadableError, match="503"):
        poll(CONNECTOR.polls[0].run(ACCOUNT, "", AT_MS), [answer({}, 503)])


def test_a_token_is_had_from_login_with_amazon_and_put_into_every_request() -> None:
    grant, put_in = CONNECTOR.grant, CONNECTOR.authorise
    assert grant is not None
    assert put_in is not None
    secrets = {"client_id": "c", "client_secret": "s", "refresh_token": "r|1"}
    asked = grant.request(ACCOUNT, secrets)

    assert asked.url == "https://api.amazon.com/auth/o2/token"
    assert asked.body == b"grant_type=refresh_token&refresh_token=r%7C1&client_id=c&client_secret=s"
    assert grant.token(answer({"access_token": "t", "expires_in": 3600})) == ("t", 3600)
    with pytest.raises(UnreadableError, match="check the account's secrets"):
        grant.token(answer({"error": "invalid_grant"}, 400))
    assert put_in(get_request(LOOKED_AT), ACCOUNT, secrets | {"token": "t"}).headers["x-amz-access-token"] == "t"
    assert CONNECTOR.hosts(ACCOUNT) == ("sellingpartnerapi-eu.amazon.com", "api.amazon.com")
