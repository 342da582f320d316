import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio

from api.exchange.calling import Caller, CallError, CallRefusedError
from api.exchange.fetching import LaterError
from api.exchange.parked import GIVE_UP_MS, take_up
from api.exchange.polling import ask
from api.exchange.process import Exchange, work
from connectors.frame.message import Message
from tests.http.test_hooks import key_of, letters_of, order, send, set_up
from tests.support.system import SKU, System, answered
from tests.support.toy import order_said, toy
from tests.support.toy_shop import Shop, serving

POLL = toy().polls[0]


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


def said(external_id: str, **more: Any) -> dict[str, Any]:
    return json.loads(order_said(external_id, SKU, **more))  # type: ignore[no-any-return]


def polled(system: System, shop: Shop, **more: Any) -> Any:
    name = set_up(system, settings={"address": shop.address}, **more)
    system.services.exchange.secrets.put(name, "api_token", "opens", "current", actor="test", now_ms=1)
    return system.services.exchange.accounts.find(name)


async def all_parked(system: System, account: str) -> Any:
    return system.services.exchange.parking.due(account, system.services.now_ms() + 10**9, 100)


async def test_a_poll_goes_page_by_page_and_keeps_its_cursor_once_a_page_is_on_record(
    stocked: System, exchange: Exchange, shop: Shop
) -> None:
    shop.orders = [said(str(number)) for number in range(1, 6)]
    stored = polled(stocked, shop)
    await ask(exchange, stored, POLL)
    again = len(shop.asked)
    await ask(exchange, stored, POLL)

    assert shop.asked == [f"/orders?from={first}" for first in (0, 2, 4)] + ["/orders?from=5"]
    assert again == 3
    assert shop.tokens == {"Bearer opens"}
    assert stocked.services.exchange.cursors.find(stored.name, "orders") == "5"
    for number in range(1, 6):
        assert (await order(stocked, str(number)))["status"] == "routed"


async def test_a_poll_that_breaks_off_goes_on_at_its_cursor_without_a_gap_or_a_repeat(
    stocked: System, exchange: Exchange, shop: Shop
) -> None:
    shop.orders = [said(str(number)) for number in range(1, 5)]
    stored = polled(stocked, shop)
    sent = stocked.sent

    class BreaksOffError(Exception):
        pass

    keep = stocked.services.exchange.cursors.keep

    def keep_once(*given: Any) -> None:
        keep(*given)
        raise BreaksOffError

    stocked.services.exchange.cursors.keep = keep_once  # type: ignore[method-assign, assignment]
    try:
        with pytest.raises(BreaksOffError):
            await ask(exchange, stored, POLL)
    finally:
        stocked.services.exchange.cursors.keep = keep  # type: ignore[method-assign]
    assert stocked.sent == sent + 2
    await ask(exchange, stored, POLL)

    assert stocked.sent == sent + 4
    assert shop.asked == ["/orders?from=0", "/orders?from=2"]


async def test_who_says_later_is_asked_later_and_nothing_is_lost(
    stocked: System, exchange: Exchange, shop: Shop
) -> None:
    shop.orders = [said("1")]
    shop.answers = [(429, {"Retry-After": "7"}), (503, {})]
    stored = polled(stocked, shop)
    with pytest.raises(LaterError) as later:
        await ask(exchange, stored, POLL)
    with pytest.raises(CallError):
        await ask(exchange, stored, POLL)
    await ask(exchange, stored, POLL)

    assert later.value.after_seconds == 7
    assert (await order(stocked, "1"))["external_id"] == "1"


async def test_what_redirects_elsewhere_or_lies_in_a_private_network_is_not_followed(
    stocked: System, exchange: Exchange, shop: Shop
) -> None:
    stored = polled(stocked, shop)
    strict = exchange._replace(caller=Caller())
    elsewhere = set_up(stocked, connector="bare-toy", settings={"address": "https://10.0.0.7"})
    with pytest.raises(CallRefusedError):
        await ask(strict, stored, POLL)
    with pytest.raises(CallRefusedError):
        await ask(exchange, stocked.services.exchange.accounts.find(elsewhere), POLL)  # type: ignore[arg-type]
    await strict.caller.close()

    assert shop.asked == []


async def test_a_message_that_points_is_fetched_by_the_process_and_only_from_its_hosts(
    stocked: System, exchange: Exchange, shop: Shop
) -> None:
    stored = polled(stocked, shop)
    shop.answer = lambda path: (200, {}, order_said(path[1:], SKU))  # type: ignore[method-assign]
    for url in (f"{shop.address}/7", "http://169.254.169.254/latest/meta-data"):
        pointer = json.dumps({"kind": "pointer", "url": url}).encode()
        assert (await send(stocked, stored.name, pointer)).json()["commands"] == 0
    for parked in await all_parked(stocked, stored.name):
        await take_up(exchange, parked)

    assert (await order(stocked, "7"))["external_id"] == "7"
    [left] = await all_parked(stocked, stored.name)
    assert left.why.startswith("169.254.169.254 is none of the hosts")


async def test_what_a_message_tells_itself_is_taken_beside_what_it_points_at(
    stocked: System, exchange: Exchange, shop: Shop
) -> None:
    stored = polled(stocked, shop)
    shop.answer = lambda path: (200, {}, order_said(path[1:], SKU))  # type: ignore[method-assign]
    both = json.loads(order_said("8", SKU)) | {"kind": "pointer", "url": f"{shop.address}/7"}
    await send(stocked, stored.name, json.dumps(both).encode())
    for parked in await all_parked(stocked, stored.name):
        await take_up(exchange, parked)

    assert [(await order(stocked, number))["external_id"] for number in ("7", "8")] == ["7", "8"]
    assert await all_parked(stocked, stored.name) == []


