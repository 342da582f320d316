from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from api.roles import Role
from tests.support.browser import DESKTOP, NARROWEST, PHONE, Surfer, Theme, scrolls_sideways, serious_faults
from tests.support.served import Site
from tests.support.system import SKU, place
from tests.support.visitors import Visitor, audited, fill_in, visiting

WHY = "#order-why"


def path_of(site: Site, order: Any) -> str:
    return f"{site.pages}/orders/{order['order_id']}"


async def caused(site: Site, order: Any) -> Any:
    """The newest command on the order."""
    answer = await site.client.get(f"{site.path}/orders/{order['order_id']}/history")
    return answer.json()["updates"][-1]


async def assert_caused(site: Site, order: Any, visitor: Visitor, command: str, reason: str) -> None:
    """Assert the command that an action was, and its line in the audit log."""
    last, line = await caused(site, order), audited(site)[-1]

    assert (last["command"], last["reason"], last["actor"]) == (command, reason, visitor.actor)
    assert (line.action, line.reason, line.actor) == (command, reason, visitor.actor)
    assert line.command_id == last["command_id"]


ACTIONS = [
    pytest.param("Hold", {"hold": "payment"}, "hold_order", "The order is held.", "Held for payment", id="hold"),
    pytest.param("Reroute", {}, "reroute_order", "Locations were chosen anew.", "has not answered", id="reroute"),
    pytest.param(
        "Cancel units",
        {"units.1": "2", "cause": "customer"},
        "cancel_units",
        "The units are cancelled.",
        "Cancelled: no unit is left",
        id="cancel",
    ),
    pytest.param("Accept", {"partner_reference": "W-1"}, "accept_fulfillment", "Accepted.", "accepted it", id="accept"),
    pytest.param("Reject", {"cause": "closed"}, "reject_fulfillment", "Rejected", "has refused it before", id="reject"),
    pytest.param("Pick", {"units.1": "1"}, "pick_fulfillment", "Picked.", "Waits for stock of 1", id="short pick"),
]


@pytest.mark.parametrize(("action", "fields", "command", "done", "why"), ACTIONS)
async def test_an_action_is_a_command_with_its_audit_line(  # noqa: PLR0917 # Each is a part of the case.
    stocked: Site, browser: Browser, action: str, fields: dict[str, str], command: str, done: str, why: str
) -> None:
    order = await place(stocked)
    async with visiting(browser, stocked) as visitor:
        page = await visitor.surfer.open(path_of(stocked, order))
        await fill_in(page, action, **fields, reason="they called")

        await expect(page.locator("#notices")).to_contain_text(done)
        await expect(page.locator(WHY)).to_contain_text(why)
        await expect(page.locator(".timeline li").first).to_contain_text("they called")
        await expect(page.locator("#actions-title")).to_be_focused()
        await assert_caused(stocked, order, visitor, command, "they called")


async def test_a_hold_is_released(stocked: Site, browser: Browser) -> None:
    order = await place(stocked)
    async with visiting(browser, stocked, Role.SERVICE) as visitor:
        page = await visitor.surfer.open(path_of(stocked, order))
        await fill_in(page, "Hold", hold="address")
        await expect(page.locator(WHY)).to_contain_text("Held for address")
        await fill_in(page, "Release", hold="address", reason="it is right")

        await expect(page.locator(WHY)).to_contain_text("has not answered")
        await assert_caused(stocked, order, visitor, "release_hold", "it is right")


async def test_the_floor_accepts_picks_packs_and_ships(stocked: Site, browser: Browser) -> None:
    order = await place(stocked)
    async with visiting(browser, stocked, Role.FLOOR, ("berlin",)) as visitor:
        page = await visitor.surfer.open(path_of(stocked, order), size=PHONE)
        await fill_in(page, "Accept")
        await expect(page.locator(WHY)).to_contain_text("accepted it")
        await fill_in(page, "Pick")
        await expect(page.locator(WHY)).to_contain_text("picked it")
        await fill_in(page, "Pack")
        await expect(page.locator(WHY)).to_contain_text("packed it")
        await fill_in(page, "Ship", parcel_id="P-1", carrier="DHL", tracking_number="0034")
        await expect(page.locator(WHY)).to_contain_text("DHL has had it since")
        assert (await caused(stocked, order))["command"] == "ship_parcel"
        await fill_in(page, "Came back", reason="nobody home")
        await expect(page.locator(WHY)).to_contain_text("returned to sender")
        await assert_caused(stocked, order, visitor, "return_parcel_to_sender", "nobody home")


