"""What asks a shop is away for a day and killed while it catches up: every order is there once, as the shop has it."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from api.exchange.process import LEASE
from cli.system import environment_of
from connectors.frame.accounts import SetUpAccount
from tests.support.system import SKU, System, open_pool, shows, shows_levels
from tests.support.woocommerce_messages import line, order

ROOT = Path(__file__).parents[2]
HOUR_SECONDS = 3_600
BEFORE, MEANWHILE = 20, 130
PATIENCE_SECONDS = 60.0


class Shop:
    """A WooCommerce that gives its orders by the time of their last change, a page at a time."""

    def __init__(self) -> None:
        self.orders: dict[int, dict[str, Any]] = {}
        self.pages: list[int] = []
        self.fails: list[int] = []
        self.edits: list[int] = []
        self._lock = threading.Lock()

    def change(self, number: int, at_seconds: float, quantity: int, status: str = "processing") -> None:
        """Let an order be as it is said from a time on."""
        at = datetime.fromtimestamp(int(at_seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S")
        first = self.orders.get(number, {}).get("date_created_gmt", at)
        times = {"date_created_gmt": first, "date_modified_gmt": at}
        self.orders[number] = order(
            line(sku=SKU, quantity=quantity), id=number, number=f"W-{number}", status=status, **times
        )

    def answer(self, path: str) -> tuple[int, Any]:
        """Give a page of what changed after a time; one that is to fail does, and an order may be edited behind it."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        with self._lock:
            if self.fails and len(self.pages) == self.fails[0]:
                self.fails.clear()
                return 503, []
            changed = sorted(self.orders.values(), key=lambda one: (one["date_modified_gmt"], one["id"]))
            later = [one for one in changed if one["date_modified_gmt"] > asked["modified_after"]]
            first, size = (int(asked["page"]) - 1) * int(asked["per_page"]), int(asked["per_page"])
            page = later[first : first + size]
            self.pages.append(len(page))
            if self.edits and len(page) == size:
                self.change(self.edits.pop(), time.time(), 5)
            return 200, page


@contextmanager
def serving(shop: Shop) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = shop.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def worker(system: System, views: Path) -> Iterator[None]:
    """Run the process that asks shops, and kill it at the end."""
    own = {
        "HEADRACE_TOPIC_PREFIX": system.settings.topic_prefix,
        "HEADRACE_VIEWS_DIR": str(views),
        "HEADRACE_PRIVATE_HOSTS": "127.0.0.1",
        "PATH": "",
    }
    environment = environment_of(system.settings.broker, system.settings.data_dir) | own
    process = subprocess.Popen([sys.executable, "-m", "cli.main", "exchange"], cwd=ROOT, env=environment)
    try:
        yield
    finally:
        process.kill()
        process.wait()
        # Whoever was killed leaves its lease behind; a test need not wait for its end.
        system.services.control.connection().execute("DELETE FROM leases WHERE name = ?", (LEASE,))


async def until_asked(shop: Shop, pages: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(shop.pages) < pages:  # noqa: ASYNC110 # Another process asks, a thread answers.
            await asyncio.sleep(0.01)


async def shows_orders(system: System, wanted: dict[str, str]) -> None:
    await shows(
        system,
        f"{system.path}/orders?limit=200",
        lambda listed: {one["external_id"]: one["status"] for one in listed["orders"]},
        wanted,
    )


async def test_a_worker_that_was_away_for_a_day_catches_up_without_a_duplicate_or_a_gap(
    system: System, tmp_path: Path
) -> None:
    await open_pool(system, 1_000)
    shop, began = Shop(), time.time() - 23 * HOUR_SECONDS
    for number in range(BEFORE):
        shop.change(number, began + number, 2)
    with serving(shop) as url:
        account = SetUpAccount(
            name=f"woo-{system.pool}",
            connector="woocommerce",
            pool=system.pool,
            channel="shop-de",
            settings={"url": url},
            live=True,
        )
        system.services.exchange.accounts.put(account, actor="test", reason="", now_ms=1)
        with worker(system, tmp_path):
            await shows_levels(system, (1_000, 2 * BEFORE))

        # A day of orders, a third of them in one and the same second across the end of a page; some are changed since.
        for number in range(BEFORE, BEFORE + MEANWHILE):
            same_second = 90 <= number < 130
            shop.change(number, began + HOUR_SECONDS + (6_000 if same_second else number * 60), 1)
        for number in range(5):
            shop.change(number, began + 20 * HOUR_SECONDS, 3)
        for number in range(5, 15):
            shop.change(number, began + 21 * HOUR_SECONDS + number, 2, "cancelled")
        seen = len(shop.pages)
        shop.edits = [30]
        with worker(system, tmp_path):
            await until_asked(shop, seen + 1)
        shop.fails = [len(shop.pages) + 1]
        with worker(system, tmp_path):
            quantities = dict.fromkeys(range(5), 3) | {30: 5} | dict.fromkeys(range(15, BEFORE), 2)
            left = [number for number in range(BEFORE + MEANWHILE) if not 5 <= number < 15]
            await shows_levels(system, (1_000, sum(quantities.get(number, 1) for number in left)))
            await shows_orders(
                system,
                {str(number): "routed" for number in left} | {str(number): "cancelled" for number in range(5, 15)},
            )

    assert shop.fails == shop.edits == []
