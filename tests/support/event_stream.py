"""A client of server-sent events that speaks ASGI, so that a stream can be read while it is open."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from fastapi import FastAPI

_PATIENCE_SECONDS = 20.0


class Event(NamedTuple):
    """One event as a browser would see it; a comment has the name ''."""

    name: str
    identity: str
    data: Any


class EventStream:
    """An open stream."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.ended = asyncio.Event()
        self.reading = asyncio.Event()
        self.reading.set()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._rest = b""

    async def next(self) -> Event:
        """Give the next event, heartbeats left out."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                event = await self._events.get()
                if event.name:
                    return event

    async def heartbeat(self) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (await self._events.get()).name:
                pass

    async def take(self, message: MutableMapping[str, Any]) -> None:
        """Be the client's end of the connection; slow while `reading` is not set."""
        await self.reading.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        self._rest += message.get("body", b"")
        *blocks, self._rest = self._rest.split(b"\n\n")
        for block in blocks:
            self._events.put_nowait(_parsed(block.decode()))


@asynccontextmanager
async def following(app: FastAPI, path: str, key: str, last_event_id: str | None = None) -> AsyncIterator[EventStream]:
    """Open a stream, and hang up at the end of the block."""
    stream = EventStream()
    headers = [(b"authorization", f"Bearer {key}".encode())]
    if last_event_id is not None:
        headers.append((b"last-event-id", last_event_id.encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "server": ("headrace.test", 80),
        "client": ("127.0.0.1", 1),
    }
    hung_up = asyncio.Event()
    begun = False

    async def receive() -> dict[str, Any]:
        nonlocal begun
        if not begun:
            begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def run() -> None:
        await app(scope, receive, stream.take)
        stream.ended.set()

    task = asyncio.create_task(run())
    try:
        yield stream
    finally:
        hung_up.set()
        stream.reading.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(task, _PATIENCE_SECONDS)


def _parsed(block: str) -> Event:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    data = fields.get("data")
    return Event(fields.get("event", ""), fields.get("id", ""), None if data is None else json.loads(data))
