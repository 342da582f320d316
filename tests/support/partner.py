"""A partner of a test: a real HTTP server that answers as it is told to, and remembers what it was sent."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Got:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is answered, after how long; `lost` ends the connection instead."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    after_seconds: float = 0.0
    lost: bool = False


@dataclass
class Partner:
    """`answers` are given one after the other, then `otherwise`."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    otherwise: Callable[[Got], Answer] = lambda _: Answer()
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        try:
            while True:
                request = await self._read(reader)
                self.got.append(request)
                answer = self.answers.popleft() if self.answers else self.otherwise(request)
                await asyncio.sleep(answer.after_seconds)
                if answer.lost:
                    return
                head = [f"HTTP/1.1 {answer.status} Answer", f"content-length: {len(answer.body)}"]
                head += [f"{name}: {value}" for name, value in answer.headers.items()]
                writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + answer.body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Got:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in pairs}
        return Got(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


@asynccontextmanager
async def partner() -> AsyncIterator[Partner]:
    """Serve until the end of the block."""
    made = Partner()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for writer in made.writers:
            writer.close()


async def until(is_so: Callable[[], object], what: str, seconds: float = 45.0) -> None:
    """Wait until something is so. Looks are counted, so that a machine that stands still uses up no patience."""
    for _ in range(round(seconds / _LOOK_SECONDS)):
        if is_so():
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise AssertionError(f"not within {seconds:g} s: {what}")
