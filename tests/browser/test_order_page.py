from typing import Any

from playwright.async_api import expect

from api.roles import Role
from tests.support.browser import PHONE, Surfer, Windows
from tests.support.served import Site
from tests.support.system import place
from tests.support.visitors import act, audited, visiting

WHY = "#order-why"


def path_of(site: Site, order: Any) -> str:
    return f"{site.pages}/orders/{order['order_id']}"


async def caused(site: Site, order: Any) -> Any:
    """The newest command on the order."""
    answer = await site.client.get(f"{site.path}/orders/{order['order_id']}/history")
    return answer.json()["updates"][-1]


async def test_a_hold_and_its_release_show_themselves_without_loading_the_page_again(
    stocked: Site, windows: Windows
) -> None:
    order = await place(stocked)
    async with visiting(windows, stocked, Role.SERVICE) as visitor:
        page = await visitor.surfer.open(path_of(stocked, order))
        await act(page, f"{path_of(stocked, order)}/hold", hold="address", reason="they called")
        await expect(page.locator(WHY)).to_contain_text("Held for address")
        await expect(page.locator(".timeline li").first).to_contain_text("they called")
        await expect(page.locator("#actions-title")).to_be_focused()
        await act(page, f"{path_of(stocked, order)}/release", hold="address", reason="it is right")

        await expect(page.locator(WHY)).to_contain_text("has not answered")
        assert (await caused(stocked, order))["command"] == "release_hold"


async def test_the_floor_takes_an_order_from_accepting_to_shipping_on_a_phone(stocked: Site, windows: Windows) -> None:
    order = await place(stocked)
    part = f"{path_of(stocked, order)}/fulfillments/{order['fulfillments'][0]['fulfillment_id']}"
    async with visiting(windows, stocked, Role.FLOOR) as visitor:
        page = await visitor.surfer.open(path_of(stocked, order), size=PHONE)
        for step, fields, why in [
            ("accept", {}, "accepted it"),
            ("pick", {}, "picked it"),
            ("pack", {}, "packed it"),
            ("ship", {"parcel_id": "P-1", "carrier": "DHL"}, "DHL has had it since"),
            ("parcels/P-1/return", {"reason": "nobody home"}, "returned to sender"),
        ]:
            await act(page, f"{part}/{step}", **fields)
            await expect(page.locator(WHY)).to_contain_text(why)


async def test_the_refund_shows_itself_while_units_are_typed(stocked: Site, surfer: Surfer) -> None:
    order = await place(stocked, quantity=3)
    page = await surfer.open(path_of(stocked, order))
    await page.locator("summary", has_text="Cancel units").click()
    await page.locator("#cancel-1").press_sequentially("2")

    await expect(page.locator("#refund")).to_contain_text("To refund: €39.98")
    assert (await caused(stocked, order))["command"] == "place_order"


async def test_a_refusal_stands_beside_its_field_and_nothing_changes(stocked: Site, windows: Windows) -> None:
    order = await place(stocked)
    async with visiting(windows, stocked) as visitor:
        page = await visitor.surfer.open(path_of(stocked, order))
        await page.evaluate("document.querySelectorAll('[name=\"units.1\"]').forEach((field) => (field.max = 9))")
        await act(page, f"{path_of(stocked, order)}/cancel", **{"units.1": "9"})

        await expect(page.locator("#cancel-error")).to_have_text("line 1 has 2 such units, not 9")
        await expect(page.locator("#cancel-1")).to_have_value("9")
        await expect(page.locator("#cancel-1")).to_be_focused()
        assert await page.locator("#order-actions").get_attribute("data-version") == "1"
        assert (await caused(stocked, order))["refusal"]["code"] == "too_many_units"
        assert audited(stocked)[-1].refusal.startswith("too_many_units")


async def test_a_double_click_is_one_command(stocked: Site, surfer: Surfer) -> None:
    order = await place(stocked, quantity=3)
    page = await surfer.open(path_of(stocked, order))
    await page.locator("summary", has_text="Cancel units").click()
    await page.locator("#cancel-1").fill("1")
    await page.locator("details.action[open] button[data-send]").dblclick()

    await expect(page.locator("#notices")).to_contain_text("The units are cancelled.")
    now = (await stocked.client.get(f"{stocked.path}/orders/{order['order_id']}")).json()
    assert (now["lines"][0]["cancelled"], now["version"]) == (1, 2)


async def test_the_page_follows_what_others_do(stocked: Site, surfer: Surfer) -> None:
    order = await place(stocked)
    page = await surfer.open(path_of(stocked, order))
    await expect(page.locator(WHY)).to_contain_text("has not answered")
    hold = {"hold": "fraud_review", "reason": "odd address"}
    await stocked.client.post(f"{stocked.path}/orders/{order['order_id']}/hold", json=hold)

    await expect(page.locator(WHY)).to_contain_text("Held for fraud review")
    await expect(page.locator(".timeline")).to_contain_text("odd address")
    await expect(page.locator("#order-actions summary", has_text="Release")).to_be_visible()


async def test_a_form_that_somebody_fills_in_is_not_taken_away(stocked: Site, surfer: Surfer) -> None:
    order = await place(stocked)
    page = await surfer.open(path_of(stocked, order))
    await page.locator("summary", has_text="Hold").click()
    await page.locator("#hold-reason").fill("half a sen")
    await stocked.client.post(f"{stocked.path}/orders/{order['order_id']}/hold", json={"hold": "payment"})

    await expect(page.locator(WHY)).to_contain_text("Held for payment")
    await expect(page.locator("#order-stale")).to_be_visible()
    await expect(page.locator("#hold-reason")).to_have_value("half a sen")
