"""Page Work: what waits for somebody, found and opened by keyboard, on a phone too."""

from playwright.async_api import expect

from api.roles import Role
from tests.support.browser import PHONE, Windows, tab_to
from tests.support.served import Site
from tests.support.system import place
from tests.support.visitors import visiting


async def test_somebody_finds_the_oldest_held_order_by_keyboard_on_a_phone(stocked: Site, windows: Windows) -> None:
    orders = [await place(stocked, number) for number in ("first", "second")]
    for order in orders:
        url = f"{stocked.path}/orders/{order['order_id']}/hold"
        answer = await stocked.client.post(url, json={"hold": "address", "reason": "no house number"})
        assert answer.status_code == 200, answer.text
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


async def test_a_list_that_is_not_there_is_told_with_those_that_are(stocked: Site, windows: Windows) -> None:
    async with visiting(windows, stocked, Role.VIEWER) as visitor:
        page = await visitor.surfer.open(f"{stocked.pages}/work/lost")

        await expect(page.locator("main")).to_contain_text("There is no queue 'lost'; there are fraud, payment")
