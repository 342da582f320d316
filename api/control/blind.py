"""Finding sealed people: keyed hashes of words of their data, kept beside the key that opens it and gone with it.

Whoever reads the tokens without the master key learns which customers share a word, and how many, but no word
(docs/decisions/0014-search.md).
"""

import hmac
import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from api.control.database import ControlDatabase
from api.views.terms import PREFIX_MIN, Kind, folded, phone_forms, words

_PURPOSE = b"headrace blind index 1"
_TOKEN_BYTES = 8
_PREFIX_MAX = 6
"""Beginnings of words are found up to this length; whoever types more finds what begins so, too."""

_INSERT = "INSERT INTO customer_tokens (token, key_number) VALUES (?, ?) ON CONFLICT DO NOTHING"
_HAS = "SELECT 1 FROM customer_tokens WHERE token = ? AND key_number = ?"
_DELETE = "DELETE FROM customer_tokens WHERE key_number = ?"
_WITH = "SELECT key_number FROM customer_tokens WHERE token = ?"


class PersonalData(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The sub-document that is sealed."""

    name: str = ""
    email: str = ""
    phone: str = ""
    address_lines: tuple[str, ...] = ()
    locale: str = ""
    """The language that they are written to in, such as de-AT."""


class FoundKeys(NamedTuple):
    """Ids of the keys under which people were found, and whether there are more than were asked for."""

    key_ids: tuple[str, ...]
    is_cut: bool


class BlindIndex:
    """Writes tokens when a customer is sealed, deletes them when the key is destroyed, finds keys by what is typed."""

    def __init__(self, database: ControlDatabase, master_key: bytes) -> None:
        self._database = database
        self._key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(master_key)

    def knows(self, pool: str, key_id: str, data: PersonalData) -> bool:
        """Tell whether this very data is in the index."""
        known = (self._whole(pool, data), _number(key_id))
        return self._database.connection().execute(_HAS, known).fetchone() is not None

    def add(self, connection: sqlite3.Connection, pool: str, key_id: str, data: PersonalData) -> None:
        """Write the tokens of data that was sealed under a key."""
        tokens = {self._token(pool, kind, text) for kind, text in _texts(data)} | {self._whole(pool, data)}
        connection.executemany(_INSERT, [(token, _number(key_id)) for token in sorted(tokens)])

    def find(self, pool: str, kind: Kind, text: str, *, limit: int) -> FoundKeys:
        """Give the keys under which there is somebody of this name (or beginning of it), e-mail or phone number."""
        asked = _asked(kind, text)
        if not asked:
            return FoundKeys((), is_cut=False)
        # A phone number is found by any of its forms, a name by all of its words.
        between = " UNION " if kind is Kind.PHONE else " INTERSECT "
        statement = between.join(_WITH for _ in asked) + " LIMIT ?"
        tokens = [self._token(pool, kind, one) for one in asked]
        rows = self._database.connection().execute(statement, (*tokens, limit + 1)).fetchall()
        return FoundKeys(tuple(_key_id(row[0]) for row in rows[:limit]), is_cut=len(rows) > limit)

    def _token(self, pool: str, kind: Kind, text: str) -> int:
        return self._number(f"{kind}\x00{pool}\x00{text}".encode("utf-8", "surrogatepass"))

    def _whole(self, pool: str, data: PersonalData) -> int:
        return self._number(b"whole\x00" + pool.encode() + b"\x00" + msgspec.json.encode(data))

    def _number(self, content: bytes) -> int:
        return int.from_bytes(hmac.digest(self._key, content, "sha256")[:_TOKEN_BYTES], signed=True)


def remove_tokens(connection: sqlite3.Connection, key_id: str) -> None:
    """Delete the tokens of whoever a key opens."""
    connection.execute(_DELETE, (_number(key_id),))


def _texts(data: PersonalData) -> Iterator[tuple[Kind, str]]:
    for word in words(data.name):
        yield Kind.NAME, f"{word}."
        yield from ((Kind.NAME, word[:length]) for length in range(PREFIX_MIN, min(len(word), _PREFIX_MAX) + 1))
    if data.email:
        yield Kind.EMAIL, folded(data.email)
    for number in phone_forms(data.phone):
        yield Kind.PHONE, number


def _asked(kind: Kind, text: str) -> list[str]:
    match kind:
        case Kind.NAME:
            return list(_name_parts(words(text)))
        case Kind.EMAIL:
            return [folded(text)]
        case Kind.PHONE:
            return phone_forms(text)
        case _:
            return []


def _name_parts(typed: Iterable[str]) -> Iterator[str]:
    """A short word is meant whole, since it is the beginning of too much."""
    for word in typed:
        yield f"{word}." if len(word) < PREFIX_MIN else word[:_PREFIX_MAX]


def _number(key_id: str) -> int:
    return int.from_bytes(bytes.fromhex(key_id), signed=True)


def _key_id(number: int) -> str:
    return number.to_bytes(8, signed=True).hex()
