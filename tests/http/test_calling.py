"""Requests to other systems: one look at a name, a connection for each host, answers that stay small."""

import asyncio
import gzip
import ipaddress
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from api.exchange.calling import ANSWER_BYTES_MAX, Caller, CallError, CallRefusedError, Peer
from connectors.frame.declaration import Limits
from connectors.frame.http import get_request
from tests.support.partner import Answer, Partner, partner

HOSTS = ("a.example", "b.example")
PEER = Peer(name="shop", hosts=HOSTS, limits=Limits(requests_per_second=1000))


class Names:
    """What names mean, one answer after the other; the last one stays."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def lookup(self, host: str) -> list[str]:
        self.asked.append(host)
        left = self.answers[host]
        return left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    made, really = Names(), asyncio.BaseEventLoop.getaddrinfo

    async def getaddrinfo(loop: Any, host: Any, port: Any, **more: Any) -> Any:
        if host not in made.answers:
            # An address, which the connection is made to.
            ipaddress.ip_address(host)
            return await really(loop, host, port, **more)
        return [found for one in made.lookup(host) for found in await really(loop, one, port, **more)]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[Partner]:
    async with partner() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def caller() -> AsyncIterator[Caller]:
    made = Caller(private_hosts=frozenset(HOSTS))
    yield made
    await made.close()


async def test_two_hosts_at_one_address_never_share_a_connection(names: Names, shop: Partner, caller: Caller) -> None:
    names.answers = {host: [["127.0.0.1"]] for host in HOSTS}
    for host in (*HOSTS, *HOSTS):
        await caller.call(get_request(f"http://{host}:{shop.port}/x"), PEER)

    assert [got.headers["host"] for got in shop.got] == [f"{host}:{shop.port}" for host in (*HOSTS, *HOSTS)]
    assert len(shop.writers) == 2


async def test_the_address_that_was_looked_at_is_the_one_that_is_called(
    names: Names, shop: Partner, caller: Caller
) -> None:
    names.answers = {"a.example": [["127.0.0.1"], ["127.0.0.2"]]}
    answer = await caller.call(get_request(f"http://a.example:{shop.port}/x"), PEER)

    assert (answer.status, names.asked) == (200, ["a.example"])


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:127.0.0.1"]])
async def test_a_public_name_that_means_a_private_address_is_not_called(
    names: Names, shop: Partner, found: list[str]
) -> None:
    names.answers, caller = {"a.example": [found]}, Caller()
    try:
        with pytest.raises(CallRefusedError, match="of a private network"):
            await caller.call(get_request(f"https://a.example:{shop.port}/x"), PEER)
    finally:
        await caller.close()

    assert shop.writers == []


async def test_a_packed_answer_is_unpacked_and_only_what_was_asked_for(
    names: Names, shop: Partner, caller: Caller
) -> None:
    names.answers = {"a.example": [["127.0.0.1"]]}
    shop.answers += [
        Answer(body=gzip.compress(b"told"), headers={"content-encoding": "gzip"}),
        Answer(body=b"told", headers={"content-encoding": "br"}),
        Answer(body=b"told", headers={"content-encoding": "gzip"}),
    ]
    asked = get_request(f"http://a.example:{shop.port}/x")

    assert (await caller.call(asked, PEER)).body == b"told"
    with pytest.raises(CallError, match="packed as br, which was not asked for"):
        await caller.call(asked, PEER)
    with pytest.raises(CallError, match="cannot be read"):
        await caller.call(asked, PEER)
    assert {got.headers["accept-encoding"] for got in shop.got} == {"gzip"}


async def test_an_answer_that_unpacks_to_more_than_may_be_is_given_up_on_before_it_is_there(
    names: Names, shop: Partner, caller: Caller
) -> None:
    names.answers = {"a.example": [["127.0.0.1"]]}
    shop.answers.append(Answer(body=gzip.compress(bytes(200 << 20), 1), headers={"content-encoding": "gzip"}))
    tracemalloc.start()
    try:
        with pytest.raises(CallError, match=f"more than {ANSWER_BYTES_MAX} bytes"):
            await caller.call(get_request(f"http://a.example:{shop.port}/x"), PEER)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 5 * ANSWER_BYTES_MAX
