"""How soon orders are answered while a partner's stock snapshot of a million rows is taken: real processes, one pool.

Orders come through the API at a fixed rate, whether the last one was answered or not; first without the snapshot, then
while it is compared and its differences are sent. Prints one JSON object as the last line of standard output; fails if
one in a hundred orders takes 250 ms during the snapshot, or if the snapshot is not taken whole.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.machine import described
from benchmarks.rig import Rig, rig, say
from cli.console import percentile

_POOL = "/v1/pools/bench"
_PLACE = {"country": "US", "latitude": 41.8, "longitude": -87.6}
_ON_HAND = 1_000
_LINES_A_RECEIPT = 100
_BASE_SECONDS = 20.0
_MOST_SECONDS = 600.0
_P99_MS = 250.0


class Orders:
    """Orders of one unit each, placed at a rate, and how long each took to be answered."""

    def __init__(self, client: httpx2.AsyncClient, rate: float, skus: int) -> None:
        self._client = client
        self._rate = rate
        self._skus = skus
        self._draw = random.Random(1)
        self._number = 0

    async def until(self, over: Callable[[], bool]) -> dict[str, Any]:
        """Place orders until it is over, and give the figures of those."""
        took: list[float] = []
        answers: dict[int, int] = {}
        placed: list[asyncio.Task[None]] = []
        began = time.monotonic()
        while not over():
            placed.append(asyncio.create_task(self._place(took, answers)))
            await asyncio.sleep(max(0.0, began + len(placed) / self._rate - time.monotonic()))
        await asyncio.gather(*placed)
        took.sort()
        names = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99, "max_ms": 1.0}
        return {"orders": len(took), "answers": answers} | {name: percentile(took, at) for name, at in names.items()}

    async def _place(self, took: list[float], answers: dict[int, int]) -> None:
        self._number += 1
        line = {"sku": _sku(self._draw.randrange(self._skus)), "quantity": 1}
        order = {"channel": "web", "external_id": str(self._number), "currency": "USD", "lines": [line]}
        began = time.monotonic()
        answer = await self._client.post(f"{_POOL}/orders", json=order | {"destination": _PLACE})
        took.append(1_000 * (time.monotonic() - began))
        answers[answer.status_code] = answers.get(answer.status_code, 0) + 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", default="embedded", help="embedded, kafka or HOST:PORT (default embedded)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the snapshot")
    parser.add_argument("--differences", type=int, default=3_000, help="rows that say other than we have")
    parser.add_argument("--rate", type=float, default=10.0, help="orders a second")
    arguments = parser.parse_args()
    with rig(arguments.broker, 1) as made:
        url, key = made.start_api()
        made.start_exchange()
        result = asyncio.run(_measure(made, url, key, arguments))
    print(json.dumps(result | vars(arguments) | described()))
    whole = result["report"][0] == f"commands {arguments.differences}" and "refused 0" in result["report"]
    sys.exit(0 if whole and result["during"]["p99_ms"] < _P99_MS else 1)


async def _measure(made: Rig, url: str, key: str, arguments: argparse.Namespace) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Prefer": "wait=20"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        inbox = made.folder / "in"
        inbox.mkdir()
        await _open(client, arguments.differences, inbox)
        orders = Orders(client, arguments.rate, arguments.differences)
        over = time.monotonic() + _BASE_SECONDS
        before = await orders.until(lambda: time.monotonic() > over)
        say(f"without it: {before}")
        part = inbox / ".stock.csv.part"
        _write(part, arguments.rows, arguments.differences)
        began = time.monotonic()
        part.rename(inbox / "stock.csv")
        reports = [inbox / folder / "stock.csv.report.txt" for folder in ("done", "failed")]
        during = await orders.until(
            lambda: any(path.exists() for path in reports) or time.monotonic() > began + _MOST_SECONDS
        )
        took = time.monotonic() - began
    report = next((path.read_text().splitlines() for path in reports if path.exists()), ["not taken"])
    return {"before": before, "during": during, "snapshot_seconds": round(took, 1), "report": report}


async def _open(client: httpx2.AsyncClient, skus: int, inbox: Path) -> None:
    """Set a pool up that has stock of all its SKUs, and the account that the snapshot comes by."""
    warehouse = {"location_id": "chicago", "name": "Chicago", "latitude": 41.9, "longitude": -87.7}
    settings = {"inbox": str(inbox), "outbox": str(inbox.with_name("out"))}
    account = {"connector": "partner_csv", "location": "chicago", "settings": settings, "live": True}
    await _done(client.put(_POOL, json={"currency": "USD", "name": "Snapshot"}))
    await _done(client.put(f"{_POOL}/locations", json={"locations": [warehouse]}))
    for first in range(0, skus, _LINES_A_RECEIPT):
        numbers = range(first, min(skus, first + _LINES_A_RECEIPT))
        items = [{"sku": _sku(number)} for number in numbers]
        await _done(client.put(f"{_POOL}/catalogue", json={"items": items}))
        lines = [{"line": str(number), "sku": _sku(number), "quantity": _ON_HAND} for number in numbers]
        receipt = {"source": "bench", "document": f"R-{first}", "location_id": "chicago", "lines": lines}
        await _done(client.post(f"{_POOL}/stock/receive", json=receipt))
    await _done(client.put(f"{_POOL}/accounts/wms", json=account))


async def _done(asked: Any) -> None:
    answer = await asked
    if answer.status_code not in (200, 201):
        raise SystemExit(f"setting up was refused: {answer.status_code} {answer.text[:500]}")


def _write(path: Path, rows: int, differences: int) -> None:
    """Write rows that differ first, then SKUs that we do not have either."""
    with path.open("w") as file:
        file.write("sku,on_hand\n")
        for number in range(rows):
            file.write(f"{_sku(number)},{2 * _ON_HAND}\n" if number < differences else f"OTHER-{number:07d},0\n")


def _sku(number: int) -> str:
    return f"SKU-{number:05d}"


if __name__ == "__main__":
    main()
