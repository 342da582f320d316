"""Headless Chromium before a running system: pages of several sizes, axe, the keyboard."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize, async_playwright

DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)
NARROWEST = ViewportSize(width=360, height=740)
Theme = Literal["light", "dark"]

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_SERIOUS = {"serious", "critical"}
_STEPS_MAX = 200


def chromium_path() -> str | None:
    """Where Chromium is, if it is there."""
    return shutil.which("chromium") or shutil.which("/usr/bin/chromium")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


class Surfer:
    """Opens pages as somebody, in any size and theme, and keeps what went wrong in them."""

    def __init__(self, browser: Browser, base: str, headers: dict[str, str], cookies: list[Any]) -> None:
        self._browser = browser
        self._headers = headers
        self.cookies = cookies
        self._contexts: list[BrowserContext] = []
        self.base = base
        self.faults: list[str] = []

    async def open(
        self, path: str, *, size: ViewportSize = DESKTOP, theme: Theme = "light", zone: str = "Europe/Berlin"
    ) -> Page:
        """Open a page in a browser of its own; what its scripts or its content policy complain of is a fault."""
        context = await self._browser.new_context(
            viewport=size,
            color_scheme=theme,
            timezone_id=zone,
            locale="en-GB",
            extra_http_headers=self._headers,
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        await context.add_cookies([*self.cookies, {"name": "zone", "value": zone, "url": self.base}])
        page = await context.new_page()
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("request", self._check_origin)
        await page.goto(self.base + path)
        return page

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._note(message.text)

    def _note(self, text: str) -> None:
        # What was answered with an error is for the test to judge, not a fault of a script.
        if not text.startswith("Failed to load resource"):
            self.faults.append(text)

    def _check_origin(self, request: Request) -> None:
        if not request.url.startswith(self.base):
            self.faults.append(f"something was asked from elsewhere: {request.url}")


async def serious_faults(page: Page) -> list[str]:
    """Give what axe finds serious on a page: the rule and where it is broken."""
    violations = (await Axe().run(page)).response["violations"]
    return [
        f"{one['id']}: {one['help']} at {', '.join(' '.join(node['target']) for node in one['nodes'])}"
        for one in violations
        if one["impact"] in _SERIOUS
    ]


async def scrolls_sideways(page: Page) -> bool:
    """Tell whether the page is wider than its window."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


async def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the element of a selector has the focus, and assert that one sees that it has."""
    for _ in range(_STEPS_MAX):
        await page.keyboard.press("Tab")
        if await page.evaluate("wanted => document.activeElement?.matches(wanted) ?? false", wanted):
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"the focus on {wanted} cannot be seen"
            return
    raise AssertionError(f"{wanted} cannot be reached with the keyboard")
