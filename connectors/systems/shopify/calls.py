"""Requests to a shop: GraphQL where something is changed, REST where it is read, both of one pinned version.

REST gives an order with its fulfillments whole, where GraphQL would page through them against a budget. Sources:
Shopify, GraphQL Admin API, "Status and error codes" and "Rate limits"; REST Admin API, "Status and error codes".
"""

from collections.abc import Generator
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from connectors.frame.answers import undone
from connectors.frame.documents import Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse, TokenGrant, get_request, json_request
from connectors.frame.message import Account
from connectors.frame.reading import Given, UnreadableError, read_json, shown, within

API_VERSION = "2026-07"
SHOP = "shop"

_DOMAIN = ".myshopify.com"
_FROZEN = (402, 423)
_LATER_CODES = frozenset({"THROTTLED", "INTERNAL_SERVER_ERROR", "TIMEOUT", "IDEMPOTENCY_CONCURRENT_REQUEST"})
_DENIED = "ACCESS_DENIED"
_LONGEST_WAIT_SECONDS = 60
_TOKEN_SECONDS = 86_399

Shape = TypeVar("Shape")
Answered = Generator[HttpRequest, HttpResponse, Shape | Sent]
"""A request: gives what was answered, or what comes of it that there was no such answer."""


class _Throttle(Given):
    currently_available: float = msgspec.field(default=0, name="currentlyAvailable")
    restore_rate: float = msgspec.field(default=50, name="restoreRate")


class _Cost(Given):
    requested: float | None = msgspec.field(default=None, name="requestedQueryCost")
    throttle: _Throttle | None = msgspec.field(default=None, name="throttleStatus")


class _Extensions(Given):
    code: str = ""
    cost: _Cost | None = None


class _ErrorGiven(Given):
    message: str = ""
    extensions: _Extensions | None = None


class _Envelope(Given):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[_ErrorGiven] = []
    extensions: _Extensions | None = None


class UserError(Given):
    """Why a mutation was not done."""

    message: str = ""
    code: str | None = None


class _Token(Given):
    access_token: str
    expires_in: int = _TOKEN_SECONDS


def host_of(account: Account) -> str:
    """Give the shop's host; a setting `acme` is acme.myshopify.com."""
    shop = account.settings.get(SHOP, "").strip().lower().removeprefix("https://").rstrip("/")
    return shop if shop.endswith(_DOMAIN) else f"{shop}{_DOMAIN}"


def rest(account: Account, path: str, **query: object) -> HttpRequest:
    """Give a request of REST."""
    asked = "&".join(f"{name}={quote(str(value), safe=',')}" for name, value in query.items())
    url = f"https://{host_of(account)}/admin/api/{API_VERSION}/{path}.json"
    return get_request(f"{url}?{asked}" if asked else url)


def read(account: Account, path: str, shape: type[Shape], **query: object) -> Answered[Shape]:
    """Ask by REST."""
    response = yield rest(account, path, **query)
    return read_json(response.body, shape) if response.ok else not_done(response)


def change(account: Account, query: str, variables: dict[str, Any], shape: type[Shape]) -> Answered[Shape]:
    """Ask by GraphQL, whose answer is 200 even where it says no."""
    url = f"https://{host_of(account)}/admin/api/{API_VERSION}/graphql.json"
    response = yield json_request("POST", url, {"query": " ".join(query.split()), "variables": variables})
    if not response.ok:
        return not_done(response)
    envelope = read_json(response.body, _Envelope)
    if envelope.errors:
        return _not_answered(envelope)
    with within("data"):
        return read_json(bytes(envelope.data), shape)


def not_done(response: HttpResponse) -> Sent:
    """Give what comes of an answer that is no success; a shop that is frozen or locked may be open again."""
    sent = undone(response)
    if response.status in _FROZEN:
        return Sent(outcome=Outcome.LATER, note=f"the shop is closed: {sent.note}")
    return sent


def refused_for(errors: list[UserError]) -> Sent | None:
    """Give what comes of errors that a mutation names; None where there are none."""
    if not errors:
        return None
    said = "; ".join(error.message or error.code or "no reason" for error in errors)
    return Sent(outcome=Outcome.REFUSED, note=f"Shopify refused it: {said}")


def _not_answered(envelope: _Envelope) -> Sent:
    codes = {error.extensions.code for error in envelope.errors if error.extensions is not None}
    note = "; ".join(error.message for error in envelope.errors)
    if codes & _LATER_CODES:
        return Sent(outcome=Outcome.LATER, note=note, retry_after_seconds=_wait_seconds(envelope.extensions))
    if _DENIED in codes:
        return Sent(outcome=Outcome.LATER, note=f"{note} - give the app the access that this needs")
    return Sent(outcome=Outcome.REFUSED, note=note)


def _wait_seconds(extensions: _Extensions | None) -> int | None:
    """Give after how long the shop's budget for queries is filled up enough."""
    cost = extensions.cost if extensions is not None else None
    if cost is None or cost.throttle is None or cost.requested is None or cost.throttle.restore_rate <= 0:
        return None
    missing = max(0.0, cost.requested - cost.throttle.currently_available)
    return min(_LONGEST_WAIT_SECONDS, int(missing / cost.throttle.restore_rate) + 1)


def authorise(request: HttpRequest, account: Account, secrets: dict[str, str]) -> HttpRequest:
    """Put the token in."""
    del account
    headers = request.headers | {"x-shopify-access-token": secrets.get("token", "")}
    return msgspec.structs.replace(request, headers=headers)


def _token_request(account: Account, secrets: dict[str, str]) -> HttpRequest:
    """Ask for a token of a day, as apps of the merchant's own organisation may.

    Source: Shopify, "Using the client credentials grant".
    """
    content = {
        "grant_type": "client_credentials",
        "client_id": secrets.get("client_id", ""),
        "client_secret": secrets.get("webhook_secret", ""),
    }
    return json_request("POST", f"https://{host_of(account)}/admin/oauth/access_token", content)


def _token_of(response: HttpResponse) -> tuple[str, int]:
    token = read_json(response.body, _Token)
    return token.access_token, token.expires_in


GRANT = TokenGrant(request=_token_request, token=_token_of)


def checked_order_id(text: str) -> str:
    """Give the id of an order for an address: Shopify's are numbers.

    Raises:
        UnreadableError: it is none.
    """
    if not (text.isascii() and text.isdecimal()):
        raise UnreadableError("order", f"{shown(text)} is no order of Shopify's")
    return text