async def test_the_refund_shows_itself_while_units_are_typed(stocked: Site, surfer: Surfer) -> None:
    order = await place(stocked, quantity=3)
    page = await surfer.open(path_of(stocked, order))
    await page.locator("summary", has_text="Cancel units").click()
    await page.locator("#cancel-1").press_sequentially("2")

    await expect(page.locator("#refund")).to_contain_text("To refund: €39.98")
    assert (await caused(stocked, order))["command"] == "place_order"


async def test_a_refusal_stands_beside_its_field_and_nothing_changes(stocked: Site, browser: Browser) -> None:
    order = await place(stocked)
    async with visiting(browser, stocked) as visitor:
        page = await visitor.surfer.open(path_of(stocked, order))
        await page.evaluate("document.querySelectorAll('[name=\"units.1\"]').forEach((field) => (field.max = 9))")
        await fill_in(page, "Cancel units", **{"units.1": "9"})

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


async def test_without_the_right_role_nothing_can_be_changed(stocked: Site, browser: Browser) -> None:
    order = await place(stocked)
    async with visiting(browser, stocked, Role.VIEWER) as viewer:
        page = await viewer.surfer.open(path_of(stocked, order))
        await expect(page.locator("#order-actions")).to_contain_text("You may look, and change nothing.")
        assert await page.locator("form[hx-post]").count() == 0
        status = await page.evaluate(
            """async (path) => (await fetch(path, {
                method: "POST", body: new URLSearchParams({hold: "payment", key: "1"}),
                headers: JSON.parse(document.body.getAttribute("hx-headers:inherited")),
            })).status""",
            f"{path_of(stocked, order)}/hold",
        )
    async with visiting(browser, stocked, Role.FLOOR, ("hamburg",)) as elsewhere:
        page = await elsewhere.surfer.open(path_of(stocked, order))
        await expect(page.locator("h1")).to_have_text("Not here")

    assert status == 403
    assert (await caused(stocked, order))["command"] == "place_order"


async def full(site: Site) -> Any:
    """An order with something of everything on its page."""
    customer = {"name": "Ada Example", "email": "ada@example.org", "address_lines": ["Weg 1", "10115 Berlin"]}
    order = await place(site, quantity=4, customer=customer, promise_by="2027-03-01T12:00:00Z")
    path = f"{site.path}/orders/{order['order_id']}"
    part = f"{path}/fulfillments/{order['fulfillments'][0]['fulfillment_id']}"
    one = [{"line_id": "1", "quantity": 1}]
    for url, body in [
        (f"{part}/accept", {"partner_reference": "WMS-5512"}),
        (f"{path}/hold", {"hold": "payment"}),
        (f"{path}/release", {"hold": "payment", "reason": "paid by bank"}),
        (f"{path}/cancel", {"units": one, "reason": "changed their mind"}),
        (f"{part}/ship", {"parcel_id": "P-1", "units": one, "carrier": "DHL", "tracking_number": "0034"}),
        (f"{path}/hold", {"hold": "customer_request", "reason": "on holiday"}),
    ]:
        answer = await site.client.post(url, json=body)
        assert answer.status_code == 200, answer.text
    return order


async def open_all(page: Page) -> None:
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, NARROWEST], ids=["desktop", "phone"])
async def test_everybody_can_use_it_on_every_screen(stocked: Site, surfer: Surfer, size: Any, theme: Theme) -> None:
    order = await full(stocked)
    page = await surfer.open(path_of(stocked, order), size=size, theme=theme)
    await expect(page.locator("h1")).to_have_text("Order 100234")
    await open_all(page)

    assert await serious_faults(page) == []
    assert not await scrolls_sideways(page)
    assert SKU in await page.locator("#order-live").inner_text()
