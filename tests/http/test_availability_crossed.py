"""Subscribers of availability are told only when a SKU crosses one of its thresholds for a channel, each time once."""

import asyncio
from functools import partial
from operator import eq
from typing import Any

import msgspec
import pytest

from api.present import iso
from tests.http.test_availability_told import Shop
from tests.support.outbox import HOST, connect, sending
from tests.support.partner import Partner, partner, until
from tests.support.system import SKU, System, shows

LAMP = "LAMP"


@pytest.fixture(autouse=True)
def _private_host(running: System) -> None:
    """The partners of these tests are on this machine."""
    object.__setattr__(
        running.services, "settings", running.services.settings.model_copy(update={"private_hosts": HOST})
    )


async def put(system: System, part: str, **body: Any) -> None:
    answer = await system.client.put(f"{system.path}/{part}", json=body)
    assert answer.status_code == 200, answer.text


async def channels(system: System, **publishing: Any) -> None:
    made = [{"channel_id": name, "name": name, "publishing": rules} for name, rules in publishing.items()]
    await put(system, "channels", channels=made)


async def count(system: System, quantity: int, sku: str = SKU) -> None:
    """Have so many on hand, and wait until the views know."""
    body = {
        "source": "wms",
        "document": f"C-{system.services.now_ms()}-{quantity}",
        "location_id": "berlin",
        "sku": sku,
        "counted": quantity,
    }
    body["occurred_at"] = iso(system.services.now_ms())
    answer = await system.client.post(f"{system.path}/stock/count", json=body)
    assert answer.status_code == 200, answer.text
    await shows(system, f"{system.path}/stock/{sku}", lambda view: view.get("available"), quantity)


async def subscribe(system: System, receiver: Partner, *patterns: str, **availability: Any) -> Any:
    body = {"url": f"{receiver.url}/hook", "events": list(patterns or ("availability.*",))}
    answer = await system.client.post(
        f"{system.path}/webhooks", json=body | ({"availability": availability} if availability else {})
    )
    assert answer.status_code == 201, answer.text
    await shows(
        system,
        f"{system.path}/webhooks",
        lambda read: [
            one["availability"]["ready"] for one in read["webhooks"] if one["webhook_id"] == answer.json()["webhook_id"]
        ],
        [True],
    )
    return answer.json()


def events_in(receiver: Partner) -> list[Any]:
    return [msgspec.json.decode(got.body) for got in receiver.got]


def crossed(receiver: Partner) -> list[tuple[Any, ...]]:
    names = ("sku", "channel", "before", "after", "available", "threshold")
    return [tuple(event["data"][name] for name in names) for event in events_in(receiver)]


async def settled(system: System, made: Any) -> None:
    """Wait until everything marked for a subscription has been looked at."""
    query = "SELECT count(*) FROM availability_marks WHERE target = ?"
    target = f"webhook/{made['webhook_id']}"
    connection = system.services.control.connection()
    await asyncio.sleep(0.3)
    await until(lambda: connection.execute(query, (target,)).fetchone()[0] == 0, "all is looked at")
    await asyncio.sleep(0.2)


async def test_a_walk_of_quantities_is_told_at_its_crossings_alone(stocked: System) -> None:
    await channels(stocked, web=[])
    await count(stocked, 10)
    async with partner() as receiver, sending(stocked):
        made = await subscribe(stocked, receiver)
        for quantity in (4, 5, 0, 1, 20, 19):
            await count(stocked, quantity)
            await settled(stocked, made)

    assert crossed(receiver) == [
        (SKU, "web", "in_stock", "low_stock", 4, 5),
        (SKU, "web", "low_stock", "out_of_stock", 0, 0),
        (SKU, "web", "out_of_stock", "low_stock", 1, 0),
        (SKU, "web", "low_stock", "in_stock", 20, 5),
    ]
    first = events_in(receiver)[0]
    assert (first["type"], first["pool"], first["order_id"]) == ("availability.low_stock", stocked.pool, None)
    assert first["data"]["at"] == first["timestamp"]
    assert len({event["event_id"] for event in events_in(receiver)}) == 4


async def test_a_restart_tells_nothing_again_and_what_changed_meanwhile_as_one(stocked: System) -> None:
    await channels(stocked, web=[])
    await count(stocked, 10)
    async with partner() as receiver:
        async with sending(stocked):
            made = await subscribe(stocked, receiver)
            await count(stocked, 3)
            await until(lambda: receiver.got, "it is told")
        for quantity in (0, 9, 3, 0):
            await count(stocked, quantity)
        async with sending(stocked):
            await until(lambda: len(receiver.got) == 2, "it is told of the end")
            await settled(stocked, made)
        async with sending(stocked):
            await asyncio.sleep(1.5)
            await settled(stocked, made)

    assert crossed(receiver) == [
        (SKU, "web", "in_stock", "low_stock", 3, 5),
        (SKU, "web", "low_stock", "out_of_stock", 0, 0),
    ]


