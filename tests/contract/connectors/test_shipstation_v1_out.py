import base64
import json
from typing import Any

import pytest

from connectors.frame.documents import Occasion, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.message import Account
from connectors.systems.shipstation_v1 import CONNECTOR
from models.records.line import UnitsOfLine
from tests.support import shipstation_occasions
from tests.support.scripted_peer import answer, poll
from tests.support.shipstation_occasions import AT_MS, CANCEL, occasion

ACCOUNT = Account(
    name="ss",
    connector="shipstation_v1",
    pool="us",
    location="austin",
    settings={"warehouse_id": "9", "store_id": "12"},
)
API = "https://ssapi.shipstation.com"


def send(what: Occasion, *script: HttpResponse) -> tuple[list[HttpRequest], Sent]:
    return shipstation_occasions.send(CONNECTOR, ACCOUNT, what, *script)


def there(status: str = "awaiting_shipment", **fields: Any) -> HttpResponse:
    items = [
        {"lineItemKey": "l1", "sku": "MUG", "name": "Clay mug", "quantity": 2},
        {"lineItemKey": "l2", "sku": "CUP", "name": "Cup", "quantity": 1},
    ]
    order = {
        "orderId": 5,
        "orderKey": "o1-1",
        "orderNumber": "o1-1",
        "orderDate": "2026-08-31T23:46:40.0000000",
        "createDate": "2026-08-31T23:47:00.0000000",
        "modifyDate": "2026-08-31T23:47:00.0000000",
        "orderStatus": status,
        "billTo": {"name": "A. Person", "street1": None, "country": None, "residential": None},
        "shipTo": {
            "name": "A. Person",
            "street1": "1 Way",
            "street3": None,
            "city": "Austin",
            "state": "TX",
            "postalCode": "78701",
            "country": "US",
            "residential": True,
            "addressVerified": "Address validated successfully",
        },
        "items": items,
        "orderTotal": 12.5,
        "externallyFulfilled": False,
    } | fields
    alike = {"orderId": 6, "orderKey": "o1-12", "orderNumber": "o1-12", "orderStatus": "shipped"}
    return answer({"orders": [alike, order], "total": 2, "page": 1, "pages": 1})


NOBODY = answer({"orders": [], "total": 0, "page": 1, "pages": 0})


def test_a_fulfillment_becomes_an_order_under_its_own_key() -> None:
    asked, sent = send(occasion(), answer({"orderId": 5, "orderKey": "o1-1"}))

    assert [(one.method, one.url) for one in asked] == [("POST", f"{API}/orders/createorder")]
    assert json.loads(asked[0].body) == {
        "orderKey": "o1-1",
        "orderNumber": "o1-1",
        "orderDate": "2026-09-01T01:06:40",
        "orderStatus": "awaiting_shipment",
        "customerEmail": "a@example.com",
        "billTo": {"name": "A. Person"},
        "shipTo": {
            "name": "A. Person",
            "company": None,
            "street1": "1 Way",
            "street2": "Back",
            "city": "Austin",
            "state": "TX",
            "postalCode": "78701",
            "country": "US",
            "phone": "5",
        },
        "items": [
            {"lineItemKey": "l1", "sku": "MUG", "name": "Clay mug", "quantity": 2, "unitPrice": 0.0},
            {"lineItemKey": "l2", "sku": "CUP", "name": "CUP", "quantity": 1, "unitPrice": 0.0},
        ],
        "advancedOptions": {"warehouseId": 9, "storeId": 12},
    }
    assert (sent.outcome, sent.reference) == (Outcome.DONE, "5")


def test_a_repeat_names_the_same_key_so_that_there_is_one_order() -> None:
    first, _ = send(occasion(), answer({"orderId": 5}))
    second, _ = send(occasion(), answer({"orderId": 5}))

    assert first == second


def test_a_repeat_after_it_has_shipped_finds_what_an_earlier_attempt_made() -> None:
    asked, sent = send(occasion(), answer({"Message": "locked"}, 400), there("shipped"))

    assert asked[1].url == f"{API}/orders?orderNumber=o1-1&pageSize=500"
    assert (sent.outcome, sent.reference) == (Outcome.DONE, "5")


