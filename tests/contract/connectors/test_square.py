import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from connectors.frame.documents import Available, Occasion, OccasionKind, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.message import Account, Fetch, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.square import CONNECTOR
from tests.support.scripted_peer import answer, deliver, poll
from tests.support.square_messages import AT_MS, message

ACCOUNT = Account(
    name="sq", connector="square", pool="us", locations={"SHOP": "austin"}, settings={"stock_moves_by": "orders"}
)
API = "https://connect.squareup.com/v2"


def said(content: object, account: Account = ACCOUNT) -> Translation:
    return translate(CONNECTOR, message(content), account)


def event(kind: str, what: dict[str, Any]) -> dict[str, Any]:
    return {"merchant_id": "M", "event_id": "E1", "type": kind, "data": {"type": "x", "id": "S1", "object": what}}


ORDER = Fetch(url=f"{API}/orders/S1", topic="order")


@pytest.mark.parametrize(
    "content",
    [
        event("order.created", {"order_created": {"order_id": "S1", "state": "OPEN"}}),
        event("order.updated", {"order_updated": {"order_id": "S1", "state": "OPEN"}}),
        event("order.updated", {}),
        event("order.created", {}) | {"data": {"object": {"order": {"id": "S1", "location_id": "SHOP"}}}},
        event("order.fulfillment.updated", {"order_fulfillment_updated": {"order_id": "S1"}}),
        event("payment.updated", {"payment": {"id": "P1", "order_id": "S1", "status": "COMPLETED"}}),
        event("refund.updated", {"refund": {"id": "R1", "order_id": "S1", "status": "COMPLETED"}}),
        {"payment": {"id": "P1", "order_id": "S1", "status": "APPROVED"}},
        {"refunds": [{"id": "R1", "order_id": "S1", "status": "COMPLETED"}]},
        {"order_entries": [{"order_id": "S1", "location_id": "SHOP", "version": 1}]},
    ],
)
def test_what_only_points_at_an_order_fetches_it(content: dict[str, Any]) -> None:
    told = said(content)

    assert told.fetch == (ORDER,)
    assert told.facts == ()
    assert "order S1, which is fetched" in told.ignored


def test_an_id_cannot_lead_anywhere_else() -> None:
    content = event("order.updated", {"order_updated": {"order_id": "../../evil?x=#"}})

    assert said(content).fetch == (Fetch(url=f"{API}/orders/..%2F..%2Fevil%3Fx%3D%23", topic="order"),)


def test_an_account_in_the_sandbox_asks_there() -> None:
    account = Account(name="sq", connector="square", pool="us", settings={"environment": "sandbox"})

    (fetch,) = said(event("order.updated", {"order_updated": {"order_id": "S1"}}), account).fetch
    assert fetch.url == "https://connect.squareupsandbox.com/v2/orders/S1"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (event("payment.created", {"payment": {"id": "P1", "order_id": "S1", "status": "PENDING"}}), "PENDING"),
        (event("payment.updated", {"payment": {"id": "P1", "status": "COMPLETED"}}), "of no order"),
        (event("refund.created", {"refund": {"id": "R1", "order_id": "S1", "status": "REJECTED"}}), "REJECTED"),
        (event("catalog.version.updated", {}), "catalog.version.updated"),
        (event("order.custom_attribute.owned.updated", {}), "names no order"),
        ({"idempotency_key": "k", "order": {"location_id": "SHOP"}}, "request"),
        ({"locations": []}, "moves no order"),
    ],
)
def test_what_settles_nothing_is_left_aside_with_a_reason(content: dict[str, Any], why: str) -> None:
    told = said(content)

    assert (told.facts, told.refused, told.fetch) == ((), (), ())
    assert why in told.ignored


