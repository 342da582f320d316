"""A message as it came, the account it came by, and what a translator makes of it."""

from connectors.frame.facts import AnyFact
from models.types import Record


class Message(Record, kw_only=True):
    """What arrived, byte for byte. Header names are in lower case.

    `topic` says what it is about where the transport does (a header, a poll, a folder); empty: its shape must tell.
    """

    body: bytes
    topic: str = ""
    headers: dict[str, str] = {}
    url: str = ""
    """Where it was sent to, where a signature covers that."""
    name: str = ""
    """The file's name, to show; never used as a path."""
    received_at_ms: int = 0


class Alias(Record, array_like=True, omit_defaults=False, kw_only=True):
    """What a partner's SKU and unit of measure are with us: so many units of a SKU."""

    sku: str
    quantity: int = 1


class Account(Record, kw_only=True):
    """One shop, till, partner or carrier that a connector talks to, without its secrets.

    `locations` maps the other side's ids to ours. `settings` are those that the connector declares.
    `aliases` by the other side's SKU, or `SKU unit`.
    """

    name: str
    connector: str
    pool: str
    channel: str = ""
    """The channel that its orders are of."""
    location: str = ""
    """The location that a partner is, where it is one."""
    currency: str = ""
    time_zone: str = "UTC"
    """Of times that come without one."""
    locations: dict[str, str] = {}
    aliases: dict[str, Alias] = {}
    settings: dict[str, str] = {}


class Refusal(Record, kw_only=True):
    """Why a message, or one entry of it, cannot be translated: the field, as a path from the top, and the reason."""

    field: str
    reason: str
    entry: str = ""
    """Which of several, where it is known: an order's id, a transaction's control number."""


class Fetch(Record, kw_only=True):
    """The message only points at what it tells: GET this, and translate the answer as `topic`."""

    url: str
    topic: str


class Translation(Record, kw_only=True):
    """What a message says: facts in its own order, and entries that were refused; or why it says nothing to us."""

    facts: tuple[AnyFact, ...] = ()
    refused: tuple[Refusal, ...] = ()
    ignored: str = ""
    fetch: tuple[Fetch, ...] = ()
    replies: tuple[bytes, ...] = ()
    """Documents that the format wants sent back (a 997), whole."""


def ignored(why: str) -> Translation:
    """Give the outcome of a message that says nothing to us."""
    return Translation(ignored=why)
