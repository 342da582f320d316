"""Signatures of ShipStation v2: RSA over the time and the body, with a key of the vendor's.

The account's secret is the vendor's public key: PEM, or its JSON Web Key Set as it is published.
Source: ShipStation API documentation, page Webhooks, section Validation.
"""

import base64
import binascii
from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from connectors.frame.message import Message
from connectors.frame.reading import Given, UnreadableError, instant, read_json
from connectors.frame.signatures import TOLERANCE_MS

KEY_ID = "x-shipengine-rsa-sha256-key-id"
SIGNATURE = "x-shipengine-rsa-sha256-signature"
TIMESTAMP = "x-shipengine-timestamp"
_SECONDS_DIGITS = 10


class _Jwk(Given):
    n: str
    e: str
    kid: str = ""


class _Jwks(Given):
    keys: list[_Jwk] = []


def verify(message: Message, secrets: tuple[str, ...]) -> bool:
    """Tell whether the holder of one of the keys signed the message, at most five minutes from now."""
    stamp = message.headers.get(TIMESTAMP, "")
    at_ms = _stamp_ms(stamp)
    if at_ms is None or abs(at_ms - message.received_at_ms) > TOLERANCE_MS:
        return False
    try:
        given = base64.b64decode(message.headers.get(SIGNATURE, ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    signed = f"{stamp}.".encode() + message.body
    keys = [key for secret in secrets for key in _keys(secret, message.headers.get(KEY_ID, ""))]
    return any(_is_signed(key, given, signed) for key in keys)


def _stamp_ms(stamp: str) -> int | None:
    """Read the signed time: ISO 8601, seconds or milliseconds."""
    if stamp.isascii() and stamp.isdecimal() and len(stamp) <= _SECONDS_DIGITS + 3:
        return int(stamp) * (1000 if len(stamp) <= _SECONDS_DIGITS else 1)
    try:
        return instant(stamp, "timestamp")
    except UnreadableError:
        return None


def _keys(secret: str, key_id: str) -> Iterator[RSAPublicKey]:
    """Give the keys of a secret; those of a set only by the id that the message names."""
    text = secret.strip()
    try:
        if not text.startswith("{"):
            key = load_pem_public_key(text.encode())
            if isinstance(key, RSAPublicKey):
                yield key
            return
        for one in read_json(text.encode(), _Jwks).keys or [read_json(text.encode(), _Jwk)]:
            if one.kid == key_id or not one.kid:
                yield RSAPublicNumbers(_number(one.e), _number(one.n)).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def _is_signed(key: RSAPublicKey, given: bytes, signed: bytes) -> bool:
    try:
        key.verify(given, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
