import asyncio
from pathlib import Path

from api.security import Scope
from models.partition import partition_of
from tests.support.event_stream import following
from tests.support.system import System, open_pool, place, running_system


async def hold(system: System, url: str, kind: str = "payment") -> None:
    answer = await system.client.post(f"{url}/hold", json={"hold": kind})
    assert answer.status_code == 200, answer.text


async def test_an_order_s_stream_begins_with_a_snapshot_and_goes_on_live(stocked: System) -> None:
    order = await place(stocked)
    url = f"{stocked.path}/orders/{order['order_id']}"
    async with following(stocked.app, f"{url}/events", stocked.key(Scope.ADMIN)) as stream:
        snapshot = await stream.next()
        await hold(stocked, url)
        refused = await stocked.client.post(f"{url}/hold", json={"hold": "payment"})
        await hold(stocked, url, "address")
        events = [await stream.next(), await stream.next()]

    assert stream.headers["content-type"].startswith("text/event-stream")
    assert (snapshot.name, snapshot.identity, snapshot.data) == ("snapshot", "1", order)
    assert refused.status_code == 409
    assert [(event.name, event.identity) for event in events] == [("hold_order", "2"), ("hold_order", "3")]
    assert [event.data["events"][0]["hold"] for event in events] == ["payment", "address"]


async def test_a_stream_is_resumed_after_the_last_event_that_was_seen(stocked: System) -> None:
    order = await place(stocked)
    url = f"{stocked.path}/orders/{order['order_id']}"
    for kind in ("payment", "address", "other"):
        await hold(stocked, url, kind)
    async with following(stocked.app, f"{url}/events", stocked.key(Scope.ADMIN), "2") as stream:
        missed = [await stream.next(), await stream.next()]
        await hold(stocked, url, "fraud_review")
        live = await stream.next()

    assert [(event.identity, event.data["events"][0]["hold"]) for event in [*missed, live]] == [
        ("3", "address"),
        ("4", "other"),
        ("5", "fraud_review"),
    ]


async def test_what_a_command_on_stock_does_to_an_order_is_in_its_stream_and_history(stocked: System) -> None:
    order = await place(stocked, quantity=40)
    url = f"{stocked.path}/orders/{order['order_id']}"
    body = {"source": "w", "document": "C-1", "location_id": "berlin", "sku": order["lines"][0]["sku"], "counted": 10}
    async with following(stocked.app, f"{url}/events", stocked.key(Scope.ADMIN), "1") as stream:
        await stocked.client.post(f"{stocked.path}/stock/count", json=body)
        event = await stream.next()
    history = (await stocked.client.get(f"{url}/history")).json()["updates"]

    assert event.name == "count_stock"
    assert [update["command"] for update in history] == ["place_order", "count_stock"]


async def test_too_old_an_id_gets_a_reset_and_a_snapshot(stocked: System) -> None:
    order = await place(stocked)
    url = f"{stocked.path}/orders/{order['order_id']}"
    async with following(stocked.app, f"{url}/events", stocked.key(Scope.ADMIN), "99") as stream:
        events = [await stream.next(), await stream.next()]

    assert [(event.name, event.identity) for event in events] == [("reset", ""), ("snapshot", "1")]
    assert events[1].data == order


async def test_a_pool_s_stream_tells_every_outcome_and_is_resumed_by_position(stocked: System) -> None:
    key = stocked.key(Scope.ADMIN)
    async with following(stocked.app, f"{stocked.path}/events", key) as stream:
        begin = await stream.next()
        first = await place(stocked, "1")
        placed = await stream.next()
        refused = await stocked.client.post(f"{stocked.path}/orders/none/cancel", json={})
        told = await stream.next()
    await place(stocked, "2")
    async with following(stocked.app, f"{stocked.path}/events", key, placed.identity) as stream:
        resumed = [await stream.next(), await stream.next()]

    assert begin.name == "begin"
    assert (placed.name, placed.data["order_id"]) == ("place_order", first["order_id"])
    update = placed.data
    assert placed.identity == f"{partition_of(stocked.pool)}:{update['offset']}:{update['index']}"
    assert (refused.status_code, told.data["refusal"]["code"]) == (404, "order_unknown")
    assert [event.name for event in resumed] == ["cancel_units", "place_order"]
    assert resumed[0] == told


async def test_an_id_of_another_place_resets_a_pool_s_stream(stocked: System) -> None:
    for identity in ("99:1:1", "nonsense", f"{partition_of(stocked.pool)}:999999:0"):
        async with following(stocked.app, f"{stocked.path}/events", stocked.key(Scope.ADMIN), identity) as stream:
            event = await stream.next()
        assert (event.name, event.data["snapshot"]) == ("reset", f"{stocked.path}/orders")


async def test_other_pools_are_not_heard(stocked: System) -> None:
    other = System(**{**vars(stocked), "pool": "p-other"})
    await open_pool(other)
    async with following(stocked.app, f"{stocked.path}/events", stocked.key(Scope.ADMIN)) as stream:
        await stream.next()
        await place(other, "theirs")
        await place(stocked, "ours")
        event = await stream.next()

    assert event.data["pool"] == stocked.pool


async def test_silence_is_filled_with_heartbeats_and_slow_clients_are_dropped(bootstrap: str, tmp_path: Path) -> None:
    limits = {"sse_heartbeat_seconds": 0.05, "sse_queue_events": 8, "sse_clients_max": 1}
    async with running_system(bootstrap, tmp_path, **limits) as system:
        await open_pool(system)
        order = await place(system)
        url = f"{system.path}/orders/{order['order_id']}"
        key = system.key(Scope.ADMIN)
        async with following(system.app, f"{url}/events", key) as stream:
            await stream.next()
            await stream.heartbeat()
            full = await system.client.get(f"{url}/events")
            stream.reading.clear()
            await asyncio.sleep(0.2)
            for _ in range(6):
                await hold(system, url)
                await system.client.post(f"{url}/release", json={"hold": "payment"})
            stream.reading.set()
            await asyncio.wait_for(stream.ended.wait(), 20)

        assert (full.status_code, full.json()["code"]) == (503, "streams_full")
        assert (system.services.hub.dropped, system.services.hub.clients) == (1, 0)
        async with following(system.app, f"{url}/events", key, "9") as stream:
            resumed = await stream.next()
        assert resumed.identity == "10"


async def test_a_stream_of_an_order_that_is_not_there_is_404(stocked: System) -> None:
    answer = await stocked.client.get(f"{stocked.path}/orders/none/events")

    assert (answer.status_code, answer.json()["code"]) == (404, "order_unknown")
