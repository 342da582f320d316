"""Requests that a connector wants made, and their responses: values, so that a connector never does I/O itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from models.types import Record


class HttpRequest(Record, kw_only=True):
    """A request without its secrets: the shell lets the connector authorise it, and checks its host."""

    method: str
    url: str
    headers: dict[str, str] = {}
    body: bytes = b""


class HttpResponse(Record, kw_only=True):
    """What was answered. Header names are in lower case."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""
    url: str = ""

    @property
    def ok(self) -> bool:
        """Tell whether it was done."""
        return 200 <= self.status < 300  # noqa: PLR2004


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenGrant:
    """How an access token is had: by this request, from its answer, for so many seconds."""

    request: Callable[[Any, dict[str, str]], HttpRequest]
    """Of (account, secrets)."""
    token: Callable[[HttpResponse], tuple[str, int]]
    """Gives the token and the seconds it lives."""


def json_request(method: str, url: str, content: object, headers: dict[str, str] | None = None) -> HttpRequest:
    """Give a request with a JSON body."""
    given = {"content-type": "application/json", "accept": "application/json"} | (headers or {})
    return HttpRequest(method=method, url=url, headers=given, body=msgspec.json.encode(content))


def get_request(url: str) -> HttpRequest:
    """Give a request for JSON."""
    return HttpRequest(method="GET", url=url, headers={"accept": "application/json"})


def https_host(url: str) -> str:
    """Give the host of an https address without user or port; empty for any other, so that it is on no list."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme == "https" and parts.netloc == parts.hostname else ""
