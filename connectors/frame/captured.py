"""Webhooks as tools that capture them, and queues that carry them, keep them: headers and body in one JSON file."""

import msgspec
from msgspec.structs import replace

from connectors.frame.message import Message
from connectors.frame.reading import Given, UnreadableError, read_json


class Captured(Given):
    """The body is JSON itself, or the text that came."""

    headers: dict[str, str]
    body: msgspec.Raw


class Carried(Given):
    """What Google Pub/Sub makes of a message: its body in base64, its headers as attributes."""

    data: bytes
    attributes: dict[str, str]


class Pushed(Given):
    """As Pub/Sub pushes it to whoever subscribed."""

    message: Carried
    subscription: str


def opened(message: Message) -> Message:
    """Give the message inside of a captured one, of a list of one, or of a push; any other is given back as it is."""
    try:
        carried = read_json(message.body, Pushed).message
    except UnreadableError:
        return _uncaptured(message)
    return replace(message, body=carried.data, headers=_headers(carried.attributes))


def _uncaptured(message: Message) -> Message:
    try:
        listed = message.body.lstrip().startswith(b"[")
        found = read_json(message.body, list[Captured]) if listed else [read_json(message.body, Captured)]
    except UnreadableError:
        return message
    if len(found) != 1:
        return message
    captured = found[0]
    body = bytes(captured.body)
    if body.startswith(b'"'):
        body = msgspec.json.decode(body, type=str).encode()
    return replace(message, body=body, headers=_headers(captured.headers))


def _headers(given: dict[str, str]) -> dict[str, str]:
    return {name.lower(): text for name, text in given.items()}
