"""The list of unmapped orders: names that nobody knows are mapped there, by keyboard, and their orders go on."""

from typing import Any

from playwright.async_api import expect

from api.roles import Role
from tests.support.browser import PHONE, Windows
from tests.support.served import Site
from tests.support.system import SKU, place
from tests.support.visitors import act, fill_in, form_at, visiting

PACK = f"{SKU}-6PK"


async def sold(site: Site, number: str, sku: str, quantity: int = 1) -> Any:
    return await place(site, number, sold=True, lines=[{"sku": sku, "quantity": quantity}])


async def test_somebody_maps_a_name_on_a_phone_and_its_orders_leave_the_list(stocked: Site, windows: Windows) -> None:
    for number in ("first", "second"):
        await sold(stocked, number, PACK, 2)
    url = f"{stocked.pages}/work/unmapped"
    async with visiting(windows, stocked) as visitor:
        page = await visitor.surfer.open(url, size=PHONE)
        summary = page.locator("#work-groups summary")
        await expect(summary).to_contain_text(f"{PACK} of shop-de: 2 orders, 4 units")
        await expect(page.locator("#work-rows tbody th a")).to_have_text(["first", "second"])
        await act(page, url, suggested=SKU, quantity="6", reason="a pack of six")

        await expect(page.locator("#work-groups .notice")).to_be_focused()
        await expect(page.locator("#work-groups")).to_contain_text("No order waits for a name that nobody knows.")
        await expect(page.locator("#work-rows")).to_contain_text("Nothing to do here.")
        page = await visitor.surfer.open(f"{stocked.pages}/stock/{SKU}")
        row = page.get_by_role("group", name="Listings").locator("tbody tr")
        await expect(row).to_contain_text("shop-de")
        await expect(row.locator("td")).to_have_text([PACK, "6"])


async def test_what_is_missing_or_unknown_is_told_beside_its_field_and_nothing_is_sent(
    stocked: Site, windows: Windows
) -> None:
    await sold(stocked, "first", "XQ-777")
    url, sent = f"{stocked.pages}/work/unmapped", stocked.sent
    async with visiting(windows, stocked) as visitor:
        page = await visitor.surfer.open(url)
        await act(page, url, reason="seen")
        await expect(page.locator("#map-1-sku-error")).to_have_text("Choose one of our SKUs, or write it.")
        await expect(page.locator("#map-1-sku")).to_be_focused()
        button = await fill_in(form_at(page, url), {"to_sku": "NOWHERE"})
        await button.press("Enter")
        await expect(page.locator("#map-1-sku-error")).to_contain_text("The catalogue has no SKU NOWHERE")
        await expect(page.locator("#map-1-reason")).to_have_value("seen")
        await act(page, url, to_sku=SKU, reason="")
        await expect(page.locator("#map-1-reason-error")).to_have_text("Say why: it stands in the audit log.")

    assert stocked.sent == sent


async def test_who_may_not_map_sees_what_it_may_be_and_no_form(stocked: Site, windows: Windows) -> None:
    await sold(stocked, "first", PACK)
    url = f"{stocked.pages}/work/unmapped"
    async with visiting(windows, stocked, Role.VIEWER) as visitor:
        page = await visitor.surfer.open(url)
        await page.locator("#work-groups summary").press("Enter")

        await expect(page.locator("#work-groups details")).to_contain_text(f"It may be {SKU}")
        assert await form_at(page, url).count() == 0


async def test_other_lists_have_no_names(stocked: Site, windows: Windows) -> None:
    await sold(stocked, "first", PACK)
    async with visiting(windows, stocked) as visitor:
        page = await visitor.surfer.open(f"{stocked.pages}/work/waiting")

        assert await page.locator("#work-groups").count() == 0
