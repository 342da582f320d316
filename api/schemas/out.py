"""What answers look like, for the documentation; a test holds every answer against these models."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Out(BaseModel):
    """Base of all answers. More fields may come later; readers ignore what they do not know."""

    model_config = ConfigDict(extra="allow")


class ProblemOut(Out):
    """RFC 9457. `code` is stable; `detail` says what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    instance: str | None = None


class ErasedOut(Out):
    customer_id: str
    personal: Literal["erased"]


class ExportOut(Out):
    """How far an export is; `total` is null where it is not known before."""

    written: int
    total: int | None
    is_done: bool


class RefusalOut(Out):
    code: str
    text: str
    field: str


class UpdateOut(Out):
    """What one command did, with its place in the pool's order of events."""

    pool: str
    offset: int
    index: int
    command_id: str
    command: str
    at: str
    actor: str
    reason: str
    correlation_id: str
    order_id: str
    order_version: int
    repeated: bool
    refusal: RefusalOut | None
    events: list[dict[str, Any]]


class HistoryOut(Out):
    updates: list[UpdateOut]
    next_cursor: str | None


class WhyOut(Out):
    """`tone` says what it asks of its reader: `moves`, `waits`, `held` or `ended`."""

    order_id: str
    tone: Literal["moves", "waits", "held", "ended"]
    is_late: bool
    text: str


class CommandOut(Out):
    status: Literal["applied", "refused"]
    command_id: str
    update: UpdateOut


class AcceptedOut(Out):
    """On record; ask `status_url` for the result."""

    status: Literal["accepted"]
    command_id: str
    status_url: str


class ReplayOut(AcceptedOut):
    offset: int
    index: int


class DeadLetterOut(Out):
    dead_letter_id: str
    recorded_at: str
    replayed: bool
    source: str
    offset: int
    index: int
    code: str
    text: str
    payload_base64: str
    key: str


class DeadLettersOut(Out):
    dead_letters: list[DeadLetterOut]
    next_cursor: str | None


class LiveOut(Out):
    status: Literal["live"]


class ReadyOut(Out):
    status: Literal["ready", "not_ready"]
    views: str
    lag: int | None = Field(description="Records not yet in the views; null until it is known")
    broker: Literal["connected", "unreachable"]
    pending_commands: int
