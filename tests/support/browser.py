"""Headless Chromium before a running system: pages of several sizes, axe, the keyboard."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    WebError,
    async_playwright,
    expect,
)

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
_PATIENCE_MS = 30_000


def chromium_path() -> str | None:
    """Where Chromium is, if it is there."""
    return shutil.which("chromium") or shutil.which("/usr/bin/chromium")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    # Pages that follow what happens may take seconds on a busy machine, and time says nothing about a promise.
    expect.set_options(timeout=_PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


class Windows:
    """Browser windows that are used again one after the other, since a new one takes longer than most tests do."""

    def __init__(self, browser: Browser, zone: str = "Europe/Berlin") -> None:
        self.browser = browser
        self.zone = zone
        self._free: list[Page] = []

    async def take(self) -> Page:
        """Give a window that nobody uses, without cookies."""
        if self._free:
            return self._free.pop()
        context = await self.browser.new_context(timezone_id=self.zone, locale="en-GB", reduced_motion="reduce")
        return await context.new_page()

    async def give_back(self, page: Page) -> None:
        """Leave the page, and forget who was there."""
        await page.goto("about:blank")
        await page.context.clear_cookies()
        await page.context.set_extra_http_headers({})
        self._free.append(page)


class Surfer:
    """Somebody at a window of their own; keeps what scripts and the content policy complained of."""

    def __init__(self, page: Page, base: str, zone: str) -> None:
        self.page = page
        self.base = base
        self.zone = zone
        self.faults: list[str] = []

    async def open(self, path: str, *, size: ViewportSize = DESKTOP, theme: Theme = "light") -> Page:
        """Go to a page, in a size and a theme."""
        await self.page.set_viewport_size(size)
        await self.page.emulate_media(color_scheme=theme)
        await self.page.goto(self.base + path)
        return self.page

    def note_message(self, message: ConsoleMessage) -> None:
        """Keep what a script or the content policy says."""
        if message.type in {"error", "warning"}:
            self._note(message.text)

    def note_error(self, error: WebError) -> None:
        """Keep what a script did not catch."""
        self._note(str(error.error))

    def check_origin(self, request: Request) -> None:
        """Keep what was asked from elsewhere."""
        if not request.url.startswith((self.base, "about:", "blob:")):
            self.faults.append(f"something was asked from elsewhere: {request.url}")

    def _note(self, text: str) -> None:
        # What was answered with an error is for the test to judge, not a fault of a script.
        if not text.startswith("Failed to load resource"):
            self.faults.append(text)


@asynccontextmanager
async def surfing(windows: Windows, base: str, *, key: str = "", cookies: Sequence[Any] = ()) -> AsyncIterator[Surfer]:
    """Sit somebody down at a window, with a key or with cookies; at the end no script has complained."""
    page = await windows.take()
    surfer, context = Surfer(page, base, windows.zone), page.context
    await context.add_cookies([*cookies, {"name": "zone", "value": windows.zone, "url": base}])
    if key:
        await context.set_extra_http_headers({"Authorization": f"Bearer {key}"})
    context.on("console", surfer.note_message)
    context.on("weberror", surfer.note_error)
    context.on("request", surfer.check_origin)
    try:
        yield surfer
    finally:
        context.remove_listener("console", surfer.note_message)
        context.remove_listener("weberror", surfer.note_error)
        context.remove_listener("request", surfer.check_origin)
        await windows.give_back(page)
    assert surfer.faults == []


async def serious_faults(page: Page, *rules: str) -> list[str]:
    """Give what axe finds serious on a page: the rule and where it is broken; of all rules, or of some."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    violations = await page.evaluate("async (options) => (await axe.run(options)).violations", options)
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
