"""EasyPost's signatures: of the body alone, and the newer one, of when and where to it was sent as well.

Sources: EasyPost's documentation, page Webhooks (HMAC validation); EasyPost's support pages, Webhook HMAC validation.
"""

import unicodedata
from datetime import UTC
from email.utils import parsedate_to_datetime

from msgspec.structs import replace

from connectors.frame.message import Message
from connectors.frame.signatures import TOLERANCE_MS, hmac_signature

HEADERS = ("x-hmac-signature", "x-hmac-signature-v2")
_PREFIX = "hmac-sha256-hex="
_OF_BODY = hmac_signature(HEADERS[0], encoding="hex", prefix=_PREFIX)
_OF_REQUEST = hmac_signature(HEADERS[1], encoding="hex", prefix=_PREFIX)


def verify(message: Message, secrets: tuple[str, ...]) -> bool:
    """Verify either signature: a message comes with one of them, or with both.

    EasyPost brings the secret into Unicode's form NFKD before it signs.
    """
    keys = tuple(unicodedata.normalize("NFKD", secret) for secret in secrets)
    stamp, path = message.headers.get("x-timestamp", ""), message.headers.get("x-path", "")
    request = replace(message, body=f"{stamp}POST{path}".encode() + message.body)
    # Both are always compared, so that the time taken does not tell which one it was.
    matches = (_OF_BODY(message, keys), _OF_REQUEST(request, keys) and _is_now(stamp, message.received_at_ms))
    return any(matches)


def _is_now(stamp: str, received_at_ms: int) -> bool:
    """Tell whether a time of RFC 2822 is close enough to when the message came; `-0000` is UTC."""
    try:
        at = parsedate_to_datetime(stamp)
        at_ms = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000
    except (ValueError, OverflowError):
        return False
    return abs(at_ms - received_at_ms) <= TOLERANCE_MS