async def test_each_channel_crosses_by_what_it_is_told_and_has_the_thresholds_of_the_sku(stocked: System) -> None:
    await channels(stocked, web=[], market=[{"threshold": 6}], till=[])
    await count(stocked, 20)
    async with partner() as receiver, sending(stocked):
        made = await subscribe(
            stocked, receiver, channels=["web", "market"], thresholds=[{"low_stock": 1}, {"sku": SKU, "low_stock": 4}]
        )
        for quantity in (9, 6, 4):
            await count(stocked, quantity)
            await settled(stocked, made)

    assert crossed(receiver) == [
        (SKU, "market", "in_stock", "low_stock", 3, 4),
        (SKU, "market", "low_stock", "out_of_stock", 0, 0),
        (SKU, "web", "in_stock", "low_stock", 4, 4),
    ]


async def test_a_new_sku_is_told_once_there_is_some_and_one_taken_off_a_channel_is_out(stocked: System) -> None:
    await channels(stocked, web=[])
    async with partner() as receiver, sending(stocked):
        made = await subscribe(stocked, receiver)
        await put(stocked, "catalogue", items=[{"sku": LAMP}])
        await settled(stocked, made)
        assert receiver.got == []
        await count(stocked, 7, LAMP)
        await until(lambda: len(receiver.got) == 1, "there is some")
        await channels(stocked, web=[{"sku": LAMP, "maximum": 0}])
        await until(lambda: len(receiver.got) == 2, "the channel sells it no more")
        await settled(stocked, made)

    assert crossed(receiver) == [
        (LAMP, "web", "out_of_stock", "in_stock", 7, 5),
        (LAMP, "web", "in_stock", "out_of_stock", 0, 0),
    ]


async def test_only_the_levels_that_were_asked_for_are_told_and_all_else_as_before(stocked: System) -> None:
    await channels(stocked, web=[])
    await count(stocked, 10)
    async with partner() as receiver, partner() as everything, sending(stocked):
        made = await subscribe(stocked, receiver, "availability.out_of_stock")
        url = f"{stocked.path}/webhooks"
        answer = await stocked.client.post(url, json={"url": f"{everything.url}/hook", "events": ["*"]})
        assert answer.json()["availability"] is None
        for quantity in (3, 0, 3):
            await count(stocked, quantity)
            await settled(stocked, made)

    assert crossed(receiver) == [(SKU, "web", "low_stock", "out_of_stock", 0, 0)]
    assert {event["type"].partition(".")[0] for event in events_in(everything)} <= {"stock", "order"}


async def test_other_thresholds_are_compared_at_once_and_a_replay_has_the_same_ids(stocked: System) -> None:
    await channels(stocked, web=[])
    await count(stocked, 10)
    async with partner() as receiver, sending(stocked):
        made = await subscribe(stocked, receiver)
        path = f"{stocked.path}/webhooks/{made['webhook_id']}/availability"
        answer = await stocked.client.put(path, json={"thresholds": [{"low_stock": 10}]})
        assert answer.json()["availability"]["thresholds"] == [
            {"sku": None, "category": None, "low_stock": 10, "out_of_stock": 0}
        ]
        await until(lambda: len(receiver.got) == 1, "it is low by the new threshold")
        replay = f"{stocked.path}/connections/webhook/{made['webhook_id']}/replay"
        answer = await stocked.client.post(replay, json={"from": "2020-01-01T00:00:00Z"})
        assert answer.json()["deliveries"] == 1
        await until(lambda: len(receiver.got) == 2, "it has come again")

    assert crossed(receiver) == [(SKU, "web", "in_stock", "low_stock", 10, 10)] * 2
    assert len({event["event_id"] for event in events_in(receiver)}) == 1
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"events": ["*"], "availability": {}}, "availability_not_asked"),
        ({"events": ["availability.gone"]}, "event_unknown"),
    ],
)
async def test_what_cannot_be_told_is_refused_and_nothing_is_kept(stocked: System, body: Any, code: str) -> None:
    url = f"{stocked.path}/webhooks"
    answer = await stocked.client.post(url, json={"url": "https://shop.example.com/hook"} | body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await stocked.client.get(url)).json()["webhooks"] == []


async def test_low_stock_below_out_of_stock_is_refused_and_nothing_is_kept(stocked: System) -> None:
    url = f"{stocked.path}/webhooks"
    thresholds = [{"low_stock": 1, "out_of_stock": 2}]
    body = {"url": "https://shop.example.com/hook", "events": ["availability.*"]}
    answer = await stocked.client.post(url, json=body | {"availability": {"thresholds": thresholds}})

    assert answer.status_code == 422
    assert (await stocked.client.get(url)).json()["webhooks"] == []


async def test_an_account_that_asks_for_it_is_told_of_stock_at_its_thresholds_alone(stocked: System) -> None:
    await channels(stocked, **{"shop-de": []})
    await count(stocked, 10)
    async with partner() as receiver, sending(stocked):
        shop = Shop(receiver)
        connect(stocked, "shop-toy", to=receiver, settings={"stock_thresholds": "5"})
        await until(lambda: shop.stock == {SKU: 10}, "it knows all")
        for quantity, known in ((9, 10), (4, 4), (5, 4), (0, 0), (1, 1), (20, 20)):
            await count(stocked, quantity)
            await asyncio.sleep(0.3)
            wanted = {SKU: known}
            await until(partial(eq, shop.stock, wanted), f"it knows {known}")

    assert [told[SKU] for told in shop.told] == [[10, None], [4, 10], [0, 4], [1, 0], [20, 1]]
