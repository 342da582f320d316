import json
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.frame.documents import Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.message import Account
from connectors.systems.shopify import CONNECTOR
from models.records.fulfillment import Parcel, ParcelStatus
from models.records.line import Line, UnitsOfLine
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from tests.support.scripted_peer import answer, deliver
from tests.support.shopify_messages import ACCOUNT, AT_MS, fulfillment

BASE = "https://acme.myshopify.com/admin/api/2026-07"


def parcel(parcel_id: str = "P1", quantity: int = 2, number: str = "JD01", carrier: str = "dhl") -> Parcel:
    return Parcel(
        parcel_id=parcel_id,
        fulfillment_id="F1",
        units=(UnitsOfLine(line_id="11", quantity=quantity),),
        status=ParcelStatus.IN_TRANSIT,
        shipped_at_ms=AT_MS,
        carrier=carrier,
        tracking_number=number,
    )


def the_order(*parcels: Parcel, lines: tuple[Line, ...] = (Line(line_id="11", sku="TEA-1", quantity=4),)) -> Order:
    return Order(
        order_id="eu:web:5001",
        pool="eu",
        channel="web",
        external_id="5001",
        currency="EUR",
        status=OrderStatus.SHIPPED,
        lines=lines,
        destination=Destination(country="DE"),
        placed_at_ms=AT_MS,
        version=1,
        offset=1,
        index=0,
        updated_at_ms=AT_MS,
        parcels=parcels,
    )


def tell(
    *script: HttpResponse, kind: OccasionKind = OccasionKind.PARCEL_SHIPPED, account: Account = ACCOUNT, **fields: Any
) -> tuple[list[HttpRequest], Sent]:
    occasion = Occasion(delivery_id="D1", kind=kind, at_ms=AT_MS, number=1, **fields)
    assert CONNECTOR.send is not None
    return deliver(CONNECTOR.send(occasion, account), *script)


def ship(*script: HttpResponse, account: Account = ACCOUNT) -> tuple[list[HttpRequest], Sent]:
    account = replace(account, settings=account.settings | {"carriers": "dhl=DHL Express"})
    return tell(*script, account=account, order=the_order(parcel()), parcel=parcel())


def there(*made: dict[str, Any]) -> HttpResponse:
    return answer({"fulfillments": list(made)})


def opened(*parts: dict[str, Any]) -> HttpResponse:
    return answer({"fulfillment_orders": list(parts)})


def part(order_id: int = 81, quantity: int = 2, location: int = 71, status: str = "open") -> dict[str, Any]:
    lines = [{"id": order_id * 10, "line_item_id": 11, "fulfillable_quantity": quantity}]
    return {"id": order_id, "status": status, "assigned_location_id": location, "line_items": lines}


def created(number: int = 901) -> HttpResponse:
    made = {"fulfillment": {"id": f"gid://shopify/Fulfillment/{number}"}, "userErrors": []}
    return answer({"data": {"fulfillmentCreate": made}})


def sent_variables(request: HttpRequest) -> dict[str, Any]:
    variables: dict[str, Any] = json.loads(request.body)["variables"]
    return variables


def test_a_parcel_becomes_a_fulfillment_with_its_tracking() -> None:
    asked, sent = ship(there(), opened(part()), created())

    assert [request.url for request in asked] == [
        f"{BASE}/orders/5001/fulfillments.json?limit=250",
        f"{BASE}/orders/5001/fulfillment_orders.json",
        f"{BASE}/graphql.json",
    ]
    assert sent_variables(asked[2]) == {
        "fulfillment": {
            "lineItemsByFulfillmentOrder": [
                {
                    "fulfillmentOrderId": "gid://shopify/FulfillmentOrder/81",
                    "fulfillmentOrderLineItems": [{"id": "gid://shopify/FulfillmentOrderLineItem/810", "quantity": 2}],
                }
            ],
            "notifyCustomer": False,
            "trackingInfo": {"number": "JD01", "company": "DHL Express"},
        }
    }
    assert sent == Sent(outcome=Outcome.DONE, reference="901")


def test_a_parcel_that_the_shop_knows_is_not_told_again() -> None:
    # The answer of the first attempt was lost: what it made is found by its number.
    asked, sent = ship(there(fulfillment()))

    assert (len(asked), sent.outcome, sent.reference) == (1, Outcome.DONE, "901")


def test_only_what_the_shop_does_not_know_of_a_parcel_is_told() -> None:
    some = fulfillment(line_items=[{"id": 11, "quantity": 1}])
    off = fulfillment(id=900, status="cancelled")
    asked, sent = ship(there(off, some), opened(part(quantity=3)), created(902))

    [lines] = sent_variables(asked[2])["fulfillment"]["lineItemsByFulfillmentOrder"]
    assert lines["fulfillmentOrderLineItems"][0]["quantity"] == 1
    assert sent.outcome is Outcome.DONE


