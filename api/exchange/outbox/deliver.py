"""The task of `headrace exchange` that sends what goes out: topics into rows, and a line of its own for each target."""

import asyncio
from typing import Protocol

import structlog

from api.exchange.calling import Caller
from api.exchange.outbox.availability import AvailabilityFeed
from api.exchange.outbox.crossings import Crossings
from api.exchange.outbox.glance import Glance
from api.exchange.outbox.line import Line, Tools
from api.exchange.outbox.mail_targets import MailTargets
from api.exchange.outbox.marks import wants
from api.exchange.outbox.posting import MailServer
from api.exchange.outbox.reader import OutboxStore, Woken
from api.exchange.outbox.target import Target
from api.exchange.outbox.targets import Targets
from api.exchange.outbox.transports.kafka_topics import KafkaTopics
from api.exchange.paces import Paces
from api.services import Services
from api.views.consumer import State, ViewConsumer
from models.topics import catalogue

_LOOK_SECONDS = 0.5
_DAY_MS = 86_400_000
KEPT_DAYS = 30
"""How long ended deliveries and the log of attempts are kept; longer than topics are."""

log = structlog.get_logger(__name__)


class Exchange(Protocol):
    """What the process gives its tasks."""

    @property
    def services(self) -> Services:
        """The stores and views of the process."""

    @property
    def caller(self) -> Caller:
        """What makes requests."""

    @property
    def paces(self) -> Paces:
        """When systems are asked."""


async def deliver(exchange: Exchange) -> None:
    """Go on until cancelled."""
    await Outbox(exchange.services, exchange.caller, exchange.paces).run()


class Outbox:
    """Everything that goes out, in one process."""

    def __init__(self, services: Services, caller: Caller, paces: Paces) -> None:
        self._services = services
        self._paces = paces
        stores = services.exchange
        self.mails = MailTargets(
            services.settings,
            services.control,
            stores.accounts,
            stores.connectors,
            services.set_ups,
            services.views.pool_names,
            MailServer(services.settings).post,
        )
        self.topics = KafkaTopics(caller)
        self.targets = Targets(
            services.control,
            stores.accounts,
            stores.secrets,
            services.webhooks,
            stores.connectors,
            self.mails,
            live_connectors=services.settings.live_connectors,
            produce=self.topics.produce,
        )
        glance = Glance(services.store)
        self.reader = OutboxStore(
            services.control, catalogue(services.settings.topic_prefix), self.targets, glance, services.now_ms
        )
        feed = AvailabilityFeed(
            services.control, services.store, services.set_ups, self.reader, services.now_ms, self._knows_orders
        )
        crossings = Crossings(
            services.control,
            services.store,
            services.set_ups,
            self.reader,
            lambda: self._consumer.progress.state is State.LIVE,
            services.now_ms,
        )
        self._tools = Tools(services, caller, glance, feed, crossings)
        self._consumer: ViewConsumer[Woken] = ViewConsumer(
            broker=services.settings.broker,
            topics=self.reader.topics(),
            store=self.reader,
            committed=self._wake,
            fetch_wait_ms=services.settings.fetch_wait_ms,
            batch_records=services.settings.views_batch_records,
            forget_before_ms=lambda: services.now_ms() - KEPT_DAYS * _DAY_MS,
            name="outbox",
        )
        self._lines: dict[str, Line] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Read and send until cancelled."""
        await self._consumer.start()
        try:
            while True:
                await self._keep_lines()
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)
            await self.topics.close()
            await self._consumer.stop()

    def _knows_orders(self, target: Target) -> bool:
        """Tell whether what a channel sold is known here."""
        setup = target.account
        if setup is None:
            return True
        polls = self._services.exchange.connector_of(setup).polls
        return self._paces.is_up_to_date(setup.name, polls, self._services.now_ms())

    def _wake(self, woken: Woken) -> None:
        for name in woken.targets & self._lines.keys():
            self._lines[name].woken.set()

    async def _keep_lines(self) -> None:
        """Begin a line for each target that is new, and end those of targets that are no more."""
        await self._services.in_control(self.mails.enlist, self._services.now_ms())
        current = await self._services.in_control(self.targets.current, self._services.now_ms())
        for target in current:
            line = self._lines.get(target.name)
            # One that is live again, is another of the same name, or has other thresholds, is compared as at a start.
            is_new = line is None or _told_by(line.target) != _told_by(target)
            if line is not None:
                line.target = target
            if is_new and wants(target):
                await self._services.in_control(self._tools.feed.mark_all, target)
            if line is not None:
                continue
            self._lines[target.name] = line = Line(target, self._tools)
            self._running[target.name] = asyncio.create_task(line.run(), name=f"outbox {target.name}")
        self.topics.keep({target.name for target in current if target.paused_at_ms is None})
        for name in self._lines.keys() - {target.name for target in current}:
            del self._lines[name]
            self._running.pop(name).cancel()
        for name, task in list(self._running.items()):
            if task.done():
                # A fault of ours in one line must not end the others: it is begun anew.
                log.error("a line has ended", target=name, error=repr(task.exception()))
                del self._running[name], self._lines[name]


def _told_by(target: Target) -> tuple[object, ...]:
    return target.since_ms, target.watch, target.thresholds
