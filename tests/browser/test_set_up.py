from playwright.async_api import expect

from tests.support.browser import Surfer
from tests.support.served import Site

_LOCATION = {
    "location_id": "lisbon",
    "name": "Lisbon store",
    "kind": "store",
    "time_zone": "Europe/Lisbon",
    "country": "PT",
    "latitude": 38.72,
    "longitude": -9.14,
    "cut_off_minutes": 930,
    "open_weekdays": [0, 1, 2, 3, 4],
    "closed_on": ["2020-01-01", "2099-12-25"],
    "capacity_per_day": 1200,
    "handling_minor": 150,
}


async def test_a_changed_location_stands_on_the_page_with_its_calendar(stocked: Site, surfer: Surfer) -> None:
    body = {"locations": [_LOCATION], "reason": "a store opens in Lisbon"}
    answer = await stocked.client.put(f"{stocked.path}/locations", json=body)
    assert answer.status_code == 200, answer.text

    page = await surfer.open(f"{stocked.pages}/set-up")
    row = page.get_by_role("row", name="Lisbon store")
    applied = page.get_by_role("row", name="Locations", exact=False).first

    await expect(row.locator("td").nth(0)).to_have_text("store")
    await expect(row.locator("td").nth(2)).to_contain_text("15:30")
    await expect(row.locator("td").nth(2)).to_contain_text("Europe/Lisbon")
    await expect(row.locator("td").nth(3)).to_have_text("Mon–Fri")
    await expect(row.locator("td").nth(4)).to_have_text("2099-12-25")
    await expect(row.locator("td").nth(5)).to_have_text("1,200")
    await expect(row.locator("td").nth(6)).to_have_text("€1.50")
    await expect(applied).to_contain_text("key:tester: a store opens in Lisbon")


async def test_the_map_names_every_location(stocked: Site, surfer: Surfer) -> None:
    page = await surfer.open(f"{stocked.pages}/set-up")

    label = await page.locator(".map svg[role=img]").first.get_attribute("aria-label")

    assert label == "Locations: Berlin warehouse (warehouse), Hamburg store (store)"
    assert await page.locator(".map .pin").count() >= 2


async def test_a_name_is_text_and_never_a_part_of_the_page(stocked: Site, surfer: Surfer) -> None:
    evil = "<img src=x onerror=alert(1)>"
    body = {"locations": [_LOCATION | {"location_id": "evil", "name": evil}]}
    assert (await stocked.client.put(f"{stocked.path}/locations", json=body)).status_code == 200

    page = await surfer.open(f"{stocked.pages}/set-up")

    assert await page.locator("img").count() == 0
    await expect(page.locator("tbody th", has_text=evil)).to_have_count(1)
