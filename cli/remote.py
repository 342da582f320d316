"""A running Headrace behind its HTTP API, for the commands that read and change a pool's set-up."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx2

from cli.console import Failure, fail
from connectors.folder.requests import Request
from connectors.folder.setup import Running
from connectors.folder.shown import running_of

URL = "http://127.0.0.1:8080"
URL_VARIABLE, KEY_VARIABLE = "HEADRACE_API_URL", "HEADRACE_API_KEY"
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_PAGE = 200
_WAIT_SECONDS = 30
_TIMEOUT_SECONDS = 60.0
_PATIENCE_SECONDS = 60.0
_ACCEPTED, _UNAUTHORIZED, _FORBIDDEN, _BUSY = 202, 401, 403, 503


class Refused(Failure):
    """The API will not do it; `code` is its stable name for why, `field` what is at fault where it is one thing."""

    def __init__(self, code: str, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.field = field


class Remote:
    """The API of a running Headrace."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def pools(self) -> list[str]:
        """Give the ids of the pools that the key may see."""
        found = await self._ask("GET", "/v1/pools")
        return [shown["pool"]["pool"] for shown in found["pools"]]

    async def running(self, pool: str, *, catalogue: bool, stock: bool, accounts: bool = False) -> Running | None:
        """Give a pool as it runs, with what is asked for; None where there is none."""
        try:
            shown = await self._ask("GET", _path(pool))
        except Refused as refused:
            if refused.code == "pool_unknown":
                return None
            raise
        items = await self.items(pool) if catalogue else None
        skus = await self.skus(pool) if stock else None
        set_up = (await self._ask("GET", f"{_path(pool)}/accounts"))["accounts"] if accounts else None
        return running_of(shown, items, skus, set_up)

    async def accounts(self, pool: str) -> list[str]:
        """Give the names of a pool's accounts of connectors."""
        return [one["name"] for one in (await self._ask("GET", f"{_path(pool)}/accounts"))["accounts"]]

    async def items(self, pool: str) -> list[dict[str, Any]]:
        """Give the whole catalogue."""
        return [item async for item in self._pages(f"{_path(pool)}/catalogue", "items")]

    async def skus(self, pool: str) -> list[dict[str, Any]]:
        """Give the levels of all SKUs."""
        return [sku async for sku in self._pages(f"{_path(pool)}/stock", "skus")]

    async def send(self, pool: str, request: Request) -> dict[str, Any]:
        """Ask for a change, and give the answer once it is known what became of it."""
        return await self._ask(request.method, _path(pool) + request.path, request.body, request.key)

    async def order(self, pool: str, order_id: str) -> dict[str, Any] | None:
        """Give an order; None where there is none."""
        try:
            return await self._ask("GET", f"{_path(pool)}/orders/{quote(order_id, safe='')}")
        except Refused as refused:
            if refused.code == "order_unknown":
                return None
            raise

    async def post(self, pool: str, path: str, body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """Ask for something of a pool, and give the answer once it is known what became of it."""
        return await self._ask("POST", _path(pool) + path, body, key)

    async def get(self, pool: str, path: str) -> dict[str, Any]:
        """Read something of a pool."""
        return await self._ask("GET", _path(pool) + path)

    async def put(self, pool: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Set something of a pool to what is to be."""
        return await self._ask("PUT", _path(pool) + path, body)

    async def change_demo_pace(self, **pace: float | None) -> dict[str, Any]:
        """Set how fast the demo goes, what is None left as it is, and give how fast it is to go then."""
        return await self._ask("PATCH", "/v1/demo", {name: value for name, value in pace.items() if value is not None})

    async def _pages(self, path: str, name: str) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = await self._ask("GET", f"{path}?limit={_PAGE}{cursor}")
            for one in page[name]:
                yield one
            if page["next_cursor"] is None:
                return
            cursor = f"&cursor={quote(page['next_cursor'])}"

    async def _ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> dict[str, Any]:
        headers = {"Prefer": f"wait={_WAIT_SECONDS}"} | ({} if key is None else {"Idempotency-Key": key})
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while True:
            try:
                answer = await self._client.request(method, path, json=body, headers=headers)
            except httpx2.TransportError as error:
                fail(f"no API answers at {self._client.base_url} ({error}): start it with `headrace up`, or give --url")
            if answer.status_code not in {_BUSY, _ACCEPTED} or asyncio.get_running_loop().time() > deadline:
                break
            # The same key makes it the same request: it is done once, and a repeat is told what became of it.
            await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
        if answer.status_code == _ACCEPTED:
            fail(f"nothing became of it in {_PATIENCE_SECONDS:.0f} s: is a worker running? Then repeat the command")
        try:
            shown: dict[str, Any] = answer.json()
        except ValueError:
            fail(f"what answers at {self._client.base_url} is no Headrace ({answer.status_code}): give --url")
        if answer.status_code < httpx2.codes.BAD_REQUEST:
            return shown
        detail = str(shown.get("detail") or f"the API answered {answer.status_code}")
        if answer.status_code in {_UNAUTHORIZED, _FORBIDDEN}:
            fail(f"{detail} (give --key or {KEY_VARIABLE}: headrace keys create NAME --scope admin)")
        raise Refused(str(shown.get("code", "")), detail, str(shown.get("field", "")))


@asynccontextmanager
async def connected(url: str, key: str, data: Path) -> AsyncIterator[Remote]:
    """Connect to the API; without a key, to one on this machine, with the key that `headrace up` made."""
    if not url.startswith(("http://", "https://")):
        fail(f"--url {url}: give an http:// or https:// address")
    if not key and urlsplit(url).hostname in _LOCAL:
        key = _development_key(data)
    if not key:
        fail(f"no API key: give --key or {KEY_VARIABLE} (headrace keys create NAME --scope admin)")
    headers = {"Authorization": f"Bearer {key}"}
    client = httpx2.AsyncClient(base_url=url.rstrip("/"), headers=headers, timeout=_TIMEOUT_SECONDS)
    async with Remote(client) as remote:
        yield remote


def data_folder() -> Path:
    """Give where a Headrace of this machine keeps its data."""
    return Path(os.environ.get("HEADRACE_DATA_DIR", "var"))


def _development_key(data: Path) -> str:
    """Give the key of the newest `headrace up` on this machine; empty without one."""
    found = [path for path in (data / "development.key", data / "embedded" / "development.key") if path.exists()]
    return max(found, key=lambda path: path.stat().st_mtime).read_text().strip() if found else ""


def _path(pool: str) -> str:
    return f"/v1/pools/{quote(pool, safe='')}"
