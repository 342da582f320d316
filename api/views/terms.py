"""What an order can be found by: the kinds of terms, how each is written, and what a typed text may be meant as."""

import base64
import binascii
import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Kind(StrEnum):
    """What a text names; the values are what is typed before a colon to mean only that."""

    ORDER = "order"
    EXTERNAL = "external"
    SKU = "sku"
    TRACKING = "tracking"
    POSTCODE = "postcode"
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"

    @property
    def is_personal(self) -> bool:
        """Tell whether it is personal data, which is found by tokens in the control store."""
        return self in _PERSONAL


_PERSONAL = frozenset({Kind.EMAIL, Kind.PHONE, Kind.NAME})
_NAMES = frozenset(kind.value for kind in Kind)
PREFIX_MIN = 3
"""Letters from which the beginning of a term is enough."""
_LETTERS = {Kind.EXTERNAL: "x", Kind.SKU: "k", Kind.TRACKING: "t", Kind.POSTCODE: "p"}
_OTHER = re.compile(r"[^a-z0-9]")
_ORDER = re.compile(r"(o[0-9a-f]{2,24})(-\d{1,4})?")
_PHONE = re.compile(r"[+(]?[\d\s()./-]{5,}")
_PHONE_DIGITS_MIN = 6
_PHONE_TAIL = 7
_TRACKING_MIN = 4
_POSTCODE_MAX = 10
# A sealed text begins with its format and the id of the key that opens it: nine bytes, twelve characters.
_KEY_CHARACTERS = 12


class Meaning(NamedTuple):
    """What a typed text may be: the kind, and the text as terms of that kind are written."""

    kind: Kind
    text: str


def folded(text: str) -> str:
    """Write a text so that case, width and spacing make no difference."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    text = text.lower()
    return " ".join(text.split()) if " " in text else text


def solid(text: str) -> str:
    """Write a number that people group as they like: letters and digits only."""
    text = folded(text)
    return text if text.isalnum() else "".join(letter for letter in text if letter.isalnum())


def words(text: str) -> list[str]:
    """Give the words of a name; accents stay, since leaving them out makes other names of some."""
    letters = (letter if letter.isalnum() or letter == "'" else " " for letter in folded(text))
    return list(dict.fromkeys("".join(letters).replace("'", "").split()))


def digits(text: str) -> str:
    """Give the digits of a phone number."""
    return "".join(str(unicodedata.digit(letter)) for letter in text if letter.isdigit())


def phone_forms(text: str) -> list[str]:
    """Give what a number is found by: all its digits, and the last ones, which are the same with any prefix."""
    number = digits(text)
    if len(number) < _PHONE_DIGITS_MIN:
        return []
    return [number] if len(number) <= _PHONE_TAIL else [number, number[-_PHONE_TAIL:]]


def term(pool: str, kind: Kind, text: str) -> str:
    """Give the term for a text of a kind."""
    match kind:
        case Kind.TRACKING | Kind.POSTCODE:
            written = solid(text)
        case Kind.EXTERNAL:
            written = folded(text).lstrip("#")
        case _:
            written = folded(text)
    return _term(_LETTERS[kind], pool, written)


def customer_term(pool: str, key_id: str) -> str:
    """Give the term for orders whose personal data is sealed under a key."""
    return _term("c", pool, key_id)


@lru_cache(maxsize=65_536)
def terms_of(
    pool: str, external_id: str, skus: tuple[str, ...], tracking_numbers: tuple[str, ...], postcode: str, key_id: str
) -> str:
    """Give all that an order is found by; kept for a while, since an order changes many times and these seldom do."""
    found = {term(pool, Kind.EXTERNAL, external_id)}
    found.update([_often(pool, Kind.SKU, sku) for sku in skus])
    found.update([term(pool, Kind.TRACKING, number) for number in tracking_numbers if number])
    if postcode:
        found.add(_often(pool, Kind.POSTCODE, postcode))
    if key_id:
        found.add(customer_term(pool, key_id))
    return " ".join(sorted(found))


@lru_cache(maxsize=16_384)
def _often(pool: str, kind: Kind, text: str) -> str:
    """What many orders have is written once."""
    return term(pool, kind, text)


def _term(letter: str, pool: str, text: str) -> str:
    """A term is one word of the index, and what begins alike stays so: other letters stand as their bytes."""
    return f"{letter}_{_pool_word(pool)}__{_word(text)}"


def _word(text: str) -> str:
    return text if text.isascii() and text.isalnum() else _OTHER.sub(_bytes, text)


_pool_word = lru_cache(maxsize=1_024)(_word)


def _bytes(found: re.Match[str]) -> str:
    return "".join(f"_{byte:02x}" for byte in found[0].encode())


def key_of(sealed: str) -> str:
    """Give the id of the key that a sealed text names; empty if it is none of ours."""
    try:
        return base64.b64decode(sealed[:_KEY_CHARACTERS], validate=True)[1:].hex()
    except binascii.Error:
        return ""


def meanings(text: str) -> list[Meaning]:
    """Give what a typed text may be meant as; `sku:ABC` is meant as that alone."""
    named, _, rest = text.partition(":")
    if rest.strip() and named.strip().lower() in _NAMES:
        kind = Kind(named.strip().lower())
        return [Meaning(kind, rest.strip())]
    text = " ".join(text.split())
    return [Meaning(kind, text) for kind in Kind if text and _may_be(kind, text)]


def order_prefix(text: str) -> str:
    """Give the beginning of an order's id, also where a fulfillment's id was typed; empty if it is neither."""
    found = _ORDER.fullmatch(folded(text))
    return found[1] if found else ""


def _may_be(kind: Kind, text: str) -> bool:
    written = solid(text)
    has_digit = any(letter.isdigit() for letter in written)
    match kind:
        case Kind.ORDER:
            return bool(order_prefix(text))
        case Kind.EXTERNAL | Kind.SKU:
            return True
        case Kind.TRACKING:
            return has_digit and len(written) >= _TRACKING_MIN and "@" not in text
        case Kind.POSTCODE:
            return has_digit and PREFIX_MIN <= len(written) <= _POSTCODE_MAX and "@" not in text
        case Kind.EMAIL:
            return "@" in text.strip("@") and " " not in text
        case Kind.PHONE:
            return _PHONE.fullmatch(text) is not None and len(digits(text)) >= _PHONE_DIGITS_MIN
        case Kind.NAME:
            return not has_digit and "@" not in text and any(len(word) >= PREFIX_MIN for word in words(text))
