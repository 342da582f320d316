"""Secrets of others that are kept here: sealed under a key that is derived from the master key."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.control.personal import MasterKeyError

_NONCE_BYTES = 12
_KEY_BYTES = 32
_PURPOSE = b"headrace secrets of accounts and webhooks"


class SecretBox:
    """Seals and opens texts; each is bound to what it belongs to, so that it opens nowhere else."""

    def __init__(self, master_key: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(master_key)
        self._cipher = AESGCM(derived)

    def seal(self, text: str, bound: str) -> bytes:
        """Give the text sealed."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), bound.encode())

    def open(self, sealed: bytes, bound: str) -> str:
        """Give the text back.

        Raises:
            MasterKeyError: it was sealed with another master key, or for something else.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound.encode()).decode()
        except InvalidTag:
            raise MasterKeyError(f"the secret of {bound} cannot be opened: is this the right master key?") from None
