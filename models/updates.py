"""What leaves the core with each command: changed rows, and updates for the topics."""

from collections.abc import Sequence
from typing import NamedTuple

from models.events import AnyEvent
from models.types import InstantMs, PoolId, Record


class Update(NamedTuple):
    """A record to publish. No value means: rendered from the rows as they stand after the batch."""

    topic: str
    key: bytes
    value: bytes | None


class Applied(NamedTuple):
    """All that one command changed and tells."""

    rows: Sequence[tuple[bytes, bytes | None]]
    updates: Sequence[Update]


STEPS = 1000
"""The published index of a command is its place in the record x STEPS; what it left over counts on from there."""


class Refusal(Record, kw_only=True):
    """Why a command was refused; nothing changed."""

    code: str
    text: str
    field: str = ""


class CommandUpdate(Record, kw_only=True):
    """Value of `order-updates`: what became of one command, on an order or not.

    Readers ignore what is at or below the (offset, index) they have of the partition.
    """

    pool: PoolId
    offset: int
    index: int
    command_id: str
    command: str
    at_ms: InstantMs
    actor: str
    reason: str = ""
    correlation_id: str = ""
    order_id: str = ""
    order_version: int = 0
    others: dict[str, int] = {}
    """Versions of the other orders that the command touched; their events are in `events` too."""
    movements: int = 0
    """How many stock movements this update goes with; their sequence counts from 0."""
    repeated: bool = False
    refusal: Refusal | None = None
    events: tuple[AnyEvent, ...] = ()
    schema_version: int = 1


class DeadLetter(Record, kw_only=True):
    """Value of `dead-letters`: a message nothing could be done with, whole, and why."""

    source: str
    offset: int
    index: int
    code: str
    text: str
    payload_base64: str
    key: str = ""
