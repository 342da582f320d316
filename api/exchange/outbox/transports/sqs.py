"""A queue of Amazon SQS, standard or FIFO, by its JSON protocol.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

import re
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from api.exchange.calling import Peer
from api.exchange.outbox.transports.aws_signature import Signer, signed
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
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.reading import UnreadableError

_ADDRESS = re.compile(
    r"sqs(?P<open>\+http)?://(?P<host>[A-Za-z0-9.-]{1,253})(?P<port>:[0-9]{1,5})?"
    r"/(?P<queue>[A-Za-z0-9_-]{1,40}/[A-Za-z0-9_-]{1,75}(?P<fifo>\.fifo)?)(?:\?region=(?P<region>[a-z0-9-]{1,40}))?"
)
_REGION = re.compile(r"(?:^|\.)sqs(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)$")
_CODE = re.compile(r"(?:[\w.]{1,60}#)?(?:AWS\.SimpleQueueService\.)?([A-Za-z]{1,60})")
_KEY_ID, _KEY, _SESSION = "access_key_id", "secret_access_key", "session_token"
_OF_THE_EVENT = ("InvalidMessageContents", "InvalidParameterValue", "MessageTooLong")
_SLOWER = ("Throttl", "OverLimit", "RequestThrottled", "KmsThrottled")
# Letters that SQS refuses in a body, and JSON has another way to write.
_NOT_XML = {chr(0xFFFE): "\\ufffe", chr(0xFFFF): "\\uffff"}
_GROUP = re.compile(r"[!-~]{1,128}")


class _Queue(NamedTuple):
    host: str
    endpoint: str
    """With a slash at its end."""
    url: str
    region: str
    is_fifo: bool
    is_open: bool


@cache
def _queue_of(url: str) -> _Queue:
    found = _ADDRESS.fullmatch(url)
    if found is None:
        raise EndpointError(
            "url_invalid", "Give a queue as sqs://sqs.eu-central-1.amazonaws.com/123456789012/orders.fifo."
        )
    host = found["host"].lower()
    region = _REGION.search(host)
    named = found["region"] or ("" if region is None else region[1])
    if not named:
        raise EndpointError("url_invalid", f"{host} does not name its region: add ?region=eu-central-1.")
    is_open = found["open"] is not None
    endpoint = f"{'http' if is_open else 'https'}://{host}{found['port'] or ''}/"
    return _Queue(host, endpoint, endpoint + found["queue"], named, found["fifo"] is not None, is_open)


def _check(url: str, credentials: Credentials, bounds: Bounds) -> None:
    queue = _queue_of(url)
    check_host(queue.host, bounds, is_open=queue.is_open)
    check_names(credentials, (_KEY_ID, _KEY), (_SESSION,))
    if any(one.isspace() for value in credentials.values() for one in value):
        raise EndpointError("credentials_invalid", "The credentials have spaces in them.", "credentials")


def _carry(endpoint: Endpoint, _: Produce | None) -> Carriage:
    queue = _queue_of(endpoint.url)

    def authorise(request: HttpRequest, _: str) -> HttpRequest:
        who = endpoint.credentials
        signer = Signer(who[_KEY_ID], who[_KEY], who.get(_SESSION, ""), queue.region, "sqs")
        return signed(request, signer, datetime.now(UTC))

    return Carriage(
        peer=Peer(name=endpoint.name, hosts=(queue.host,), limits=LIMITS, authorise=authorise),
        send=lambda occasion, now_ms: _tell(occasion, queue, endpoint.signing, now_ms),
        hides_answers=True,
    )


def _tell(occasion: Occasion, queue: _Queue, signing: tuple[str, ...], now_ms: int) -> Sending:
    text = occasion.event.decode()
    for letter, written in _NOT_XML.items():
        text = text.replace(letter, written)
    headers = standard_headers(occasion.delivery_id, text.encode(), signing, now_ms) | {EVENT_TYPE: occasion.event_type}
    content: dict[str, Any] = {
        "QueueUrl": queue.url,
        "MessageBody": text,
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in headers.items() if value
        },
    }
    if queue.is_fifo:
        content |= {"MessageGroupId": group_of(occasion.lane), "MessageDeduplicationId": occasion.delivery_id}
    answer = yield HttpRequest(
        method="POST",
        url=queue.endpoint,
        headers={"content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage"},
        body=msgspec.json.encode(content),
    )
    return _outcome(answer)


def group_of(lane: str) -> str:
    """Give the message group of a lane: the order's id as it is, and a hash of what cannot be a group's name."""
    return lane if _GROUP.fullmatch(lane) else blake2b(lane.encode(), digest_size=16).hexdigest()


def _outcome(answer: HttpResponse) -> Sent:
    content = content_of(answer)
    if answer.ok:
        identity = content.get("MessageId")
        if not isinstance(identity, str):
            raise UnreadableError("MessageId", "it is not there")
        return Sent(outcome=Outcome.DONE, reference=identity[:100])
    found = _CODE.fullmatch(str(content.get("__type", "")))
    code = "" if found is None else found[1]
    is_of_event, is_slower = code.startswith(_OF_THE_EVENT), code.startswith(_SLOWER)
    return not_taken(answer, code, "queue", is_of_event=is_of_event, is_slower=is_slower)


SQS = Transport(name="sqs", schemes=("sqs", "sqs+http"), check=_check, carry=_carry)
