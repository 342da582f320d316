"""Recognising a command that came before: by its id, and by what it stated."""

from base64 import b64encode
from functools import cache
from typing import NamedTuple
from zlib import crc32

import msgspec
from msgspec import structs

from models.commands import Command
from models.records.order import Order, Remembered
from models.records.stock import Answered
from models.rejections import Rejected, RejectionCode

RING = 32
"""Commands an order remembers; the time of the last one forgotten makes the window sound."""

_ENVELOPE = frozenset({"command_id", "issued_at_ms", "actor", "reason", "correlation_id", "schema_version"})
_encode = msgspec.json.Encoder(order="deterministic").encode
_CHARACTERS_PER_FIELD = 4


class Repeated(NamedTuple):
    """A command answered before; where it was refused, the same refusal."""

    refused: Rejected | None = None


def fingerprint(command: Command) -> str:
    """Give four characters for the command's type and for each field that it states, in the order of `fields_of`.

    The envelope may differ between a command and its repeat, and so may sealed personal data (a fresh nonce).
    """
    parts = bytearray(_digest(command.__struct_config__.tag))
    for name, default in fields_of(type(command)):
        value = getattr(command, name)
        if value == default:
            parts += b"\0\0\0"
            continue
        stated = value.customer_id if name == "customer" else value
        parts += _digest(stated)
    # What is not stated at the end is left out, so that a field that is added there later changes no fingerprint.
    return b64encode(parts.rstrip(b"\0")).decode().rstrip("=")


def _digest(stated: object) -> bytes:
    return (crc32(_encode(stated)) & 0xFFFFFF).to_bytes(3, "big")


@cache
def fields_of(kind: type[Command]) -> tuple[tuple[str, object], ...]:
    """Give the fields of a command that a repeat must state alike, with their defaults."""
    return tuple((f.name, f.default) for f in structs.fields(kind) if f.name not in _ENVELOPE)


def recall(command: Command, order: Order | None, answered: Answered | None) -> Repeated | Rejected | None:
    """Tell a repeat, a command id used for something else, and a command too old to tell."""
    if answered is not None:
        differs = _conflict(command, answered.fingerprint)
        if differs is not None:
            return differs
        if not answered.code:
            return Repeated()
        return Repeated(Rejected(RejectionCode(answered.code), answered.text, answered.field))
    if order is None:
        return None
    for known in order.recent:
        if known.command_id == command.command_id:
            return _conflict(command, known.fingerprint) or Repeated()
    if command.issued_at_ms <= order.forgotten_before_ms:
        return Rejected(
            RejectionCode.COMMAND_TOO_OLD,
            "the order has had too many commands since to tell whether this is a repeat; send it anew",
            "issued_at_ms",
        )
    return None


def remember(order: Order, command: Command) -> tuple[tuple[Remembered, ...], int]:
    """Give the order's ring with this command in it, and the time up to which it has forgotten."""
    put = Remembered(command_id=command.command_id, fingerprint=fingerprint(command), at_ms=command.issued_at_ms)
    ring = (*order.recent, put)
    if len(ring) <= RING:
        return ring, order.forgotten_before_ms
    return ring[1:], max(order.forgotten_before_ms, ring[0].at_ms)


def _conflict(command: Command, before: str) -> Rejected | None:
    now = fingerprint(command)
    if now == before:
        return None
    # Both to one length: what one of them leaves out at its end is not stated.
    length = max(len(now), len(before)) + _CHARACTERS_PER_FIELD
    now, before = now.ljust(length, "A"), before.rstrip("=").ljust(length, "A")
    if now == before:
        return None
    names = ["type", *(name for name, _ in fields_of(type(command)))]
    size = _CHARACTERS_PER_FIELD
    differing = (
        name for i, name in enumerate(names) if now[i * size : (i + 1) * size] != before[i * size : (i + 1) * size]
    )
    field = next(differing, "type")
    return Rejected(
        RejectionCode.COMMAND_CONFLICT,
        f"command {command.command_id} came before with another {field}; use a fresh id for something new",
        field,
    )
