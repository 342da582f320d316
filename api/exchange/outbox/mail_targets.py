"""The mails of a pool as a target: for which channels, since when, and what sends them."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple

from api.control.database import ControlDatabase
from api.exchange.accounts import Accounts
from api.exchange.calling import Peer
from api.exchange.outbox.target import MAIL, ChannelMails, Target
from api.set_ups import SetUps
from api.settings import ApiSettings
from connectors.frame.declaration import Connector, Limits
from connectors.frame.documents import Occasion, OccasionKind, Sent
from models.records.mail import CustomerMail
from models.records.pool import Channel, ChannelKind, PoolView

_LIMITS = Limits(concurrency=2)
_NONE_UNLESS_SAID = frozenset({ChannelKind.MARKETPLACE, ChannelKind.TILL})

Post = Callable[[Occasion, int], Awaitable[Sent]]


class _Start(NamedTuple):
    pool: str
    channel: str


class MailTargets:
    """Whose customers are written to now; asked on the thread that reads topics, and on the event loop."""

    def __init__(  # noqa: PLR0917 # Each is a store, or what sends.
        self,
        settings: ApiSettings,
        database: ControlDatabase,
        accounts: Accounts,
        connectors: Mapping[str, Connector],
        set_ups: SetUps,
        pools: Callable[[], Iterable[tuple[str, str]]],
        post: Post,
    ) -> None:
        self._settings = settings
        self._database = database
        self._accounts = accounts
        self._connectors = connectors
        self._set_ups = set_ups
        self._pools = pools
        self._post = post

    def enlist(self, now_ms: int) -> None:
        """Note since when each channel's customers are written to, and forget those who are not any more.

        Runs on the thread that writes the control store.
        """
        wanted = {_Start(pool, channel) for pool, channels in self._wanted().items() for channel in channels}
        known = set(self._starts())
        if wanted == known:
            return

        def change(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM mail_channels WHERE pool = ? AND channel = ?", known - wanted)
            connection.executemany(
                "INSERT INTO mail_channels VALUES (?, ?, ?)", [(*one, now_ms) for one in wanted - known]
            )
            connection.executemany(
                "INSERT INTO outbox_targets (target, pool) VALUES (?, ?) ON CONFLICT DO NOTHING",
                {(MAIL + one.pool, one.pool) for one in wanted},
            )

        self._database.write(change)

    def current(self, paused: Mapping[str, int]) -> list[Target]:
        """Give the target of each pool that has one; a channel that is not enlisted yet is not in it."""
        starts, connected = self._starts(), self._connected()
        found = []
        for pool, channels in self._wanted().items():
            mails = {
                channel: ChannelMails(kinds, starts[_Start(pool, channel)], connected.get(_Start(pool, channel), 0))
                for channel, kinds in channels.items()
                if _Start(pool, channel) in starts
            }
            if mails:
                found.append(self._target(pool, mails, paused.get(MAIL + pool)))
        return found

    def _target(self, pool: str, mails: dict[str, ChannelMails], paused_at_ms: int | None) -> Target:
        return Target(
            name=MAIL + pool,
            pool=pool,
            title="Mails to customers",
            since_ms=min(one.since_ms for one in mails.values()),
            paused_at_ms=paused_at_ms,
            kinds=frozenset({OccasionKind.MAIL}),
            peer=Peer(name=MAIL + pool, hosts=(), limits=_LIMITS),
            mails=mails,
            post=self._post,
        )

    def _wanted(self) -> dict[str, dict[str, frozenset[CustomerMail]]]:
        """Give by pool and channel what customers are written to of; nothing where it may not be."""
        settings = self._settings
        if not settings.smtp_host or not settings.live_connectors or (settings.demo and not settings.mail_simulated):
            return {}
        found: dict[str, dict[str, frozenset[CustomerMail]]] = {}
        for pool, _ in self._pools():
            view = self._set_ups.of(pool)
            if view is None or (view.pool.simulated and not settings.mail_simulated):
                continue
            channels = self._of_pool(view)
            if channels:
                found[pool] = channels
        return found

    def _of_pool(self, view: PoolView) -> dict[str, frozenset[CustomerMail]]:
        forbidden = {
            one.setup.channel
            for one in self._accounts.all(view.pool.pool)
            if (connector := self._connectors.get(one.setup.connector)) is not None and connector.forbids_mails
        }
        wanted = {one.channel_id: _kinds(one) for one in view.channels if one.channel_id not in forbidden}
        return {channel: kinds for channel, kinds in wanted.items() if kinds}

    def _connected(self) -> dict[_Start, int]:
        """Give since when the last account of each channel is live."""
        found: dict[_Start, int] = {}
        for one in self._accounts.all():
            place = _Start(one.setup.pool, one.setup.channel)
            found[place] = max(found.get(place, 0), one.live_since_ms or 0)
        return found

    def _starts(self) -> dict[_Start, int]:
        rows = self._database.connection().execute("SELECT pool, channel, since_ms FROM mail_channels").fetchall()
        return {_Start(pool, channel): since_ms for pool, channel, since_ms in rows}


def _kinds(channel: Channel) -> frozenset[CustomerMail]:
    if channel.mails is not None:
        return frozenset(channel.mails)
    return frozenset() if channel.kind in _NONE_UNLESS_SAID else frozenset(CustomerMail)
