import asyncio
import json
import re

import httpx2
from playwright.async_api import Page, expect

from api.present import iso
from api.security import Scope
from api.web.now_screen import Reader, Screen
from models.commands import Tick, encode
from tests.support.browser import Surfer, tab_to
from tests.support.served import Site
from tests.support.system import answered, place

HOUR_MS = 3_600_000
_HTML = {"Accept": "text/html"}


async def opened(surfer: Surfer, site: Site) -> Page:
    return await surfer.open(f"{site.pages}/now")


async def let_time_pass(site: Site) -> None:
    """What the worker does each second."""
    now_ms = site.services.now_ms()
    tick = Tick(command_id=f"tick-{now_ms}", pool=site.pool, issued_at_ms=now_ms, actor="test")
    await site.services.sender.submit(site.pool, encode(tick))


async def test_an_order_placed_meanwhile_shows_itself(stocked: Site, surfer: Surfer) -> None:
    page = await opened(surfer, stocked)
    await expect(page.locator("#now-newest")).to_contain_text("No orders yet.")

    await place(stocked, "100234")

    await expect(page.locator("#now-newest")).to_contain_text("100234")
    await expect(page.locator("#now-tiles li").filter(has_text=re.compile("^1routed$"))).to_have_count(1)
    await expect(page.locator("#backlog-berlin [data-label=Open]")).to_have_text("1")
    await expect(page.locator("#now-pace")).to_contain_text("1 in the last hour")


async def test_what_a_location_did_leaves_its_backlog(stocked: Site, surfer: Surfer) -> None:
    order = await place(stocked)
    page = await opened(surfer, stocked)
    backlog = page.locator("#backlog-berlin")
    await expect(backlog.locator("[data-label=Allocated]")).to_have_text("1")
    await expect(backlog.locator(".step-1")).to_have_attribute("width", "1")

    fulfillment = order["fulfillments"][0]["fulfillment_id"]
    url = f"{stocked.path}/orders/{order['order_id']}/fulfillments/{fulfillment}/accept"
    answer = await stocked.client.post(url, json={})
    assert answer.status_code == 200, answer.text

    await expect(backlog.locator("[data-label=Allocated]")).to_have_text("0")
    await expect(backlog.locator("[data-label=Accepted]")).to_have_text("1")
    await expect(backlog.locator(".step-2")).to_have_attribute("width", "1")


async def test_an_order_at_risk_says_why(stocked: Site, surfer: Surfer) -> None:
    promise = iso(stocked.services.now_ms() + HOUR_MS)
    await place(stocked, "late-1", 500, promise_by=promise)
    page = await opened(surfer, stocked)
    await expect(page.locator("#now-newest")).to_contain_text("late-1")
    await let_time_pass(stocked)

    row = page.locator("#now-risk tbody tr")
    await expect(row).to_contain_text("late-1")
    await expect(row).to_contain_text("soon")
    await expect(row).to_contain_text("Waits for stock of 460 × TSHIRT-BLUE-M")


async def test_every_link_is_reached_by_keyboard(stocked: Site, surfer: Surfer) -> None:
    order = await place(stocked)
    await answered(stocked.client, f"{stocked.pages}/now", lambda answer: order["order_id"] in answer.text)
    page = await opened(surfer, stocked)

    await tab_to(page, f"#now-newest a[href='{stocked.pages}/orders/{order['order_id']}']")
    await page.keyboard.press("Enter")

    await page.wait_for_url(f"**/orders/{order['order_id']}")


async def test_focus_stays_where_it_is_when_a_part_changes(stocked: Site, surfer: Surfer) -> None:
    await place(stocked, "first")
    page = await opened(surfer, stocked)
    link = page.locator("#now-newest a", has_text="first")
    await link.focus()

    await place(stocked, "second")

    await expect(page.locator("#now-newest")).to_contain_text("second")
    await expect(link).to_be_focused()


async def test_the_chart_shows_what_the_minutes_say(stocked: Site, surfer: Surfer) -> None:
    page = await opened(surfer, stocked)
    await place(stocked)
    await expect(page.locator("#now-pace")).to_contain_text("1 in the last hour")

    minutes = json.loads(await page.locator("#now-minutes").get_attribute("data-minutes") or "")
    drawn = await page.locator("#now-minutes canvas").bounding_box()

    assert len(minutes["orders"]) == 60
    assert drawn is not None
    assert drawn["width"] > 300


async def test_many_viewers_share_one_computation(stocked: Site) -> None:
    screen: Screen = stocked.app.state.screen
    reader = Reader(stocked.pool, "UTC", everywhere=True)
    found = await asyncio.gather(*(screen.shown(reader) for _ in range(50)))

    assert len({id(shown) for shown in found}) == 1


async def test_without_the_right_to_read_orders_there_is_no_page(stocked: Site) -> None:
    async with stocked.client_of(Scope.STOCK_READ) as client:
        shown = await client.get(f"{stocked.pages}/now", headers=_HTML)
        live = await client.get(f"{stocked.pages}/now/live", headers=_HTML)

    assert (shown.status_code, live.status_code) == (404, 404)


async def test_an_unknown_pool_has_no_stream(site: Site) -> None:
    async with httpx2.AsyncClient(
        base_url=site.base, headers={"Authorization": f"Bearer {site.key(Scope.ADMIN)}"}
    ) as client:
        answer = await client.get("/p/nowhere/now/live", headers=_HTML)

    assert answer.status_code == 404
