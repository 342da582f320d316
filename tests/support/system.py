"""A whole API in the process of the test: real broker, real engine, requests through ASGI."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from api.app import create_app
from api.schemas import pools, stock
from api.schemas.catalogue import CatalogueIn
from api.security import Scope
from api.sender import KafkaSender
from api.services import Services
from api.settings import ApiSettings
from models.topics import catalogue
from streams.admin import ensure_topics
from tests.brokers import new_prefix
from tests.support.after_views import AfterViews
from tests.support.mini_worker import MiniWorker
from tests.support.toy import TOYS
from tests.support.toy_partner import OUT_TOYS

SKU = "TSHIRT-BLUE-M"
READY_SECONDS = 30.0


@dataclass
class System:
    """What a test needs to ask and to look behind."""

    app: FastAPI
    services: Services
    client: httpx2.AsyncClient
    worker: MiniWorker
    settings: ApiSettings
    pool: str

    @property
    def path(self) -> str:
        """Where the pool of this test is."""
        return f"/v1/pools/{self.pool}"

    @property
    def sent(self) -> int:
        """How many commands are on record."""
        sender = self.services.sender
        assert isinstance(sender, KafkaSender)
        return sender.sent

    def client_of(self, *scopes: Scope, pools: tuple[str, ...] = ("*",), name: str = "other") -> httpx2.AsyncClient:
        """Give a client with a key of its own."""
        return client_of(self.app, self.key(*scopes, pools=pools, name=name))

    def key(self, *scopes: Scope, pools: tuple[str, ...] = ("*",), name: str = "other") -> str:
        text, _ = self.services.keyring.create(
            name=name, scopes=scopes, pools=pools, actor="test", now_ms=self.services.now_ms()
        )
        return text


def client_of(app: FastAPI, key: str) -> httpx2.AsyncClient:
    """Give a client that sends a key and waits long enough on a busy machine."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app),
        base_url="http://headrace.test",
        headers={"Authorization": f"Bearer {key}", "Prefer": "wait=20"} if key else {},
    )


@asynccontextmanager
async def running_api(
    settings: ApiSettings, worker: MiniWorker | None = None
) -> AsyncIterator[tuple[FastAPI, Services]]:
    """Run the API until the end of the block; ready when it begins. Given a worker, views show all that it told."""
    services = Services(settings, connectors=TOYS | OUT_TOYS)
    app = create_app(services)
    if worker is not None:
        app.add_middleware(AfterViews, worker=worker, services=services)
    async with app.router.lifespan_context(app):
        await until_ready(app)
        yield app, services


async def until_ready(app: FastAPI) -> None:
    async with client_of(app, "") as client:
        await answered(client, "/health/ready", lambda answer: answer.status_code == 200)


async def answered(
    client: httpx2.AsyncClient, url: str, wanted: Callable[[httpx2.Response], object]
) -> httpx2.Response:
    """Ask until the answer is the wanted one."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            answer = await client.get(url)
            if wanted(answer):
                return answer
            await asyncio.sleep(0.02)


async def shows(system: System, url: str, read: Callable[[Any], object], wanted: object) -> None:
    """Assert what a view tells once it has caught up; an answer is never kept waiting for views it does not show."""
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    seen = read((await system.client.get(url)).json())
    while seen != wanted and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)
        seen = read((await system.client.get(url)).json())
    assert seen == wanted


async def shows_levels(system: System, *wanted: tuple[int, int]) -> None:
    """Assert (on hand, allocated) of the SKU by location, once orders have reached the stock views."""
    await shows(
        system,
        f"{system.path}/stock/{SKU}",
        lambda view: [(level["on_hand"], level["allocated"]) for level in view["levels"]],
        list(wanted),
    )


def api_settings(bootstrap: str, prefix: str, folder: Path, **more: Any) -> ApiSettings:
    return ApiSettings(broker=bootstrap, topic_prefix=prefix, data_dir=folder, fetch_wait_ms=20, **more)


@asynccontextmanager
async def running_system(bootstrap: str, folder: Path, **more: Any) -> AsyncIterator[System]:
    """Run topics of their own, a worker of all partitions and the API."""
    prefix = new_prefix()
    await asyncio.to_thread(ensure_topics, bootstrap, catalogue(prefix))
    settings = api_settings(bootstrap, prefix, folder, **more)
    async with MiniWorker(bootstrap, catalogue(prefix)) as worker, running_api(settings, worker) as (app, services):
        key, _ = services.keyring.create(name="tester", scopes=[Scope.ADMIN], pools=["*"], actor="test", now_ms=1)
        async with client_of(app, key) as client:
            yield System(app, services, client, worker, settings, new_pool())


def new_pool() -> str:
    """Give a pool that no other test has."""
    return f"p-{uuid.uuid4().hex[:8]}"


async def open_pool(system: System, quantity: int = 40) -> None:
    """Set the example pool up, with stock of one SKU in Berlin."""
    for path, body in [
        (system.path, example(pools.PoolIn)),
        (f"{system.path}/locations", example(pools.LocationsIn)),
        (f"{system.path}/catalogue", example(CatalogueIn)),
    ]:
        answer = await system.client.put(path, json=body)
        assert answer.status_code == 200, answer.text
    body = example(stock.ReceiveIn)
    body["lines"][0]["quantity"] = quantity
    answer = await system.client.post(f"{system.path}/stock/receive", json=body)
    assert answer.status_code == 200, answer.text
    await answered(system.client, f"{system.path}/stock/{SKU}/movements", lambda answer: answer.json()["movements"])


def example(model: Any) -> dict[str, Any]:
    """Give a copy of the example of a body."""
    schema: dict[str, Any] = model.model_json_schema()
    return dict(schema["examples"][0])


def order_body(external_id: str = "100234", quantity: int = 2, **more: Any) -> dict[str, Any]:
    """Give a small order."""
    return {
        "channel": "shop-de",
        "external_id": external_id,
        "currency": "EUR",
        "lines": [{"sku": SKU, "quantity": quantity, "unit_price_minor": 1999}],
        "destination": {"country": "DE", "postcode": "10115", "latitude": 52.53, "longitude": 13.38},
    } | more


async def place(system: System, external_id: str = "100234", quantity: int = 2, **more: Any) -> Any:
    """Place a small order and give it as it was answered."""
    answer = await system.client.post(f"{system.path}/orders", json=order_body(external_id, quantity, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()
