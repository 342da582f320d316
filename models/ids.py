"""Derived ids, and what a SKU may look like. The same input gives the same id on every machine."""

import unicodedata
from functools import lru_cache
from hashlib import blake2b

_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Control, format (zero-width and bidirectional marks among them), private, line separators."""


@lru_cache(maxsize=256)
def order_id(pool: str, channel: str, external_id: str) -> str:
    """Give the id of the order that `channel` knows as `external_id`: always the same row."""
    key = f"{pool}\x00{channel}\x00{external_id}".encode()
    return "o" + blake2b(key, digest_size=12).hexdigest()


def fulfillment_id(order: str, sequence: int) -> str:
    """Give the id of the order's fulfillment number `sequence`, counted from 1."""
    return f"{order}-{sequence}"


def order_of_fulfillment(fulfillment: str) -> str:
    """Give the id of the order that a fulfillment is part of."""
    return fulfillment.rpartition("-")[0]


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
        and not any(unicodedata.category(c) in _FORBIDDEN_CATEGORIES for c in text)
    )
