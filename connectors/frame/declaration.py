"""How a connector is declared: everything the shells need to know of a system, and its pure functions."""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connectors.frame.documents import Occasion, OccasionKind, Sent
from connectors.frame.http import HttpRequest, HttpResponse, TokenGrant
from connectors.frame.message import Account, Message, Translation
from connectors.frame.signatures import Signature

MEGABYTE = 1 << 20


class Direction(StrEnum):
    """Which way messages go."""

    IN = "in"
    OUT = "out"
    BOTH = "both"


class Party(StrEnum):
    """What sort of system it is."""

    CHANNEL = "channel"
    TILL = "till"
    PARTNER = "partner"
    CARRIER = "carrier"
    ANY = "any"


class Transport(StrEnum):
    """How messages come and go."""

    WEBHOOK = "webhook"
    POLL = "poll"
    FILE = "file"
    HTTP = "http"


class Tried(StrEnum):
    """On what it was tried."""

    LIVE = "live"
    SAMPLES = "vendor's samples"
    DOCUMENTATION = "documentation only"


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A setting or secret of an account of it."""

    name: str
    what: str
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What is refused before it is looked at."""

    body_bytes: int = 2 * MEGABYTE
    requests_per_second: float = 2.0
    concurrency: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Messages that a poll brought, and the cursor that is kept once they are handled."""

    messages: tuple[Message, ...]
    cursor: str


Polling = Generator[HttpRequest | Page, HttpResponse | None, None]
"""A poll yields requests and is sent their responses; it yields pages and is sent nothing."""

Sending = Generator[HttpRequest, HttpResponse, Sent]
"""A delivery yields requests, is sent their responses, and returns what came of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """Something that is asked for again and again.

    `run(account, cursor, now_ms)` begins at the cursor less `overlap_ms`: what comes twice is known by its identity.
    """

    topic: str
    every_seconds: int
    overlap_ms: int
    run: Callable[[Account, str, int], Polling]


@dataclass(frozen=True, kw_only=True, slots=True)
class Connector:
    """A system that Headrace talks to. All functions are pure; what they cannot read raises `UnreadableError`."""

    name: str
    title: str
    party: Party
    direction: Direction
    transports: tuple[Transport, ...]
    tried: Tried
    dedup: str
    """What tells a repeat of a message, in words."""
    versions: str
    """What orders the versions of a thing, in words."""
    moves_stock: str
    """Which message moves stock and who is its authority, in words."""
    translate: Callable[[Message, Account], Translation]
    recognise: Callable[[Message], bool]
    """Whether a message without a sender looks like one of this system's: for files of a folder."""
    stream: Callable[[Message, Iterable[bytes], Account], Iterator[Translation]] | None = None
    """As `translate`, for files of any length: the body comes in pieces beside a message that has none, and what it
    says is given part by part, so that neither is ever in memory whole."""
    folders: tuple[str, ...] = ()
    """Names of folders whose files are of it."""
    message_id: Callable[[Message], str] = lambda _: ""
    """The sender's id of the delivery, the same at each attempt; empty: the content tells."""
    topic_of: Callable[[Message], str] = lambda message: message.topic
    """What a webhook is about, by its headers."""
    signature: Signature | None = None
    signed_with: str = "webhook_secret"
    """The name of the secret that signs webhooks; without a signature it stands at the end of their address."""
    settings: tuple[Setting, ...] = ()
    limits: Limits = Limits()
    polls: tuple[Poll, ...] = ()
    authorise: Callable[[HttpRequest, Account, dict[str, str]], HttpRequest] | None = None
    """Put an account's secrets into a request."""
    sign: Callable[[HttpRequest, Account, dict[str, str], int], HttpRequest] | None = None
    """As `authorise`, for signatures that cover the time of the attempt, which comes in ms."""
    grant: TokenGrant | None = None
    """How a token is had that `authorise` finds among the secrets as `token`."""
    hosts: Callable[[Account], tuple[str, ...]] = lambda _: ()
    """The hosts that requests may go to; a leading dot is any host below it."""
    wants: frozenset[OccasionKind] = frozenset()
    """What it is told."""
    send: Callable[[Occasion, Account], Sending] | None = None
    forbids_mails: bool = False
    """True for a marketplace that lets nobody else write to its customers."""
    document: Callable[[Occasion, Account], Any] | None = None
    """For partners that take files: gives a `connectors.frame.documents.FileDocument`."""
