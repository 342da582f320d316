"""Requests to a shop's REST API, and what may be asked of its host."""

import base64
from urllib.parse import quote, urlencode, urlsplit

from msgspec.structs import replace

from connectors.frame.http import HttpRequest
from connectors.frame.message import Account

API = "/wp-json/wc/v3"
"""The version that is spoken; messages of all versions are read."""


def address(account: Account, path: str, **query: str | int) -> str:
    """Give the address of something at the shop."""
    given = f"?{urlencode(query)}" if query else ""
    return f"{account.settings.get('url', '').rstrip('/')}{path}{given}"


def order_path(external_id: str) -> str:
    """Give the path of an order."""
    return f"{API}/orders/{quote(external_id, safe='')}"


def authorise(request: HttpRequest, account: Account, secrets: dict[str, str]) -> HttpRequest:
    """Sign in with the key's two halves. Source: WooCommerce REST API, "Authentication over HTTPS"."""
    del account
    both = f"{secrets.get('consumer_key', '')}:{secrets.get('consumer_secret', '')}".encode()
    return replace(request, headers=request.headers | {"authorization": f"Basic {base64.b64encode(both).decode()}"})


def hosts(account: Account) -> tuple[str, ...]:
    """The shop's own host, and no other."""
    host = urlsplit(account.settings.get("url", "")).hostname
    return (host,) if host else ()
