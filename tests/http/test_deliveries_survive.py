"""Deliveries through what goes wrong for long or at once: a receiver away for days, a process killed while it sends."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from tests.support.outbox import HOST, sending
from tests.support.partner import Answer, Partner, partner, until
from tests.support.system import System, open_pool, place, running_system

_ROOT = Path(__file__).parents[2]
_HOUR_MS = 3_600_000
_DAYS = 14
_RUN = "from api.exchange.process import run; from api.settings import ApiSettings; run(ApiSettings())"


class Clock:
    """A clock that is moved."""

    def __init__(self, system: System) -> None:
        self._now_ms = system.services.now_ms
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return self._now_ms() + self.ahead_ms


async def subscribe(system: System, receiver: Partner, *patterns: str) -> str:
    def create() -> tuple[str, str]:
        return system.services.webhooks.create(
            pool=system.pool,
            url=f"{receiver.url}/hook",
            patterns=patterns,
            note="",
            actor="test",
            now_ms=system.services.now_ms(),
        )

    return (await system.services.in_control(create))[0]


def events_of(receiver: Partner) -> list[Any]:
    return [msgspec.json.decode(got.body) for got in receiver.got]


async def test_a_receiver_away_for_14_days_loses_nothing_and_delays_nobody(bootstrap: str, tmp_path: Path) -> None:
    async with running_system(bootstrap, tmp_path) as system, partner() as away, partner() as there:
        clock = Clock(system)
        system.services.now_ms = clock.now_ms
        await open_pool(system)
        away.otherwise = lambda _: Answer(503)
        await subscribe(system, away, "order.placed", "order.units_cancelled")
        await subscribe(system, there, "order.placed", "order.units_cancelled")
        async with sending(system):
            orders = []
            for day in range(_DAYS):
                order = await place(system, f"D-{day}", 1)
                orders.append(order["order_id"])
                answer = await system.client.post(f"{system.path}/orders/{orders[-1]}/cancel", json={})
                assert answer.status_code == 200, answer.text
                count = 2 * len(orders)
                await until(lambda count=count: len(there.got) == count, "nobody else waits")  # type: ignore[misc]
                clock.ahead_ms += 24 * _HOUR_MS
            refused = len(away.got)
            away.otherwise = lambda _: Answer(204)

            def hours_pass() -> bool:
                clock.ahead_ms += _HOUR_MS
                return len(away.got) - refused >= 2 * _DAYS

            await until(hours_pass, "all has come", 60)
            await asyncio.sleep(0.3)

    came = [event["event_id"] for event in events_of(away)[refused:]]
    assert len(came) == len(set(came)) == 2 * _DAYS
    assert set(came) == {event["event_id"] for event in events_of(there)}
    for order_id in orders:
        told = [event["type"] for event in events_of(away)[refused:] if event["order_id"] == order_id]
        assert told == ["order.placed", "order.units_cancelled"]
    # Of what waited each was tried a few times at most, since the breaker kept the rest back.
    assert 5 <= refused <= 5 * _DAYS


def exchange(system: System, folder: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "HEADRACE_BROKER": system.settings.broker,
        "HEADRACE_TOPIC_PREFIX": system.settings.topic_prefix,
        "HEADRACE_DATA_DIR": str(system.settings.data_dir),
        "HEADRACE_VIEWS_DIR": str(folder),
        "HEADRACE_PRIVATE_HOSTS": HOST,
        "HEADRACE_FETCH_WAIT_MS": "20",
    }
    return subprocess.Popen([sys.executable, "-c", _RUN], cwd=_ROOT, env=environment)


async def test_what_a_killed_process_had_sent_and_not_noted_comes_again_under_the_same_id(
    stocked: System, tmp_path: Path
) -> None:
    async with partner() as receiver:
        await subscribe(stocked, receiver, "order.placed", "order.units_cancelled")
        receiver.answers.append(Answer(after_seconds=60))
        first = exchange(stocked, tmp_path)
        try:
            order = await place(stocked, "K-1", 1)
            answer = await stocked.client.post(f"{stocked.path}/orders/{order['order_id']}/cancel", json={})
            assert answer.status_code == 200, answer.text
            await until(lambda: receiver.got, "it is sent", 40)
        finally:
            first.kill()
            first.wait()
        second = exchange(stocked, tmp_path)
        try:
            await until(lambda: len(receiver.got) >= 3, "it is sent again, and then the next", 60)
            await asyncio.sleep(0.5)
        finally:
            second.terminate()
            code = second.wait()

    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert ids[0] == ids[1] != ids[2]
    assert len(ids) == 3
    assert receiver.got[0].body == receiver.got[1].body
    assert [event["type"] for event in events_of(receiver)[1:]] == ["order.placed", "order.units_cancelled"]
    assert code == 0
