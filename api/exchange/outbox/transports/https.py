"""Webhooks: a POST after the Standard Webhooks specification.

Source: https://www.standardwebhooks.com: headers `webhook-id`, `-timestamp`, `-signature`, several signatures while a
secret is replaced. 2xx is done, 5xx and no answer are tried again, 410 ends the subscription, all else is for a person.
"""

from urllib.parse import urlsplit

from api.exchange.calling import Peer
from api.exchange.outbox.transports.transport import (
    LIMITS,
    Bounds,
    Carriage,
    Credentials,
    Endpoint,
    EndpointError,
    Produce,
    Transport,
    check_host,
    check_names,
    standard_headers,
)
from connectors.frame.answers import undone
from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, Outcome, Sent
from connectors.frame.http import HttpRequest

_WRONG = (401, 403)


def _check(url: str, credentials: Credentials, bounds: Bounds) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    is_open = parts.scheme != "https"
    if not host or parts.username or parts.password or (is_open and host not in bounds.private_hosts):
        raise EndpointError("url_invalid", "Give an https address without a user name or password in it.")
    check_host(host, bounds, is_open=is_open)
    check_names(credentials, ())


def _carry(endpoint: Endpoint, _: Produce | None) -> Carriage:
    host = urlsplit(endpoint.url).hostname or ""
    return Carriage(
        peer=Peer(name=endpoint.name, hosts=(host,), limits=LIMITS),
        send=lambda occasion, now_ms: tell(occasion, endpoint.url, endpoint.signing, now_ms),
    )


def tell(occasion: Occasion, url: str, signing: tuple[str, ...], now_ms: int) -> Sending:
    """Send an event; the id is that of the delivery at each attempt, the time that of the attempt."""
    headers = standard_headers(occasion.delivery_id, occasion.event, signing, now_ms)
    answer = yield HttpRequest(
        method="POST", url=url, headers={"content-type": "application/json"} | headers, body=occasion.event
    )
    if answer.ok:
        return Sent(outcome=Outcome.DONE)
    sent = undone(answer)
    # Nobody but the receiver can put these right, and an event that is refused is refused again.
    return Sent(outcome=Outcome.REFUSED, note=sent.note) if answer.status in _WRONG else sent


HTTPS = Transport(name="https", schemes=("https", "http"), check=_check, carry=_carry)
