from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from connectors.frame.declaration import Page
from connectors.frame.reading import UnreadableError
from connectors.systems.medusa import CONNECTOR
from connectors.systems.medusa.calls import ORDER_FIELDS
from tests.support.medusa_messages import ACCOUNT, AT_MS, CHANGED_MS, LATER_MS, ORDER_ID
from tests.support.scripted_peer import answer, poll

ORDERS, CAPTURES, REFUNDS = CONNECTOR.polls
PAGE = 20
OVERLAP_MS = 600_000


def asked_of(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def orders(*changed: str) -> dict[str, Any]:
    return {"orders": [{"id": f"order_{number}", "updated_at": at} for number, at in enumerate(changed)]}


def ids(page: Page) -> list[str]:
    return [msgspec.json.decode(message.body)["id"] for message in page.messages]


def test_orders_are_asked_for_whole_in_the_order_of_their_changes() -> None:
    asked, pages = poll(
        ORDERS.run(ACCOUNT, str(CHANGED_MS), AT_MS), [answer(orders("2026-09-01T08:30:00Z", "2026-09-01T08:32:00Z"))]
    )

    assert [asked_of(url) for url in asked] == [
        (
            "/admin/orders",
            {
                "limit": "20",
                "offset": "0",
                "order": "updated_at",
                "fields": ORDER_FIELDS,
                "updated_at[$gte]": "2026-09-01T08:21:00Z",
            },
        )
    ]
    assert [(ids(page), page.cursor) for page in pages] == [(["order_0", "order_1"], str(LATER_MS))]
    assert [message.topic for page in pages for message in page.messages] == ["order", "order"]


def test_a_full_page_is_followed_from_its_last_change_and_by_place_within_one_second() -> None:
    full = orders(*["2026-09-01T08:31:00.250Z"] * PAGE)
    asked, pages = poll(ORDERS.run(ACCOUNT, str(CHANGED_MS), AT_MS), [answer(full), answer(full), answer(orders())])

    assert [(at["updated_at[$gte]"], at["offset"]) for _, at in map(asked_of, asked)] == [
        ("2026-09-01T08:21:00Z", "0"),
        ("2026-09-01T08:31:00Z", "0"),
        ("2026-09-01T08:31:00Z", "20"),
    ]
    assert [page.cursor for page in pages] == [str(CHANGED_MS + 250)] * 3


def test_an_entry_that_cannot_be_read_is_handed_on() -> None:
    _, pages = poll(ORDERS.run(ACCOUNT, str(CHANGED_MS), AT_MS), [answer({"orders": [{"id": 5}]})])

    assert [(len(page.messages), page.cursor) for page in pages] == [(1, str(CHANGED_MS))]


def test_payments_that_changed_bring_their_orders_once() -> None:
    paid = {"updated_at": "2026-09-01T08:32:00Z", "payment_collection": {"order": {"id": ORDER_ID}}}
    payments = {"payments": [paid, paid, {"payment_collection": {"order": None}}]}
    asked, pages = poll(
        CAPTURES.run(ACCOUNT, str(CHANGED_MS), AT_MS), [answer(payments), answer({"orders": [{"id": ORDER_ID}]})]
    )
    path, query = asked_of(asked[1])

    assert (path, query["id[0]"], "id[1]" in query) == ("/admin/orders", ORDER_ID, False)
    assert [(ids(page), page.cursor) for page in pages] == [([ORDER_ID], str(LATER_MS))]


def test_refunds_are_looked_for_among_the_payments_of_the_last_weeks() -> None:
    def refunded(at: str) -> dict[str, Any]:
        return {"refunds": [{"created_at": at}], "payment_collection": {"order": {"id": f"order_{at[8:10]}"}}}

    payments = {"payments": [refunded("2026-08-02T08:00:00Z"), refunded("2026-09-01T08:32:00Z"), {"refunds": []}]}
    asked, pages = poll(
        REFUNDS.run(ACCOUNT, str(CHANGED_MS), CHANGED_MS), [answer(payments), answer({"orders": [{"id": "order_01"}]})]
    )

    assert asked_of(asked[0])[1]["created_at[$gte]"] == "2026-07-03T08:31:00Z"
    assert "id[1]" not in asked_of(asked[1])[1]
    assert [(ids(page), page.cursor) for page in pages] == [(["order_01"], str(LATER_MS))]


def test_the_first_look_goes_a_day_back_and_nothing_new_keeps_the_cursor() -> None:
    for one, name in ((ORDERS, "orders"), (CAPTURES, "payments"), (REFUNDS, "payments")):
        _, pages = poll(one.run(ACCOUNT, "", AT_MS), [answer({name: []})])

        assert [(page.messages, page.cursor) for page in pages] == [((), str(AT_MS - 86_400_000))]


@pytest.mark.parametrize("status", [401, 500])
def test_a_shop_that_does_not_answer_is_asked_again_from_the_same_cursor(status: int) -> None:
    for one in CONNECTOR.polls:
        with pytest.raises(UnreadableError, match=str(status)):
            poll(one.run(ACCOUNT, str(CHANGED_MS), AT_MS), [answer(status=status)])
