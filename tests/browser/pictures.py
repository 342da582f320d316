"""Takes the pictures in docs/screenshots: starts the demo as a new user would, signs in by the link it prints, and
visits every page in every size. Says how long the server took for each, and fails if a page has a fault.

Run as `make screenshots`, or `python -m tests.browser.pictures --seconds 30` for a demo that has run for less long.
"""

import argparse
import asyncio
import re
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Page, ViewportSize

from tests.support.browser import (
    DESKTOP,
    PHONE,
    Surfer,
    Theme,
    Windows,
    chromium,
    scrolls_sideways,
    serious_faults,
    surfing,
)
from tests.support.served import free_port

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
POOL = "/p/demo"
_STARTS_SECONDS = 180.0
_LINK = re.compile(r"http://\S+/link/\S+")
_VISITS = 3
_ZONE = "America/New_York"
_FIRST_USER = """async () => {
    const page = new DOMParser().parseFromString(await (await fetch("/users")).text(), "text/html");
    return page.querySelector("main a[href^='/users/u']").getAttribute("href");
}"""


class Subject(NamedTuple):
    """A page to take a picture of."""

    name: str
    path: str


async def main() -> int:
    """Take all pictures and tell what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=75.0, help="how long the demo runs before the first picture")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        async with demo(Path(data)) as link, chromium() as browser:
            await asyncio.sleep(asked.seconds)
            async with surfing(Windows(browser, _ZONE), link.split("/link/")[0]) as surfer:
                return await visit_all(surfer, link)


@asynccontextmanager
async def demo(data: Path) -> AsyncIterator[str]:
    """Run `headrace up` and give the link it prints."""
    arguments = ["-m", "cli.main", "up", "--data", str(data), "--api-port", str(free_port())]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    reading: asyncio.Task[None] | None = None
    try:
        async with asyncio.timeout(_STARTS_SECONDS):
            link = await printed_link(process.stdout)
        # What nobody reads would fill the pipe and stop it.
        reading = asyncio.create_task(drain(process.stdout))
        yield link
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()
        if reading is not None:
            await reading


async def printed_link(output: asyncio.StreamReader) -> str:
    said: list[str] = []
    while line := (await output.readline()).decode():
        said.append(line)
        if found := _LINK.search(line):
            return found[0]
    raise RuntimeError(f"headrace up ended: {''.join(said[-20:])}")


async def drain(output: asyncio.StreamReader) -> None:
    while await output.readline():
        pass


async def visit_all(surfer: Surfer, link: str) -> int:
    """Visit everything, first as nobody, then as the person that the link signs in."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    faults = await take(surfer, Subject("sign-in", "/sign-in"))
    page = await surfer.open(link.removeprefix(surfer.base))
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/now")
    for subject in await subjects(page):
        faults += await take(surfer, subject)
    faults += await take(surfer, Subject("now-dark", f"{POOL}/now"), "dark")
    say(*faults)
    return 1 if faults else 0


async def subjects(page: Page) -> list[Subject]:
    """Every page; of orders one that is split, and its first SKU and location."""
    order = await page.evaluate(
        """async (pool) => {
            const found = [];
            for (const status of ["partially_shipped", "routed", "shipped"]) {
                const answer = await fetch(`/v1/pools/${pool}/orders?limit=100&status=${status}`);
                found.push(...(await answer.json()).orders);
            }
            found.sort((one, other) => other.fulfillments.length - one.fulfillments.length);
            return found[0];
        }""",
        POOL.rsplit("/", maxsplit=1)[-1],
    )
    location = order["fulfillments"][0]["location_id"]
    return [
        Subject("now", f"{POOL}/now"),
        Subject("orders", f"{POOL}/orders"),
        Subject("order", f"{POOL}/orders/{order['order_id']}"),
        Subject("work", f"{POOL}/work"),
        Subject("stock", f"{POOL}/stock"),
        Subject("sku", f"{POOL}/stock/{order['lines'][0]['sku']}"),
        Subject("location", f"{POOL}/locations/{location}"),
        Subject("set-up", f"{POOL}/set-up"),
        Subject("users", "/users"),
        Subject("user", await page.evaluate(_FIRST_USER)),
        Subject("keys", "/keys"),
        Subject("audit", "/audit"),
        Subject("account", "/me"),
    ]


async def take(surfer: Surfer, subject: Subject, theme: Theme = "light") -> list[str]:
    """Take a page in both sizes, and give its faults."""
    faults: list[str] = []
    for suffix, size in (("", DESKTOP), ("-phone", PHONE)):
        faults += await take_one(surfer, subject, f"{subject.name}{suffix}", size, theme)
    return faults


async def take_one(surfer: Surfer, subject: Subject, name: str, size: ViewportSize, theme: Theme) -> list[str]:
    page = await surfer.open(subject.path, size=size, theme=theme)
    took_ms = []
    for _ in range(_VISITS):
        began = time.perf_counter()
        answer = await page.request.get(surfer.base + subject.path, headers={"Accept": "text/html"})
        took_ms.append(round(1_000 * (time.perf_counter() - began)))
        if not answer.ok:
            return [f"{name}: {subject.path} is answered with {answer.status}"]
    say(f"{name:<16} {min(took_ms)} to {max(took_ms)} ms")
    await page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    faults = [f"{name}: {fault}" for fault in await serious_faults(page)]
    if await scrolls_sideways(page):
        faults.append(f"{name}: it scrolls sideways")
    return faults


def say(*lines: str) -> None:
    """A program's output, though it lives with the tests."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