def test_parcels_without_a_number_are_told_in_their_order() -> None:
    one, two = parcel("P1", number=""), parcel("P2", number="")
    untracked = fulfillment(tracking_number=None, tracking_numbers=[])
    order = the_order(one, two)

    asked, sent = tell(there(untracked), order=order, parcel=one)
    assert (len(asked), sent.outcome) == (1, Outcome.DONE)

    asked, sent = tell(there(untracked), opened(part()), created(902), order=order, parcel=two)
    assert (len(asked), sent.reference) == (3, "902")

    asked, sent = tell(there(untracked, untracked | {"id": 902}), order=order, parcel=two)
    assert (len(asked), sent.outcome) == (1, Outcome.DONE)


def test_what_lies_at_several_of_the_shops_locations_becomes_a_fulfillment_each() -> None:
    account = replace(ACCOUNT, locations={"72": "berlin"})
    parts = opened(part(81, 1, 71), part(82, 1, 72), part(83, 5, 73, status="closed"))
    asked, sent = ship(there(), parts, created(901), created(902), account=account)

    told = [sent_variables(request)["fulfillment"]["lineItemsByFulfillmentOrder"] for request in asked[2:]]
    assert [[one["fulfillmentOrderId"][-2:] for one in parts] for parts in told] == [["81"], ["82"]]
    assert sent.outcome is Outcome.DONE


def test_what_the_shop_has_removed_is_refused_and_what_it_holds_waits() -> None:
    _, refused = ship(there(), opened(part(quantity=0)))
    _, waits = ship(there(), opened(part(status="on_hold")))

    assert (refused.outcome, "2 of line 11" in refused.note) == (Outcome.REFUSED, True)
    assert (waits.outcome, "release it" in waits.note) == (Outcome.LATER, True)


def test_a_corrected_number_is_put_on_the_fulfillment_that_is_there() -> None:
    tracked = answer({"data": {"fulfillmentTrackingInfoUpdate": {"fulfillment": {"id": "x"}, "userErrors": []}}})
    old = there(fulfillment(tracking_number="WRONG", tracking_numbers=["WRONG"]))
    fields: dict[str, Any] = {"order": the_order(parcel()), "parcel": parcel(), "kind": OccasionKind.PARCEL_TRACKED}
    asked, sent = tell(old, tracked, **fields)

    assert sent_variables(asked[1]) == {
        "id": "gid://shopify/Fulfillment/901",
        "tracking": {"number": "JD01", "company": "DHL"},
        "notify": False,
    }
    assert (sent.outcome, sent.reference) == (Outcome.DONE, "901")
    assert tell(there(fulfillment()), **fields)[1].outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("response", "outcome", "seconds"),
    [
        (answer({"errors": "slow"}, 429, retry_after="2"), Outcome.LATER, 2),
        (answer(None, 503), Outcome.LATER, None),
        (answer({"errors": "key"}, 401), Outcome.LATER, None),
        (answer({"errors": "frozen"}, 402), Outcome.LATER, None),
        (answer({"errors": "Not Found"}, 404), Outcome.REFUSED, None),
        (HttpResponse(status=200, body=b"<html>"), Outcome.LATER, None),
    ],
)
def test_an_answer_that_is_none_is_tried_later_or_refused(
    response: HttpResponse, outcome: Outcome, seconds: int | None
) -> None:
    for script in ([response], [there(), response], [there(), opened(part()), response]):
        _, sent = ship(*script)
        assert (sent.outcome, sent.retry_after_seconds) == (outcome, seconds)


def test_graphql_says_no_with_an_answer_of_200() -> None:
    status = {"currentlyAvailable": 10, "restoreRate": 50}
    throttled = {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": {"requestedQueryCost": 110, "throttleStatus": status}},
    }
    denied = {"errors": [{"message": "Access denied", "extensions": {"code": "ACCESS_DENIED"}}]}
    invalid = {"errors": [{"message": "Field 'x' doesn't exist", "extensions": {"code": "undefinedField"}}]}
    gone = {"data": {"fulfillmentCreate": {"fulfillment": None, "userErrors": [{"message": "already closed"}]}}}

    def said(content: object) -> Sent:
        return ship(there(), opened(part()), answer(content))[1]

    assert (said(throttled).outcome, said(throttled).retry_after_seconds) == (Outcome.LATER, 3)
    assert (said(denied).outcome, "access" in said(denied).note) == (Outcome.LATER, True)
    assert said(invalid).outcome is Outcome.REFUSED
    assert (said(gone).outcome, said(gone).note) == (Outcome.REFUSED, "Shopify refused it: already closed")


def test_a_token_is_put_in_or_had_for_the_apps_own_secret() -> None:
    assert CONNECTOR.authorise is not None
    assert CONNECTOR.grant is not None
    request = HttpRequest(method="GET", url=BASE)
    asked = CONNECTOR.grant.request(ACCOUNT, {"client_id": "c", "webhook_secret": "s"})

    assert CONNECTOR.authorise(request, ACCOUNT, {"token": "t"}).headers == {"x-shopify-access-token": "t"}
    assert asked.url == "https://acme.myshopify.com/admin/oauth/access_token"
    assert json.loads(asked.body) == {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"}
    assert CONNECTOR.grant.token(answer({"access_token": "t", "expires_in": 60})) == ("t", 60)
    assert CONNECTOR.hosts(ACCOUNT) == ("acme.myshopify.com",)
    assert CONNECTOR.hosts(replace(ACCOUNT, settings={})) == ()
