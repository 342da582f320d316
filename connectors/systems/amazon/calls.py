"""Requests to the Selling Partner API: their addresses, and the token that they are made with.

Source: Selling Partner API, "Connect to the Selling Partner API": a token of Login with Amazon in a header of its own.
"""

from urllib.parse import quote, urlencode

from msgspec.structs import replace

from connectors.frame.http import HttpRequest, HttpResponse, TokenGrant, get_request
from connectors.frame.message import Account, Fetch
from connectors.frame.reading import Given, UnreadableError, read_json
from connectors.systems.amazon.marketplaces import host_of

ORDERS = "/orders/2026-01-01/orders"
ORDERS_V0 = "/orders/v0/orders"
LISTINGS = "/listings/2021-08-01/items"
"""The versions that are spoken; orders of both versions are read."""

ORDER_TOPIC = "order"
_PARTS = "BUYER,RECIPIENT,PROCEEDS,PROMOTION,CANCELLATION,FULFILLMENT,PAYMENT"
_LOGIN = "https://api.amazon.com/auth/o2/token"
_AGENT = "Headrace (Language=Python)"


class TokenGiven(Given):
    access_token: str
    expires_in: int = 3600


def address(account: Account, path: str, **query: str | int) -> str:
    """Give the address of something at the account's endpoint."""
    given = f"?{urlencode(query, safe=',:')}" if query else ""
    return f"https://{host_of(account)}{path}{given}"


def segment(text: str) -> str:
    """Write an id or a SKU as one part of a path."""
    return quote(text, safe="")


def whole_order(account: Account, order_id: str) -> Fetch:
    """Point at an order with all that belongs to it."""
    return Fetch(url=address(account, f"{ORDERS}/{segment(order_id)}", includedData=_PARTS), topic=ORDER_TOPIC)


def page_of_orders(account: Account, **query: str | int) -> HttpRequest:
    """Ask for orders that the seller sends, with all that belongs to them."""
    return get_request(address(account, ORDERS, fulfilledBy="MERCHANT", includedData=_PARTS, **query))


def authorise(request: HttpRequest, account: Account, secrets: dict[str, str]) -> HttpRequest:
    """Put the token in."""
    del account
    own = {"x-amz-access-token": secrets.get("token", ""), "user-agent": _AGENT}
    return replace(request, headers=request.headers | own)


def hosts(account: Account) -> tuple[str, ...]:
    """The endpoint of the account's marketplaces, and where tokens are had."""
    return (host_of(account), "api.amazon.com")


def _ask_token(account: Account, secrets: dict[str, str]) -> HttpRequest:
    del account
    form = {
        "grant_type": "refresh_token",
        "refresh_token": secrets.get("refresh_token", ""),
        "client_id": secrets.get("client_id", ""),
        "client_secret": secrets.get("client_secret", ""),
    }
    headers = {"content-type": "application/x-www-form-urlencoded;charset=UTF-8", "accept": "application/json"}
    return HttpRequest(method="POST", url=_LOGIN, headers=headers, body=urlencode(form).encode())


def _read_token(response: HttpResponse) -> tuple[str, int]:
    if not response.ok:
        raise UnreadableError(
            "access_token", f"Login with Amazon answered {response.status}: check the account's secrets"
        )
    given = read_json(response.body, TokenGiven)
    return given.access_token, given.expires_in


GRANT = TokenGrant(request=_ask_token, token=_read_token)
