"""Derived ids, and what a SKU may look like. The same input gives the same id on every machine."""

import unicodedata
from functools import lru_cache
from hashlib import blake2b

_BIDIRECTIONAL = frozenset("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


@lru_cache(maxsize=256)
def order_id(pool: str, channel: str, external_id: str) -> str:
    """Give the id of the order that `channel` knows as `external_id`: always the same row."""
    key = f"{pool}\x00{channel}\x00{external_id}".encode()
    return "o" + blake2b(key, digest_size=12).hexdigest()


def fulfillment_id(order: str, sequence: int) -> str:
    """Give the id of the order's fulfillment number `sequence`, counted from 1."""
    return f"{order}-{sequence}"


def is_sku(text: str) -> bool:
    """Tell whether a SKU is in its one normal form.

    Composed (NFC), no control, zero-width or bidirectional characters, no white space at either end.
    Leading zeros and case are kept: they are part of the SKU.
    """
    if text.isascii():
        return text.isprintable() and text.strip() == text and text != ""
    return (
        unicodedata.is_normalized("NFC", text)
        and text.strip() == text
        and not any(c in _BIDIRECTIONAL or unicodedata.category(c) in ("Cc", "Cs", "Co", "Zl", "Zp") for c in text)
    )
