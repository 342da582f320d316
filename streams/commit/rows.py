"""The rows that the protocol itself keeps beside the core's, and their encoding."""

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from models.updates import Update
from streams.commit.ports import Position

# Keys of the core never begin with this byte.
RESERVED = b"\x00"
POSITION = RESERVED + b"position"
OUTBOX = RESERVED + b"outbox"

START = Position(0, 0)

_HASH_BYTES = 8


class PositionRow(msgspec.Struct, array_like=True, frozen=True):
    """The last record of every batch: what the batch is, and where the partition stands after it."""

    # Where the writer believed the log to end. A batch that landed anywhere else is void: someone else wrote first.
    base: int
    # Records of the batch, this one included.
    count: int
    # Who wrote it: the group's generation, and a name that is new with every process.
    epoch: int
    writer: str
    offset: int
    index: int
    # Of all the core's rows of the partition, after this batch.
    digest: bytes
    # Of the outbox that stands with it, which is no row of the core's: a torn store must not lose it unnoticed.
    outbox_hash: bytes = b""

    @property
    def position(self) -> Position:
        """The next item to decide."""
        return Position(self.offset, self.index)


_position_decoder = msgspec.msgpack.Decoder(PositionRow)
_outbox_decoder = msgspec.msgpack.Decoder(list[Update])
_encoder = msgspec.msgpack.Encoder()


def encode_position(row: PositionRow) -> bytes:
    return _encoder.encode(row)


def decode_position(value: bytes) -> PositionRow:
    return _position_decoder.decode(value)


def encode_outbox(updates: Sequence[Update]) -> bytes:
    """Updates that the core renders are kept without value: the rows they are rendered from are in the same state."""
    return _encoder.encode(updates)


def decode_outbox(value: bytes) -> list[Update]:
    return _outbox_decoder.decode(value)


def outbox_hash(value: bytes | None) -> bytes:
    """Empty where there is no outbox yet."""
    return b"" if value is None else blake2b(value, digest_size=_HASH_BYTES).digest()
