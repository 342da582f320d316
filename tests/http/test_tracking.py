"""The page of an order for its customer: only by its link, and nothing on it that is not theirs to see."""

import re
from typing import Any

import httpx2
import pytest

from api.customers.links import TrackingLinks
from api.security import Scope
from api.web.often import Often
from tests.support.system import System, client_of, place

ADA = {
    "customer_id": "c-ada", "name": "Ada Muster", "email": "ada@example.org", "phone": "+49 30 1234567",
    "address_lines": ["Musterweg 1", "10115 Berlin"], "locale": "de-DE",
}  # fmt: skip
DAY_MS = 86_400_000


async def linked(system: System, order: Any) -> str:
    answer = await system.client.get(f"{system.path}/orders/{order['order_id']}")
    return str(answer.json()["tracking_url"])


async def looked_at(system: System, url: str, **headers: str) -> httpx2.Response:
    async with client_of(system.app, "") as nobody:
        return await nobody.get(url, headers=headers)


async def ask(system: System, order: Any, path: str, body: Any) -> Any:
    answer = await system.client.post(f"{system.path}/orders/{order['order_id']}/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_customer_sees_where_the_order_stands_in_their_language_and_zone(stocked: System) -> None:
    order = await place(stocked, "T-1", 2, customer=ADA, promise_by="2036-12-24T22:59:00Z")
    url = await linked(stocked, order)
    before = await looked_at(stocked, url)
    assert before.status_code == 200
    for text in ("Ihre Bestellung ist eingegangen", "Bestellung T-1", "2 × T-shirt, blue, M", "Geht nach: Deutschland"):
        assert text in before.text
    assert "Voraussichtlich bei Ihnen bis Mittwoch, 24. Dezember 2036." in before.text
    assert '<html lang="de-DE">' in before.text

    part = order["fulfillments"][0]["fulfillment_id"]
    body = {"parcel_id": "P-1", "carrier": "DHL", "tracking_number": "0034/<x>"}
    await ask(stocked, order, f"fulfillments/{part}/ship", body)
    scan = {"status": "out_for_delivery", "occurred_at": "2026-11-20T08:00:00Z", "detail": "left with Mr Neighbour"}
    await ask(stocked, order, f"fulfillments/{part}/parcels/P-1/scan", scan | {"raw": "OFD Neighbour"})
    after = await looked_at(stocked, url)
    assert "Ihre Bestellung ist unterwegs" in after.text
    assert 'href="https://www.dhl.com/global-en/home/tracking.html?tracking-id=0034%2F%3Cx%3E"' in after.text
    assert "0034/&lt;x&gt;" in after.text
    assert "20.11.2026, 09:00 CET" in after.text
    assert "Neighbour" not in after.text


async def test_nothing_of_a_person_a_place_an_actor_or_a_reason_is_on_it(stocked: System) -> None:
    order = await place(stocked, "T-2", 1, customer=ADA, reason="because of the secret")
    await ask(stocked, order, "hold", {"hold": "fraud_review", "reason": "the boss says"})
    page = (await looked_at(stocked, await linked(stocked, order))).text
    words = [
        "Muster",
        "ada@",
        "1234567",
        "10115",
        "c-ada",
        "berlin",
        "tester",
        "odd",
        "boss",
        "fraud",
        "secret",
        "shop-de",
    ]
    assert [word for word in words if word in page] == []
    assert order["order_id"] not in page
    assert stocked.pool not in page.replace(f'<p class="shop">{stocked.pool}</p>', "")


async def test_the_page_has_no_script_nothing_of_others_and_is_found_by_no_search(stocked: System) -> None:
    order = await place(stocked, "T-3", 1)
    answer = await looked_at(stocked, await linked(stocked, order))
    assert answer.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text
    assert "set-cookie" not in answer.headers
    loaded = re.findall(r'<(?:link|img|source|iframe)[^>]*(?:href|src)="([^"]+)"', answer.text)
    assert loaded
    assert all(one.startswith("/static/") for one in loaded)


async def test_without_a_told_language_the_browsers_counts(stocked: System) -> None:
    order = await place(stocked, "T-4", 1)
    url = await linked(stocked, order)
    german = await looked_at(stocked, url, **{"accept-language": "fr-FR, de-AT;q=0.8, en;q=0.5"})
    assert "Ihre Bestellung ist eingegangen" in german.text
    english = await looked_at(stocked, url, **{"accept-language": "fr"})
    assert "We have your order" in english.text


async def test_a_link_that_was_changed_or_is_over_opens_nothing(stocked: System) -> None:
    order = await place(stocked, "T-5", 1)
    url = await linked(stocked, order)
    token = url.rpartition("/")[2]
    assert order["order_id"] not in token
    for wrong in [token[:-2], token[:20] + ("A" if token[20] != "A" else "B") + token[21:], "x", "A" * 700, "é", "%00"]:
        answer = await looked_at(stocked, f"/t/{wrong}")
        assert answer.status_code == 404
        assert "T-5" not in answer.text
    links, now_ms = stocked.services.tracking, stocked.services.now_ms()
    assert links.read(token, now_ms) is not None
    assert links.read(token, now_ms + 120 * DAY_MS) is not None
    assert links.read(token, now_ms + 121 * DAY_MS) is None
    others = TrackingLinks(b"k" * 32, public_url="", days=120)
    assert links.read(others.path(stocked.pool, order["order_id"], "", now_ms).rpartition("/")[2], now_ms) is None


async def test_only_who_may_read_customers_is_given_the_link(stocked: System) -> None:
    order = await place(stocked, "T-6", 1)
    async with stocked.client_of(Scope.ORDERS_READ) as client:
        shown = (await client.get(f"{stocked.path}/orders/{order['order_id']}")).json()
    assert shown.get("tracking_url") is None


async def test_an_order_that_is_not_in_the_views_is_not_told_from_others(stocked: System) -> None:
    path = stocked.services.tracking.path(stocked.pool, "o" + "0" * 24, "en", stocked.services.now_ms())
    answer = await looked_at(stocked, path)
    assert (answer.status_code, "This order cannot be shown right now" in answer.text) == (404, True)


async def test_who_asks_too_often_waits(stocked: System) -> None:
    order = await place(stocked, "T-7", 1)
    url = await linked(stocked, order)
    kept, stocked.app.state.tracking_often = stocked.app.state.tracking_often, Often(3)
    try:
        answers = [await looked_at(stocked, url) for _ in range(5)]
    finally:
        stocked.app.state.tracking_often = kept
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["retry-after"] == "60"


@pytest.mark.parametrize("public_url", ["https://orders.example", "https://orders.example/"])
def test_the_link_is_whole_where_the_address_of_the_pages_is_set(public_url: str) -> None:
    links = TrackingLinks(b"k" * 32, public_url=public_url, days=2)
    url = links.url("p", "o1", "de", 5 * DAY_MS)
    assert url.startswith("https://orders.example/t/")
    assert url == links.url("p", "o1", "de", 5 * DAY_MS + 1)
    assert url != replace_language(links)


def replace_language(links: TrackingLinks) -> str:
    return links.url("p", "o1", "en", 5 * DAY_MS)