@pytest.mark.parametrize(
    ("script", "outcome", "wait"),
    [
        ([answer(None, 429, x_rate_limit_reset="23")], Outcome.LATER, 23),
        ([answer(None, 500)], Outcome.LATER, None),
        ([answer(None, 401)], Outcome.LATER, None),
        ([answer({"Message": "bad"}, 400), NOBODY], Outcome.REFUSED, None),
        ([answer({"Message": "bad"}, 400), answer(None, 500)], Outcome.REFUSED, None),
    ],
)
def test_what_was_not_made_is_tried_later_or_shown_to_a_person(
    script: list[HttpResponse], outcome: Outcome, wait: int | None
) -> None:
    _, sent = send(occasion(), *script)

    assert (sent.outcome, sent.retry_after_seconds) == (outcome, wait)


def test_an_order_without_an_address_is_refused_before_anything_is_asked() -> None:
    asked, sent = send(occasion(address=None))

    assert asked == []
    assert sent.outcome is Outcome.REFUSED


def test_an_open_order_is_cancelled_as_it_is_there() -> None:
    asked, sent = send(occasion(CANCEL), there(gift=True), answer({"orderId": 5}))

    changed = json.loads(asked[1].body)
    assert asked[1].url == f"{API}/orders/createorder"
    assert (changed["orderKey"], changed["orderStatus"], changed["gift"]) == ("o1-1", "cancelled", True)
    assert not {"createDate", "modifyDate", "orderTotal", "externallyFulfilled"} & changed.keys()
    assert sent.outcome is Outcome.DONE


def test_some_units_are_taken_out_of_the_order_and_a_repeat_takes_no_more() -> None:
    one = (UnitsOfLine(line_id="l1", quantity=1), UnitsOfLine(line_id="l2", quantity=1))
    asked, _ = send(occasion(CANCEL, units=one), there(), answer({"orderId": 5}))
    half = json.loads(asked[1].body)
    again, _ = send(occasion(CANCEL, units=one), there(items=half["items"]), answer({"orderId": 5}))

    assert half["orderStatus"] == "awaiting_shipment"
    assert half["items"] == [{"lineItemKey": "l1", "sku": "MUG", "name": "Clay mug", "quantity": 1}]
    assert json.loads(again[1].body)["items"] == half["items"]


def test_taking_all_units_out_cancels_the_order() -> None:
    every = (UnitsOfLine(line_id="l1", quantity=2), UnitsOfLine(line_id="l2", quantity=1))
    asked, _ = send(occasion(CANCEL, units=every), there(), answer({"orderId": 5}))

    assert json.loads(asked[1].body)["orderStatus"] == "cancelled"


@pytest.mark.parametrize(
    ("found", "outcome", "note"),
    [
        (NOBODY, Outcome.DONE, "not there"),
        (there("cancelled"), Outcome.DONE, "already"),
        (there("shipped"), Outcome.REFUSED, "too late"),
        (answer(None, 503), Outcome.LATER, "503"),
    ],
)
def test_a_cancellation_that_changes_nothing_says_why(found: HttpResponse, outcome: Outcome, note: str) -> None:
    asked, sent = send(occasion(CANCEL), found)

    assert [one.method for one in asked] == ["GET"]
    assert sent.outcome is outcome
    assert note in sent.note


def test_shipments_since_the_last_time_are_read_in_pacific_time_page_by_page() -> None:
    polls = {one.topic: one for one in CONNECTOR.polls}
    pages = [answer({"shipments": [], "page": 1, "pages": 2}), answer({"shipments": [], "page": 2, "pages": 2})]
    cursor = str(AT_MS - 900_000)
    asked, given = poll(polls["shipments"].run(ACCOUNT, cursor, AT_MS), pages)

    start = f"{API}/shipments?createDateStart=2026-08-31+22%3A51%3A40&pageSize=500&includeShipmentItems=True&storeId=12"
    assert asked == [f"{start}&page=1", f"{start}&page=2"]
    assert [page.cursor for page in given] == [cursor, str(AT_MS)]
    assert sorted(polls) == ["fulfillments", "orders", "shipments", "voided"]


def test_key_and_secret_go_in_as_user_and_password() -> None:
    assert CONNECTOR.authorise is not None
    request = CONNECTOR.authorise(HttpRequest(method="GET", url=API), ACCOUNT, {"api_key": "k", "api_secret": "s"})

    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"k:s").decode()
    assert CONNECTOR.signature is None
    assert "ssapi.shipstation.com" in CONNECTOR.hosts(ACCOUNT)
