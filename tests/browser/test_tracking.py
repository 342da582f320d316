"""The page of an order for its customer: on a phone, in the dark, without a script, and for everybody."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.support.browser import PHONE, Surfer, Theme, Windows, scrolls_sideways, serious_faults
from tests.support.served import Site
from tests.support.system import place

ADA = {"customer_id": "c-ada", "name": "Ada Muster", "email": "ada@example.org", "locale": "de-DE"}


async def link_of(site: Site, order: Any) -> str:
    answer = await site.client.get(f"{site.path}/orders/{order['order_id']}")
    return str(answer.json()["tracking_url"])


async def shipped(site: Site, **more: Any) -> Any:
    order = await place(site, "B-100", 2, promise_by="2036-12-24T22:59:00Z", **more)
    part = order["fulfillments"][0]["fulfillment_id"]
    path = f"{site.path}/orders/{order['order_id']}/fulfillments/{part}"
    for step, body in [
        ("ship", {"parcel_id": "P-1", "carrier": "DHL", "tracking_number": "00340434161094042557"}),
        ("parcels/P-1/scan", {"status": "in_transit", "occurred_at": "2026-11-20T08:00:00Z"}),
        ("parcels/P-1/scan", {"status": "out_for_delivery", "occurred_at": "2026-11-21T07:00:00Z"}),
    ]:
        answer = await site.client.post(f"{path}/{step}", json=body)
        assert answer.status_code == 200, answer.text
    return order


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_it_can_be_read_on_a_phone_in_the_light_and_in_the_dark(
    stocked: Site, surfer: Surfer, theme: Theme
) -> None:
    order = await shipped(stocked, customer=ADA)
    page = await surfer.open(await link_of(stocked, order), size=PHONE, theme=theme)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ihre Bestellung ist unterwegs")
    await expect(page.get_by_role("link", name="Bei DHL verfolgen")).to_be_visible()
    assert await page.locator(".scans li").all_inner_texts() == [
        "In Zustellung\n21.11.2026, 08:00 CET",
        "Unterwegs\n20.11.2026, 09:00 CET",
    ]
    assert not await scrolls_sideways(page)
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[theme]
    assert await serious_faults(page) == []


async def test_it_needs_no_script_and_asks_nobody_else(stocked: Site, windows: Windows) -> None:
    order = await shipped(stocked)
    context = await windows.browser.new_context(java_script_enabled=False, locale="en-GB")
    asked: list[str] = []
    try:
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(stocked.base + await link_of(stocked, order))
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your order is on its way")
        assert await context.cookies() == []
    finally:
        await context.close()
    assert asked
    assert all(url.startswith(stocked.base) for url in asked)


async def test_a_link_that_is_over_says_so_and_can_be_read(surfer: Surfer) -> None:
    page = await surfer.open("/t/nothing", size=PHONE)
    await expect(page.get_by_role("heading", level=1)).to_have_text("This link is not valid any more")
    assert await serious_faults(page) == []
