"""Offers the orders of the traffic through the API, at a fixed rate by the clock (open loop).

An order counts as read when the API has shown it routed: in the answer itself, or by asking again after a 202.
"""

import asyncio
import json
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import aiohttp

from cli.offering import CommandProducer, now_ms
from pipelines.traffic.stream import COMMANDS_PER_CYCLE, ORDERS_PER_CYCLE, Traffic

_CREATED, _ACCEPTED, _OK = 201, 202, 200
_WAIT_SECONDS = 5
_ASK_AGAIN_SECONDS = 0.02
_TIMEOUT_SECONDS = 30.0
_BUYERS = 5_000
_SENT_FIELDS = ("channel", "external_id", "currency", "shipping_minor")
_LINE_FIELDS = ("line_id", "sku", "quantity", "unit_price_minor")


class Read(NamedTuple):
    """An order that the API has shown: when it was due, and when it could be read."""

    pool: int
    number: int
    due_at_seconds: float
    read_at_seconds: float


class ApiOffer:
    """Orders go through the API, the other commands of the traffic straight to the topic."""

    def __init__(
        self,
        url: str,
        key: str,
        producer: CommandProducer,
        pools: Sequence[str],
        traffics: Sequence[Traffic],
        orders_per_second: float,
        *,
        keep: int | None = None,
    ) -> None:
        self._url = url
        self._key = key
        self._producer = producer
        self._pools = pools
        self._traffics = traffics
        self._commands_per_second = orders_per_second * COMMANDS_PER_CYCLE / ORDERS_PER_CYCLE
        self.orders = 0
        self.commands = 0
        self.acknowledged_commands = 0
        self.acknowledged_orders: deque[tuple[int, int]] = deque(maxlen=keep)
        self.read: deque[Read] = deque(maxlen=keep)
        self.answers: Counter[str] = Counter()

    def run(self, orders: int | None, goes_on: Callable[[], bool]) -> None:
        """Offer until so many orders were placed, or until told to stop; return when all are answered."""
        asyncio.run(self._run(orders, goes_on))

    def finish(self) -> None:
        """Return when everything offered is on record."""
        self._producer.flush()

    def waits_ms(self) -> list[float]:
        """From when an order was due to when it could be read routed, in order of size."""
        return sorted(1_000 * (read.read_at_seconds - read.due_at_seconds) for read in self.read)

    async def _run(self, orders: int | None, goes_on: Callable[[], bool]) -> None:
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
        headers = {"Authorization": f"Bearer {self._key}", "Prefer": f"wait={_WAIT_SECONDS}"}
        started = time.time()
        async with (
            aiohttp.ClientSession(self._url, connector=connector, timeout=timeout, headers=headers) as session,
            asyncio.TaskGroup() as tasks,
        ):
            while goes_on() and (orders is None or self.orders < orders):
                due_at = started + self.commands / self._commands_per_second
                self._producer.serve(0)
                await asyncio.sleep(max(0.0, due_at - time.time()))
                number = self.commands % len(self._pools)
                batch = self._traffics[number].take(1, now_ms())
                self.commands += 1
                if batch.end_order == batch.first_order:
                    self._producer.send(self._pools[number], batch.commands, self._count)
                    continue
                self.orders += 1
                tasks.create_task(self._place(session, number, batch.first_order, batch.commands[0], due_at))

    def _count(self, _: float) -> None:
        self.acknowledged_commands += 1

    async def _place(
        self, session: aiohttp.ClientSession, pool: int, number: int, command: bytes, due_at: float
    ) -> None:
        path = f"/v1/pools/{self._pools[pool]}/orders"
        try:
            async with session.post(path, json=_body(command, number)) as response:
                status, body = response.status, await response.read()
            self.answers[str(status)] += 1
            if status in {_CREATED, _ACCEPTED}:
                self.acknowledged_orders.append((pool, number))
                self.acknowledged_commands += 1
            if status == _ACCEPTED:
                status, body = await self._ask(session, f"{path}/{self._traffics[pool].order_id(number)}")
            if status in {_CREATED, _OK} and b'"status"' in body:
                self.read.append(Read(pool, number, due_at, time.time()))
        except (aiohttp.ClientError, TimeoutError) as error:
            self.answers[type(error).__name__] += 1

    async def _ask(self, session: aiohttp.ClientSession, path: str) -> tuple[int, bytes]:
        """Ask until the order can be read."""
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while True:
            async with session.get(path) as response:
                if response.status == _OK or time.monotonic() > deadline:
                    return response.status, await response.read()
            await asyncio.sleep(_ASK_AGAIN_SECONDS)


def _body(command: bytes, number: int) -> dict[str, Any]:
    """The order as a shop would send it: degrees for a position, and a buyer with a name."""
    order = json.loads(command)
    place = order["destination"]
    x, y, z = (place["position"][axis] / 1e9 for axis in "xyz")
    buyer = number % _BUYERS
    return {
        **{name: order[name] for name in _SENT_FIELDS},
        "lines": [{name: line[name] for name in _LINE_FIELDS} for line in order["lines"]],
        "destination": {
            "country": place["country"],
            "postcode": place["postcode"],
            "region": place["region"],
            "latitude": round(math.degrees(math.asin(max(-1.0, min(1.0, z)))), 4),
            "longitude": round(math.degrees(math.atan2(y, x)), 4),
        },
        "customer": {
            "customer_id": f"buyer-{buyer}",
            "name": f"Buyer {buyer}",
            "email": f"buyer-{buyer}@example.org",
            "address_lines": [f"{buyer} Main Street"],
        },
    }
