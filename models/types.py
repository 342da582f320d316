"""Named constraints used by every record that is decoded from outside.

msgspec checks them on decoding only; whoever builds a record in code keeps to them itself.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self, dataclass_transform

from msgspec import Meta, Struct, field

SCHEMA_VERSION = 1

# Bounds keep every product of two of them inside 64 bits, which other readers of our rows need.
MAX_QUANTITY = 1_000_000
MAX_AMOUNT_MINOR = 1_000_000_000_000
MAX_INSTANT_MS = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z

PoolId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
LocationId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}\Z")]
SourceId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}\Z")]
"""The account of a channel, till, partner or person that a message comes from."""

Sku = Annotated[str, Meta(min_length=1, max_length=100)]
"""Checked further by `ids.is_sku`: composed Unicode, no control or bidirectional characters."""

Reference = Annotated[str, Meta(min_length=1, max_length=200)]
"""An id given by somebody else: kept as it is, compared byte for byte."""

Text = Annotated[str, Meta(max_length=2000)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Quantity = Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]
Count = Annotated[int, Meta(ge=0, le=MAX_QUANTITY)]
Total = Annotated[int, Meta(ge=0)]
"""A sum of quantities, which may be more than any one of them."""
Delta = Annotated[int, Meta(ge=-MAX_QUANTITY, le=MAX_QUANTITY)]
AmountMinor = Annotated[int, Meta(ge=0, le=MAX_AMOUNT_MINOR)]
UnitCostMinor = Annotated[int, Meta(ge=0, le=10_000_000)]
"""What one unit costs: times the most units of an order, in thousandths, it stays inside 64 bits."""
InstantMs = Annotated[int, Meta(ge=0, le=MAX_INSTANT_MS)]
"""Milliseconds since 1970-01-01T00:00:00Z."""

DurationMs = Annotated[int, Meta(ge=0, le=10 * 366 * 86_400_000)]
UnitNano = Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
Priority = Annotated[int, Meta(ge=0, le=9)]
"""0 is ordinary; a higher number is served first."""

Segment = Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9-]{0,39})?\Z")]
"""The name of ring-fenced stock; empty is what is free to all."""

Handle = Annotated[str, Meta(pattern=r"^([A-Za-z0-9][A-Za-z0-9_.-]{0,59})?\Z")]
"""A program's own name for what it has put somewhere, so that another program does not take it off."""

Weekday = Annotated[int, Meta(ge=0, le=6)]
"""0 is Monday."""

IsoDate = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}\Z")]
"""A local date, such as 2026-12-24."""

PerMille = Annotated[int, Meta(ge=0, le=1000)]

Preset = Literal["closest", "cheapest"]


class Word(StrEnum):
    """Base of the words of which a field takes one, each with what it means: `headrace states` prints them."""

    _value_: str
    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """Make a word that is its text, and knows its meaning."""
        word = str.__new__(cls, value)
        word._value_ = value
        word.meaning = meaning
        return word


# Type checkers do not see that msgspec hands `frozen` down to subclasses.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Record(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of everything that is stored or sent: immutable, named fields, defaults left out."""
