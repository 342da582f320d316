"""The API of a running system on a port, for a browser to visit."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
from fastapi import FastAPI
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from tests.support.system import System

_STARTS_SECONDS = 20.0


@dataclass
class Site(System):
    """A running system that a browser can visit; `base` is its address."""

    base: str

    @property
    def pages(self) -> str:
        """Where the pages of this test's pool are."""
        return f"/p/{self.pool}"


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application whose services run already, and give its address."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    server = Server(
        app, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_level=LogLevels.error, websockets=False
    )
    serving = asyncio.create_task(server.serve())
    try:
        await _until_listening(base, serving)
        yield base
    finally:
        server.stop()  # type: ignore[no-untyped-call] # Granian gives it no types.
        await serving


async def _until_listening(base: str, serving: asyncio.Task[None]) -> None:
    async with asyncio.timeout(_STARTS_SECONDS), httpx2.AsyncClient() as client:
        while not serving.done():
            try:
                await client.get(f"{base}/health/live")
            except httpx2.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
        await serving


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
