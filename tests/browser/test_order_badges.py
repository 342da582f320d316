"""What is special about an order shows on its page and in the lists: imported, closed, counting on supply, silent."""

from typing import Any

from playwright.async_api import expect

from models.commands import Tick, encode
from tests.support.browser import Surfer
from tests.support.served import Site
from tests.support.system import SKU, answered, order_body, place
from tests.support.visitors import act

DAY_MS = 86_400_000


async def let_pass(site: Site, days: int) -> None:
    """Let time pass in the pool by a tick of the future."""
    at_ms = site.services.now_ms() + days * DAY_MS
    tick = Tick(command_id=f"tick-{site.pool}-{days}", pool=site.pool, issued_at_ms=at_ms, actor="clock")
    await site.services.sender.submit(site.pool, encode(tick))


async def sent(site: Site, order: Any, *steps: tuple[str, dict[str, Any]]) -> str:
    """Do steps of the order's only part, and give the address of the order's page."""
    part = f"{site.path}/orders/{order['order_id']}/fulfillments/{order['fulfillments'][0]['fulfillment_id']}"
    for step, body in steps:
        answer = await site.client.post(f"{part}/{step}", json=body)
        assert answer.status_code == 200, answer.text
    return f"{site.pages}/orders/{order['order_id']}"


async def test_an_order_of_the_past_says_that_it_was_only_imported(stocked: Site, surfer: Surfer) -> None:
    past: dict[str, Any] = {
        "placed_at": "2025-03-01T10:00:00Z",
        "shipped_at": "2025-03-02T16:00:00Z",
        "location_id": "berlin",
    }
    answer = await stocked.client.post(f"{stocked.path}/orders/import", json=order_body("old", **past))
    assert answer.status_code == 201, answer.text
    page = await surfer.open(f"{stocked.pages}/orders/{answer.json()['order_id']}")

    await expect(page.locator("#order-why .tag")).to_have_text(["delivered", "imported"])
    await expect(page.locator("#order-why")).to_contain_text("only imported: no stock moved for it")
    page = await surfer.open(f"{stocked.pages}/orders")
    await expect(page.get_by_role("row", name="old")).to_contain_text("imported")


async def test_a_closed_order_says_so_until_something_is_done_with_it(stocked: Site, surfer: Surfer) -> None:
    order = await place(stocked, "old")
    path = await sent(stocked, order, ("ship", {"parcel_id": "P-1"}), ("parcels/P-1/lose", {}))
    await let_pass(stocked, 31)
    url = f"{stocked.path}/orders/{order['order_id']}"
    await answered(stocked.client, url, lambda answer: answer.json()["closed_at"])
    page = await surfer.open(f"{stocked.pages}/orders")
    await expect(page.get_by_role("row", name="old")).to_contain_text("closed")
    page = await surfer.open(path)
    await expect(page.locator("#order-why .tag")).to_have_text(["delivered", "closed"])
    await expect(page.locator("#order-why")).to_contain_text("whatever is done with it brings it back")
    part = order["fulfillments"][0]["fulfillment_id"]
    await act(page, f"{path}/fulfillments/{part}/parcels/P-1/deliver", reason="a neighbour had it")

    await expect(page.locator("#notices")).to_contain_text("The parcel has arrived.")
    await expect(page.locator("#order-why .tag")).to_have_text(["delivered"])


async def test_a_line_that_waits_names_the_receipt_it_counts_on_and_what_is_promised_by_it(
    stocked: Site, surfer: Surfer
) -> None:
    order = await place(stocked, quantity=42)
    arrival = {
        "source": "erp",
        "document": "PO-1",
        "location_id": "berlin",
        "expected_at": "2099-12-01T08:00:00Z",
        "lines": [{"line": "1", "sku": SKU, "quantity": 10}],
    }
    page = await surfer.open(f"{stocked.pages}/orders/{order['order_id']}")
    answer = await stocked.client.post(f"{stocked.path}/stock/expect", json=arrival)
    assert answer.status_code == 200, answer.text

    await expect(page.locator("#order-live .counters")).to_contain_text(
        "counts on 2 expected 1 Dec 2099 09:00 CET (erp/PO-1/1)"
    )
    await expect(page.locator("#order-live")).to_contain_text("3 Dec 2099 09:00 CET revised")


async def test_a_parcel_that_its_carrier_is_silent_about_is_told_on_its_order_and_in_the_lists(
    stocked: Site, surfer: Surfer
) -> None:
    order = await place(stocked)
    parcel = {"parcel_id": "P-1", "carrier": "DHL", "tracking_number": "0034"}
    path = await sent(stocked, order, ("ship", parcel), ("parcels/P-1/scan", {"status": "in_transit"}))
    page = await surfer.open(path)
    await expect(page.locator(".parcel .tag")).to_have_text(["in transit"])
    await let_pass(stocked, 4)
    await expect(page.locator(".parcel .tag")).to_have_text(["in transit", "silent"])
    page = await surfer.open(f"{stocked.pages}/work/silent-parcels")
    row = page.locator("#work-rows tbody tr")
    await expect(row).to_contain_text("Parcel P-1 with DHL, tracking 0034 silent")
    part = order["fulfillments"][0]["fulfillment_id"]
    url = f"{stocked.path}/orders/{order['order_id']}/fulfillments/{part}/parcels/P-1/scan"
    assert (await stocked.client.post(url, json={"status": "out_for_delivery"})).status_code == 200

    await expect(row).to_have_count(0)
    await expect(page.locator("#work-rows")).to_contain_text("Nothing to do here.")
