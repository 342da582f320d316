from playwright.async_api import expect

from api.roles import Role
from tests.support.browser import PHONE, Surfer, Windows
from tests.support.served import Site
from tests.support.system import SKU, place, shows_levels
from tests.support.visitors import act, visiting


def sku_page(site: Site) -> str:
    return f"{site.pages}/stock/{SKU}?at=berlin"


def at_location(site: Site, location_id: str, action: str) -> str:
    return f"{site.pages}/locations/{location_id}/{action}"


async def test_a_count_of_what_changed_meanwhile_is_refused_beside_its_field(stocked: Site, windows: Windows) -> None:
    async with visiting(windows, stocked) as visitor:
        page = await visitor.surfer.open(sku_page(stocked))
        sale = {"source": "till", "document": "T-1", "location_id": "berlin"}
        lines = [{"line": "1", "sku": SKU, "quantity": 1}]
        await stocked.client.post(f"{stocked.path}/stock/sell", json=sale | {"lines": lines})
        await act(page, at_location(stocked, "berlin", "count"), counted="40")

        await expect(page.locator("#count-counted-error")).to_contain_text("on hand is 39, not 40")
        await expect(page.locator("#count-counted")).to_be_focused()
        await expect(page.locator("details.action[open]")).to_contain_text("Our book says 39 on hand")
        await shows_levels(stocked, (39, 0))


async def test_goods_are_received_on_the_page_of_a_location(stocked: Site, windows: Windows) -> None:
    async with visiting(windows, stocked) as visitor:
        page = await visitor.surfer.open(f"{stocked.pages}/locations/hamburg", size=PHONE)
        await act(page, at_location(stocked, "hamburg", "receive"), sku=SKU, quantity="4")

        await expect(page.locator("#stock-page .notice")).to_contain_text("Received")
        await shows_levels(stocked, (40, 0), (4, 0))


async def test_the_floor_counts_at_its_own_location_and_sees_no_other(stocked: Site, windows: Windows) -> None:
    async with visiting(windows, stocked, Role.FLOOR) as visitor:
        page = await visitor.surfer.open(sku_page(stocked), size=PHONE)
        assert await page.locator("#stock-actions summary").all_inner_texts() == ["Count"]
        await act(page, at_location(stocked, "berlin", "count"), counted="41")
        await expect(page.locator("#stock-page .notice")).to_contain_text("Counted.")
        await expect(page.locator("#stock-page .notice")).to_be_focused()
        await expect(page.locator("tbody tr").first).to_contain_text("41")

        page = await visitor.surfer.open(f"{stocked.pages}/locations/hamburg")
        await expect(page.locator("h1")).to_have_text("Not here")


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


async def test_a_sku_shows_what_is_apart_or_expected_and_who_counts_on_it(stocked: Site, windows: Windows) -> None:
    await place(stocked, "waits", 42)
    async with visiting(windows, stocked) as visitor:
        page = await visitor.surfer.open(sku_page(stocked))
        when = {"expected_at": "2099-12-01T09:00", "document": "PO-7"}
        await act(page, at_location(stocked, "berlin", "expect"), quantity="6", **when)
        expected = page.get_by_role("group", name="Expected")
        await expect(expected).to_contain_text("1 Dec 2099 09:00 CET")
        await expect(expected.locator("td").nth(1)).to_have_text("6")
        await expect(page.get_by_role("group", name="Orders that wait")).to_contain_text("waits")
        await page.reload()
        await expect(page.get_by_role("group", name="Orders that wait")).to_contain_text("2 expected 1 Dec 2099 09:00")
        await act(page, at_location(stocked, "berlin", "receive"), quantity="4", expected="PO-7")
        await expect(expected.locator("td").nth(1)).to_have_text("2")
        await act(page, at_location(stocked, "berlin", "restate"), quantity="1", after="damaged")
        await expect(page.locator("#stock-page")).to_contain_text("At Berlin warehouse, not for sale: 1 damaged.")
        await act(page, at_location(stocked, "berlin", "fence"), segment="VIP!", quantity="1")

        await expect(page.locator("#fence-segment-error")).to_be_visible()
