"""Accounts in shadow are asked and listened to, and told nothing: a peer that remembers all it is sent shows it."""

import asyncio
import json
from pathlib import Path

from api.exchange.calling import Caller
from api.exchange.process import TASKS, Exchange
from tests.http.test_hooks import send, set_up
from tests.support.outbox import HOST, connect
from tests.support.partner import Answer, Got, partner, until
from tests.support.system import SKU, System, place
from tests.support.toy import order_said


async def test_everything_runs_and_a_shop_and_its_partners_in_shadow_are_only_asked(
    stocked: System, tmp_path: Path
) -> None:
    inbox, outbox = tmp_path / "in", tmp_path / "out"
    inbox.mkdir()
    outbox.mkdir()
    page = {"orders": [json.loads(order_said("polled", SKU))], "next": 1, "more": False}

    def answer(got: Got) -> Answer:
        return Answer(body=json.dumps(page if got.path.startswith("/orders") else {}).encode())

    caller, services = Caller(private_hosts=frozenset({HOST})), stocked.services
    async with partner() as peer:
        peer.otherwise = answer
        shop = set_up(stocked, live=False, settings={"address": peer.url, "inbox": str(inbox)})
        services.exchange.secrets.put(shop, "api_token", "opens", "current", actor="test", now_ms=1)
        for name in ("shop-toy", "warehouse-toy"):
            connect(stocked, name, live=False, to=peer)
        connect(stocked, "folder-toy", live=False, folder=str(outbox))
        tasks = [asyncio.ensure_future(task(Exchange.of(services, caller))) for task in TASKS]
        try:
            await until(lambda: peer.got, "it is asked")
            (inbox / "orders.json").write_bytes(order_said("filed", SKU))
            hooked = await send(stocked, shop, order_said("hooked", SKU))
            sent = stocked.sent
            order = await place(stocked, "ours", 2)
            part = order["fulfillments"][0]["fulfillment_id"]
            shipped = await stocked.client.post(
                f"{stocked.path}/orders/{order['order_id']}/fulfillments/{part}/ship", json={"parcel_id": "P1"}
            )
            await until((inbox / "done" / "orders.json").exists, "the file is taken")
            asked = len(peer.got)
            await until(lambda: len(peer.got) > asked + 1, "it is asked again")
            told = "SELECT count(*) FROM deliveries WHERE pool = ?"
            [rows] = services.control.connection().execute(told, (stocked.pool,)).fetchone()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await caller.close()
    kept = {fact.external_id for fact in services.exchange.shadow.of(shop) if hasattr(fact, "external_id")}

    assert (hooked.status_code, shipped.is_success) == (200, True)
    assert {(got.method, got.path.partition("?")[0], got.body) for got in peer.got} == {("GET", "/orders", b"")}
    assert (rows, list(outbox.iterdir())) == (0, [])
    assert stocked.sent == sent + 2
    assert kept == {"polled", "filed", "hooked"}
