"""The API as the demo's shoppers and partners use it: with a key each, again until it is known to be on record."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx2
import msgspec

from pipelines.demo.asks import Ask, SeenLocation, SeenOrder, SeenSku
from pipelines.demo.clock import Clock

ANY = "*"
"""The key of whoever has none of their own."""
_PAGE = 200
_WAIT_SECONDS = 10
_TIMEOUT_SECONDS = 30.0
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.25, 5.0
_OK, _CREATED, _ACCEPTED, _NOT_FOUND, _SERVER_ERRORS = 200, 201, 202, 404, 500

_order = msgspec.json.Decoder(SeenOrder)


class Answer(NamedTuple):
    """What came of an ask: the order as it is then where it is about one, or the code of the refusal."""

    refusal: str = ""
    order: SeenOrder | None = None
    pending_order_id: str = ""
    """An order that is on record, and not known yet."""


class Control(msgspec.Struct, frozen=True):
    """How fast the demo is to run."""

    speed: float
    orders_per_second: float


class Touched(NamedTuple):
    """A command's outcome, as far as it says whose orders are different now."""

    actor: str
    order_id: str
    others: tuple[str, ...]


class DemoApi:
    """One pool behind the HTTP API."""

    def __init__(self, client: httpx2.AsyncClient, pool: str, keys: Mapping[str, str]) -> None:
        self._client = client
        self._path = f"/v1/pools/{quote(pool, safe='')}"
        self._keys = keys
        self.actors = frozenset(f"key:{name}" for name in keys) | {"key:demo"}

    async def send(self, ask: Ask, clock: Clock) -> Answer:
        """Send an ask until it is answered; the same key makes each sending the same ask."""
        headers = self._headers(ask.who) | {"Idempotency-Key": ask.key, "Prefer": f"wait={_WAIT_SECONDS}"}
        body = body_of(ask, clock)
        pause = _PAUSE_SECONDS
        while True:
            answer = await self._once("POST", self._path + ask.path, headers, body)
            if answer is not None and answer.status_code < _SERVER_ERRORS:
                return _answer(answer)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def order(self, order_id: str) -> SeenOrder | None:
        """Give an order as it stands."""
        answer = await self._once("GET", f"{self._path}/orders/{order_id}", self._headers(ANY))
        return _order.decode(answer.content) if answer is not None and answer.status_code == _OK else None

    async def open_orders(self, statuses: tuple[str, ...]) -> AsyncIterator[SeenOrder]:
        """Give every order of these statuses."""
        for status in statuses:
            async for one in self._pages(f"/orders?status={status}&", "orders"):
                yield msgspec.convert(one, SeenOrder)

    async def skus(self) -> list[SeenSku]:
        """Give the stock of everything."""
        return [msgspec.convert(one, SeenSku) async for one in self._pages("/stock?", "skus")]

    async def locations(self) -> tuple[SeenLocation, ...]:
        """Give the pool's locations; none where the pool is not there yet."""
        answer = await self._once("GET", self._path, self._headers(ANY))
        if answer is None or answer.status_code != _OK:
            return ()
        return msgspec.convert(answer.json()["locations"], tuple[SeenLocation, ...])

    async def control(self) -> Control | None:
        """Give how fast to run; None where the API has no such control, or does not answer."""
        answer = await self._once("GET", "/v1/demo", self._headers(ANY))
        return msgspec.convert(answer.json(), Control) if answer is not None and answer.status_code == _OK else None

    async def has_orders(self) -> bool:
        """Tell whether any order was ever placed in the pool."""
        answer = await self._once("GET", f"{self._path}/orders?limit=1", self._headers(ANY))
        return answer is None or answer.status_code != _OK or bool(answer.json()["orders"])

    async def touched(self) -> AsyncIterator[Touched]:
        """Give whose orders change, as they do; goes on by itself where the stream was cut."""
        last = ""
        while True:
            headers = self._headers(ANY) | ({"Last-Event-ID": last} if last else {})
            try:
                async with self._client.stream("GET", f"{self._path}/events", headers=headers, timeout=None) as stream:
                    async for line in stream.aiter_lines():
                        if line.startswith("id: "):
                            last = line.removeprefix("id: ")
                        elif line.startswith("data: "):
                            update = msgspec.json.decode(line.removeprefix("data: "))
                            if "command_id" in update:
                                yield Touched(update["actor"], update["order_id"], tuple(update["others"]))
            except httpx2.TransportError:
                pass
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _pages(self, path: str, name: str) -> AsyncIterator[Any]:
        cursor = ""
        while True:
            answer = await self._once("GET", f"{self._path}{path}limit={_PAGE}{cursor}", self._headers(ANY))
            if answer is None or answer.status_code != _OK:
                return
            page = answer.json()
            for one in page[name]:
                yield one
            if page["next_cursor"] is None:
                return
            cursor = f"&cursor={quote(page['next_cursor'])}"

    async def _once(
        self, method: str, path: str, headers: dict[str, str], body: dict[str, Any] | None = None
    ) -> httpx2.Response | None:
        try:
            return await self._client.request(method, path, headers=headers, json=body, timeout=_TIMEOUT_SECONDS)
        except httpx2.TransportError:
            return None

    def _headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._keys.get(who) or self._keys[ANY]}"}


def body_of(ask: Ask, clock: Clock) -> dict[str, Any]:
    """Give the body with its times by the clock on the wall."""
    at_ms = clock.wall_of(ask.at_ms)
    instants = {name: _iso(clock.wall_of(instant_ms)) for name, instant_ms in ask.instants.items()}
    seconds = {
        name: max(1, (clock.wall_of(ask.at_ms + duration_ms) - at_ms) // 1000)
        for name, duration_ms in ask.seconds.items()
    }
    return ask.body | instants | seconds


def _answer(answer: httpx2.Response) -> Answer:
    if answer.status_code >= httpx2.codes.BAD_REQUEST:
        return Answer(refusal=str(answer.json().get("code", answer.status_code)))
    shown = answer.json()
    if answer.status_code == _ACCEPTED:
        return Answer(pending_order_id=str(shown.get("order_id", "")))
    return Answer(order=msgspec.convert(shown, SeenOrder) if "lines" in shown else None)


def _iso(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
