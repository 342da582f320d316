"""Links to the page of an order: a sealed text that names pool, order, language and end, and says none of it.

AES-GCM under a key derived from the master key; the nonce is derived from the content, as in the vault, so that the
same link is made of the same content. A link cannot be made, changed or guessed without the key.
"""

import base64
import binascii
import hmac
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"headrace links to orders"
_FORMAT = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32
_TOKEN_MAX = 600
_DAY_MS = 86_400_000


class Linked(NamedTuple):
    """What a link leads to."""

    pool: str
    order_id: str
    locale: str
    ends_on: int
    """The day since 1970 after which it is void."""


_linked = msgspec.json.Decoder(Linked).decode


class TrackingLinks:
    """Makes links, and reads them."""

    def __init__(self, master_key: bytes, *, public_url: str, days: int) -> None:
        derived = HKDF(algorithm=SHA256(), length=2 * _KEY_BYTES, salt=None, info=_PURPOSE).derive(master_key)
        self._cipher, self._nonce_key = AESGCM(derived[:_KEY_BYTES]), derived[_KEY_BYTES:]
        self._public_url = public_url.rstrip("/")
        self._days = days

    def path(self, pool: str, order_id: str, locale: str, now_ms: int) -> str:
        """Give the path of an order's page, good for some months from now on."""
        plain = msgspec.json.encode(Linked(pool, order_id, locale, now_ms // _DAY_MS + self._days))
        nonce = hmac.digest(self._nonce_key, plain, "sha256")[:_NONCE_BYTES]
        sealed = _FORMAT + nonce + self._cipher.encrypt(nonce, plain, _FORMAT)
        return "/t/" + base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def url(self, pool: str, order_id: str, locale: str, now_ms: int) -> str:
        """Give the whole address; where no setting says where people reach the pages, only the path."""
        return self._public_url + self.path(pool, order_id, locale, now_ms)

    def read(self, token: str, now_ms: int) -> Linked | None:
        """Give what a link leads to; None for one that is not ours, or void by now."""
        if len(token) > _TOKEN_MAX or not token.isascii():
            return None
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            if raw[:1] != _FORMAT:
                return None
            nonce, sealed = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
            found = _linked(self._cipher.decrypt(nonce, sealed, _FORMAT))
        except (binascii.Error, InvalidTag, ValueError):
            return None
        return found if now_ms // _DAY_MS <= found.ends_on else None
