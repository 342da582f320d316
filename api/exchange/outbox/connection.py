"""How those are shown whom something is sent to, and what was tried."""

from msgspec import Struct

from api.exchange.outbox.breaker import Breaker


class LoggedAttempt(Struct, frozen=True):
    """An attempt, in the order of the columns above."""

    at_ms: int
    outcome: str
    status: int | None
    latency_ms: int
    answer: str
    note: str


class ChannelEdit(Struct, frozen=True):
    """A value of a listing's stock that a channel had, which is not the one that it was last sent."""

    listing: str
    sent: int | None
    observed: int
    at_ms: int


class Connection(Struct, frozen=True, kw_only=True):
    """How one target does."""

    target: str
    pool: str
    title: str
    is_live: bool
    """False for an account in shadow, to which nothing is sent."""
    paused_at_ms: int | None
    disabled_why: str
    breaker: Breaker
    pending: int
    oldest_at_ms: int | None
    refused: int
    last_error: str
    last_error_at_ms: int | None
    last_done_at_ms: int | None
    removed_at_ms: int | None = None
    """Of what is there no more: only its log is."""

    @property
    def needs_somebody(self) -> bool:
        """Tell whether nothing goes out to it, though something should."""
        return self.is_live and (self.paused_at_ms is not None or self.disabled_why != "" or self.is_open)

    @property
    def is_open(self) -> bool:
        """Tell whether its breaker keeps things back."""
        return self.breaker.state.value == "open"
