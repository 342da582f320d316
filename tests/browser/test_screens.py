"""Every page on every screen, with something of everything on it: no serious fault of axe in light and dark, nothing
wider than the narrowest phone, a frame of one row, and no form that test_actions does not know.
"""

import re
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from api.present import iso
from api.roles import Role
from api.schemas.pools import PoolIn
from api.security import Scope
from tests.http.roles_of_routes import ROLES_OF
from tests.support.browser import DESKTOP, NARROWEST, PHONE, Windows, scrolls_sideways, serious_faults, surfing
from tests.support.page_actions import ACTIONS
from tests.support.people import add_user
from tests.support.served import Site, served
from tests.support.system import SKU, example, open_pool, place, running_system
from tests.support.visitors import session_of

HOUR_MS = 3_600_000
PAGES = {
    "now": "/p/{pool}/now",
    "orders": "/p/{pool}/orders",
    "orders found": "/p/{pool}/orders?q=100&held=1",
    "orders, none found": "/p/{pool}/orders?q=muster",
    "order": "/p/{pool}/orders/{order_id}",
    "order that has ended": "/p/{pool}/orders/{ended_id}",
    "refund": "/p/{pool}/orders/{order_id}/cancel?units.1=1",
    "work": "/p/{pool}/work",
    "list of work": "/p/{pool}/work/{queue}",
    "names that nobody knows": "/p/{pool}/work/unmapped",
    "list of work with nothing in it": "/p/{pool}/work/fraud",
    "stock": "/p/{pool}/stock",
    "sku": "/p/{pool}/stock/{sku}?at=berlin",
    "location": "/p/{pool}/locations/berlin",
    "set-up": "/p/{pool}/set-up",
    "users": "/users",
    "user": "/users/{user_id}",
    "connections": "/p/{pool}/connections",
    "connection": "/p/{pool}/connections/webhook/{webhook_id}",
    "mails": "/p/{pool}/mails?mail=shipped&language=de",
    "keys": "/keys",
    "audit": "/audit",
    "audit check": "/audit/check",
    "me": "/me",
    "sign out": "/sign-out",
    "not here": "/p/nowhere/now",
}
TERMS = {"purchase_order": "PO-4471", "destinations": {"second floor": {"country": "DE", "postcode": "10117"}}}
ARRIVAL = {"line": "1", "sku": SKU, "quantity": 10}
BEFORE_SIGNING_IN = {
    "sign in": "/sign-in",
    "link": "/link/{token}",
    "link that is over": "/link/none",
    "tracking": "/t/{seen}",
    "tracking of nothing": "/t/none",
}
NO_PAGES = {
    "/",
    "/p/{pool}",
    "/p/{pool}/now/live",
    "/p/{pool}/work/live",
    "/p/{pool}/orders/{order_id}/live",
    "/p/{pool}/orders/{order_id}/actions",
    "/p/{pool}/locations/{location_id}/stock.csv",
    "/audit/lines.csv",
    "/sign-in/provider",
    "/sign-in/provider/back",
}
FORMS = """() => [...document.querySelectorAll("form, [hx-post], [hx-put], [hx-patch], [hx-delete]")]
    .filter((one) => one.method !== "get")
    .map((one) => new URL(one.action || one.getAttribute("hx-post") || "", location).pathname)"""


