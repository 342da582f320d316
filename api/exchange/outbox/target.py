"""Whom something is sent to: an account of a connector, or a webhook subscription, seen alike by the sender."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from api.exchange.calling import Peer
from api.exchange.folders import Place, place_of
from api.exchange.outbox.levels import Watch
from connectors.frame.accounts import OUTBOX, SetUpAccount, stock_thresholds
from connectors.frame.declaration import Connector, Sending
from connectors.frame.documents import FileDocument, Occasion, OccasionKind, Sent
from connectors.frame.message import Account
from models.records.mail import CustomerMail

ACCOUNT = "account/"
WEBHOOK = "webhook/"
MAIL = "mail/"


class ChannelMails(NamedTuple):
    """Which mails a channel's customers are sent, of what happened from a time on."""

    kinds: frozenset[CustomerMail]
    since_ms: int
    placed_since_ms: int = 0
    """Who ordered before the channel was connected has been told so by whoever took the order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Somebody who is told of things. One of `send`, `document` and `post` is there."""

    name: str
    """`account/NAME`, `webhook/ID` or `mail/POOL`: the key of its rows."""
    pool: str
    title: str
    since_ms: int
    """What was recorded before is not told."""
    paused_at_ms: int | None = None
    kinds: frozenset[OccasionKind]
    peer: Peer
    patterns: tuple[str, ...] = ()
    """Of a webhook: which events."""
    watch: Watch | None = None
    """Of a webhook that is told of availability: of which, and where levels begin."""
    thresholds: tuple[int, ...] = ()
    """Of an account: only when its stock crosses one of them is it told of it; empty: of each change."""
    channel: str = ""
    location: str = ""
    actor: str = ""
    """Who it is as a sender of commands: it is not told of what it did itself."""
    account: Account | None = None
    send: Callable[[Occasion, int], Sending] | None = None
    """Of (occasion, now in ms)."""
    document: Callable[[Occasion], FileDocument] | None = None
    folder: Place | None = None
    """Where documents are put."""
    mails: Mapping[str, ChannelMails] = field(default_factory=dict)
    """By channel."""
    post: Callable[[Occasion, int], Awaitable[Sent]] | None = None
    """Of (occasion, now in ms): for what is not sent by requests, letters and records."""
    hides_answers: bool = False
    """Whether answers stay out of the log."""

    def told_since(self, since_ms: int) -> "Target":
        """Give it as one that is told of what was recorded from another time on."""
        return replace(self, since_ms=since_ms)


def target_of(
    setup: SetUpAccount, connector: Connector, secrets: dict[str, str], *, since_ms: int, paused_at_ms: int | None
) -> Target | None:
    """Give the target that an account is; None where its system is told of nothing."""
    send, document = connector.send, connector.document
    folder = setup.settings.get(OUTBOX, "")
    writes = document is not None and (folder != "" or send is None)
    if not connector.wants or (send is None and document is None):
        return None
    return Target(
        name=ACCOUNT + setup.name,
        pool=setup.pool,
        title=f"{setup.name} ({connector.title})",
        since_ms=since_ms,
        paused_at_ms=paused_at_ms,
        kinds=connector.wants,
        peer=Peer.of(setup, connector, secrets),
        thresholds=stock_thresholds(setup.settings) or (),
        channel=setup.channel,
        location=setup.location,
        actor=actor_of(setup.name),
        account=setup,
        send=None if writes or send is None else lambda occasion, _: send(occasion, setup),
        document=None if not writes or document is None else lambda occasion: document(occasion, setup),
        folder=place_of(folder, setup.settings, secrets) if folder else None,
    )


def actor_of(account_name: str) -> str:
    """Give how commands that came by an account name it."""
    return f"connector:{account_name}"
