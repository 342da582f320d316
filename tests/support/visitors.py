"""People in front of a real browser: signed in with a role, watched for faults of scripts and of the content policy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from playwright.async_api import Browser, Page, expect

from api.access import SESSION_COOKIE
from api.control.audit import AuditLine, Wanted
from api.control.identity import Visit
from api.roles import Role
from tests.support.browser import Surfer
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
    browser: Browser, site: Site, role: Role = Role.OPS, locations: tuple[str, ...] = ()
) -> AsyncIterator[Visitor]:
    """Sign somebody in for a block."""
    user = add_user(site, f"{role}-{site.pool}", role, locations=locations)
    identity, now_ms = site.services.identity, site.services.now_ms()
    secret = identity.let_in(user, Visit("127.0.0.1", "test", None), now_ms, by="test").secret
    surfer = Surfer(browser, site.base, {}, [{"name": SESSION_COOKIE, "value": secret, "url": site.base}])
    yield Visitor(surfer, user.name)
    await surfer.close()
    assert surfer.faults == []


async def fill_in(page: Page, summary: str, **fields: str) -> None:
    """Open an action, fill its fields in by their labels' beginning, and send it; by keyboard from the summary on."""
    action = page.locator("details.action", has=page.locator("summary", has_text=summary)).first
    await action.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(action).to_have_attribute("open", "")
    for name, value in fields.items():
        field = action.locator(f"[name='{name}']")
        if await field.evaluate("field => field.tagName") == "SELECT":
            await field.select_option(value)
        else:
            await field.fill(value)
    await action.locator("button[data-send]").focus()
    await page.keyboard.press("Enter")


def audited(site: Site) -> list[AuditLine]:
    """The audit lines of this test's pool, oldest first."""
    stored = site.services.audit.lines(Wanted(), limit=500)
    return [found.line for found in reversed(stored) if found.line.pool == site.pool]
