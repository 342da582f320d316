"""What a message only points at, fetched: only from hosts that the connector names (see `api.exchange.calling`)."""

from typing import TYPE_CHECKING

from api.exchange.accounts import StoredAccount
from api.exchange.calling import CallError, Peer
from connectors.frame.http import HttpRequest, HttpResponse, get_request
from connectors.frame.message import Fetch, Message

if TYPE_CHECKING:
    from api.exchange.process import Exchange

_TOO_MANY, _SERVER_ERROR = 429, 500


def peer_of(exchange: "Exchange", stored: StoredAccount) -> Peer:
    """Give the system of an account, with the secrets that count now."""
    stores = exchange.services.exchange
    return Peer.of(stored.setup, stores.connector_of(stored.setup), stores.secrets.current(stored.name))


async def asked_of(exchange: "Exchange", peer: Peer, request: HttpRequest) -> HttpResponse:
    """Make a request whose answer counts; one that says "later" is no answer.

    Raises:
        CallError: no answer was had now.
        CallRefusedError: it may not be made.
    """
    answer = await exchange.caller.call(request, peer)
    if answer.status == _TOO_MANY or answer.status >= _SERVER_ERROR:
        raise LaterError(answer)
    return answer


async def fetched(exchange: "Exchange", stored: StoredAccount, message: Message, fetch: Fetch) -> Message:
    """Give what a message points at, as a message of its own.

    Raises:
        CallError: it was not to be had now.
        CallRefusedError: it may not be fetched.
    """
    answer = await asked_of(exchange, peer_of(exchange, stored), get_request(fetch.url))
    if not answer.ok:
        raise CallError(f"{answer.status} for what the message points at")
    return Message(body=answer.body, topic=fetch.topic, headers=answer.headers, received_at_ms=message.received_at_ms)


class LaterError(CallError):
    """The system asks to come again later."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__(f"the system answered {answer.status}")
        given = answer.headers.get("retry-after", "")
        self.after_seconds = float(given) if given.isascii() and given.isdecimal() else None
