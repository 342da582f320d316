"""A configuration folder against a running Headrace: applied once, written back, and never over somebody else."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from msgspec.structs import replace

from api.security import Scope
from cli.apply import Wish, bring_about
from cli.applying import Applying
from cli.console import Failure
from cli.export import exported
from cli.folders import read_files, write_files
from cli.init import example_files
from cli.remote import Remote, connected
from connectors.folder.reading import read_folder
from connectors.folder.setup import Setup
from models.records.pool import CatalogueItem, Location
from tests.support.system import System, answered, order_body

ALL = Wish(prune=False, reason="spring", dry_run=False, yes=True, json=False)


def shop(system: System) -> Setup:
    """The example of `headrace init`, under the pool of this test."""
    [setup] = read_folder({name: text.encode() for name, text in example_files().items()}).pools
    return replace(setup, head=replace(setup.head, pool=system.pool))


async def compared(system: System, setup: Setup, *, prune: bool = False) -> Applying:
    applying = Applying(Remote(system.client), setup, prune=prune, reason="test")
    await applying.compare()
    return applying


async def apply(system: System, setup: Setup, *, prune: bool = False) -> int:
    """Apply, and give how many requests that took."""
    applying = await compared(system, setup, prune=prune)
    if applying.requests:
        await applying.apply(lambda _: None)
    return len(applying.requests)


async def levels(system: System) -> dict[tuple[str, str], int]:
    skus = await Remote(system.client).skus(system.pool)
    return {(sku["sku"], level["location_id"]): level["on_hand"] for sku in skus for level in sku["levels"]}


async def test_the_example_is_applied_and_routes_an_order(system: System) -> None:
    wanted = shop(system)
    await apply(system, wanted)
    body = order_body(channel="web", currency="USD", lines=[{"sku": "TEE-BLUE-M", "quantity": 2}])
    body["destination"] = {"country": "US", "latitude": 40.7, "longitude": -74.0}

    answer = await system.client.post(f"{system.path}/orders", json=body)

    assert (answer.status_code, answer.json()["status"]) == (201, "routed")
    assert [part["location_id"] for part in answer.json()["fulfillments"]] == ["chicago"]
    shown = (await system.client.get(system.path)).json()["pool"]
    assert (shown["policy"]["version"], shown["applied"]["locations"]["reason"]) == (2, "test")


async def test_a_second_time_there_is_nothing_to_do(system: System, capsys: pytest.CaptureFixture[str]) -> None:
    remote = Remote(system.client)
    await bring_about(remote, [shop(system)], ALL)
    sent, stock = system.sent, await levels(system)

    await bring_about(remote, [shop(system)], ALL)

    assert capsys.readouterr().out.endswith(
        f"{system.pool}: applied, and so it runs now.\n{system.pool}: nothing to do.\n"
    )
    assert (system.sent, await levels(system)) == (sent, stock)
    assert stock["TEE-BLUE-M", "chicago"] == 200


async def test_what_is_exported_and_applied_changes_nothing(system: System, tmp_path: Path) -> None:
    await apply(system, shop(system))
    files = await exported(Remote(system.client), [system.pool], stock=True)
    write_files(tmp_path / "shop", files, force=False)
    found = read_folder(read_files(tmp_path / "shop"))

    assert found.faults == ()
    assert await apply(system, found.pools[0]) == 0
    assert found.pools[0].catalogue == tuple(sorted(shop(system).catalogue or (), key=lambda item: item.sku))
    assert sorted(found.pools[0].opening or (), key=repr) == sorted(shop(system).opening or (), key=repr)


async def test_several_pools_are_exported_into_a_folder_each(system: System) -> None:
    other = replace(shop(system), head=replace(shop(system).head, pool=f"{system.pool}-b"))
    await apply(system, shop(system))
    await apply(system, other)

    files = await exported(Remote(system.client), [system.pool, other.head.pool], stock=False)
    found = read_folder({path: text.encode() for path, text in files.items()})

    assert (len(files), [setup.head.pool for setup in found.pools]) == (10, [system.pool, other.head.pool])


async def test_a_changed_cut_off_a_price_and_a_new_location_are_applied_while_running(system: System) -> None:
    wanted = shop(system)
    await apply(system, wanted)
    first, *rest = wanted.locations or ()
    new = Location(location_id="reno", name="Reno")
    assert wanted.policy is not None
    changed = replace(
        wanted,
        locations=(replace(first, cut_off_minutes=1050), *rest, new),
        policy=replace(wanted.policy, late_minor=99),
    )

    assert await apply(system, changed) == 2
    shown = (await system.client.get(system.path)).json()

    assert {place["location_id"]: place["cut_off_minutes"] for place in shown["locations"]} == {
        "brooklyn": 840,
        "chicago": 1050,
        "reno": 1440,
    }
    assert (shown["pool"]["policy"]["version"], shown["pool"]["policy"]["late_minor"]) == (3, 99)


async def test_a_location_that_is_gone_stays_until_it_is_pruned(system: System) -> None:
    wanted = shop(system)
    await apply(system, wanted)
    fewer = replace(wanted, locations=(wanted.locations or ())[:1], opening=None)

    assert await apply(system, fewer) == 0
    assert await apply(system, fewer, prune=True) == 1
    assert await apply(system, fewer, prune=True) == 0
    shown = (await system.client.get(system.path)).json()
    assert {place["location_id"]: place["enabled"] for place in shown["locations"]} == {
        "chicago": True,
        "brooklyn": False,
    }


async def test_opening_stock_is_not_booked_again_after_it_was_sold(system: System) -> None:
    await apply(system, shop(system))
    sale = {
        "source": "till",
        "document": "1",
        "location_id": "brooklyn",
        "lines": [{"line": "1", "sku": "HOODIE-GREY-L", "quantity": 4}],
    }
    sold = await system.client.post(f"{system.path}/stock/sell", json=sale)
    assert sold.status_code == 200, sold.text
    await answered(
        system.client,
        f"{system.path}/stock/HOODIE-GREY-L",
        lambda answer: [level["on_hand"] for level in answer.json()["levels"]] == [0, 45],
    )

    assert await apply(system, shop(system)) == 0


async def test_an_interrupted_apply_is_repeated_and_nothing_is_doubled(system: System) -> None:
    interrupted = await compared(system, shop(system))
    # As far as an earlier run came, its last answers unheard.
    for request in interrupted.requests[:-4]:
        await Remote(system.client).send(system.pool, request)
    for request in interrupted.requests[:-6]:
        await Remote(system.client).send(system.pool, request)

    await apply(system, shop(system))

    assert await levels(system) == {(line.sku, line.location_id): line.quantity for line in shop(system).opening or ()}


async def test_the_core_books_a_line_of_opening_stock_once_though_it_is_sent_by_another(system: System) -> None:
    first, second = await compared(system, shop(system)), await compared(system, shop(system))
    await first.apply(lambda _: None)
    async with system.client_of(Scope.ADMIN, name="somebody") as other:
        opening = [request for request in second.requests if request.part == "opening stock"]
        answers = [
            await other.post(system.path + request.path, json=request.body, headers={"Idempotency-Key": "x"})
            for request in opening[:1]
        ]

    assert [answer.json()["code"] for answer in answers] == ["document_conflict"]
    assert await levels(system) == {(line.sku, line.location_id): line.quantity for line in shop(system).opening or ()}


async def test_a_change_by_somebody_else_meanwhile_stops_it_before_anything_is_sent(system: System) -> None:
    wanted = shop(system)
    await apply(system, wanted)
    assert wanted.policy is not None
    mine = await compared(system, replace(wanted, policy=replace(wanted.policy, late_minor=1)))
    async with system.client_of(Scope.ADMIN, name="ann") as ann:
        await ann.put(f"{system.path}/policy", json={"version": 3, "preset": "closest"})
    sent = system.sent

    with pytest.raises(Failure, match=f"{system.pool}: key:ann changed its policy at .* run `headrace apply` again"):
        await mine.apply(lambda _: None)

    assert system.sent == sent
    assert (await system.client.get(system.path)).json()["pool"]["policy"]["preset"] == "closest"


async def test_a_change_by_somebody_else_in_the_middle_stops_the_rest(system: System) -> None:
    await apply(system, replace(shop(system), catalogue=None, opening=None, policy=None))
    mine = await compared(system, replace(shop(system), opening=None))

    async def interfere() -> None:
        async with system.client_of(Scope.ADMIN, name="ann") as ann:
            await ann.put(system.path, json={"currency": "USD", "name": "Ann's"})

    done: list[str] = []
    # Between the policy and the catalogue.
    async with Meddling(system, interfere) as client:
        mine._remote = Remote(client)
        with pytest.raises(Failure, match="key:ann changed its pool at"):
            await mine.apply(lambda request: done.append(request.part))

    shown = (await system.client.get(system.path)).json()["pool"]
    assert (shown["name"], done) == ("Ann's", ["policy"])


async def test_without_a_key_that_may_nothing_is_changed(system: System) -> None:
    async with system.client_of(Scope.ORDERS_READ, Scope.STOCK_READ, name="viewer") as viewer:
        applying = Applying(Remote(viewer), shop(system), prune=False, reason="")
        await applying.compare()
        sent = system.sent
        with pytest.raises(Failure, match=r"pools:write.*HEADRACE_API_KEY"):
            await applying.apply(lambda _: None)

    assert system.sent == sent
    assert (await system.client.get(system.path)).status_code == 404


async def test_the_key_of_this_machine_goes_to_this_machine_only(tmp_path: Path) -> None:
    (tmp_path / "development.key").write_text("hr_local\n")

    async with connected("http://127.0.0.1:1", "", tmp_path) as remote:
        assert remote._client.headers["Authorization"] == "Bearer hr_local"
        with pytest.raises(Failure, match=r"no API answers at http://127\.0\.0\.1:1"):
            await remote.pools()
    with pytest.raises(Failure, match="no API key"):
        async with connected("https://oms.example.org", "", tmp_path):
            pass


async def test_50_000_skus_are_imported_while_orders_are_placed(system: System) -> None:
    await apply(system, shop(system))
    items = tuple(CatalogueItem(sku=f"BIG-{number:05d}", name=f"Article {number}") for number in range(50_000))
    wanted = replace(shop(system), catalogue=(*(shop(system).catalogue or ()), *items))
    statuses: list[str] = []

    async def orders(stop: asyncio.Event) -> None:
        while not stop.is_set():
            body = order_body(f"busy-{len(statuses)}", 1, channel="web", currency="USD")
            body["lines"] = [{"sku": "TEE-BLUE-M", "quantity": 1}]
            answer = await system.client.post(f"{system.path}/orders", json=body)
            statuses.append(answer.json()["status"])

    stop = asyncio.Event()
    placing = asyncio.create_task(orders(stop))
    sent = await apply(system, wanted)
    stop.set()
    await placing

    assert (sent, await apply(system, wanted)) == (100, 0)
    assert len(statuses) > 0
    assert set(statuses) <= {"routed", "backordered"}


class Meddling(httpx2.AsyncClient):
    """A client after whose request to the policy somebody else changes something."""

    def __init__(self, system: System, meddle: Callable[[], Awaitable[None]]) -> None:
        headers = system.client.headers
        super().__init__(
            transport=httpx2.ASGITransport(app=system.app), base_url=system.client.base_url, headers=headers
        )
        self._meddle = meddle

    async def request(self, method: str, url: Any, **options: Any) -> httpx2.Response:
        answer = await super().request(method, url, **options)
        if str(url).endswith("/policy"):
            await self._meddle()
        return answer
