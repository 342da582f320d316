import asyncio
from typing import Any

from playwright.async_api import Route, expect

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
            # Its answer puts new forms there, later than the text: the next one is filled in after that.
            async with page.expect_response(lambda answer: answer.request.method == "POST"):
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


async def test_a_form_that_is_opened_while_its_new_version_is_on_the_way_stays_open(
    stocked: Site, surfer: Surfer
) -> None:
    order = await place(stocked)
    page = await surfer.open(path_of(stocked, order))
    asked, opened = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await opened.wait()
        await route.continue_()

    await page.route("**/actions", late)
    await stocked.client.post(f"{stocked.path}/orders/{order['order_id']}/hold", json={"hold": "payment"})
    await asked.wait()
    await page.locator("summary", has_text="Hold").click()
    await page.locator("#hold-reason").fill("half a sen")
    opened.set()

    await expect(page.locator("#order-stale")).to_be_visible()
    await expect(page.locator("#hold-reason")).to_have_value("half a sen")


async def test_a_hold_on_a_line_is_put_on_with_dates_and_released_only_by_those_it_is_for(
    stocked: Site, windows: Windows
) -> None:
    order = await place(stocked)
    path = path_of(stocked, order)
    async with visiting(windows, stocked, Role.SERVICE) as visitor:
        page = await visitor.surfer.open(path)
        dates = {"release_at": "2099-03-01T10:00", "cancel_at": "2099-02-01T10:00"}
        await act(page, f"{path}/hold", hold="approval", on="line:1", **dates)
        await expect(page.locator("#order-live")).to_contain_text("approval on line 1, TSHIRT-BLUE-M since")
        await expect(page.locator("#order-live")).to_contain_text("Taken off by admin or finance.")
        await expect(page.locator(f"form[action='{path}/release']")).to_have_count(0)
        answer = await page.request.post(
            f"{visitor.surfer.base}{path}/release",
            form={"hold": "approval line:1", "csrf": await page.locator("[name=csrf]").first.input_value()},
        )
        assert answer.status == 403
        assert "A hold for approval is taken off by these roles: admin, finance." in await answer.text()
    async with visiting(windows, stocked, Role.FINANCE) as visitor:
        page = await visitor.surfer.open(path)
        await act(page, f"{path}/release", hold="approval line:1")
        await expect(page.locator("#order-live")).to_contain_text("No hold.")

    held = (await stocked.client.get(f"{stocked.path}/orders/{order['order_id']}/history")).json()["updates"][1]
    assert held["command"] == "hold_order"


async def test_the_page_shows_terms_promises_and_what_the_carrier_says(stocked: Site, surfer: Surfer) -> None:
    terms = {"purchase_order": "PO-4471", "requested_at": "2026-11-02T08:00:00Z"}
    order = await place(stocked, terms=terms, promise_by="2027-03-01T12:00:00Z")
    orders, part = f"{stocked.path}/orders/{order['order_id']}", order["fulfillments"][0]["fulfillment_id"]
    changes = [{"action": "set_promise", "promise_by": "2027-03-05T12:00:00Z"}]
    scans = [("pre_transit", "2026-11-20T09:00:00Z"), ("out_for_delivery", "2026-11-21T09:00:00Z")]
    parcel = {"parcel_id": "P-1", "carrier": "DHL", "tracking_number": "0034"}
    for url, body in [
        (f"{orders}/edit", {"changes": changes}),
        (f"{orders}/fulfillments/{part}/ship", parcel),
        *(
            (f"{orders}/fulfillments/{part}/parcels/P-1/scan", {"status": status, "occurred_at": at})
            for status, at in scans
        ),
    ]:
        answer = await stocked.client.post(url, json=body)
        assert answer.status_code == 200, answer.text
    page = await surfer.open(path_of(stocked, order))
    live = page.locator("#order-live")

    await expect(live).to_contain_text("PO-4471")
    await expect(live).to_contain_text("5 Mar 2027 13:00 CET revised")
    await expect(live).to_contain_text("1 Mar 2027 13:00 CET")
    await expect(live.locator(".parcel")).to_contain_text("in transit Parcel P-1")
    await expect(live).to_contain_text("The carrier says out for delivery, last scan 21 Nov 2026 10:00 CET")


async def test_an_edit_is_previewed_confirmed_and_refused_where_another_came_first(
    stocked: Site, surfer: Surfer
) -> None:
    order = await place(stocked)
    path = path_of(stocked, order)
    page = await surfer.open(path)
    form = page.locator(f"form[action='{path}/edit']")

    await act(page, f"{path}/edit", **{"more.1": "1", "shipping": "4.90", "do": "preview"})
    await expect(form.get_by_role("status")).to_contain_text(
        "It would come to €64.87, now €39.98: €24.89 more to charge. 1 × TSHIRT-BLUE-M from Berlin warehouse"
    )
    assert (await stocked.client.get(f"{stocked.path}/orders/{order['order_id']}")).json()["version"] == 1
    await form.locator("[name='more.1']").fill("2")
    await act(page, f"{path}/edit", do="confirm")
    await expect(form).to_contain_text("This is not what was previewed: preview it again.")
    await act(page, f"{path}/edit", do="preview")
    await expect(form.get_by_role("status")).to_contain_text("It would come to €84.86")
    other = {"changes": [{"action": "set_priority", "priority": 3}]}
    answer = await stocked.client.post(f"{stocked.path}/orders/{order['order_id']}/edit", json=other)
    assert answer.status_code == 200, answer.text
    await act(page, f"{path}/edit", do="confirm")
    await expect(form).to_contain_text("Nothing was changed: somebody changed the order after your preview.")
    await act(page, f"{path}/edit", do="preview")
    await expect(form.get_by_role("status")).to_be_visible()
    await act(page, f"{path}/edit", do="confirm")

    await expect(page.locator("#order-live")).to_contain_text("Former editions (2)")
    edited = (await stocked.client.get(f"{stocked.path}/orders/{order['order_id']}")).json()
    assert (edited["lines"][0]["quantity"], edited["shipping_minor"], edited["priority"]) == (4, 490, 3)
    assert edited["edits"]["edition"] == 2
