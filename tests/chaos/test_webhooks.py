"""The same webhooks fifty times, at once, reordered, and across kill -9 of the worker and the API: one effect."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import httpx2
import pytest

from api.schemas import pools, stock
from api.schemas.catalogue import CatalogueIn
from cli.control import opened_stores
from connectors.frame.signatures import standard_signature
from streams.brokers.embedded import EmbeddedBroker
from tests.chaos.processes import until
from tests.chaos.system import opened
from tests.support.system import SKU, example

REPEATS, ORDERS, STOCK = 50, 4, 100
ACCOUNT, SECRET = "shop", "whsec_aGVhZHJhY2UtY2hhb3M="
_PATIENCE_SECONDS = 60.0


def said(number: int, version: int) -> bytes:
    """An order of as many units as its number, and one more in its second version."""
    line = {"line_id": "1", "sku": SKU, "quantity": number + version}
    placed = {"external_id": f"x{number}", "placed_at": "2026-09-04T10:15:00Z", "currency": "EUR", "version": version}
    place = {"country": "DE", "latitude": 52.53, "longitude": 13.38}
    return json.dumps({"type": "order.stated", "lines": [line], "destination": place, **placed}).encode()


def send(url: str, identity: str, body: bytes) -> None:
    """As a shop does it: again, under the same id, until it is answered 2xx."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        now_seconds = int(time.time())
        headers = {
            "webhook-id": identity,
            "webhook-timestamp": str(now_seconds),
            "webhook-signature": standard_signature(SECRET, identity, now_seconds, body),
        }
        try:
            answer = httpx2.post(f"{url}/v1/hooks/{ACCOUNT}", content=body, headers=headers, timeout=10.0)
        except httpx2.HTTPError:
            time.sleep(0.2)
            continue
        if answer.is_success:
            return
        assert answer.status_code >= 500, answer.text
        time.sleep(0.2)
    raise AssertionError(f"{identity} was never taken")


def set_up(client: httpx2.Client, folder: Path) -> None:
    shelf = example(stock.ReceiveIn)
    shelf["lines"][0]["quantity"] = STOCK
    account = {"connector": "plain", "channel": "shop-de", "live": True}
    for method, path, body in (
        ("PUT", "", example(pools.PoolIn)),
        ("PUT", "/locations", example(pools.LocationsIn)),
        ("PUT", "/catalogue", example(CatalogueIn)),
        ("POST", "/stock/receive", shelf),
        ("PUT", f"/accounts/{ACCOUNT}", account),
    ):
        answer = client.request(method, f"/v1/pools/p{path}", json=body)
        assert answer.is_success, answer.text
    with opened_stores(folder) as stores:
        stores.secrets.put(ACCOUNT, "webhook_secret", SECRET, "current", actor="test", now_ms=1)


def level(client: httpx2.Client) -> dict[str, int]:
    levels = client.get(f"/v1/pools/p/stock/{SKU}").json().get("levels", [])
    return {name: sum(one[name] for one in levels) for name in ("on_hand", "allocated")}


def quantities(client: httpx2.Client) -> dict[str, Any]:
    listed = client.get("/v1/pools/p/orders").json().get("orders", [])
    orders = [client.get(f"/v1/pools/p/orders/{one['order_id']}").json() for one in listed]
    return {one["external_id"]: [line["quantity"] - line["cancelled"] for line in one["lines"]] for one in orders}


@pytest.mark.timeout(300)
def test_webhooks_fifty_times_at_once_reordered_and_across_kills_have_one_effect(tmp_path: Path, seed: int) -> None:
    sends = [(number, version) for number in range(1, ORDERS + 1) for version in (1, 2)] * REPEATS
    Random(seed).shuffle(sends)
    done, half = [0], Event()
    with EmbeddedBroker() as broker, opened(broker, "hooks-", tmp_path / "system") as system:
        worker, (api, url, key) = system.start_worker(), system.start_api()
        system.until_running(worker)

        def tell(one: tuple[int, int]) -> None:
            send(url, f"order-{one[0]}-{one[1]}", said(*one))
            done[0] += 1
            if done[0] >= len(sends) // 2:
                half.set()

        with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30.0) as client:
            until(lambda: _is_ready(client), "the API is ready", _PATIENCE_SECONDS)
            set_up(client, system.folder)
            with ThreadPoolExecutor(16) as threads:
                told = [threads.submit(tell, one) for one in sends]
                until(lambda: done[0] >= len(sends) // 10, "some are taken", _PATIENCE_SECONDS)
                worker.process.kill()
                half.wait(_PATIENCE_SECONDS)
                api.kill()
                worker.process.kill()
                for one in told:
                    one.result()
            system.until_settled(worker)
            wanted = {f"x{number}": [number + 2] for number in range(1, ORDERS + 1)}
            until(lambda: _is_ready(client) and quantities(client) == wanted, "each is there once", _PATIENCE_SECONDS)
            shown, letters = level(client), client.get("/v1/dead-letters").json()["dead_letters"]

    assert (worker.process.starts, api.starts) == (3, 2)
    assert shown == {"on_hand": STOCK, "allocated": sum(number + 2 for number in range(1, ORDERS + 1))}
    assert letters == []


def _is_ready(client: httpx2.Client) -> bool:
    try:
        return client.get("/health/ready").is_success
    except httpx2.HTTPError:
        return False