@pytest.mark.parametrize(
    ("content", "is_ours"),
    [
        (event("order.updated", {}), True),
        ({"order": {"id": "S1", "location_id": "SHOP", "line_items": []}}, True),
        ({"order": {"location_id": "SHOP", "line_items": []}}, True),
        ({"orders": [{"id": "S1", "location_id": "SHOP"}]}, True),
        ({"changes": [{"type": "TRANSFER", "transfer": {}}]}, True),
        ({"counts": [{"catalog_object_id": "V", "location_id": "SHOP"}]}, True),
        ({"payments": [{"id": "P1", "location_id": "SHOP"}]}, True),
        ({"idempotency_key": "k", "amount_money": {"amount": 1}}, True),
        ({"errors": [{"category": "API_ERROR", "code": "INTERNAL_SERVER_ERROR"}]}, True),
        ({"errors": [{"code": "InvalidInput", "message": "no"}]}, False),
        ({"gift_card": {}}, True),
        ({"invoice": {"id": "inv:1", "location_id": "SHOP"}}, True),
        ({"catalog_object_ids": ["V"], "location_ids": ["SHOP"]}, True),
        ({"object": "checkout.session", "payment_link": None, "amount_money": {}}, False),
        ({"id": 1, "gift_card": False, "sku": "X"}, False),
        ({"inventory_level": {"id": "iloc_1", "location_id": "sloc_1"}}, False),
        ({"order": {"id": 5, "line_items": []}}, False),
        ({"orders": [{"id": 5}]}, False),
        ({"orders": []}, False),
        ({"id": "S1", "line_items": []}, False),
        ([], False),
        ("x", False),
    ],
)
def test_its_messages_are_told_by_their_shape(content: object, is_ours: bool) -> None:
    assert CONNECTOR.recognise(message(content)) is is_ours


def test_a_repeat_and_the_topic_are_told_by_the_event() -> None:
    told = message(event("order.updated", {}))

    assert (CONNECTOR.message_id(told), CONNECTOR.topic_of(told)) == ("E1", "order.updated")
    assert (CONNECTOR.message_id(Message(body=b"{")), CONNECTOR.topic_of(Message(body=b"{"))) == ("", "")


def test_only_a_body_signed_with_the_address_it_was_sent_to_is_let_in() -> None:
    verify = CONNECTOR.signature
    assert verify is not None
    url, content = "https://shop.example/hooks/square", {"type": "order.updated"}
    signed = base64.b64encode(
        hmac.new(b"key", url.encode() + json.dumps(content).encode(), hashlib.sha256).digest()
    ).decode()
    headers = {"x-square-hmacsha256-signature": signed}

    assert verify(message(content, url=url, headers=headers), ("key",))
    assert verify(message(content, url=url, headers=headers), ("next", "key"))
    assert not verify(message(content, url=f"{url}/", headers=headers), ("key",))
    assert not verify(message(content, url=url, headers=headers), ("other",))
    assert not verify(message(content, url=url), ("key",))
    assert not verify(message({"type": "order.created"}, url=url, headers=headers), ("key",))


def occasion(*available: Available) -> Occasion:
    return Occasion(delivery_id="d1", kind=OccasionKind.AVAILABILITY, at_ms=AT_MS, number=1, available=available)


def send(what: Occasion, *script: HttpResponse, account: Account = ACCOUNT) -> tuple[list[HttpRequest], Sent]:
    assert CONNECTOR.send is not None
    return deliver(CONNECTOR.send(what, account), *script)


def there(**units: str) -> HttpResponse:
    counts = [
        {"catalog_object_id": name, "location_id": "SHOP", "state": "IN_STOCK", "quantity": quantity}
        for name, quantity in units.items()
    ]
    return answer({"counts": counts})


MUG = Available(sku="MUG", listing_ref="V1", quantity=5, last_sent=7)
CUP = Available(sku="V2", quantity=0, last_sent=2)


def test_availability_is_sent_as_counts_and_what_other_hands_set_is_reported() -> None:
    asked, sent = send(occasion(MUG, CUP), there(V1="7", V2="9"), answer({"counts": []}))

    assert [one.url for one in asked] == [
        f"{API}/inventory/counts/batch-retrieve",
        f"{API}/inventory/changes/batch-create",
    ]
    body = json.loads(asked[1].body)
    assert [change["physical_count"] for change in body["changes"]] == [
        {
            "reference_id": "headrace:d1",
            "catalog_object_id": variation,
            "state": "IN_STOCK",
            "location_id": "SHOP",
            "quantity": quantity,
            "occurred_at": "2026-09-01T08:06:40Z",
        }
        for variation, quantity in (("V1", "5"), ("V2", "0"))
    ]
    assert sent == Sent(outcome=Outcome.DONE, observed={"V2": 9})


