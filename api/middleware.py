"""Around every request: correlation id, security headers, figures, and a problem document for our own faults."""

import itertools
import re
import secrets
import time
from typing import Any

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from api.problems import Problem
from api.web.problem_page import answer_problem

CORRELATION_HEADER = "x-correlation-id"
_CORRELATION = re.compile(rb"[\x21-\x7e]{1,128}")
_SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"strict-transport-security", b"max-age=31536000"),
]
_DATA_HEADERS = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]
_PAGE_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    b" form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE_HEADERS = [
    (b"content-security-policy", _PAGE_POLICY),
    # Without any referrer a browser names no origin either when a form is sent, and that is checked.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
# Unique without asking the kernel for randomness on each request.
_RUN = secrets.token_hex(8)
_numbers = itertools.count(1)
_NO_STORE = (b"cache-control", b"no-store")

log = structlog.get_logger(__name__)


class Envelope:
    """Pure ASGI: a middleware of the framework would buffer streams."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation = scope["correlation_id"] = _correlation_of(scope)
        began = time.perf_counter()
        status = 0

        async def send_dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._count(scope, status, time.perf_counter() - began)
                headers = message.setdefault("headers", [])
                headers.extend(_SECURITY_HEADERS)
                headers.extend(_PAGE_HEADERS if _is_page(headers) else _DATA_HEADERS)
                headers.append((CORRELATION_HEADER.encode(), correlation.encode()))
                if not any(name.lower() == _NO_STORE[0] for name, _ in headers):
                    headers.append(_NO_STORE)
            await send(message)

        try:
            await self._app(scope, receive, send_dressed)
        except Exception:
            # The route's own path: that of a webhook may end in a secret.
            path = getattr(scope.get("route"), "path", scope["path"])
            log.exception("a request failed", correlation_id=correlation, path=path)
            if status:
                raise
            detail = f"This is our fault and is in the log as {correlation}: repeat it with the same Idempotency-Key."
            answer = answer_problem(Request(scope), Problem(500, "internal", detail))
            await answer(scope, receive, send_dressed)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        path = getattr(route, "path", "none")
        method = scope["method"] if route is not None else "none"
        self._metrics.requests.labels(method, path, str(status)).inc()
        self._metrics.seconds.labels(method, path).observe(seconds)


def _is_page(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)


def _correlation_of(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == CORRELATION_HEADER.encode() and _CORRELATION.fullmatch(value):
            return str(value.decode())
    return f"{_RUN}{next(_numbers):08x}"
