from playwright.async_api import expect

from api.roles import Role
from tests.support.browser import Surfer, Windows
from tests.support.served import Site
from tests.support.system import place, shows
from tests.support.visitors import visiting

ADA = {"customer_id": "c-ada", "name": "Ada Muster", "email": "ada@example.org"}


async def three_orders(site: Site) -> list[str]:
    """Orders of two channels, the last one held; their ids."""
    orders = [
        await place(site, "W-1001", 1, customer=ADA),
        await place(site, "W-1002", 1, channel="till-1"),
        await place(site, "W-2001", 1),
    ]
    await site.client.post(f"{site.path}/orders/{orders[2]['order_id']}/hold", json={"hold": "fraud_review"})
    await shows(site, f"{site.path}/orders?held=true", lambda answer: len(answer["orders"]), 1)
    return [order["order_id"] for order in orders]


async def test_typing_narrows_the_list_and_the_address_keeps_it(stocked: Site, surfer: Surfer) -> None:
    await three_orders(stocked)
    page = await surfer.open(f"{stocked.pages}/orders")
    rows = page.locator("#orders-found tbody tr")
    await expect(rows).to_have_count(3)
    await page.keyboard.press("/")
    await page.keyboard.type("w-10")

    await expect(rows).to_have_count(2)
    await expect(page.locator(".chips")).to_contain_text("external number beginning “w-10”")
    await expect(page).to_have_url(f"{surfer.base}{stocked.pages}/orders?q=w-10")
    await page.locator("input[name=held]").check()
    await expect(page.locator("#orders-found")).to_contain_text("Nothing fits")
    await expect(page).to_have_url(f"{surfer.base}{stocked.pages}/orders?q=w-10&held=1")
    await page.reload()
    await expect(page.locator("#orders-q")).to_have_value("w-10")
    await expect(page.locator("input[name=held]")).to_be_checked()


async def test_arrows_and_enter_open_an_order(stocked: Site, surfer: Surfer) -> None:
    order_ids = await three_orders(stocked)
    page = await surfer.open(f"{stocked.pages}/orders")
    await page.keyboard.press("/")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        await page.keyboard.press(key)

    await expect(page).to_have_url(f"{surfer.base}{stocked.pages}/orders/{order_ids[1]}")


async def test_an_export_says_how_far_it_is(stocked: Site, windows: Windows) -> None:
    await three_orders(stocked)
    async with visiting(windows, stocked, Role.VIEWER) as viewer:
        page = await viewer.surfer.open(f"{stocked.pages}/orders?channel=till-1")
        await page.locator(".exports summary").click()
        async with page.expect_download() as begun:
            await page.locator(".exports a", has_text="CSV").click()
        file = await (await begun.value).path()

        assert file.read_text().splitlines()[1].split(",")[1:4] == ["W-1002", "till-1", "routed"]
        await expect(page.locator("#orders-export")).to_have_text("1 order exported.")


async def test_service_finds_people_and_a_viewer_is_told_that_it_cannot(stocked: Site, windows: Windows) -> None:
    await three_orders(stocked)
    async with visiting(windows, stocked, Role.SERVICE) as service:
        page = await service.surfer.open(f"{stocked.pages}/orders?q=muster")
        await expect(page.locator("#orders-found tbody tr")).to_have_count(1)
        await expect(page.locator("#orders-found tbody")).to_contain_text("Ada Muster")
    async with visiting(windows, stocked, Role.VIEWER) as viewer:
        page = await viewer.surfer.open(f"{stocked.pages}/orders?q=muster")
        await expect(page.locator("#orders-found")).to_contain_text("that takes the scope customers:read")
        await expect(page.locator("#orders-found tbody tr")).to_have_count(0)


async def test_the_floor_sees_orders_of_its_own_location_only(stocked: Site, windows: Windows) -> None:
    await three_orders(stocked)
    async with visiting(windows, stocked, Role.FLOOR, locations=("hamburg",)) as worker:
        for query in ("", "?location=berlin", "?q=W-1001"):
            page = await worker.surfer.open(f"{stocked.pages}/orders{query}")
            await expect(page.locator("#orders-found")).to_contain_text("No orders.")
            assert "Berlin" not in await page.content()


async def test_the_form_works_without_scripts(stocked: Site, windows: Windows) -> None:
    await three_orders(stocked)
    key = {"Authorization": stocked.client.headers["authorization"]}
    context = await windows.browser.new_context(java_script_enabled=False, extra_http_headers=key)
    page = await context.new_page()
    await page.goto(f"{stocked.base}{stocked.pages}/orders")
    await page.fill("#orders-q", "W-2001")
    await page.locator("#orders-search button").click()

    await expect(page.locator("#orders-found tbody tr")).to_have_count(1)
    assert "q=W-2001" in page.url
    await context.close()