def test_a_repeat_has_the_same_key_and_is_no_edit_by_other_hands() -> None:
    first, _ = send(occasion(MUG), there(V1="7"), answer({}))
    second, sent = send(occasion(MUG), there(V1="5"), answer({}))
    other, _ = send(occasion(CUP), there(), answer({}))

    assert first[1].body == second[1].body
    assert sent.observed == {}
    assert json.loads(other[1].body)["idempotency_key"] != json.loads(first[1].body)["idempotency_key"]


def test_many_are_sent_a_hundred_at_a_time() -> None:
    many = [Available(sku=f"V{number}", quantity=1) for number in range(101)]
    asked, sent = send(occasion(*many), there(), answer({}), there(), answer({}))

    assert [len(json.loads(one.body)["changes"]) for one in asked[1::2]] == [100, 1]
    assert sent.outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("script", "outcome", "wait"),
    [
        ([answer(None, 429, retry_after="3")], Outcome.LATER, 3),
        ([there(), answer(None, 500)], Outcome.LATER, None),
        ([there(), answer({"errors": [{"code": "BAD_REQUEST"}]}, 400)], Outcome.REFUSED, None),
    ],
)
def test_what_was_not_set_is_tried_later_or_shown(
    script: list[HttpResponse], outcome: Outcome, wait: int | None
) -> None:
    _, sent = send(occasion(MUG), *script)

    assert (sent.outcome, sent.retry_after_seconds) == (outcome, wait)


def test_square_is_told_no_counts_where_it_is_the_authority() -> None:
    account = Account(name="sq", connector="square", pool="us", settings={"stock_moves_by": "inventory"})
    asked, sent = send(occasion(MUG), account=account)

    assert asked == []
    assert sent.outcome is Outcome.DONE


def test_orders_that_changed_are_searched_for_ten_shops_at_a_time() -> None:
    shops = Account(name="sq", connector="square", pool="us", locations={f"S{number:02}": "x" for number in range(11)})
    orders = CONNECTOR.polls[0].run
    cursor = str(AT_MS - 900_000)
    script = [answer({"orders": [], "cursor": "more"}), answer({"orders": []}), answer({"orders": []})]
    asked, pages = poll(orders(shops, cursor, AT_MS), script)

    wanted = [json.loads(one) for one in asked]
    assert [len(one["location_ids"]) for one in wanted] == [10, 10, 1]
    assert [one.get("cursor") for one in wanted] == [None, "more", None]
    assert wanted[0]["query"]["filter"] == {"date_time_filter": {"updated_at": {"start_at": "2026-09-01T07:36:40Z"}}}
    assert [page.cursor for page in pages] == [cursor, cursor, str(AT_MS)]


def test_a_search_that_fails_keeps_the_cursor() -> None:
    shops = Account(name="sq", connector="square", pool="us", locations={f"S{number:02}": "x" for number in range(11)})
    asked, pages = poll(CONNECTOR.polls[0].run(shops, "", AT_MS), [answer(None, 500)])

    assert len(asked) == 1
    assert pages == []


def test_inventory_is_read_since_the_last_time() -> None:
    asked, pages = poll(CONNECTOR.polls[1].run(ACCOUNT, str(AT_MS), AT_MS), [answer({"changes": []})])

    assert json.loads(asked[0]) == {"location_ids": ["SHOP"], "updated_after": "2026-09-01T07:51:40Z", "limit": 1000}
    assert [page.cursor for page in pages] == [str(AT_MS)]


def test_the_token_and_the_version_of_the_api_go_in() -> None:
    assert CONNECTOR.authorise is not None
    request = CONNECTOR.authorise(HttpRequest(method="GET", url=API), ACCOUNT, {"access_token": "t"})

    assert request.headers == {"authorization": "Bearer t", "square-version": "2025-01-23"}
