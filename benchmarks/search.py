"""Search over a million orders: builds the views through their own writer, then asks through the API and the page.

What is asked is drawn from what is there, with a seed. Prints one JSON object as the last line of standard output;
fails if one in a hundred searches of a kind takes 200 ms or one in a hundred pages a second.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx2
import msgspec
from rich.console import Console
from rich.progress import Progress, TaskID

from api.app import create_app
from api.control.blind import PersonalData
from api.security import Scope
from api.services import Services
from api.settings import ApiSettings
from api.views.rows import Record, readers
from api.views.store import ViewStore
from benchmarks.machine import described
from benchmarks.search_orders import (
    CHANNELS,
    FIRST_MS,
    LOCATIONS,
    POOL,
    SKUS,
    STEP_MS,
    external_id_of,
    orders,
    person,
    tracking_number_of,
)
from models.ids import order_id
from models.records.order import Customer
from models.records.pool import Location, Pool, PoolView
from models.topics import catalogue
from streams.admin import cluster_id, ensure_topics
from streams.brokers.embedded import EmbeddedBroker

_BATCH = 4_000
_SEARCH_MS = 200.0
_PAGE_MS = 1_000.0
_READY_SECONDS = 60.0
_DAY_MS = 86_400_000
_SKU_RANKS = (0, 1, 10, 500)


class Question(NamedTuple):
    """A kind of search, and how the API and the page are asked it."""

    kind: str
    asked: dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", dest="count", type=int, default=1_000_000, help="so many orders")
    parser.add_argument("--customers", type=int, default=100_000, help="of so many customers")
    parser.add_argument("--queries", type=int, default=100, help="so many of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="build here, or take what was built here before")
    arguments = parser.parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="headrace-search-"))
    try:
        result = asyncio.run(_run(folder, arguments))
    finally:
        if arguments.keep is None:
            shutil.rmtree(folder)
    print(json.dumps(result | described()))
    slowest = max(kind["p99_ms"] for kind in result["searches"].values())
    slowest_page = max(kind["p99_ms"] for name in ("pages", "screens") for kind in result[name].values())
    sys.exit(0 if slowest < _SEARCH_MS and slowest_page < _PAGE_MS else 1)


async def _run(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    with EmbeddedBroker() as broker:
        await asyncio.to_thread(ensure_topics, broker.bootstrap, catalogue())
        settings = ApiSettings(broker=broker.bootstrap, data_dir=folder)
        built_seconds = None if settings.views_path.exists() else _build(settings, arguments)
        _take_for(settings, cluster_id(broker.bootstrap))
        async with _client(settings) as client:
            asked = list(_questions(arguments.count, arguments.customers, arguments.queries, arguments.seed))
            searches = await _time(client, f"/v1/pools/{POOL}/orders?limit=50&", asked)
            pages = await _time(client, f"/p/{POOL}/orders?", asked)
            screens = await _time_screens(client, arguments)
    return {
        "orders": arguments.count,
        "customers": arguments.customers,
        "seed": arguments.seed,
        "build_seconds": built_seconds,
        "views_bytes": settings.views_path.stat().st_size,
        "control_bytes": settings.control_path.stat().st_size,
        "searches": searches,
        "pages": pages,
        "screens": screens,
    }


def _build(settings: ApiSettings, arguments: argparse.Namespace) -> float:
    """Seal the customers and write the orders as the reader of the topics does, from records of `order-views`."""
    topics = catalogue()
    began = time.perf_counter()
    services = Services(settings)
    with Progress(console=Console(stderr=True)) as progress:
        sealing = progress.add_task("customers", total=arguments.customers)
        customers = [_sealed(services, number, progress, sealing) for number in range(arguments.customers)]
        services.store.close()
        services.control.close()
        writing = progress.add_task("orders", total=arguments.count)
        store = ViewStore(settings.views_path, readers(topics))
        store.apply([Record(topics.pool_updates.name, 0, 0, msgspec.json.encode(_pool()))], {})
        made = orders(arguments.count, seed=arguments.seed, customers=customers)
        while batch := list(islice(made, _BATCH)):
            records = [Record(topics.order_views.name, 0, 0, msgspec.json.encode(order)) for order in batch]
            store.apply(records, {})
            progress.advance(writing, len(batch))
        store.close()
    return round(time.perf_counter() - began, 1)


def _sealed(services: Services, number: int, progress: Progress, task: TaskID) -> Customer:
    who = person(number)
    data = PersonalData(name=who.name, email=who.email, phone=who.phone)
    customer_id = f"c-{number}"
    sealed = services.vault.seal(POOL, customer_id, data, now_ms=FIRST_MS)
    progress.advance(task)
    return Customer(customer_id=customer_id, sealed=sealed)


def _pool() -> PoolView:
    locations = tuple(Location(location_id=location_id, name=location_id) for location_id in LOCATIONS)
    return PoolView(pool=Pool(pool=POOL, currency="EUR", name="Europe"), locations=locations, offset=0, index=0)


def _take_for(settings: ApiSettings, cluster: str) -> None:
    """Say that the views were read from the broker that runs now, or they would be thrown away."""
    store = ViewStore(settings.views_path, readers(catalogue()))
    store.adopt(cluster)
    store.close()


@asynccontextmanager
async def _client(settings: ApiSettings) -> Any:
    services = Services(settings)
    app = create_app(services)
    text, _ = services.keyring.create(name="bench", scopes=[Scope.ADMIN], pools=["*"], actor="bench", now_ms=FIRST_MS)
    transport, headers = httpx2.ASGITransport(app=app), {"Authorization": f"Bearer {text}"}
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://headrace.test", headers=headers) as client,
    ):
        async with asyncio.timeout(_READY_SECONDS):
            while (await client.get("/health/ready")).status_code != httpx2.codes.OK:  # noqa: ASYNC110 # As operators ask.
                await asyncio.sleep(0.1)
        yield client


def _questions(count: int, customers: int, queries: int, seed: int) -> Iterator[Question]:
    draw = random.Random(seed + 1)
    for _ in range(queries):
        number = draw.randrange(count)
        who, first = person(draw.randrange(customers)), _iso(FIRST_MS + number * STEP_MS)
        sku = SKUS[draw.choice((*_SKU_RANKS, draw.randrange(len(SKUS))))]
        location, channel = draw.choice(LOCATIONS), draw.choice(list(CHANNELS))
        external_id = external_id_of(channel, number)
        yield Question("newest", {})
        yield Question("order number", {"q": order_id(POOL, channel, external_id)})
        yield Question("external number", {"q": external_id})
        yield Question("external number begins", {"q": external_id[:-3]})
        yield Question("anything begins", {"q": external_id[:3]})
        yield Question("sku", {"q": sku})
        yield Question("sku begins", {"q": sku[:-2]})
        yield Question("tracking number", {"q": tracking_number_of(number)})
        yield Question("postcode", {"q": f"{10_000 + draw.randrange(9_000)}"})
        yield Question("name", {"q": who.name})
        yield Question("name begins", {"q": who.name.split()[1][:3]})
        yield Question("e-mail", {"q": who.email})
        yield Question("phone", {"q": who.phone})
        yield Question("nothing", {"q": f"nothing {number}"})
        yield Question("status", {"status": draw.choice(("held", "backordered", "routed", "delivered", "cancelled"))})
        yield Question("channel", {"channel": channel})
        yield Question("location", {"location": location})
        yield Question("location, channel, status", {"location": location, "channel": channel, "status": "delivered"})
        yield Question("what cannot be", {"location": location, "status": "cancelled"})
        yield Question("sku of a channel that closed", {"q": sku, "channel": "old-shop"})
        yield Question("sku held", {"q": sku, "held": "1"})
        yield Question("at risk by promise", {"at_risk": "1", "sort": "promise"})
        yield Question("waiting, oldest first", {"waiting": "1", "sort": "oldest"})
        yield Question("a day", {"placed_from": first, "placed_before": _iso(FIRST_MS + number * STEP_MS + _DAY_MS)})
        yield Question("sku before a day", {"q": sku, "placed_before": first})


def _iso(instant_ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant_ms // 1000))


async def _time(client: httpx2.AsyncClient, path: str, asked: list[Question]) -> dict[str, dict[str, float]]:
    """Ask in a mixed order, as people do, and give the times of each kind."""
    took: dict[str, list[float]] = {}
    mixed = random.Random(len(asked)).sample(asked, len(asked))
    with Progress(console=Console(stderr=True)) as progress:
        for question in progress.track(mixed, description=path[:20]):
            began = time.perf_counter()
            answer = await client.get(path + urlencode(question.asked))
            took.setdefault(question.kind, []).append((time.perf_counter() - began) * 1000)
            answer.raise_for_status()
    return {kind: _summary(sorted(times)) for kind, times in sorted(took.items())}


async def _time_screens(client: httpx2.AsyncClient, arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Look at every other page of the pool, as often as at each kind of search."""
    draw = random.Random(arguments.seed + 2)
    took: dict[str, list[float]] = {}
    found = (await client.get(f"/v1/pools/{POOL}/orders?limit=200")).json()["orders"]
    for _ in range(arguments.queries):
        order, location = draw.choice(found)["order_id"], draw.choice(LOCATIONS)
        paths = {
            "now": "now",
            "work": "work",
            **{f"work/{name}": f"work/{name}" for name in ("waiting", "at-risk")},
            "orders/...": f"orders/{order}",
            "stock": "stock",
            "locations/...": f"locations/{location}",
            "set-up": "set-up",
        }
        for kind, path in paths.items():
            began = time.perf_counter()
            answer = await client.get(f"/p/{POOL}/{path}")
            took.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
            answer.raise_for_status()
    return {kind: _summary(sorted(times)) for kind, times in took.items()}


def _summary(times: list[float]) -> dict[str, float]:
    found = {"p50_ms": times[len(times) // 2], "p99_ms": times[max(0, int(len(times) * 0.99) - 1)], "max_ms": times[-1]}
    return {name: round(value, 1) for name, value in found.items()}


if __name__ == "__main__":
    main()
