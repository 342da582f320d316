"""Page Work: what waits for somebody, found and opened by keyboard, on a phone too."""

from typing import Any

from playwright.async_api import expect

from api.roles import Role
from tests.support.browser import PHONE, Surfer, Windows, tab_to
from tests.support.served import Site
from tests.support.system import place
from tests.support.visitors import visiting


async def held(site: Site, number: str) -> Any:
    order = await place(site, number)
    url = f"{site.path}/orders/{order['order_id']}/hold"
    answer = await site.client.post(url, json={"hold": "address", "reason": "no house number"})
    assert answer.status_code == 200, answer.text
    return order


async def test_somebody_finds_the_oldest_held_order_by_keyboard_on_a_phone(stocked: Site, windows: Windows) -> None:
    for number in ("first", "second"):
        await held(stocked, number)
    async with visiting(windows, stocked, Role.SERVICE) as visitor:
        page = await visitor.surfer.open(f"{stocked.pages}/orders", size=PHONE)
        await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Work").press("Enter")
        row = page.get_by_role("row", name="Address")
        await expect(row.locator("td").first).to_have_text("2")
        await expect(page.get_by_role("row", name="Fraud").locator("td").first).to_have_text("0")
        await tab_to(page, "a[href$='/work/address']")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Address")
        listed = page.get_by_role("group", name="Orders").locator("tbody th a")
        await expect(listed).to_have_text(["first", "second"])
        await expect(page.get_by_role("group", name="Orders")).to_contain_text("no house number")
        await listed.first.press("Enter")

        await expect(page.get_by_role("heading", level=1)).to_have_text("Order first")


async def test_the_lists_follow_what_happens_and_the_keyboard_stays_where_it_is(stocked: Site, surfer: Surfer) -> None:
    page = await surfer.open(f"{stocked.pages}/work")
    await expect(page.locator("#work-head")).to_contain_text("No order waits for anybody.")
    link = page.locator("#list-address a")
    await link.focus()
    await held(stocked, "first")

    await expect(page.locator("#list-address td").first).to_have_text("1")
    await expect(page.locator("#work-head")).to_contain_text("Orders that wait for somebody.")
    await expect(link).to_be_focused()


async def test_a_list_follows_what_happens_and_who_works_on_it_goes_on_with_the_next(
    stocked: Site, surfer: Surfer
) -> None:
    first, _ = await held(stocked, "first"), await held(stocked, "second")
    page = await surfer.open(f"{stocked.pages}/work/address")
    listed = page.locator("#work-rows tbody th a")
    await expect(listed).to_have_text(["first", "second"])
    await listed.last.focus()
    await held(stocked, "third")
    await expect(listed).to_have_text(["first", "second", "third"])
    await expect(listed.nth(1)).to_be_focused()

    await listed.first.focus()
    url = f"{stocked.path}/orders/{first['order_id']}/release"
    assert (await stocked.client.post(url, json={"hold": "address"})).status_code == 200
    await expect(listed).to_have_text(["second", "third"])
    await expect(page.locator("#work-head")).to_contain_text("2 orders")
    await page.keyboard.press("Tab")
    await expect(listed.first).to_be_focused()


async def test_the_floor_has_the_lists_about_its_own_parts_and_no_other(stocked: Site, windows: Windows) -> None:
    await held(stocked, "held")
    order = await place(stocked, "shipped")
    part = f"{stocked.path}/orders/{order['order_id']}/fulfillments/{order['fulfillments'][0]['fulfillment_id']}"
    parcel = {"parcel_id": "P-1", "carrier": "DHL", "tracking_number": "0034"}
    scan = {"status": "attempt_failed", "occurred_at": "2026-11-21T09:00:00Z"}
    for step, body in [("ship", parcel), ("parcels/P-1/scan", scan)]:
        answer = await stocked.client.post(f"{part}/{step}", json=body)
        assert answer.status_code == 200, answer.text
    async with visiting(windows, stocked, Role.FLOOR) as visitor:
        page = await visitor.surfer.open(f"{stocked.pages}/orders", size=PHONE)
        await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Work").press("Enter")
        await expect(page.locator("#work-lists tbody th")).to_have_text(
            ["At risk", "Cancellation requested", "Silent parcels", "Carrier exceptions", "Ready to collect"]
        )
        await page.get_by_role("link", name="Carrier exceptions").press("Enter")
        row = page.locator("#work-rows tbody tr")
        await expect(row).to_have_count(1)
        await expect(row).to_contain_text("Work of Berlin warehouse. Parcel P-1 with DHL, tracking 0034")
        page = await visitor.surfer.open(f"{stocked.pages}/work/address")
        await expect(page.locator("main")).to_contain_text("There is no queue 'address'; there are at-risk")


async def test_a_list_that_is_not_there_is_told_with_those_that_are(stocked: Site, windows: Windows) -> None:
    async with visiting(windows, stocked, Role.VIEWER) as visitor:
        page = await visitor.surfer.open(f"{stocked.pages}/work/lost")

        await expect(page.locator("main")).to_contain_text("There is no queue 'lost'; there are fraud, payment")
