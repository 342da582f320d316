"""The plain webhook: our own JSON, signed, both ways, for every system that has no connector of its own.

For channels, B2B among them: orders in; parcels, cancellations and availability out. For partners: requests out;
accept, reject, pick, ship and stock in. Files of orders in CSV are read as well. The format: docs/plain-webhook.md.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.frame.declaration import Connector, Direction, Limits, Party, Setting, Transport, Tried
from connectors.frame.facts import AnyFact
from connectors.frame.message import Account, Message, Refusal, Translation
from connectors.frame.reading import Given, UnreadableError, read_json, shown
from connectors.frame.signatures import standard_webhooks
from connectors.systems.plain.messages import TYPES, Incoming
from connectors.systems.plain.order_files import is_order_file, read_order_file
from connectors.systems.plain.taking import fact_of
from connectors.systems.plain.telling import WANTS, hosts, send, sign

_MOST_MESSAGES = 500


class _Typed(Given):
    """Enough of a message to know whether it is one of these."""

    type: str


class _Several(Given):
    """_Several messages at once: each is taken or refused by itself."""

    messages: Annotated[tuple[msgspec.Raw, ...], Meta(max_length=_MOST_MESSAGES)]


def translate(message: Message, account: Account) -> Translation:
    """Give what a message, several, or a file of orders says; of several, those that are wrong are refused alone."""
    if is_order_file(message.body):
        return read_order_file(message, account)
    if message.body.lstrip()[:1] != b"[" and not _is_several(message.body):
        return Translation(facts=(_read(message.body, message, account),))
    several = _several(message.body)
    facts: list[AnyFact] = []
    refused: list[Refusal] = []
    for number, raw in enumerate(several.messages):
        try:
            facts.append(_read(bytes(raw), message, account))
        except UnreadableError as error:
            place = f"messages[{number}]"
            field = f"{place}.{error.field}" if error.field else place
            refused.append(Refusal(field=field, reason=error.reason, entry=str(number)))
    why = "" if facts or refused else "this holds no message"
    return Translation(facts=tuple(facts), refused=tuple(refused), ignored=why)


def _several(body: bytes) -> _Several:
    if body.lstrip()[:1] == b"[":
        body = b'{"messages":' + body + b"}"
    return read_json(body, _Several)


def _is_several(body: bytes) -> bool:
    try:
        read_json(body, _Typed)
    except UnreadableError:
        try:
            return bool(read_json(body, _Several).messages)
        except UnreadableError:
            return False
    return False


def _read(body: bytes, message: Message, account: Account) -> AnyFact:
    kind = read_json(body, _Typed).type
    if kind not in TYPES:
        raise UnreadableError("type", f"{shown(kind)} is not known: it is one of {', '.join(sorted(TYPES))}")
    return fact_of(read_json(body, Incoming), message, account)  # type: ignore[arg-type]


def recognise(message: Message) -> bool:
    """Tell a message by its `type`, which has our words, and a file of orders by its columns."""
    if is_order_file(message.body):
        return True
    try:
        body = message.body if message.body.lstrip()[:1] == b"{" else bytes(_several(message.body).messages[0])
        if _is_several(body):
            body = bytes(_several(body).messages[0])
        return read_json(body, _Typed).type in TYPES
    except (UnreadableError, IndexError):
        return False


CONNECTOR = Connector(
    name="plain",
    title="Plain webhook",
    party=Party.ANY,
    direction=Direction.BOTH,
    transports=(Transport.WEBHOOK, Transport.FILE),
    tried=Tried.DOCUMENTATION,
    dedup="webhook-id, the same at each attempt; a file by its content",
    versions="an order's version, else its updated_at, else when it came",
    moves_stock="fulfillment.shipped, stock.received and stock.adjusted move it, stock.counted is compared with it",
    translate=translate,
    recognise=recognise,
    message_id=lambda message: message.headers.get("webhook-id", ""),
    signature=standard_webhooks,
    settings=(
        Setting(name="url", what="where messages are sent to: an https address", required=False),
        Setting(name="webhook_secret", what="whsec_...: signs what is sent to us", secret=True),
        Setting(name="sending_secret", what="whsec_...: signs what is sent by us", secret=True, required=False),
    ),
    limits=Limits(requests_per_second=10.0, concurrency=2),
    sign=sign,
    hosts=hosts,
    wants=WANTS,
    send=send,
)
