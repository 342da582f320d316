import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.app import create_app
from api.security import Scope
from api.services import Services
from api.views import sql
from api.views.rows import Record, readers
from api.views.store import ViewsInUseError, ViewStore
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from models.topics import catalogue
from models.updates import CommandUpdate
from streams.brokers.embedded import EmbeddedBroker
from tests.support.system import (
    System,
    answered,
    api_settings,
    client_of,
    open_pool,
    place,
    running_api,
    running_system,
)

TOPICS = catalogue()


def order_row(version: int, offset: int, status: OrderStatus = OrderStatus.ROUTED, order_id: str = "o1") -> Record:
    order = Order(
        order_id=order_id,
        pool="europe",
        channel="shop",
        external_id="1",
        currency="EUR",
        status=status,
        lines=(),
        destination=Destination(country="DE"),
        placed_at_ms=1,
        version=version,
        offset=offset,
        index=0,
        updated_at_ms=offset,
    )
    return Record(TOPICS.order_views.name, 0, offset, msgspec.json.encode(order))


def update_row(offset: int, index: int = 0) -> Record:
    update = CommandUpdate(
        pool="europe",
        offset=offset,
        index=index,
        command_id=f"c{offset}-{index}",
        command="hold_order",
        at_ms=1,
        actor="test",
        order_id="o1",
        order_version=offset + 1,
    )
    return Record(TOPICS.order_updates.name, 0, offset, msgspec.json.encode(update))


def rows_of(store: ViewStore, query: str) -> list[Any]:
    return store.connection().execute(query).fetchall()


def forget_views(folder: Path) -> None:
    for path in folder.glob("views.db*"):
        path.unlink()


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = ViewStore(tmp_path / "views.db", readers(TOPICS))
    yield made
    made.close()


def test_rows_and_offsets_are_written_together_or_not_at_all(store: ViewStore) -> None:
    store.apply([order_row(1, 1)], {(TOPICS.order_views.name, 0): 2})
    with pytest.raises(sqlite3.ProgrammingError):
        store.apply([order_row(2, 2)], {(TOPICS.order_views.name, 0): object()})  # type: ignore[dict-item]

    assert rows_of(store, "SELECT version FROM orders") == [(1,)]
    assert store.offsets() == {(TOPICS.order_views.name, 0): 2}


def test_an_order_s_version_never_goes_back_and_repeats_change_nothing(store: ViewStore) -> None:
    store.apply([order_row(3, 7, OrderStatus.SHIPPED), order_row(2, 5), update_row(5), update_row(7)], {})
    store.apply([order_row(2, 5), update_row(5), order_row(3, 7, OrderStatus.SHIPPED), update_row(7)], {})

    assert rows_of(store, "SELECT version, status FROM orders") == [(3, "shipped")]
    assert rows_of(store, "SELECT offset, idx FROM updates ORDER BY offset") == [(5, 0), (7, 0)]
    assert rows_of(store, "SELECT version FROM order_updates ORDER BY offset") == [(6,), (8,)]


def test_a_record_that_cannot_be_shown_does_not_stop_the_others(store: ViewStore) -> None:
    bad = Record(TOPICS.order_views.name, 0, 1, b'{"order_id": 1}')
    store.apply([bad, order_row(1, 1)], {(TOPICS.order_views.name, 0): 2})

    assert rows_of(store, "SELECT order_id FROM orders") == [("o1",)]


def test_history_is_forgotten_by_age_and_the_newest_stays(store: ViewStore) -> None:
    store.apply([update_row(offset) for offset in range(10)], {})

    assert store.forget(before_ms=6) == 6
    assert rows_of(store, "SELECT min(offset), count(*) FROM updates") == [(6, 4)]


def test_a_file_of_another_layout_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "views.db"
    old = ViewStore(path, readers(TOPICS))
    old.apply([order_row(1, 1)], {(TOPICS.order_views.name, 0): 2})
    old.connection().execute(sql.PUT_FACT, ("layout", "0"))
    old.close()
    new = ViewStore(path, readers(TOPICS))

    assert (rows_of(new, "SELECT * FROM orders"), new.offsets()) == ([], {})
    new.close()


async def test_a_restarted_api_reads_on_where_it_was(bootstrap: str, tmp_path: Path) -> None:
    async with running_system(bootstrap, tmp_path) as system:
        await open_pool(system)
        order = await place(system)
        settings, key = system.settings, system.key(Scope.ADMIN)
        url = f"{system.path}/orders/{order['order_id']}"
        await answered(system.client, "/health/ready", lambda answer: answer.json()["lag"] == 0)
    async with running_api(settings) as (app, services), client_of(app, key) as client:
        again = await client.get(url)

    assert again.json() == order
    assert (services.consumer.progress.records, services.consumer.progress.wipes) == (0, 0)


async def test_lost_views_are_read_again_from_the_topics(bootstrap: str, tmp_path: Path) -> None:
    async with running_system(bootstrap, tmp_path) as system:
        await open_pool(system)
        order = await place(system)
        settings, key = system.settings, system.key(Scope.ADMIN)
        url = f"{system.path}/orders/{order['order_id']}"
    forget_views(tmp_path)
    async with running_api(settings) as (app, _), client_of(app, key) as client:
        again = await client.get(url)
        history = await client.get(f"{url}/history")

    assert again.json() == order
    assert [update["command"] for update in history.json()["updates"]] == ["place_order"]


async def test_views_of_another_cluster_are_thrown_away(tmp_path: Path) -> None:
    async with EmbeddedBroker() as first, running_system(first.bootstrap, tmp_path) as system:
        await open_pool(system)
        order = await place(system)
        url = f"{system.path}/orders/{order['order_id']}"
    async with EmbeddedBroker() as second, running_system(second.bootstrap, tmp_path) as system:
        gone = await system.client.get(url)

    assert (gone.status_code, gone.json()["code"]) == (404, "order_unknown")


async def test_health_says_that_topics_are_missing(bootstrap: str, tmp_path: Path) -> None:
    settings = api_settings(bootstrap, "missing-", tmp_path)
    app = create_app(Services(settings))
    async with app.router.lifespan_context(app), client_of(app, "") as client:
        answer = await answered(client, "/health/ready", lambda answer: answer.json()["views"] == "topics_missing")

    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")


async def test_an_order_written_while_the_views_catch_up_is_answered_when_it_is_there(stocked: System) -> None:
    answers = await asyncio.gather(*(place(stocked, str(number), 1) for number in range(30)))

    assert {answer["status"] for answer in answers} == {"routed"}
    level = (await stocked.client.get(f"{stocked.path}/stock/TSHIRT-BLUE-M")).json()["levels"][0]
    assert level["on_hand"] == 40


@pytest.mark.usefixtures("store")
def test_two_processes_do_not_feed_the_same_views(tmp_path: Path) -> None:
    with pytest.raises(ViewsInUseError, match="--views"):
        ViewStore(tmp_path / "views.db", readers(TOPICS))
