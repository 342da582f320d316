import httpx2
import pytest

from api.security import Scope
from tests.support.browser import Surfer, tab_to
from tests.support.served import Site

_HTML = {"Accept": "text/html"}


async def test_an_unknown_pool_is_a_page_that_says_so(surfer: Surfer) -> None:
    page = await surfer.open("/p/nowhere/set-up")

    assert await page.locator("h1").inner_text() == "Not here"


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_theme_follows_the_system_and_a_switch_that_is_remembered(
    stocked: Site, surfer: Surfer, theme: str
) -> None:
    page = await surfer.open(f"{stocked.pages}/set-up", theme="dark" if theme == "dark" else "light")
    ground = "getComputedStyle(document.body).backgroundColor"
    before = await page.evaluate(ground)

    await page.get_by_role("button", name="Switch between light and dark").click()
    switched = await page.evaluate(ground)
    await page.reload()

    assert switched != before
    assert await page.evaluate(ground) == switched


async def test_the_first_tab_stop_skips_to_the_content(stocked: Site, surfer: Surfer) -> None:
    page = await surfer.open(f"{stocked.pages}/set-up")

    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    assert await page.evaluate("document.activeElement.id") == "main"


async def test_every_page_of_the_navigation_is_reached_by_keyboard(stocked: Site, surfer: Surfer) -> None:
    page = await surfer.open(f"{stocked.pages}/now")

    await tab_to(page, f"nav a[href='{stocked.pages}/set-up']")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/set-up")

    assert await page.locator("nav a[aria-current=page]").inner_text() == "Set-up"


async def test_files_of_pages_are_kept_for_ever_and_change_their_address(site: Site) -> None:
    async with httpx2.AsyncClient(base_url=site.base) as client:
        text = (await site.client.get("/p/nowhere/set-up", headers=_HTML)).text
        address = text.split('rel="stylesheet" href="')[1].split('"')[0]
        now = await client.get(address)
        other = await client.get(address.replace(address.split("/")[2], "0" * 12))

    assert (now.status_code, now.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert other.status_code == 404


async def test_a_page_allows_no_script_but_our_files(stocked: Site) -> None:
    answer = await stocked.client.get(f"{stocked.pages}/set-up", headers=_HTML)
    policy = answer.headers["content-security-policy"]

    assert answer.status_code == 200
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.text
    assert " style=" not in answer.text


async def test_a_machine_gets_the_problem_as_a_document(site: Site) -> None:
    answer = await site.client.get("/p/nowhere/set-up")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "pool_unknown"


async def test_somebody_of_another_pool_sees_no_page_of_this_one(stocked: Site) -> None:
    async with stocked.client_of(Scope.ADMIN, pools=("other",)) as client:
        answer = await client.get(f"{stocked.pages}/set-up", headers=_HTML)

    assert answer.status_code == 404
    assert "Berlin" not in answer.text
