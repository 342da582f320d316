"""All targets as they are now: live accounts and webhook subscriptions, read again every second."""

import threading
import time
from collections.abc import Mapping

from api.control.database import ControlDatabase
from api.exchange.accounts import Accounts
from api.exchange.outbox.mail_targets import MailTargets
from api.exchange.outbox.standard import webhook_target
from api.exchange.outbox.subscriptions import Subscriptions
from api.exchange.outbox.target import WEBHOOK, Target, target_of
from api.exchange.secrets import Secrets
from connectors.frame.declaration import Connector

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
    ) -> None:
        """Without `mails` nobody is written to; without `live_connectors` no account is told anything."""
        self._database = database
        self._accounts = accounts
        self._secrets = secrets
        self._subscriptions = subscriptions
        self._connectors = connectors
        self._mails = mails
        self._live_connectors = live_connectors
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
            secrets_now = self._subscriptions.secrets_of(one, now_ms)
            found.append(webhook_target(one, secrets_now, paused.get(WEBHOOK + one.webhook_id)))
        if self._mails is not None:
            found += self._mails.current(paused)
        return tuple(found)

    def _paused(self) -> dict[str, int]:
        query = "SELECT target, paused_at_ms FROM outbox_targets WHERE paused_at_ms IS NOT NULL"
        return dict(self._database.connection().execute(query).fetchall())
