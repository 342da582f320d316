"""What a transport is: it checks an address with its credentials, and gives how events are carried there."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from api.exchange.addresses import looks_public
from api.exchange.calling import Peer
from connectors.frame.declaration import Limits, Sending
from connectors.frame.documents import Occasion, Sent
from connectors.frame.signatures import standard_signature

LIMITS = Limits(requests_per_second=200.0, concurrency=8)
EVENT_TYPE = "event-type"

Credentials = Mapping[str, str]


class EndpointError(ValueError):
    """An address or its credentials cannot be used; the text says what to give instead."""

    def __init__(self, code: str, text: str, field: str = "url") -> None:
        super().__init__(text)
        self.code, self.field = code, field


class Bounds(NamedTuple):
    """What an address may not be."""

    private_hosts: frozenset[str]
    """The only hosts of a private network that may be called, and the only ones without TLS."""
    own_topics: frozenset[str]
    """Topics that are Headrace's own, into which nobody else may write."""


class KafkaMessage(NamedTuple):
    """A record, as it is sent."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Produce(Protocol):
    """What puts a record into a customer's topic."""

    async def __call__(self, name: str, url: str, credentials: Credentials, message: KafkaMessage) -> Sent:
        """Return when all replicas have it; `name` is the target that the connection is kept for."""


class Endpoint(NamedTuple):
    """Where a subscription's events go, with its secrets opened."""

    name: str
    url: str
    signing: tuple[str, ...]
    """Secrets that sign, the newest first."""
    credentials: Credentials


class Carriage(NamedTuple):
    """How events are carried: by requests, or by a call that sends one."""

    peer: Peer
    send: Callable[[Occasion, int], Sending] | None = None
    post: Callable[[Occasion, int], Awaitable[Sent]] | None = None
    hides_answers: bool = False
    """Whether answers stay out of the log: they might repeat what a request was authorised with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transport:
    """One way to carry events."""

    name: str
    schemes: tuple[str, ...]
    check: Callable[[str, Credentials, Bounds], None]
    """Raises `EndpointError`."""
    carry: Callable[[Endpoint, Produce | None], Carriage]


def standard_headers(identity: str, body: bytes, signing: tuple[str, ...], now_ms: int) -> dict[str, str]:
    """Give the headers of Standard Webhooks; every transport has them, so that one check serves all."""
    at_seconds = now_ms // 1000
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(at_seconds),
        "webhook-signature": " ".join(standard_signature(one, identity, at_seconds, body) for one in signing),
    }


def check_host(host: str, bounds: Bounds, *, is_open: bool) -> None:
    """Refuse a host of a private network that no setting names; `is_open` is without TLS, which is for those alone.

    Raises:
        EndpointError: it may not be called.
    """
    if host in bounds.private_hosts:
        return
    if is_open:
        raise EndpointError(
            "url_invalid", f"Without TLS only hosts of HEADRACE_PRIVATE_HOSTS are called, and {host} is none."
        )
    if not looks_public(host):
        raise EndpointError("url_private", f"{host} is of a private network, which is not called.")


def check_names(given: Credentials, needed: tuple[str, ...], others: tuple[str, ...] = ()) -> None:
    """Refuse credentials that lack something, or have what cannot be meant; values are never repeated.

    Raises:
        EndpointError: names what is wrong.
    """
    missing = [name for name in needed if not given.get(name)]
    unknown = [name for name in given if name not in (*needed, *others)]
    if missing:
        raise EndpointError("credentials_missing", f"The credentials lack {', '.join(missing)}.", "credentials")
    if unknown:
        known = ", ".join((*needed, *others)) or "none"
        raise EndpointError("credentials_unknown", f"The credentials have other names than: {known}.", "credentials")
    for name, value in given.items():
        if not value.isascii() or not all(one.isprintable() or one in "\r\n\t" for one in value):
            raise EndpointError("credentials_invalid", f"{name} has characters that no such value has.", "credentials")
