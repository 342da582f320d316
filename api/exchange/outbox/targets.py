"""All targets as they are now: live accounts and webhook subscriptions, read again every second."""

import threading
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from api.control.database import ControlDatabase
from api.exchange.accounts import Accounts
from api.exchange.outbox.mail_targets import MailTargets
from api.exchange.outbox.subscriptions import Subscription, Subscriptions
from api.exchange.outbox.target import WEBHOOK, Target, target_of
from api.exchange.outbox.transports.registry import transport_of
from api.exchange.outbox.transports.transport import Endpoint, Produce
from api.exchange.secrets import Secrets
from connectors.frame.declaration import Connector
from connectors.frame.documents import OccasionKind

_FRESH_SECONDS = 0.25


class Targets:
    """Whom there is to tell; asked on the thread that reads topics, and on the event loop."""

    def __init__(
        self,
        database: ControlDatabase,
        accounts: Accounts,
        secrets: Secrets,
        subscriptions: Subscriptions,
        connectors: Mapping[str, Connector],
        mails: MailTargets | None = None,
        *,
        live_connectors: bool,
        produce: Produce | None = None,
    ) -> None:
        """Without `mails` nobody is written to; without `live_connectors` no account is told anything.

        `produce` is for whoever sends.
        """
        self._database = database
        self._accounts = accounts
        self._secrets = secrets
        self._subscriptions = subscriptions
        self._connectors = connectors
        self._mails = mails
        self._live_connectors = live_connectors
        self._produce = produce
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._version = -1
        self._found: tuple[Target, ...] = ()

    def current(self, now_ms: int) -> tuple[Target, ...]:
        """Give all targets."""
        with self._lock:
            if time.monotonic() >= self._read_at + _FRESH_SECONDS:
                self._found = self._read(now_ms)
                self._read_at = time.monotonic()
            return self._found

    def as_written(self, now_ms: int) -> tuple[Target, ...]:
        """Give all targets, read anew where anything has been written since this thread last asked.

        What happens right after somebody subscribed is told; only one thread may ask this way.
        """
        version = self._database.data_version()
        if version != self._version:
            self._version = version
            self._read_at = 0.0
        return self.current(now_ms)

    def _read(self, now_ms: int) -> tuple[Target, ...]:
        paused = self._paused()
        found: list[Target] = []
        for stored in self._accounts.all() if self._live_connectors else ():
            setup, since_ms = stored.setup, stored.live_since_ms
            connector = self._connectors.get(setup.connector)
            if connector is None or since_ms is None:
                continue
            secrets = self._secrets.current(setup.name)
            target = target_of(setup, connector, secrets, since_ms=since_ms, paused_at_ms=stored.paused_at_ms)
            if target is not None:
                found.append(target)
        for one in self._subscriptions.all():
            endpoint = Endpoint(
                name=WEBHOOK + one.webhook_id,
                url=one.url,
                signing=self._subscriptions.secrets_of(one, now_ms),
                credentials=self._subscriptions.credentials_of(one.webhook_id),
            )
            found.append(_webhook_target(one, endpoint, self._produce, paused.get(endpoint.name)))
        if self._mails is not None:
            found += self._mails.current(paused)
        return tuple(found)

    def _paused(self) -> dict[str, int]:
        query = "SELECT target, paused_at_ms FROM outbox_targets WHERE paused_at_ms IS NOT NULL"
        return dict(self._database.connection().execute(query).fetchall())


def _webhook_target(
    subscription: Subscription, endpoint: Endpoint, produce: Produce | None, paused_at_ms: int | None
) -> Target:
    carriage = transport_of(endpoint.url).carry(endpoint, produce)
    return Target(
        name=endpoint.name,
        pool=subscription.pool,
        title=subscription.note or urlsplit(endpoint.url).hostname or subscription.webhook_id,
        since_ms=subscription.created_at_ms,
        paused_at_ms=paused_at_ms if subscription.disabled_at_ms is None else subscription.disabled_at_ms,
        kinds=frozenset({OccasionKind.EVENT}),
        peer=carriage.peer,
        patterns=subscription.patterns,
        watch=subscription.watch,
        send=carriage.send,
        post=carriage.post,
        hides_answers=carriage.hides_answers,
    )
