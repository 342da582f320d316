"""All transports, and which of them an address means."""

from api.exchange.outbox.transports.https import HTTPS
from api.exchange.outbox.transports.kafka import KAFKA
from api.exchange.outbox.transports.pubsub import PUBSUB
from api.exchange.outbox.transports.sqs import SQS
from api.exchange.outbox.transports.transport import Bounds, Credentials, EndpointError, Transport

_BY_SCHEME = {scheme: one for one in (HTTPS, KAFKA, SQS, PUBSUB) for scheme in one.schemes}


def transport_of(url: str) -> Transport:
    """Give the transport of an address.

    Raises:
        EndpointError: there is none for it.
    """
    found = _BY_SCHEME.get(url.partition("://")[0])
    if found is None or not url.isascii() or not url.isprintable() or " " in url:
        raise EndpointError("url_invalid", "Give an address that begins with https, kafka, sqs or pubsub, and ://.")
    return found


def check_endpoint(url: str, credentials: Credentials, bounds: Bounds) -> None:
    """Refuse what cannot or may not be sent to.

    Raises:
        EndpointError: says what to give instead.
    """
    transport_of(url).check(url, credentials, bounds)
