"""A person invites, signs in, changes and leaves, by mouse and keyboard; axe finds nothing serious on the way."""

import re

from playwright.async_api import Page, expect

from api.control.audit import AuditLine, Wanted
from api.control.user import User
from api.roles import Role
from tests.support.browser import Windows, surfing, tab_to
from tests.support.people import add_user
from tests.support.served import Site
from tests.support.visitors import visiting

PASSWORD = "four mild herons waiting"


async def test_from_the_admin_s_link_to_an_invitation_to_a_role_and_out(windows: Windows, stocked: Site) -> None:
    boss, token = invited(stocked, "boss", Role.ADMIN)
    name = f"ann-{stocked.pool}"
    async with surfing(windows, stocked.base) as admin, surfing(windows, stocked.base) as guest:
        page = await admin.open(f"/link/{token}")
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("link", name="Users").click()
        await page.get_by_label("Name, as in ann.lee").fill(name)
        await page.get_by_role("radio", name=re.compile("^service")).check()
        await page.get_by_role("button", name="Make the link").click()
        shown = page.get_by_label(f"The link for {name}").locator("code")
        link = (await shown.text_content()) or ""

        theirs = await guest.open(link.removeprefix(stocked.base))
        await choose_password(theirs)
        await expect(theirs.get_by_role("link", name="Users")).to_have_count(0)
        await expect(theirs.locator(".top summary", has_text=name)).to_be_visible()

        await page.get_by_role("link", name=name).click()
        await page.get_by_role("radio", name=re.compile("^finance")).check()
        await page.get_by_label("Reason, for the audit log").first.fill("moved to finance")
        await page.get_by_role("button", name="Change", exact=True).click()
        await expect(page.get_by_role("status")).to_have_text("Changed.")
        await theirs.reload()
        await expect(theirs.get_by_role("link", name="Audit")).to_be_visible()
        await theirs.locator(".top summary", has_text=name).click()
        await theirs.get_by_role("button", name="Sign out").click()
        await expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible()

    lines = lines_on(stocked, name)
    assert [(line.actor, line.action) for line in lines] == [
        (boss.principal.actor, "add_user"),
        (boss.principal.actor, "make_sign_in_link"),
        (f"user:{name}", "set_password"),
        (f"user:{name}", "sign_in"),
        (boss.principal.actor, "change_user"),
        (f"user:{name}", "sign_out"),
    ]
    assert lines[4].reason == "moved to finance"


async def test_a_link_opens_once(windows: Windows, stocked: Site) -> None:
    user, token = invited(stocked, "kim", Role.VIEWER)
    async with surfing(windows, stocked.base) as first, surfing(windows, stocked.base) as second:
        page, late = await first.open(f"/link/{token}"), await second.open(f"/link/{token}")
        await choose_password(page)
        await expect(page.locator(".top summary", has_text=user.name)).to_be_visible()
        await choose_password(late)

        await expect(late.locator("h1")).to_have_text("This link does not open anything")
        await expect(late.locator(".top summary", has_text=user.name)).to_have_count(0)
    assert [line.action for line in lines_on(stocked, user.name)] == [
        "add_user",
        "make_sign_in_link",
        "set_password",
        "sign_in",
    ]


async def test_signing_in_by_keyboard_leads_back_and_a_wrong_password_is_told(windows: Windows, stocked: Site) -> None:
    identity = stocked.services.identity
    user = add_user(stocked, f"kim-{stocked.pool}", Role.VIEWER)
    kept = await stocked.services.in_identity(identity.passwords.hash, PASSWORD)
    identity.users.set_password(user, kept, actor="test", now_ms=stocked.services.now_ms())
    async with surfing(windows, stocked.base) as surfer:
        page = await surfer.open(f"{stocked.pages}/set-up")
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await page.keyboard.type(user.name)
        await tab_to(page, "[name=password]")
        await page.keyboard.type("not the right one")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
        assert identity.sessions.list(user.user_id, stocked.services.now_ms()) == []
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{stocked.base}{stocked.pages}/set-up")

    told = [(line.actor, line.action, line.refusal) for line in lines_on(stocked, user.name)[-2:]]
    assert told == [(f"user:{user.name}", "sign_in", "wrong name or password"), (f"user:{user.name}", "sign_in", "")]


def invited(site: Site, name: str, role: Role) -> tuple[User, str]:
    """Somebody, and the secret of their link."""
    user, links = add_user(site, f"{name}-{site.pool}", role), site.services.identity.links
    is_needed = role is not Role.ADMIN
    made = links.make(user, actor="test", now_ms=site.services.now_ms(), life_ms=60_000, is_password_needed=is_needed)
    return user, made


async def choose_password(page: Page) -> None:
    await page.get_by_label("Password, 12").fill(PASSWORD)
    await page.get_by_label("The same again").fill(PASSWORD)
    await page.keyboard.press("Enter")


def lines_on(site: Site, name: str) -> list[AuditLine]:
    """What the audit log tells of somebody, oldest first."""
    return [found.line for found in reversed(site.services.audit.lines(Wanted(target=f"user:{name}")))]


async def test_a_page_that_is_not_for_a_role_is_not_there(windows: Windows, stocked: Site) -> None:
    async with visiting(windows, stocked, Role.VIEWER) as viewer:
        page = await viewer.surfer.open("/users")
        await expect(page.get_by_role("heading", name="Not here")).to_be_visible()
        await expect(page.get_by_role("link", name="Keys")).to_have_count(0)


async def test_the_floor_begins_at_its_location(windows: Windows, stocked: Site) -> None:
    async with visiting(windows, stocked, Role.FLOOR, ("berlin",)) as floor:
        page = await floor.surfer.open(f"/p/{stocked.pool}")
        await expect(page).to_have_url(f"{stocked.base}{stocked.pages}/locations/berlin")
        await expect(page.get_by_role("link", name="Now")).to_have_count(0)
        await expect(page.get_by_role("link", name="Set-up")).to_have_count(0)