async def test_a_parcel_before_its_order_waits_for_it_and_is_shipped_once(stocked: System, exchange: Exchange) -> None:
    account = set_up(stocked)
    await send(stocked, account, b'{"kind": "parcel", "id": "1"}')
    [parked] = await all_parked(stocked, account)
    await take_up(exchange, parked)
    [again] = await all_parked(stocked, account)
    await send(stocked, account, order_said("1", SKU, 2))
    await order(stocked, "1")
    await take_up(exchange, again)

    assert (again.tries, again.entry) == (1, parked.entry)
    shown = await answered(
        stocked.client, f"{stocked.path}/orders/{key_of(stocked, '1')}", lambda found: found.json()["parcels"]
    )
    assert [(one["parcel_id"], one["units"][0]["quantity"]) for one in shown.json()["parcels"]] == [("P-1", 2)]
    assert await all_parked(stocked, account) == []


async def test_a_scan_finds_its_parcel_by_the_number_however_it_is_grouped(stocked: System) -> None:
    account = set_up(stocked)
    await send(stocked, account, order_said("1", SKU))
    await order(stocked, "1")
    await send(stocked, account, b'{"kind": "parcel", "id": "1"}')
    url = f"{stocked.path}/orders/{key_of(stocked, '1')}"
    await answered(stocked.client, url, lambda found: found.json()["parcels"])
    answer = await send(stocked, account, b'{"kind": "scan", "tracking": "t-1"}')

    assert answer.json()["commands"] == 1
    await answered(stocked.client, url, lambda found: found.json()["parcels"][0].get("tracking"))
    assert await all_parked(stocked, account) == []


async def test_what_is_never_known_is_put_aside_after_fourteen_days(stocked: System, exchange: Exchange) -> None:
    account = set_up(stocked)
    await send(stocked, account, b'{"kind": "scan", "tracking": "T-404"}')
    [parked] = await all_parked(stocked, account)
    old = parked._replace(parked_at_ms=parked.parked_at_ms - GIVE_UP_MS)
    await take_up(exchange, old)

    assert [letter["code"] for letter in await letters_of(stocked, account)] == ["never_known"]
    assert await all_parked(stocked, account) == []


async def test_messages_of_a_pause_are_taken_when_it_ends_and_once(stocked: System, exchange: Exchange) -> None:
    account = set_up(stocked)
    accounts = stocked.services.exchange.accounts
    accounts.pause(account, paused=True, actor="test", reason="", now_ms=1)
    for _ in range(3):
        await send(stocked, account, order_said("1", SKU))
    assert stocked.services.exchange.parking.accounts_due(stocked.services.now_ms() + 10**9).count(account) == 0
    accounts.pause(account, paused=False, actor="test", reason="", now_ms=2)
    sent = stocked.sent
    for parked in await all_parked(stocked, account):
        await take_up(exchange, parked)

    assert stocked.sent == sent + 1
    assert (await order(stocked, "1"))["external_id"] == "1"


async def test_figures_tell_what_came_of_messages_how_old_cursors_are_and_what_waits(
    stocked: System, exchange: Exchange, shop: Shop
) -> None:
    shop.orders = [said("1")]
    stored = polled(stocked, shop)
    await ask(exchange, stored, POLL)
    await send(stocked, stored.name, b'{"kind": "parcel", "id": "9"}')
    text = (await stocked.client.get("/metrics")).text
    found = {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if stored.name in line
    }

    def named(name: str, label: str = "") -> float:
        return found[f'headrace_connector_{name}{{account="{stored.name}"{label}}}']

    assert named("messages_total", ',outcome="translated"') == 1
    assert named("messages_total", ',outcome="parked"') == 1
    assert named("parked") == 1
    assert 0 <= named("read_age_seconds", ',topic="orders"') < 60
    assert 0 <= named("parked_oldest_seconds") < 60


async def test_one_of_two_processes_works_and_the_other_goes_on_when_it_ends(stocked: System) -> None:
    started = {1: asyncio.Event(), 2: asyncio.Event()}

    def task(number: int) -> Any:
        async def run(_: Exchange) -> None:
            started[number].set()
            await asyncio.sleep(60)

        return run

    class Same:
        """The services of the test, which live on when a process ends."""

        def __getattr__(self, name: str) -> Any:
            return getattr(stocked.services, name)

        async def start(self) -> None: ...

        async def stop(self) -> None: ...

    async with asyncio.timeout(10):
        first = asyncio.create_task(work(Same(), (task(1),)))  # type: ignore[arg-type]
        await started[1].wait()
        second = asyncio.create_task(work(Same(), (task(2),)))  # type: ignore[arg-type]
        await asyncio.sleep(1.5)
        assert not started[2].is_set()
        first.cancel()
        await started[2].wait()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)


async def test_a_message_is_known_by_what_it_says_and_not_by_its_place(stocked: System, exchange: Exchange) -> None:
    stored = stocked.services.exchange.accounts.find(set_up(stocked))
    assert stored is not None
    bad = {"id": "0", "lines": [{"sku": SKU}]}
    good = {"id": "1", "lines": [{"sku": SKU, "quantity": 1}]}
    mended = bad | {"lines": [{"sku": SKU, "quantity": 2}]}
    for first in (bad, mended):
        body = json.dumps({"kind": "orders", "orders": [first, good]}).encode()
        message = Message(body=body, headers={"x-toy-id": "same"}, received_at_ms=1)
        await exchange.intake.take(stored, message)

    assert (await order(stocked, "0"))["lines"][0]["quantity"] == 2
    assert (await order(stocked, "1"))["version"] == 1
