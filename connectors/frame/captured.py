"""Webhooks as tools that capture them keep them: headers and body in one JSON file, in place of the body alone."""

import msgspec
from msgspec.structs import replace

from connectors.frame.message import Message
from connectors.frame.reading import Given, UnreadableError, read_json


class Captured(Given):
    """The body is JSON itself, or the text that came."""

    headers: dict[str, str]
    body: msgspec.Raw


def opened(message: Message) -> Message:
    """Give the message inside of a captured one, or of a list of one; any other is given back as it is."""
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
    return replace(message, body=body, headers={name.lower(): text for name, text in captured.headers.items()})