class House(NamedTuple):
    """A pool with something of everything, and the admin who looks at it."""

    site: Site
    names: dict[str, str]
    cookie: Any


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A system of its own: people, keys and the audit log of the shared one are as long as all tests before."""
    folder = tmp_path_factory.mktemp("house")
    async with running_system(bootstrap, folder, demo=True) as made, served(made.app) as base:
        yield await furnished(Site(**vars(made), base=base))


async def furnished(site: Site) -> House:
    await open_pool(site)
    named = example(PoolIn) | {"name": "Larch & Lantern, United States of America"}
    assert (await site.client.put(site.path, json=named)).status_code == 200
    order, ended = await eventful_order(site), await place(site, "100235")
    await do(site, ended, "cancel", {"units": []})
    strange = [f"{SKU}-6PK", "A-NAME-THAT-IS-AS-LONG-AS-SOME-CHANNELS-MAKE-THEM-WITHOUT-ANY-SPACE-IN-IT"]
    await place(site, "sold-1", sold=True, lines=[{"sku": name, "quantity": 1} for name in strange])
    mapped = {"channel": "shop-de", "sku": f"{SKU}-12PK", "to_sku": SKU, "quantity": 12}
    assert (await site.client.post(f"{site.path}/listings", json=mapped)).status_code == 200
    await place(site, "late-1", 500, promise_by=iso(site.services.now_ms() + HOUR_MS))
    stated: dict[str, Any] = {"source": "erp", "location_id": "berlin"}
    facts: list[tuple[str, dict[str, Any]]] = [
        ("expect", {"document": "PO-1", "expected_at": "2099-12-01T08:00:00Z", "lines": [ARRIVAL]}),
        ("restate", {"document": "QC-1", "sku": SKU, "quantity": 1, "after": "quality_control"}),
        ("fence", {"document": "VIP-1", "sku": SKU, "quantity": 1, "segment": "vip"}),
    ]
    for fact, body in facts:
        answer = await site.client.post(f"{site.path}/stock/{fact}", json=stated | body)
        assert answer.status_code == 200, answer.text
    told = {"url": "https://shop.example.com/orders", "events": ["order.*"], "note": "The shop's own page of orders"}
    webhook = (await site.client.post(f"{site.path}/webhooks", json=told)).json()
    seen = (await site.client.get(f"{site.path}/orders/{order['order_id']}")).json()["tracking_url"]
    admin = add_user(site, "operations.of.the.night", Role.ADMIN)
    guest = add_user(site, "guest", Role.FLOOR)
    site.key(Scope.STOCK_READ, name="till")
    links, now_ms = site.services.identity.links, site.services.now_ms()
    names = {
        "pool": site.pool,
        "order_id": order["order_id"],
        "ended_id": ended["order_id"],
        "queue": "customer",
        "sku": SKU,
        "user_id": guest.user_id,
        "webhook_id": webhook["webhook_id"],
        "seen": seen.rpartition("/")[2],
        "token": links.make(guest, actor="test", now_ms=now_ms, life_ms=HOUR_MS),
    }
    return House(site, names, session_of(site, admin))


async def do(site: Site, order: Any, action: str, body: dict[str, Any]) -> None:
    answer = await site.client.post(f"{site.path}/orders/{order['order_id']}/{action}", json=body)
    assert answer.status_code == 200, answer.text


async def eventful_order(site: Site) -> Any:
    """An order to which something of everything has happened."""
    customer = {"name": "Ada Example", "email": "ada@example.org", "address_lines": ["Weg 1", "10115 Berlin"]}
    order = await place(site, quantity=5, customer=customer, promise_by="2027-03-01T12:00:00Z", terms=TERMS)
    part = f"fulfillments/{order['fulfillments'][0]['fulfillment_id']}"
    one = [{"line_id": "1", "quantity": 1}]
    await do(site, order, f"{part}/accept", {"partner_reference": "WMS-5512"})
    await do(site, order, "hold", {"hold": "payment"})
    await do(site, order, "release", {"hold": "payment", "reason": "paid by bank"})
    await do(site, order, "cancel", {"units": one, "reason": "changed their mind"})
    await do(site, order, "edit", {"changes": [{"action": "set_priority", "priority": 5}]})
    parcel = {"units": one, "carrier": "DHL", "tracking_number": "0034"}
    await do(site, order, f"{part}/ship", parcel | {"parcel_id": "P-1"})
    await do(site, order, f"{part}/ship", parcel | {"parcel_id": "P-2"})
    for status, hour in [("in_transit", 8), ("attempt_failed", 9)]:
        scan = {"status": status, "detail": "Berlin", "raw": "AF", "occurred_at": f"2026-11-21T{hour:02d}:00:00Z"}
        await do(site, order, f"{part}/parcels/P-1/scan", scan)
    await do(site, order, f"{part}/parcels/P-2/deliver", {})
    await do(site, order, "hold", {"hold": "customer_request", "reason": "on holiday"})
    return order


async def looked_at(page: Page) -> None:
    """Look at a page that is open, in all themes and sizes."""
    await page.evaluate("document.querySelectorAll('details:not(.menu)').forEach((one) => (one.open = true))")
    heights = await page.evaluate("[...document.querySelectorAll('.top > *')].map((one) => one.offsetTop)")
    forms = await page.evaluate(FORMS)

    assert await serious_faults(page) == []
    await page.emulate_media(color_scheme="dark")
    # Nothing but colours differs between the themes.
    assert await serious_faults(page, "color-contrast") == []
    await page.set_viewport_size(PHONE)
    assert await serious_faults(page) == []
    await page.set_viewport_size(NARROWEST)
    assert not await scrolls_sideways(page)
    # The page for customers has no frame.
    assert max(heights, default=0) - min(heights, default=0) < 20, "the frame takes more than one row"
    assert [url for url in forms if not is_known(url)] == []


def is_known(url: str) -> bool:
    """Tell whether test_actions or test_people sends the form of an address."""
    known = [*(action.url for action in ACTIONS.values()), "/sign-in", "/link/{token}"]
    return any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), url) for one in known)


@pytest.mark.parametrize("name", PAGES)
async def test_everybody_can_use_a_page_on_every_screen(house: House, windows: Windows, name: str) -> None:
    async with surfing(windows, house.site.base, cookies=[house.cookie]) as surfer:
        page = await surfer.open(PAGES[name].format_map(house.names), size=DESKTOP)
        await expect(page.locator("h1")).to_have_count(1)
        await looked_at(page)


@pytest.mark.parametrize("name", BEFORE_SIGNING_IN)
async def test_everybody_can_use_the_pages_before_signing_in(house: House, windows: Windows, name: str) -> None:
    async with surfing(windows, house.site.base) as surfer:
        page = await surfer.open(BEFORE_SIGNING_IN[name].format_map(house.names))
        await expect(page.locator("h1")).to_have_count(1)
        await looked_at(page)


def test_no_page_is_missing_here() -> None:
    routes = [route.split(" ")[1] for route in ROLES_OF if route.startswith("GET ")]
    for_people = [
        path for path in routes if not path.startswith(("/v1/", "/health/", "/metrics", "/openapi", "/static"))
    ]
    here = [address.split("?")[0] for address in (*PAGES.values(), *BEFORE_SIGNING_IN.values())]
    filled = re.compile(r"\{[\w:]+\}|berlin|ended_id|\bwebhook\b|\bnone\b")

    assert {filled.sub("*", path) for path in for_people if path not in NO_PAGES} <= {
        filled.sub("*", path) for path in here
    }
