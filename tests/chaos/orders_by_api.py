"""Clients that place orders through the API and, unsure, send the same again with the same Idempotency-Key."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from http import HTTPStatus
from random import Random
from typing import Any

from pipelines.traffic.workload import Shelf

_CLIENTS = 8
_PAUSE_SECONDS = 0.02
_RETRY_SECONDS = 0.2
_ANSWER_SECONDS = 10.0
_ORDER_SECONDS = 90.0
_REPEATED_SHARE = 0.2
_TAKEN = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED)


class OrdersByApi:
    """Each order is sent until it is answered 2xx; some are then sent once more."""

    def __init__(self, url: str, key: str, pools: list[str], shelf: Shelf, *, seed: int) -> None:
        self.placed: dict[tuple[str, str], str] = {}
        """Order ids by pool and Idempotency-Key, of what was answered 2xx."""
        self.problems: list[str] = []
        self._answers: Counter[str] = Counter()
        self._url = url
        self._key = key
        self._pools = pools
        self._shelf = shelf
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(number, Random(f"api/{seed}/{number}")), daemon=True)
            for number in range(_CLIENTS)
        ]

    def is_ready(self) -> bool:
        status, _ = self._ask("GET", "/health/ready")
        time.sleep(_PAUSE_SECONDS)
        return status == HTTPStatus.OK

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Return when every order that was begun has been answered."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(_ORDER_SECONDS)

    def figures(self) -> dict[str, Any]:
        return {"api_orders": len(self.placed), "api_answers": dict(sorted(self._answers.items()))}

    def compare_with(self, versions: dict[str, int]) -> list[str]:
        """I9: what the API shows of each order is the core's row; of settled orders, the newest."""
        wrong = []
        for (pool, _), order in self.placed.items():
            status, shown = self._ask("GET", f"/v1/pools/{pool}/orders/{order}")
            if status != HTTPStatus.OK or shown["version"] != versions.get(order):
                wrong.append(
                    f"order {order}: the API answers {status} {shown.get('version')}, not {versions.get(order)}"
                )
        return wrong

    def _run(self, client: int, random: Random) -> None:
        number = 0
        while not self._stopping.is_set():
            number += 1
            key = f"client-{client}-{number}"
            pool = random.choice(self._pools)
            body = self._body(key, random)
            order = self._place(pool, key, body)
            if order is None:
                self.problems.append(f"{key} was not taken within {_ORDER_SECONDS:.0f} s")
                continue
            self.placed[pool, key] = order
            if random.random() < _REPEATED_SHARE and (again := self._place(pool, key, body)) != order:
                self.problems.append(f"{key} was answered with order {order}, and when repeated with {again}")
            time.sleep(_PAUSE_SECONDS)

    def _place(self, pool: str, key: str, body: dict[str, Any]) -> str | None:
        deadline = time.monotonic() + _ORDER_SECONDS
        while time.monotonic() < deadline:
            status, answer = self._ask("POST", f"/v1/pools/{pool}/orders", body, {"Idempotency-Key": key})
            self._answers[str(status)] += 1
            if status in _TAKEN:
                return str(answer["order_id"])
            if 400 <= status < 500:
                self.problems.append(f"{key} was refused: {status} {answer}")
            time.sleep(_RETRY_SECONDS)
        return None

    def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """The answer's status and body; status 0 when none came."""
        request = urllib.request.Request(  # noqa: S310 # The address is our own API's.
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._key}", "Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310 # As above.
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {"problem": error.read().decode(errors="replace")}
        # Cut off in the midst of an answer too, which says nothing about what became of it.
        except (OSError, ValueError, http.client.HTTPException):
            return 0, {}

    def _body(self, key: str, random: Random) -> dict[str, Any]:
        ranks = {self._shelf.draw(random) for _ in range(random.randint(1, 3))}
        return {
            "channel": "chaos",
            "external_id": key,
            "currency": "USD",
            "shipping_minor": 499,
            "lines": [
                {
                    "line_id": str(line),
                    "sku": self._shelf.skus[rank],
                    "quantity": 1,
                    "unit_price_minor": self._shelf.prices_minor[rank],
                }
                for line, rank in enumerate(sorted(ranks), start=1)
            ],
            "destination": {"country": "US", "postcode": "60601", "latitude": 41.88, "longitude": -87.63},
            "customer": {"customer_id": key, "name": f"Buyer {key}", "email": f"{key}@example.org"},
        }
