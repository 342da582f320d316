"""People in front of a real browser: signed in with a role, watched for faults of scripts and of the content policy."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from playwright.async_api import Locator, Page

from api.access import SESSION_COOKIE
from api.control.audit import AuditLine, Wanted
from api.control.identity import Visit
from api.control.user import User
from api.roles import Role
from tests.support.browser import Surfer, Windows, surfing
from tests.support.people import add_user
from tests.support.served import Site


class Visitor(NamedTuple):
    """Somebody signed in."""

    surfer: Surfer
    name: str

    @property
    def actor(self) -> str:
        return f"user:{self.name}"


@asynccontextmanager
async def visiting(
    windows: Windows, site: Site, role: Role = Role.OPS, locations: tuple[str, ...] = ()
) -> AsyncIterator[Visitor]:
    """Sign somebody in for a block."""
    user = add_user(site, f"{role}-{site.pool}", role, locations=locations)
    async with surfing(windows, site.base, cookies=[session_of(site, user)]) as surfer:
        yield Visitor(surfer, user.name)


def session_of(site: Site, user: User) -> Any:
    """Sign somebody in, and give the cookie of it."""
    identity, now_ms = site.services.identity, site.services.now_ms()
    secret = identity.let_in(user, Visit("127.0.0.1", "test", None), now_ms, by="test").secret
    return {"name": SESSION_COOKIE, "value": secret, "url": site.base}


def form_at(page: Page, url: str) -> Locator:
    """The form of a page that is sent to an address."""
    return page.locator(f"form[action='{url}']").first


async def fill_in(form: Locator, fields: Mapping[str, str]) -> Locator:
    """Open the action that a form stands in and the groups of its fields, by keyboard, fill the fields in, and give
    the button that sends it.
    """
    summary = form.locator("xpath=ancestor::details[1]/summary")
    if await summary.count() and not await summary.evaluate("summary => summary.parentElement.open"):
        await summary.press("Enter")
    button = form.locator("button").last
    for name, value in fields.items():
        named = form.locator(f"[name='{name}']")
        for group in await named.first.locator("xpath=ancestor::details[contains(@class,'group')][not(@open)]").all():
            await group.locator("> summary").press("Enter")
        chosen = form.locator(f"[name='{name}'][value='{value}']")
        match await named.first.evaluate("field => field.type"):
            case "radio" | "checkbox":
                await chosen.check()
            case "select-one":
                await named.select_option(value)
            case "submit":
                button = chosen
            case "hidden":
                # The page has filled it in.
                assert await named.input_value() == value
            case _:
                await named.fill(value)
    return button


async def act(page: Page, url: str, **fields: str) -> None:
    """Fill a form in and send it, by keyboard."""
    button = await fill_in(form_at(page, url), fields)
    await button.press("Enter")


def audited(site: Site) -> list[AuditLine]:
    """The audit lines of this test's pool, oldest first."""
    stored = site.services.audit.lines(Wanted(), limit=500)
    return [found.line for found in reversed(stored) if found.line.pool == site.pool]
