"""A topic of the customer's own Kafka: one record an event, its key the order's id."""

import re
import secrets
import ssl
import tempfile
from functools import cache
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization

from api.exchange.calling import Peer
from api.exchange.outbox.transports.transport import (
    EVENT_TYPE,
    LIMITS,
    Bounds,
    Carriage,
    Credentials,
    Endpoint,
    EndpointError,
    KafkaMessage,
    Produce,
    Transport,
    check_host,
    check_names,
    standard_headers,
)
from connectors.frame.documents import Occasion, Sent

_BROKER = r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}"
_ADDRESS = re.compile(
    rf"kafka(?P<open>\+plaintext)?://(?P<brokers>{_BROKER}(?:,{_BROKER}){{0,9}})/(?P<topic>[A-Za-z0-9._-]{{1,249}})"
)
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_USER, _PASSWORD, _MECHANISM = "username", "password", "mechanism"
_CA, _CERTIFICATE, _KEY = "ca", "certificate", "key"
_PORT_MAX = 65_535


class KafkaAddress(NamedTuple):
    """Where a topic is."""

    brokers: tuple[tuple[str, int], ...]
    topic: str
    is_open: bool


@cache
def address_of(url: str) -> KafkaAddress:
    """Read an address.

    Raises:
        EndpointError: it is none.
    """
    found = _ADDRESS.fullmatch(url)
    if found is None or found["topic"] in (".", ".."):
        raise EndpointError(
            "url_invalid", "Give a topic as kafka://broker1.example.com:9093,broker2.example.com:9093/orders."
        )
    pairs = [one.rpartition(":") for one in found["brokers"].split(",")]
    brokers = tuple((host.strip("[]").lower(), int(port)) for host, _, port in pairs)
    if any(not 0 < port <= _PORT_MAX for _, port in brokers):
        raise EndpointError("url_invalid", f"A port is between 1 and {_PORT_MAX}.")
    return KafkaAddress(brokers, found["topic"], found["open"] is not None)


def _check(url: str, credentials: Credentials, bounds: Bounds) -> None:
    address = address_of(url)
    for host, _ in address.brokers:
        check_host(host, bounds, is_open=address.is_open)
    if address.topic in bounds.own_topics:
        # Whoever could write into these could order and count in anybody's name.
        raise EndpointError("url_own_topic", f"{address.topic} is a topic of Headrace itself: take another name.")
    check_names(credentials, (), (_MECHANISM, _USER, _PASSWORD, _CA, _CERTIFICATE, _KEY))
    for one, other in ((_USER, _PASSWORD), (_CERTIFICATE, _KEY)):
        if bool(credentials.get(one)) != bool(credentials.get(other)):
            raise EndpointError("credentials_missing", f"{one} and {other} go together.", "credentials")
    if credentials.get(_MECHANISM, _MECHANISMS[0]) not in _MECHANISMS:
        raise EndpointError("credentials_invalid", f"mechanism is one of {', '.join(_MECHANISMS)}.", "credentials")
    try:
        context_of(credentials)
    except (ssl.SSLError, ValueError, TypeError):
        text = "ca, certificate and key are PEM, the key without a password and of that certificate."
        raise EndpointError("credentials_invalid", text, "credentials") from None


def context_of(credentials: Credentials) -> ssl.SSLContext:
    """Give the TLS that brokers are called with: public authorities, or the customer's own alone."""
    context = ssl.create_default_context(cadata=credentials.get(_CA) or None)
    if credentials.get(_KEY):
        # OpenSSL reads a pair from a file only, so the key is in it under a password that nobody keeps.
        password = secrets.token_hex(32)
        key = serialization.load_pem_private_key(credentials[_KEY].encode(), None)
        sealed = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password.encode()),
        )
        with tempfile.NamedTemporaryFile() as file:
            file.write(credentials[_CERTIFICATE].encode() + b"\n" + sealed)
            file.flush()
            context.load_cert_chain(file.name, password=password)
    return context


def sasl_of(credentials: Credentials) -> dict[str, str]:
    """Give what aiokafka is told of user and password; empty without one."""
    if not credentials.get(_USER):
        return {}
    return {
        "sasl_mechanism": credentials.get(_MECHANISM, _MECHANISMS[0]),
        "sasl_plain_username": credentials[_USER],
        "sasl_plain_password": credentials[_PASSWORD],
    }


def _carry(endpoint: Endpoint, produce: Produce | None) -> Carriage:
    async def post(occasion: Occasion, now_ms: int) -> Sent:
        assert produce is not None, "only the process that sends has connections"
        headers = standard_headers(occasion.delivery_id, occasion.event, endpoint.signing, now_ms)
        named = headers | {EVENT_TYPE: occasion.event_type, "content-type": "application/json"}
        message = KafkaMessage(
            key=occasion.lane.encode(),
            value=occasion.event,
            headers=[(name, value.encode()) for name, value in named.items()],
        )
        return await produce(endpoint.name, endpoint.url, endpoint.credentials, message)

    return Carriage(peer=Peer(name=endpoint.name, hosts=(), limits=LIMITS), post=post)


KAFKA = Transport(name="kafka", schemes=("kafka", "kafka+plaintext"), check=_check, carry=_carry)
