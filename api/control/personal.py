"""Personal data, sealed under a key per customer. Destroying the key erases the person everywhere at once,
also in topics and archives that nobody can edit.
"""

import base64
import binascii
import hmac
import os
import secrets
import sqlite3
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.control.audit import AuditLine, write_line
from api.control.blind import BlindIndex, PersonalData, remove_tokens
from api.control.database import ControlDatabase

_KEY_BYTES = 32
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_FORMAT = b"\x01"
_PRIVATE = 0o600
_LIVING_KEY = "SELECT key_id, wrapped FROM customer_keys WHERE pool = ? AND customer_id = ? AND wrapped IS NOT NULL"


class MasterKeyError(RuntimeError):
    """The master key cannot be used; the text says what to do."""


def load_master_key(path: Path, given: str | None) -> bytes:
    """Give the key that wraps all others: the setting's, else the file's, which is made on the first start."""
    if given is not None:
        return _decode(given, "HEADRACE_MASTER_KEY")
    try:
        # Made readable for its owner alone, and never over one that is there: data would be lost with it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    except FileExistsError:
        return _decode(path.read_text(), str(path))
    key = secrets.token_bytes(_KEY_BYTES)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(key))
        file.flush()
        os.fsync(file.fileno())
    return key


def _decode(text: str, source: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise MasterKeyError(
            f"{source} is not base64 of {_KEY_BYTES} bytes: restore the right key, or make one with"
            " `openssl rand -base64 32` where no personal data has been kept yet"
        )
    return key


class Vault:
    """Seals and opens personal data, and destroys keys."""

    def __init__(self, database: ControlDatabase, master_key: bytes) -> None:
        self._database = database
        self._wrap = AESGCM(master_key)
        self.index = BlindIndex(database, master_key)

    def seal(self, pool: str, customer_id: str, data: PersonalData, *, now_ms: int) -> str:
        """Give the data encrypted under the customer's key, which is made when there is none, and let it be found."""
        known = self.seal_known(pool, customer_id, data)
        if known is None:
            self._make_known(pool, customer_id, data, now_ms)
            known = self.seal_known(pool, customer_id, data)
        assert known is not None, "the key was destroyed as soon as it was made"
        return known

    def seal_known(self, pool: str, customer_id: str, data: PersonalData) -> str | None:
        """Give the data encrypted under the key that the customer has; writes nothing.

        None without a key, or when the data is new and cannot be found yet.

        The nonce is derived from key and content: the same data gives the same text, so that an order sent again is
        seen to be the same.
        """
        found = self._living_key(pool, customer_id)
        if found is None:
            return None
        key_id, key = found
        if not self.index.knows(pool, key_id, data):
            return None
        plain = msgspec.json.encode(data)
        bound = _bound(pool, customer_id)
        nonce = hmac.digest(key, b"nonce\x00" + bound + b"\x00" + plain, "sha256")[:_NONCE_BYTES]
        sealed = AESGCM(key).encrypt(nonce, plain, bound)
        return base64.b64encode(_FORMAT + bytes.fromhex(key_id) + nonce + sealed).decode()

    def open(self, pool: str, customer_id: str, sealed: str) -> PersonalData | None:
        """Give the data back; None once its key is destroyed."""
        raw = base64.b64decode(sealed)
        key_id, rest = raw[1 : 1 + _KEY_ID_BYTES].hex(), raw[1 + _KEY_ID_BYTES :]
        row = (
            self._database.connection()
            .execute("SELECT wrapped FROM customer_keys WHERE key_id = ? AND wrapped IS NOT NULL", (key_id,))
            .fetchone()
        )
        if row is None:
            return None
        try:
            key = self._unwrap(key_id, bytes(row[0]))
            plain = AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(pool, customer_id))
        except InvalidTag:
            raise MasterKeyError("personal data cannot be opened: is this the master key it was sealed with?") from None
        return msgspec.json.decode(plain, type=PersonalData)

    def erase(self, pool: str, customer_id: str, *, actor: str, reason: str, now_ms: int) -> bool:
        """Destroy the customer's key; False when there is none."""

        def destroy(connection: sqlite3.Connection) -> bool:
            row = connection.execute(_LIVING_KEY, (pool, customer_id)).fetchone()
            if row is None:
                return False
            connection.execute(
                "UPDATE customer_keys SET wrapped = NULL, destroyed_at_ms = ? WHERE key_id = ?", (now_ms, row[0])
            )
            remove_tokens(connection, row[0])
            # The customer's id may be an e-mail address, so the key's stands for them.
            line = AuditLine(
                at_ms=now_ms, actor=actor, action="erase_customer", pool=pool, target=row[0], reason=reason
            )
            write_line(connection, line)
            return True

        done = self._database.write(destroy)
        if done:
            self._database.forget_deleted()
        return done

    def _living_key(self, pool: str, customer_id: str) -> tuple[str, bytes] | None:
        row = self._database.connection().execute(_LIVING_KEY, (pool, customer_id)).fetchone()
        return None if row is None else (row[0], self._unwrap(row[0], bytes(row[1])))

    def _make_known(self, pool: str, customer_id: str, data: PersonalData, now_ms: int) -> None:
        """Make a key if there is none (of two at once for the same customer the first one's is everybody's), and
        write what the data is found by.
        """
        key_id, key = secrets.token_hex(_KEY_ID_BYTES), secrets.token_bytes(_KEY_BYTES)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        wrapped = nonce + self._wrap.encrypt(nonce, key, key_id.encode())

        def insert(connection: sqlite3.Connection) -> None:
            # No audit line: the order for which it is made tells who brought the customer.
            connection.execute(
                "INSERT INTO customer_keys (key_id, pool, customer_id, wrapped, created_at_ms)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (key_id, pool, customer_id, wrapped, now_ms),
            )
            living = connection.execute(_LIVING_KEY, (pool, customer_id)).fetchone()
            self.index.add(connection, pool, living[0], data)

        self._database.write(insert)

    def _unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        try:
            return self._wrap.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], key_id.encode())
        except InvalidTag:
            raise MasterKeyError("a customer's key cannot be unwrapped: is this the right master key?") from None


def _bound(pool: str, customer_id: str) -> bytes:
    """Bind the text to its customer, so that it opens in nobody else's record."""
    return f"{pool}\x00{customer_id}".encode("utf-8", "surrogatepass")
