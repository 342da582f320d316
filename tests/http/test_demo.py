"""The demo on a running system: shoppers and partners by HTTP, their pace, their book, and the audit after it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from msgspec.structs import replace

from api.control.audit import Wanted
from api.security import Scope
from cli.applying import Applying
from cli.demo_api import DemoApi, Touched
from cli.demo_book import Book, today
from cli.demo_run import Demo
from cli.remote import Remote
from connectors.folder.setup import Setup
from pipelines.audit import audit_topics
from pipelines.demo.book import reported
from pipelines.demo.clock import Clock
from pipelines.demo.draws import Draws
from pipelines.demo.prices import price_minor
from pipelines.demo.shoppers import Article, Shoppers
from pipelines.feeds.shipments import rows_of
from tests.support.demo_world import demo_setup
from tests.support.event_stream import following
from tests.support.system import System, answered, client_of, running_system

SKUS = 8
SEED = 1
HEAD_START = 25
PATIENCE_SECONDS = 180

pytestmark = pytest.mark.timeout(300)


class InProcessApi(DemoApi):
    """Follows events as the tests do, since the client of these gives an answer only when it is whole."""

    def __init__(self, system: System, keys: dict[str, str]) -> None:
        super().__init__(system.client, system.pool, keys)
        self._system = system
        self._key = keys["*"]

    async def touched(self) -> AsyncIterator[Touched]:
        async with following(self._system.app, f"{self._system.path}/events", self._key) as events:
            while True:
                update = (await events.next()).data
                if "command_id" in update:
                    yield Touched(update["actor"], update["order_id"], tuple(update["others"]))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo_system(bootstrap: str, tmp_path_factory: Any) -> AsyncIterator[System]:
    async with running_system(bootstrap, tmp_path_factory.mktemp("demo"), demo=True) as made:
        yield made


def small(pool: str) -> Setup:
    """The demo's folder with its best sellers only."""
    setup = demo_setup()
    items = (setup.catalogue or ())[:SKUS]
    skus = {item.sku for item in items}
    opening = tuple(line for line in setup.opening or () if line.sku in skus)
    return replace(setup, head=replace(setup.head, pool=pool), catalogue=items, opening=opening)


async def applied(system: System) -> Setup:
    setup = small(system.pool)
    applying = Applying(Remote(system.client), setup, prune=False, reason="test")
    await applying.compare()
    await applying.apply(lambda _: None)
    return setup


@asynccontextmanager
async def at_work(system: System, setup: Setup, data: Path, head_start: int) -> AsyncIterator[Demo]:
    """The demo at ten times an hour a second."""
    keys = {"*": system.key(Scope.ADMIN, name="demo")}
    now_ms, draws = system.services.now_ms(), Draws(SEED)
    articles = [Article(item.sku, price_minor(item.sku)) for item in setup.catalogue or ()]
    shoppers = Shoppers(draws, articles, base=now_ms)
    await system.client.patch("/v1/demo", json={"speed": 3600, "orders_per_second": 5})
    play = Demo(InProcessApi(system, keys), Clock(now_ms, 3_600), draws, shoppers, Book(data, system.pool, draws))
    play.give_head_start(head_start)
    stop = asyncio.Event()
    par = {(line.sku, line.location_id): line.quantity for line in setup.opening or ()}
    task = asyncio.create_task(play.run(par, now_ms, 5.0, lambda: not stop.is_set()))
    try:
        yield play
    finally:
        stop.set()
        await task


def moved_from(version: int) -> Callable[[httpx2.Response], bool]:
    return lambda answer: answer.json()["version"] > version


async def statuses(system: System) -> Counter[str]:
    shown = (await system.client.get(f"{system.path}/orders?limit=200")).json()
    return Counter(order["status"] for order in shown["orders"])


