"""One message through one connector: whatever it holds, the outcome is a `Translation`, or several of a long file."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from connectors.frame.declaration import Connector
from connectors.frame.message import Account, Message, Refusal, Translation
from connectors.frame.reading import UnreadableError


def translate(connector: Connector, message: Message, account: Account) -> Translation:
    """Give what a message says; what cannot be read is refused with the field and the reason, never raised."""
    if len(message.body) > connector.limits.body_bytes:
        return _refused("", f"this has {len(message.body)} bytes: at most {connector.limits.body_bytes} are read")
    try:
        return connector.translate(message, account)
    except UnreadableError as error:
        return _refused(error.field, error.reason)


def translate_stream(
    connector: Connector, message: Message, chunks: Iterable[bytes], account: Account
) -> Iterator[Translation]:
    """Give what a file of any length says, part by part, in the memory of a part.

    A connector that needs files whole gets them whole, up to its limit.
    """
    if connector.stream is None:
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > connector.limits.body_bytes:
                break
        yield translate(connector, replace(message, body=bytes(body)), account)
        return
    try:
        yield from connector.stream(message, chunks, account)
    except UnreadableError as error:
        yield _refused(error.field, error.reason)


def _refused(field: str, reason: str) -> Translation:
    return Translation(refused=(Refusal(field=field, reason=reason),))
