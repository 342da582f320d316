"""An account that is removed: nothing of it goes on, its log stays, and one of its name begins anew."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio

from api.control.audit import AuditLine, Wanted
from api.exchange.calling import Caller
from api.exchange.polling import ask
from api.exchange.process import Exchange
from api.roles import Role
from connectors.frame.message import Message
from tests.http.test_hooks import send, set_up
from tests.support.outbox import connect, sending
from tests.support.partner import Answer, partner, until
from tests.support.people import add_user, signed_in
from tests.support.system import SKU, System, place
from tests.support.toy import order_said, toy
from tests.support.toy_shop import Shop, serving

POLL = toy().polls[0]
LEFT = ("connector_secrets", "connector_cursors", "connector_counts", "parked_messages", "shadow_facts")


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    with serving(made):
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(stocked: System) -> Any:
    caller = Caller(private_hosts=frozenset({"127.0.0.1"}))
    yield Exchange.of(stocked.services, caller)
    await caller.close()


def left_of(system: System, account: str) -> dict[str, int]:
    connection = system.services.control.connection()
    query = "SELECT count(*) FROM {} WHERE account = ?"
    counted = {table: connection.execute(query.format(table), (account,)).fetchone()[0] for table in LEFT}
    return {table: count for table, count in counted.items() if count}


def lines_of(system: System, account: str) -> list[AuditLine]:
    found = [one.line for one in system.services.audit.lines(Wanted(), limit=200)]
    return [line for line in found if line.target == f"account:{account}"]


async def remove(system: System, account: str, **query: str) -> Any:
    return await system.client.delete(f"{system.path}/accounts/{account}", params=query)


async def test_with_deliveries_that_wait_a_live_account_stays_unless_told_so(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        receiver.otherwise = lambda _: Answer(503)
        target = connect(stocked, "warehouse-toy", to=receiver)
        account = target.removeprefix("account/")
        await place(stocked, "R-1", 1)
        outbox = stocked.services.outbox
        await until(
            lambda: any(outbox.attempts(row.delivery_id) for row in outbox.deliveries(target)), "an attempt is noted"
        )
        lines = len(lines_of(stocked, account))
        refused = await remove(stocked, account)
        kept = stocked.services.exchange.accounts.find(account)
        unchanged = (left_of(stocked, account), len(lines_of(stocked, account)))
        done = await remove(stocked, account, drop_pending="true", reason="contract ended")
        again = await remove(stocked, account)
        [shown] = (await stocked.client.get(f"{stocked.path}/connections")).json()["removed"]
        url = f"{stocked.path}/connections/{shown['connection']}"
        [row] = (await stocked.client.get(f"{url}/deliveries")).json()["deliveries"]
        one = (await stocked.client.get(f"{url}/deliveries/{row['delivery_id']}")).json()
        resumed = await stocked.client.post(f"{url}/deliveries/{row['delivery_id']}/redeliver")
        asked = len(receiver.got)
        await place(stocked, "R-2", 1)

    assert (refused.status_code, refused.json()["code"]) == (409, "deliveries_pending")
    assert "drop_pending=true" in refused.json()["detail"]
    assert kept is not None
    assert unchanged == ({"connector_secrets": 1}, lines)
    assert (done.status_code, done.json()) == (200, {"account": account, "dropped_deliveries": 1})
    assert (again.status_code, again.json()["code"]) == (404, "account_unknown")
    assert (shown["connection"], shown["pending"], shown["refused"]) == (f"{target}~1", 0, 0)
    assert (row["state"], row["note"]) == ("skipped", "its account is removed; an attempt may have arrived")
    assert [tried["outcome"] for tried in one["log"]].count("later") == len(one["log"]) > 0
    assert (resumed.status_code, resumed.json()["code"]) == (409, "account_removed")
    assert len(receiver.got) == asked
    line = lines_of(stocked, account)[0]
    assert (line.action, line.reason, line.pool) == ("remove_account", "contract ended", stocked.pool)
    assert json.loads(line.before)["connector"] == "warehouse-toy"
    assert json.loads(line.after) == {"dropped_deliveries": 1}


async def test_its_webhooks_are_unknown_at_once_and_one_of_its_name_has_nothing_of_it(stocked: System) -> None:
    account, stores = set_up(stocked, live=False), stocked.services.exchange
    body = order_said("900", SKU)
    taken = await send(stocked, account, body)
    stores.cursors.keep(account, "orders", "7", 1)
    stores.accounts.pause(account, paused=True, actor="test", reason="", now_ms=1)
    await send(stocked, account, order_said("901", SKU))
    before = left_of(stocked, account)
    former = stores.accounts.find(account)
    await remove(stocked, account, reason="moved")
    refused = await send(stocked, account, body)
    after = left_of(stocked, account)
    set_up(stocked, connector="toy", live=True, settings={"address": "https://other.example"})
    anew = stores.accounts.find(account)

    assert taken.status_code == 200
    assert before == dict.fromkeys(LEFT, 1) | {"connector_counts": before["connector_counts"]}
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert after == {}
    assert former is not None
    assert anew is not None
    assert (anew.paused_at_ms, anew.setup.settings) == (None, {"address": "https://other.example"})
    assert left_of(stocked, account) == {"connector_secrets": 1}
    assert stores.accounts.running(former) is None


async def test_what_runs_for_it_ends_without_a_restart_and_leaves_nothing(
    stocked: System, exchange: Exchange, shop: Shop
) -> None:
    account, stores = set_up(stocked, settings={"address": shop.address}), stocked.services.exchange
    stores.secrets.put(account, "api_token", "opens", "current", actor="test", now_ms=1)
    stored = stores.accounts.find(account)
    assert stored is not None
    shop.orders = [json.loads(order_said(str(number), SKU)) for number in range(1, 6)]
    await ask(exchange, stored, POLL)
    asked = len(shop.asked)
    await remove(stocked, account)
    # Each had read the account before.
    await ask(exchange, stored, POLL)
    stores.cursors.keep(account, "orders", "9", 1)
    stores.cursors.note_trouble(account, "orders", "no answer")
    await exchange.intake.take(stored._replace(paused_at_ms=1), toy_message())

    assert asked > 0
    assert len(shop.asked) == asked
    assert left_of(stocked, account) == {}


async def test_a_new_account_is_told_of_what_comes_then_under_numbers_that_go_on(stocked: System) -> None:
    async with partner() as receiver, sending(stocked):
        target = connect(stocked, "warehouse-toy", to=receiver)
        receiver.otherwise = lambda got: Answer(404 if got.method == "GET" else 201)
        await place(stocked, "N-1", 1)
        await until(
            lambda: [row.state for row in stocked.services.outbox.deliveries(target)] == ["done"], "what is told"
        )
        [former] = stocked.services.outbox.deliveries(target)
        await remove(stocked, target.removeprefix("account/"))
        await place(stocked, "N-2", 1)
        connect(stocked, "warehouse-toy", to=receiver)
        newest = await place(stocked, "N-3", 1)
        await until(
            lambda: [row.state for row in stocked.services.outbox.deliveries(target)] == ["done"], "what is told"
        )
        [row] = stocked.services.outbox.deliveries(target)
        [kept] = stocked.services.outbox.deliveries(f"{target}~1")

    assert former.number is not None
    assert row.number == former.number + 1
    assert row.order_id == newest["order_id"]
    assert (kept.order_id, kept.state) == (former.order_id, "done")


async def test_on_its_page_the_name_and_a_reason_are_asked_for_first(stocked: System) -> None:
    integrator = add_user(stocked, f"rem-{stocked.pool}", Role.INTEGRATOR)
    target = connect(stocked, "shop-toy", live=False)
    account = target.removeprefix("account/")
    url = f"/p/{stocked.pool}/connections/account/{account}/remove"
    async with signed_in(stocked, integrator) as client:
        wrong = await client.post(url, data={"name": "shop", "reason": "it moved"})
        silent = await client.post(url, data={"name": account, "reason": " "})
        kept = stocked.services.exchange.accounts.find(account)
        done = await client.post(url, data={"name": account, "reason": "it moved"})

    assert (wrong.status_code, silent.status_code) == (422, 422)
    assert f"Type {account} to remove it: nothing was changed." in wrong.text
    assert "Say why" in silent.text
    assert kept is not None
    assert done.headers["location"] == f"/p/{stocked.pool}/connections?done=remove"
    assert stocked.services.exchange.accounts.find(account) is None


def toy_message() -> Message:
    return Message(body=order_said("902", SKU), received_at_ms=1)
