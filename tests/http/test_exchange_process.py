"""The exchange as a process of its own, killed in the middle of its work: what it takes has one effect all the same."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.exchange.process import LEASE
from cli.system import environment_of
from connectors.frame.accounts import SetUpAccount
from tests.support.system import SKU, System, shows, shows_levels

ROOT = Path(__file__).parents[2]
ORDERS = 150
PATIENCE_SECONDS = 90.0


@contextmanager
def exchange_process(system: System) -> Iterator["subprocess.Popen[bytes]"]:
    own = {"HEADRACE_TOPIC_PREFIX": system.settings.topic_prefix, "PATH": ""}
    environment = environment_of(system.settings.broker, system.settings.data_dir) | own
    process = subprocess.Popen([sys.executable, "-m", "cli.main", "exchange"], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def order(number: int) -> bytes:
    said = {
        "type": "order.stated",
        "external_id": f"F-{number}",
        "placed_at": "2026-11-23T09:30:00Z",
        "currency": "EUR",
        "lines": [{"line_id": "1", "sku": SKU, "quantity": 1}],
        "destination": {"country": "DE", "postcode": "10115", "latitude": 52.53, "longitude": 13.38},
    }
    return json.dumps(said).encode()


def done(inbox: Path) -> int:
    return len(list((inbox / "done").glob("*.json")))


async def until(inbox: Path, count: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while done(inbox) < count:  # noqa: ASYNC110 # Another process moves the files.
            await asyncio.sleep(0.05)


async def test_files_are_taken_once_though_the_process_is_killed_among_them(stocked: System, tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    setup = SetUpAccount(
        name=f"files-{stocked.pool}",
        connector="plain",
        pool=stocked.pool,
        channel="shop-de",
        settings={"inbox": str(inbox)},
        live=True,
    )
    stocked.services.exchange.accounts.put(setup, actor="test", reason="", now_ms=1)
    for number in range(ORDERS):
        (inbox / f"{number:03}.json").write_bytes(order(number))
    for count in (ORDERS // 3, ORDERS):
        with exchange_process(stocked):
            await until(inbox, count)
        # Whoever was killed leaves its lease behind; a test need not wait for its end.
        stocked.services.control.connection().execute("DELETE FROM leases WHERE name = ?", (LEASE,))

    await shows(
        stocked,
        f"{stocked.path}/orders?limit=200",
        lambda listed: sorted(one["external_id"] for one in listed["orders"]),
        sorted(f"F-{number}" for number in range(ORDERS)),
    )
    await shows_levels(stocked, (40, 40))
    assert [path.name for path in inbox.iterdir()] == ["done"]
