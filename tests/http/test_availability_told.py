"""What channels are told of stock: only changes, what falls first, at their pace, and what they changed themselves."""

import asyncio
import json
from typing import Any

from api.exchange.calling import Caller
from api.exchange.polling import ask_systems
from api.exchange.process import Exchange
from tests.support.outbox import HOST, all_ended, connect, sending
from tests.support.partner import Answer, Got, Partner, partner, until
from tests.support.system import SKU, System, place

LAMP = "LAMP"


class Shop:
    """A shop's stock as it was told, and every telling."""

    def __init__(self, receiver: Partner) -> None:
        self.stock: dict[str, int] = {}
        self.told: list[dict[str, Any]] = []
        self.observed: dict[str, int] = {}
        self.is_away = False
        self.failures = 0
        self.orders = b""
        receiver.otherwise = self.answer

    def answer(self, got: Got) -> Answer:
        if not got.path.endswith("/stock"):
            return Answer(200, self.orders)
        if self.is_away:
            self.failures += 1
            return Answer(503)
        told = json.loads(got.body)
        self.told.append(told)
        self.stock |= {sku: quantity for sku, (quantity, _) in told.items()}
        return Answer(200, json.dumps({"observed": self.observed}).encode())


async def set_up(system: System, *, publishing: Any = (), listings: Any = ()) -> None:
    channel = {"channel_id": "shop-de", "name": "Web", "kind": "website", "publishing": list(publishing)}
    answer = await system.client.put(f"{system.path}/channels", json={"channels": [channel]})
    assert answer.status_code == 200, answer.text
    item = {"sku": LAMP, "name": "Lamp", "weight_grams": 900}
    if listings:
        item |= {"listings": listings}
    answer = await system.client.put(f"{system.path}/catalogue", json={"items": [item]})
    assert answer.status_code == 200, answer.text


async def receive(system: System, document: str, sku: str, quantity: int) -> None:
    lines = [{"line": "1", "sku": sku, "quantity": quantity}]
    body = {"source": "wms", "document": document, "location_id": "berlin", "lines": lines}
    answer = await system.client.post(f"{system.path}/stock/receive", json=body)
    assert answer.status_code == 200, answer.text


async def test_a_channel_is_told_all_once_and_then_changes_alone(stocked: System) -> None:
    await set_up(stocked)
    async with partner() as receiver, sending(stocked):
        shop = Shop(receiver)
        connect(stocked, "shop-toy", to=receiver)
        await until(lambda: shop.stock == {SKU: 40, LAMP: 0}, "it knows all")
        first = len(shop.told)
        await place(stocked, "A-1", 3)
        await until(lambda: shop.stock == {SKU: 37, LAMP: 0}, "it knows what was sold")
        await asyncio.sleep(0.5)

    assert shop.told[first:] == [{SKU: [37, 40]}]


async def test_what_did_not_change_is_not_told_again_after_a_restart(stocked: System) -> None:
    await set_up(stocked)
    async with partner() as receiver:
        shop = Shop(receiver)
        async with sending(stocked):
            target = connect(stocked, "shop-toy", to=receiver)
            await until(lambda: len(shop.stock) == 2, "it knows all")
            # Who is stopped before that is on record tells it again.
            await until(lambda: all_ended(stocked, target), "that is on record")
        count = len(shop.told)
        async with sending(stocked):
            await asyncio.sleep(1.5)

    assert len(shop.told) == count


async def test_changes_while_a_channel_is_away_become_one_value(stocked: System) -> None:
    await set_up(stocked)
    async with partner() as receiver, sending(stocked):
        shop = Shop(receiver)
        target = connect(stocked, "shop-toy", to=receiver)
        await until(lambda: shop.stock == {SKU: 40, LAMP: 0}, "it knows all")
        stocked.services.exchange.accounts.pause(
            target.removeprefix("account/"), paused=True, actor="test", reason="", now_ms=2
        )
        await asyncio.sleep(1.2)
        count = len(shop.told)
        for number in range(5):
            await place(stocked, f"A-2-{number}", 1)
        await receive(stocked, "R-2", LAMP, 4)
        await asyncio.sleep(0.5)
        stocked.services.exchange.accounts.pause(
            target.removeprefix("account/"), paused=False, actor="test", reason="", now_ms=3
        )
        await until(lambda: shop.stock == {SKU: 35, LAMP: 4}, "it knows all")
        await asyncio.sleep(0.3)

    assert shop.told[count:] == [{SKU: [35, 40], LAMP: [4, 0]}]
    # What falls stands before what rises.
    assert list(shop.told[count]) == [SKU, LAMP]


async def test_of_what_falls_alike_that_which_sells_fast_is_told_before_that_which_sells_slowly(
    stocked: System,
) -> None:
    await set_up(stocked)
    await receive(stocked, "R-5", LAMP, 9)
    async with partner() as receiver, sending(stocked):
        shop = Shop(receiver)
        account = connect(stocked, "shop-toy", to=receiver).removeprefix("account/")
        await until(lambda: shop.stock == {SKU: 40, LAMP: 9}, "it knows all")
        stocked.services.exchange.accounts.pause(account, paused=True, actor="test", reason="", now_ms=2)
        await asyncio.sleep(1.2)
        count = len(shop.told)
        for number, sku in enumerate([LAMP, SKU, SKU, SKU]):
            await place(stocked, f"A-5-{number}", lines=[{"sku": sku, "quantity": 1, "unit_price_minor": 1999}])
            await asyncio.sleep(0.2)
        stocked.services.exchange.accounts.pause(account, paused=False, actor="test", reason="", now_ms=3)
        await until(lambda: shop.stock == {SKU: 37, LAMP: 8}, "it knows all")

    [told] = shop.told[count:]
    assert list(told) == [SKU, LAMP]


