"""Signatures over the raw bytes of a message, compared in constant time, before anything of it is read.

Each scheme takes the message and the secrets that are good now: two while one is being replaced by the next.
Sources of the schemes: the vendors' pages on verifying webhooks, named at each.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Literal

from connectors.frame.message import Message

Signature = Callable[[Message, tuple[str, ...]], bool]
"""Tells whether one of the secrets signed the message; without a secret nothing is signed."""

TOLERANCE_MS = 300_000
"""A signed time may be so far from ours, either way."""


def hmac_signature(
    header: str,
    *,
    encoding: Literal["hex", "base64"],
    prefix: str = "",
    covers_url: bool = False,
    algorithm: Callable[..., "hashlib._Hash"] = hashlib.sha256,
) -> Signature:
    """Give the scheme of a vendor that sends an HMAC of the raw body, or of its address and the body, in a header."""

    def verify(message: Message, secrets: tuple[str, ...]) -> bool:
        given = message.headers.get(header, "")
        signed = message.url.encode() + message.body if covers_url else message.body
        return _any_matches(given, (prefix + _encoded(secret, signed, encoding, algorithm) for secret in secrets))

    return verify


def _encoded(secret: str, signed: bytes, encoding: str, algorithm: Callable[..., "hashlib._Hash"]) -> str:
    digest = hmac.new(secret.encode(), signed, algorithm).digest()
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def _any_matches(given: str, wanted: Iterable[str]) -> bool:
    # Every secret is compared, so that the time taken does not tell which one it was.
    matches = [hmac.compare_digest(given.encode(), text.encode()) for text in wanted]
    return bool(given) and any(matches)


def standard_webhooks(message: Message, secrets: tuple[str, ...]) -> bool:
    """Verify what the Standard Webhooks specification describes: `webhook-id`, `-timestamp`, `-signature: v1,...`.

    Source: https://www.standardwebhooks.com, the specification's section on signatures.
    """
    identity, stamp = message.headers.get("webhook-id", ""), message.headers.get("webhook-timestamp", "")
    if not identity or not stamp.isascii() or not stamp.isdecimal() or len(stamp) > len("9999999999"):
        return False
    if abs(int(stamp) * 1000 - message.received_at_ms) > TOLERANCE_MS:
        return False
    wanted = [standard_signature(secret, identity, int(stamp), message.body) for secret in secrets]
    given = message.headers.get("webhook-signature", "").split(" ")[:10]
    return any([_any_matches(one, wanted) for one in given])  # noqa: C419 - all are compared, as above


def standard_signature(secret: str, identity: str, at_seconds: int, body: bytes) -> str:
    """Sign after Standard Webhooks; a secret is `whsec_` and base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    signed = f"{identity}.{at_seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
