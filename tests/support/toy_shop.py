"""The shop that the tests' own connector asks: pages of orders over HTTP, and whatever else it is told to answer."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Shop:
    """A shop that answers polls: what it was asked, and what it answers next beside its orders."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.tokens: set[str | None] = set()
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if self.answers:
            status, headers = self.answers.pop(0)
            return status, headers, b"{}"
        first = int(path.rpartition("=")[2] or 0)
        page = self.orders[first : first + 2]
        following = first + len(page)
        body = {"orders": page, "next": following, "more": following < len(self.orders)}
        return 200, {}, json.dumps(body).encode()


@contextmanager
def serving(shop: Shop) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.tokens.add(self.headers.get("authorization"))
            status, headers, body = shop.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