async def test_more_is_told_only_once_the_channel_was_asked_for_its_orders_and_less_at_once(stocked: System) -> None:
    await set_up(stocked)
    exchange = Exchange.of(stocked.services, Caller(private_hosts=frozenset({HOST})))
    async with partner() as receiver, sending(stocked, paces=exchange.paces):
        shop = Shop(receiver)
        connect(stocked, "polled-toy", to=receiver)
        await until(lambda: shop.stock == {SKU: 40, LAMP: 0}, "it knows all")
        await receive(stocked, "R-6", LAMP, 4)
        await place(stocked, "A-6", 1)
        await until(lambda: shop.stock[SKU] == 39, "it knows what was sold")
        await asyncio.sleep(1.5)
        before = dict(shop.stock)
        shop.orders = b'{"orders": [], "next": 1, "more": false}'
        asking = asyncio.create_task(ask_systems(exchange))
        await until(lambda: shop.stock == {SKU: 39, LAMP: 4}, "it knows what came in")
        asking.cancel()
        await asyncio.gather(asking, exchange.caller.close(), return_exceptions=True)

    assert before == {SKU: 39, LAMP: 0}


async def test_a_telling_that_fails_is_replaced_by_newer_values(stocked: System) -> None:
    await set_up(stocked)
    async with partner() as receiver, sending(stocked):
        shop = Shop(receiver)
        target = connect(stocked, "shop-toy", to=receiver)
        await until(lambda: shop.stock == {SKU: 40, LAMP: 0}, "it knows all")
        shop.is_away = True
        await place(stocked, "A-3", 1)
        await until(lambda: shop.failures, "it fails")
        await place(stocked, "A-4", 1)
        [shown] = stocked.services.outbox.connections(stocked.pool, 0)

        def is_skipped() -> bool:
            # Nobody waits for the pauses between tries here.
            stocked.services.outbox.reset(shown, actor="test", now_ms=stocked.services.now_ms())
            return any(row.state == "skipped" for row in stocked.services.outbox.deliveries(target))

        await until(is_skipped, "the older value is given up")
        shop.is_away = False
        stocked.services.outbox.reset(shown, actor="test", now_ms=stocked.services.now_ms())
        await until(lambda: shop.stock[SKU] == 38, "it knows the newest", 40)

    assert {SKU: [38, 40]} in shop.told
    assert {SKU: [39, 40]} not in shop.told


async def test_what_a_channel_changed_itself_is_overwritten_and_reported(stocked: System) -> None:
    await set_up(stocked)
    async with partner() as receiver, sending(stocked):
        shop = Shop(receiver)
        target = connect(stocked, "shop-toy", to=receiver)
        await until(lambda: shop.stock == {SKU: 40, LAMP: 0}, "it knows all")
        shop.observed = {SKU: 99}
        await place(stocked, "A-5", 1)
        await until(lambda: shop.stock[SKU] == 39, "it is told all the same")
        await until(lambda: stocked.services.outbox.channel_edits(target), "it is reported")

    [edit] = stocked.services.outbox.channel_edits(target)
    assert (edit.listing, edit.sent, edit.observed) == (SKU, 40, 99)


async def test_listings_and_rules_count_and_a_changed_rule_is_told(stocked: System) -> None:
    await set_up(stocked, listings=[{"channel": "shop-de", "sku": "LAMP-6", "quantity": 6}])
    await receive(stocked, "R-6", LAMP, 20)
    async with partner() as receiver, sending(stocked):
        shop = Shop(receiver)
        connect(stocked, "shop-toy", to=receiver)
        await until(lambda: shop.stock == {SKU: 40, LAMP: 20, "LAMP-6": 3}, "it knows all")
        await set_up(
            stocked,
            publishing=[{"maximum": 5}],
            listings=[{"channel": "shop-de", "sku": "LAMP-6", "quantity": 6}],
        )
        await until(lambda: shop.stock == {SKU: 5, LAMP: 5, "LAMP-6": 0}, "it knows the rule")


async def test_one_value_that_a_channel_refuses_does_not_keep_the_others_back(stocked: System) -> None:
    await set_up(stocked)
    async with partner() as receiver, sending(stocked):
        shop = Shop(receiver)
        usual = shop.answer

        def picky(got: Got) -> Answer:
            return Answer(422, b"no such item") if LAMP in json.loads(got.body) else usual(got)

        receiver.otherwise = picky
        target = connect(stocked, "shop-toy", to=receiver)
        await until(lambda: shop.stock == {SKU: 40}, "the other one is told")
        await asyncio.sleep(0.5)

    states = [row.state for row in stocked.services.outbox.deliveries(target)]
    assert sorted(states) == ["done", "refused", "refused"]
