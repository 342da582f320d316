"""Everything a request may need, wired once when the process starts."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple, Unpack

from api.control.audit import AuditLog, PendingLines
from api.control.database import ControlDatabase, one_writer
from api.control.demo import DemoPace
from api.control.identity import Identity
from api.control.keys import ApiKeys
from api.control.mail_templates import MailTemplates
from api.control.personal import Vault, load_master_key
from api.control.replays import ReplayStore
from api.control.requests import RequestStore
from api.control.secret_box import SecretBox
from api.customers.links import TrackingLinks
from api.customers.wording.kept import Wordings
from api.exchange.outbox.control import OutboxControl
from api.exchange.outbox.subscriptions import Subscriptions
from api.exchange.stores import ExchangeStores
from api.exchange_figures import ExchangeFigures
from api.metrics import Metrics
from api.night_figures import NightFigures
from api.oidc import OpenId
from api.outbox_figures import OutboxFigures
from api.ports import CommandSender, Position
from api.sender import KafkaSender
from api.set_ups import SetUps
from api.settings import ApiSettings
from api.suggesting import Suggester
from api.views.consumer import ViewConsumer
from api.views.hub import Hub
from api.views.queries import Views
from api.views.rows import Changes, readers
from api.views.store import ViewStore
from api.views.waiters import Waiters
from connectors.frame.declaration import Connector
from connectors.frame.registry import connectors as all_connectors
from models.topics import catalogue

_HOUSEKEEPING_SECONDS = 30.0
_PAUSE_SECONDS = 0.05
# Longer than any request may wait for its command.
_LEFT_BEHIND_MS = 120_000
_DAY_MS = 86_400_000
Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Services:
    """Built from settings; a test may give its own sender, clock and connectors."""

    def __init__(
        self,
        settings: ApiSettings,
        *,
        sender: CommandSender | None = None,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        connectors: Mapping[str, Connector] | None = None,
    ) -> None:
        topics = catalogue(settings.topic_prefix)
        self.settings = settings
        self.now_ms = now_ms
        self.control = ControlDatabase(settings.control_path)
        self.control_writer: ThreadPoolExecutor = one_writer()
        self.slow_hasher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords")
        self.keyring = ApiKeys(self.control)
        self.identity = Identity(
            self.control, idle_minutes=settings.session_idle_minutes, absolute_days=settings.session_days
        )
        self.oidc = OpenId(settings, now_ms)
        self.audit = AuditLog(self.control)
        self.audit_pending = PendingLines(self.control)
        given = settings.master_key.get_secret_value() if settings.master_key is not None else None
        master_key = load_master_key(settings.master_key_path, given)
        self.vault = Vault(self.control, master_key)
        self.secret_box = SecretBox(master_key)
        self.tracking = TrackingLinks(master_key, public_url=settings.public_url, days=settings.tracking_days)
        self.mail_templates = MailTemplates(self.control)
        self.wordings = Wordings(self.mail_templates)
        self.exchange = ExchangeStores(
            self.control, self.secret_box, all_connectors() if connectors is None else connectors
        )
        self.webhooks = Subscriptions(self.control, self.secret_box)
        self.outbox = OutboxControl(self.control, self.exchange.accounts, self.webhooks)
        self.requests = RequestStore(self.control)
        self.demo_pace = DemoPace(self.control)
        self.replays = ReplayStore(self.control)
        self.store = ViewStore(settings.views_path, readers(topics))
        self.views = Views(self.store)
        self.set_ups = SetUps(self.views)
        self.suggester = Suggester()
        self.catalogue_turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.waiters = Waiters()
        self.hub = Hub(clients_max=settings.sse_clients_max, queue_events=settings.sse_queue_events)
        self.in_flight: dict[str, asyncio.Future[Position]] = {}
        self._own_sender = None if sender is not None else _sender_of(settings, topics.commands.name)
        self.sender: CommandSender = sender or self._sender()
        self.consumer: ViewConsumer[Changes] = ViewConsumer(
            broker=settings.broker,
            topics=list(readers(topics)),
            store=self.store,
            committed=self._committed,
            fetch_wait_ms=settings.fetch_wait_ms,
            batch_records=settings.views_batch_records,
            forget_before_ms=lambda: self.now_ms() - settings.history_days * _DAY_MS,
        )
        self.metrics = Metrics()
        self.metrics.watch(self.sender, self.consumer, self.hub, self.store)
        self.metrics.watch_outbox(OutboxFigures(self.control, now_ms))
        self.metrics.watch_exchange(ExchangeFigures(self.exchange, now_ms))
        self.metrics.watch_nights(NightFigures(settings.nights_path, now_ms))
        self._housekeeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to connect to the broker."""
        if self._own_sender is not None:
            await self._own_sender.start()
        await self.consumer.start()
        self._housekeeping = asyncio.create_task(self._keep_house())

    async def stop(self) -> None:
        """Send what is taken, store what is read, close the files."""
        self.hub.close()
        if self._housekeeping is not None:
            self._housekeeping.cancel()
        if self._own_sender is not None:
            await self._own_sender.stop()
        await self.consumer.stop()
        self.store.close()
        self.slow_hasher.shutdown()
        self.control_writer.shutdown()
        self.control.close()

    async def in_control(self, do: Callable[[Unpack[Arguments]], Result], *arguments: *Arguments) -> Result:
        """Run a write to the control store on its thread."""
        return await asyncio.get_running_loop().run_in_executor(self.control_writer, do, *arguments)

    async def in_identity(self, do: Callable[[Unpack[Arguments]], Result], *arguments: *Arguments) -> Result:
        """Run what may hash a password, one at a time: it takes long and much memory, by intent."""
        return await asyncio.get_running_loop().run_in_executor(self.slow_hasher, do, *arguments)

    def _sender(self) -> CommandSender:
        assert self._own_sender is not None
        return self._own_sender

    def _committed(self, changes: Changes) -> None:
        self.waiters.committed(changes)
        self.hub.publish(changes.notices)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(_HOUSEKEEPING_SECONDS)
            now_ms = self.now_ms()
            await self.in_control(self.keyring.note_use)
            await self.in_control(self.identity.sessions.note_use)
            await self.in_control(self.audit_pending.finish_left, now_ms - _LEFT_BEHIND_MS)
            # In small steps, since requests wait for the same threads.
            requests_before_ms = now_ms - self.settings.idempotency_days * _DAY_MS
            while await self.in_control(self.requests.forget, requests_before_ms):  # noqa: ASYNC110 # Not a poll.
                await asyncio.sleep(_PAUSE_SECONDS)


def _sender_of(settings: ApiSettings, topic: str) -> KafkaSender:
    return KafkaSender(
        broker=settings.broker,
        topic=topic,
        gather_seconds=settings.gather_ms / 1000,
        commands_max=settings.sender_commands_max,
        acknowledge_seconds=settings.acknowledge_timeout_seconds,
    )
