"""A person invites, signs in, changes and leaves, by mouse and keyboard; axe finds nothing serious on the way."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from api.control.audit import Wanted
from api.roles import Role
from tests.support.browser import NARROWEST, PHONE, Surfer, scrolls_sideways, serious_faults, tab_to
from tests.support.served import Site
from tests.support.visitors import visiting

PASSWORD = "four mild herons waiting"
PAGES = ["/users", "/keys", "/audit", "/audit/check", "/me"]


async def test_from_the_admin_s_link_to_an_invitation_to_a_role_and_out(browser: Browser, stocked: Site) -> None:
    identity, now_ms = stocked.services.identity, stocked.services.now_ms()
    boss = identity.users.add(name=f"boss-{stocked.pool}", role=Role.ADMIN, actor="cli:test", now_ms=now_ms)
    token = identity.links.make(boss, actor="cli:test", now_ms=now_ms, life_ms=60_000, is_password_needed=False)
    admin, guest = Surfer(browser, stocked.base, {}, []), Surfer(browser, stocked.base, {}, [])
    name = f"ann-{stocked.pool}"

    page = await admin.open(f"/link/{token}")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("link", name="Users").click()
    await page.get_by_label("Name, as in ann.lee").fill(name)
    await page.get_by_role("radio", name=re.compile("^service")).check()
    await page.get_by_role("button", name="Make the link").click()
    shown = page.get_by_label(f"The link for {name}").locator("code")
    link = (await shown.text_content()) or ""

    theirs = await guest.open(link.removeprefix(stocked.base))
    await theirs.get_by_label("Password, 12").fill(PASSWORD)
    await theirs.get_by_label("The same again").fill(PASSWORD)
    await theirs.keyboard.press("Enter")
    await expect(theirs.get_by_role("link", name="Users")).to_have_count(0)
    await expect(theirs.get_by_role("link", name=name)).to_be_visible()

    await page.get_by_role("link", name=name).click()
    await page.get_by_role("radio", name=re.compile("^finance")).check()
    await page.get_by_label("Reason, for the audit log").first.fill("moved to finance")
    await page.get_by_role("button", name="Change", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("Changed.")
    await theirs.reload()
    await expect(theirs.get_by_role("link", name="Audit")).to_be_visible()

    await theirs.get_by_role("button", name="Sign out").click()
    await expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible()
    lines = [one.line for one in stocked.services.audit.lines(Wanted(target=f"user:{name}"))][::-1]
    await admin.close()
    await guest.close()

    assert [(line.actor, line.action) for line in lines] == [
        (f"user:{boss.name}", "add_user"),
        (f"user:{boss.name}", "make_sign_in_link"),
        (f"user:{name}", "set_password"),
        (f"user:{name}", "sign_in"),
        (f"user:{boss.name}", "change_user"),
        (f"user:{name}", "sign_out"),
    ]
    assert lines[4].reason == "moved to finance"
    assert (admin.faults, guest.faults) == ([], [])


async def test_signing_in_by_keyboard_leads_back_and_a_wrong_password_is_told(browser: Browser, stocked: Site) -> None:
    identity = stocked.services.identity
    user = identity.users.add(
        name=f"kim-{stocked.pool}", role=Role.VIEWER, actor="cli:test", now_ms=stocked.services.now_ms()
    )
    kept = await stocked.services.in_identity(identity.passwords.hash, PASSWORD)
    identity.users.set_password(user, kept, actor="test", now_ms=stocked.services.now_ms())
    surfer = Surfer(browser, stocked.base, {}, [])
    page = await surfer.open(f"{stocked.pages}/set-up")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.keyboard.type(user.name)
    await tab_to(page, "[name=password]")
    await page.keyboard.type("not the right one")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{stocked.base}{stocked.pages}/set-up")
    await surfer.close()

    assert surfer.faults == []


@pytest.mark.parametrize("path", PAGES)
async def test_pages_of_people_have_no_serious_fault_in_any_size_or_theme(
    browser: Browser, stocked: Site, path: str
) -> None:
    async with visiting(browser, stocked, Role.ADMIN) as admin:
        await _looked_at(admin.surfer, path)


@pytest.mark.parametrize("path", ["/sign-in", "/link/none"])
async def test_pages_before_signing_in_have_no_serious_fault(browser: Browser, stocked: Site, path: str) -> None:
    surfer = Surfer(browser, stocked.base, {}, [])
    await _looked_at(surfer, path)
    await surfer.close()

    assert surfer.faults == []


async def test_a_page_that_is_not_for_a_role_is_not_there(browser: Browser, stocked: Site) -> None:
    async with visiting(browser, stocked, Role.VIEWER) as viewer:
        page = await viewer.surfer.open("/users")
        await expect(page.get_by_role("heading", name="Not here")).to_be_visible()
        await expect(page.get_by_role("link", name="Keys")).to_have_count(0)


async def test_the_floor_begins_at_its_location(browser: Browser, stocked: Site) -> None:
    async with visiting(browser, stocked, Role.FLOOR, ("berlin",)) as floor:
        page = await floor.surfer.open(f"/p/{stocked.pool}")
        await expect(page).to_have_url(f"{stocked.base}{stocked.pages}/locations/berlin")
        await expect(page.get_by_role("link", name="Now")).to_have_count(0)
        await expect(page.get_by_role("link", name="Set-up")).to_have_count(0)


async def _looked_at(surfer: Surfer, path: str) -> None:
    wide, dark, phone, narrow = (
        await surfer.open(path),
        await surfer.open(path, theme="dark"),
        await surfer.open(path, size=PHONE),
        await surfer.open(path, size=NARROWEST),
    )
    pages: list[Page] = [wide, dark, phone]
    for page in pages:
        assert await serious_faults(page) == []
    assert not await scrolls_sideways(narrow)