async def test_the_demo_lives_and_its_audit_is_clean(demo_system: System, bootstrap: str, tmp_path: Path) -> None:
    system = demo_system
    setup = await applied(system)
    seen: Counter[str] = Counter()
    # The rarer ones are in tests/pipelines/test_demo.py, where a seed brings them.
    wanted = {"routed", "shipped", "delivered"}
    async with at_work(system, setup, tmp_path, HEAD_START) as play, asyncio.timeout(PATIENCE_SECONDS):
        while not wanted <= seen.keys() or play.placed < HEAD_START + 10:
            seen |= await statuses(system)

    report = await asyncio.to_thread(audit_topics, bootstrap, system.settings.topic_prefix)
    assert [finding for finding in report.findings if finding.violations] == []
    assert play.refusals.total() < play.placed // 4


async def test_a_demo_that_is_started_again_goes_on_with_open_orders(demo_system: System, tmp_path: Path) -> None:
    system = demo_system
    setup = small(system.pool)
    before = (await system.client.get(f"{system.path}/orders?status=routed&limit=5")).json()["orders"]
    assert before
    async with at_work(system, setup, tmp_path, 0), asyncio.timeout(PATIENCE_SECONDS):
        for order in before:
            url = f"{system.path}/orders/{order['order_id']}"
            await answered(system.client, url, moved_from(order["version"]))


async def test_partners_report_what_they_shipped(demo_system: System, tmp_path: Path) -> None:
    system = demo_system
    async with at_work(system, small(system.pool), tmp_path, 0), asyncio.timeout(PATIENCE_SECONDS):
        book = tmp_path / "demo" / system.pool / "shipped" / f"{today().isoformat()}.csv"
        await answered(
            system.client,
            f"{system.path}/orders?limit=1",
            lambda _: book.exists() and len(rows_of(book.read_text())) > 4,
        )

    told = [row for path in (tmp_path / "feeds").rglob("*.csv") for row in rows_of(path.read_text())]
    kept = [row for path in book.parent.glob("*.csv") for row in rows_of(path.read_text())]
    assert sorted(told) == sorted(reported(Draws(SEED), kept, []))
    for row in kept[:20]:
        order = (await system.client.get(f"{system.path}/orders/{row.order_id}")).json()
        assert row.tracking_number in {parcel["tracking_number"] for parcel in order["parcels"]}


async def test_the_pace_is_set_and_audited(demo_system: System) -> None:
    system = demo_system
    await system.client.patch("/v1/demo", json={"speed": 60, "orders_per_second": 3})
    answer = await system.client.post(
        "/demo/speed",
        content="speed=10",
        headers={"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"},
    )

    assert answer.status_code == 200
    assert 'value="10" class="quiet" aria-pressed="true"' in answer.text
    assert (await system.client.get("/v1/demo")).json() == {"speed": 10.0, "orders_per_second": 3.0}
    line = system.services.audit.lines(Wanted(target="demo"), limit=1)[0].line
    assert (line.actor, line.action, line.before, line.after) == (
        "key:tester",
        "change_demo_pace",
        '{"speed": 60.0, "orders_per_second": 3.0}',
        '{"speed": 10.0, "orders_per_second": 3.0}',
    )


async def test_who_may_not_set_up_pools_does_not_set_the_pace(demo_system: System) -> None:
    system = demo_system
    before = (await system.client.get("/v1/demo")).json()
    async with system.client_of(Scope.ORDERS_WRITE) as other:
        answer = await other.patch("/v1/demo", json={"speed": 1})

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert (await system.client.get("/v1/demo")).json() == before


async def test_a_speed_that_is_not_offered_changes_nothing(demo_system: System) -> None:
    system = demo_system
    before = (await system.client.get("/v1/demo")).json()
    answer = await system.client.post(
        "/demo/speed", content="speed=7", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )

    assert answer.status_code == 422
    assert (await system.client.get("/v1/demo")).json() == before


async def test_without_a_demo_there_is_no_pace(system: System) -> None:
    assert (await system.client.get("/v1/demo")).status_code == 404


async def test_without_a_key_nobody_sees_the_pace(demo_system: System) -> None:
    async with client_of(demo_system.app, "") as stranger:
        answer: httpx2.Response = await stranger.get("/v1/demo")

    assert answer.status_code == 401
