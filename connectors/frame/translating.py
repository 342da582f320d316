"""One message through one connector: whatever it holds, the outcome is a `Translation`."""

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


def _refused(field: str, reason: str) -> Translation:
    return Translation(refused=(Refusal(field=field, reason=reason),))
