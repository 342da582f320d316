"""A topic of Google Cloud Pub/Sub, by its REST API; each request has a token that the service account signs itself.

Sources: https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish and
https://developers.google.com/identity/protocols/oauth2/service-account#jwt-auth (no token has to be asked for).
"""

import re
import time
from base64 import b64encode
from functools import cache, lru_cache
from typing import NamedTuple

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from api.exchange.calling import Peer
from api.exchange.outbox.transports.cloud import content_of, not_taken
from api.exchange.outbox.transports.transport import (
    EVENT_TYPE,
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
from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse, json_request
from connectors.frame.reading import UnreadableError

AUDIENCE = "https://pubsub.googleapis.com/"
_ADDRESS = re.compile(
    r"pubsub(?P<open>\+http)?://(?P<host>[A-Za-z0-9.-]{1,253})(?P<port>:[0-9]{1,5})?"
    r"/(?P<topic>projects/[a-z0-9.:-]{1,100}/topics/[A-Za-z][A-Za-z0-9._~%+-]{2,254})"
)
_GOOGLE = re.compile(r"(?:[a-z0-9-]+-)?pubsub(?:-[a-z0-9]+\.p)?\.googleapis\.com")
_EMAIL, _KEY, _KEY_ID, _TYPE = "client_email", "private_key", "private_key_id", "type"
_SERVICE_ACCOUNT = "service_account"
# A key's file has these too; what they say is known, and no address among them is ever called.
_OTHERS = (
    "project_id", "client_id", "auth_uri", "token_uri", "auth_provider_x509_cert_url", "client_x509_cert_url",
    "universe_domain",
)  # fmt: skip
# Signing takes tens of milliseconds in which nothing else is sent, so a token is used for some minutes.
_SAME_TOKEN_SECONDS = 300
_BITS_MIN = 2048
_TOKEN_SECONDS = 3600
_STATUS = re.compile(r"[A-Z_]{1,40}")


class _Topic(NamedTuple):
    host: str
    publish_url: str
    is_open: bool


@cache
def _topic_of(url: str) -> _Topic:
    found = _ADDRESS.fullmatch(url)
    if found is None:
        raise EndpointError(
            "url_invalid", "Give a topic as pubsub://pubsub.googleapis.com/projects/my-project/topics/orders."
        )
    host, is_open = found["host"].lower(), found["open"] is not None
    base = f"{'http' if is_open else 'https'}://{host}{found['port'] or ''}"
    return _Topic(host, f"{base}/v1/{found['topic']}:publish", is_open)


def _check(url: str, credentials: Credentials, bounds: Bounds) -> None:
    topic = _topic_of(url)
    check_host(topic.host, bounds, is_open=topic.is_open)
    if topic.host not in bounds.private_hosts and _GOOGLE.fullmatch(topic.host) is None:
        # A token is good for all topics of the account, so nobody but Google may have it.
        raise EndpointError("url_invalid", f"{topic.host} is not Pub/Sub's: its hosts end in pubsub.googleapis.com.")
    check_names(credentials, (_TYPE, _EMAIL, _KEY), (_KEY_ID, *_OTHERS))
    if credentials[_TYPE] != _SERVICE_ACCOUNT:
        raise EndpointError("credentials_invalid", "Give the JSON key of a service account.", "credentials")
    try:
        key = RSAKey.import_key(credentials[_KEY])
        is_good = key.is_private and key.raw_value.key_size >= _BITS_MIN
    except (ValueError, TypeError, JoseError):
        is_good = False
    if not is_good:
        text = f"private_key is not a private RSA key of at least {_BITS_MIN} bits in PEM."
        raise EndpointError("credentials_invalid", text, "credentials")


def _carry(endpoint: Endpoint, _: Produce | None) -> Carriage:
    topic = _topic_of(endpoint.url)

    def authorise(request: HttpRequest, _: str) -> HttpRequest:
        bearer = {"authorization": f"Bearer {token_of(endpoint.credentials, int(time.time()))}"}
        return msgspec.structs.replace(request, headers=request.headers | bearer)

    return Carriage(
        peer=Peer(name=endpoint.name, hosts=(topic.host,), limits=LIMITS, authorise=authorise),
        send=lambda occasion, now_ms: _tell(occasion, topic, endpoint.signing, now_ms),
        hides_answers=True,
    )


def token_of(credentials: Credentials, now_seconds: int) -> str:
    """Give a token for Pub/Sub, signed with the account's key; the same one for some minutes."""
    issued_at = now_seconds - now_seconds % _SAME_TOKEN_SECONDS
    return _signed(credentials[_EMAIL], credentials[_KEY], credentials.get(_KEY_ID, ""), issued_at)


@lru_cache(maxsize=64)
def _signed(email: str, key: str, key_id: str, issued_at: int) -> str:
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": key_id} if key_id else {})
    claims = {"iss": email, "sub": email, "aud": AUDIENCE, "iat": issued_at, "exp": issued_at + _TOKEN_SECONDS}
    return jwt.encode(header, claims, RSAKey.import_key(key))


def _tell(occasion: Occasion, topic: _Topic, signing: tuple[str, ...], now_ms: int) -> Sending:
    headers = standard_headers(occasion.delivery_id, occasion.event, signing, now_ms)
    message = {
        "data": b64encode(occasion.event).decode(),
        "attributes": headers | {EVENT_TYPE: occasion.event_type},
        "orderingKey": occasion.lane,
    }
    answer = yield json_request("POST", topic.publish_url, {"messages": [message]})
    return _outcome(answer)


def _outcome(answer: HttpResponse) -> Sent:
    content = content_of(answer)
    if answer.ok:
        match content.get("messageIds"):
            case [str(identity)]:
                return Sent(outcome=Outcome.DONE, reference=identity[:100])
            case _:
                raise UnreadableError("messageIds", "there is not one")
    match content.get("error"):
        case {"status": str(status)} if _STATUS.fullmatch(status):
            code = status
        case _:
            code = ""
    return not_taken(answer, code, "topic", is_of_event=code == "INVALID_ARGUMENT")


PUBSUB = Transport(name="pubsub", schemes=("pubsub", "pubsub+http"), check=_check, carry=_carry)
