from typing import Any

import pytest
from playwright.async_api import Browser, expect

from api.roles import Role
from tests.support.browser import DESKTOP, NARROWEST, PHONE, Surfer, Theme, scrolls_sideways, serious_faults
from tests.support.served import Site
from tests.support.system import SKU, answered, place, shows_levels
from tests.support.visitors import audited, fill_in, visiting


def sku_page(site: Site) -> str:
    return f"{site.pages}/stock/{SKU}?at=berlin"


async def newest(site: Site, count: int) -> Any:
    """The newest movement, once there are so many."""
    url = f"{site.path}/stock/{SKU}/movements"
    answer = await answered(site.client, url, lambda one: len(one.json()["movements"]) == count)
    return answer.json()["movements"][0]


ACTIONS = [
    pytest.param("Receive", {"quantity": "10", "document": "ASN-7"}, "receive_stock", "received", 10, id="receive"),
    pytest.param("Adjust", {"delta": "-2"}, "adjust_stock", "adjusted", -2, id="adjust"),
    pytest.param("Count", {"counted": "37"}, "count_stock", "counted", -3, id="count"),
]


@pytest.mark.parametrize(("action", "fields", "command", "kind", "delta"), ACTIONS)
async def test_an_action_is_a_command_with_its_audit_line(  # noqa: PLR0917 # Each is a part of the case.
    stocked: Site, browser: Browser, action: str, fields: dict[str, str], command: str, kind: str, delta: int
) -> None:
    async with visiting(browser, stocked) as visitor:
        page = await visitor.surfer.open(sku_page(stocked))
        await fill_in(page, action, **fields, reason="shelf 4")

        await expect(page.locator("#stock-page .notice")).to_be_focused()
        movement, line = await newest(stocked, 2), audited(stocked)[-1]
        assert (movement["kind"], movement["on_hand_delta"], movement["reason"]) == (kind, delta, "shelf 4")
        assert (line.action, line.reason, line.actor) == (command, "shelf 4", visitor.actor)
        assert line.command_id == movement["command_id"]
        await expect(page.locator("tbody tr").first).to_contain_text(str(40 + delta))


async def test_a_count_of_what_changed_meanwhile_is_refused_beside_its_field(stocked: Site, browser: Browser) -> None:
    async with visiting(browser, stocked) as visitor:
        page = await visitor.surfer.open(sku_page(stocked))
        sale = {"source": "till", "document": "T-1", "location_id": "berlin"}
        lines = [{"line": "1", "sku": SKU, "quantity": 1}]
        await stocked.client.post(f"{stocked.path}/stock/sell", json=sale | {"lines": lines})
        await fill_in(page, "Count", counted="40")

        await expect(page.locator("#count-counted-error")).to_contain_text("on hand is 39, not 40")
        await expect(page.locator("#count-counted")).to_be_focused()
        await expect(page.locator("details.action[open]")).to_contain_text("Our book says 39 on hand")
        await shows_levels(stocked, (39, 0))


async def test_goods_are_received_on_the_page_of_a_location(stocked: Site, browser: Browser) -> None:
    async with visiting(browser, stocked) as visitor:
        page = await visitor.surfer.open(f"{stocked.pages}/locations/hamburg", size=PHONE)
        await fill_in(page, "Receive", sku=SKU, quantity="4")

        await expect(page.locator("#stock-page .notice")).to_contain_text("Received")
        await shows_levels(stocked, (40, 0), (4, 0))


async def test_the_floor_counts_and_does_no_more(stocked: Site, browser: Browser) -> None:
    async with visiting(browser, stocked, Role.FLOOR, ("berlin",)) as visitor:
        page = await visitor.surfer.open(sku_page(stocked), size=PHONE)
        assert await page.locator("#stock-actions summary").all_inner_texts() == ["Count"]
        await fill_in(page, "Count", counted="41")

        await expect(page.locator("#stock-page .notice")).to_contain_text("Counted.")
        page = await visitor.surfer.open(f"{stocked.pages}/locations/hamburg")
        await expect(page.locator("h1")).to_have_text("Not here")


async def test_a_viewer_sees_no_form_and_is_refused(stocked: Site, browser: Browser) -> None:
    async with visiting(browser, stocked, Role.VIEWER) as viewer:
        page = await viewer.surfer.open(sku_page(stocked))
        await expect(page.locator("#stock-actions")).to_contain_text("You may look, and change nothing.")
        assert await page.locator("form[hx-post]").count() == 0
    await shows_levels(stocked, (40, 0))


async def test_a_location_is_searched_and_exported(stocked: Site, surfer: Surfer) -> None:
    page = await surfer.open(f"{stocked.pages}/stock")
    await page.get_by_role("link", name="Berlin warehouse").click()
    await page.get_by_label("SKU contains").fill("blue")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/locations/berlin?q=blue&only=all")
    await expect(page.locator("tbody tr")).to_have_count(1)
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Export CSV").click()
    download = await started.value

    assert download.suggested_filename == f"{stocked.pool}-berlin-stock.csv"


PAGES = ["/stock", f"/stock/{SKU}", "/locations/berlin"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, NARROWEST], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", PAGES)
async def test_everybody_can_use_it_on_every_screen(
    stocked: Site, surfer: Surfer, path: str, size: Any, theme: Theme
) -> None:
    await place(stocked, quantity=3)
    await shows_levels(stocked, (40, 3))
    page = await surfer.open(f"{stocked.pages}{path}", size=size, theme=theme)
    await expect(page.locator("tbody tr").first).to_be_visible()
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")

    assert await serious_faults(page) == []
    assert not await scrolls_sideways(page)
