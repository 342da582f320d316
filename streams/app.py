"""The Faust app: one agent over `commands`, and a table whose store and recovery are our own."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, cast

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.protocol.group import HeartbeatRequest, SyncGroupRequest
from faust.stores import memory
from faust.tables.table import Table
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from models.topics import MESSAGE_BYTES_MAX, PARTITIONS, POOL_TABLE, Catalogue
from streams.agent import PoolAgent
from streams.lease import GroupLease
from streams.settings import WorkerSettings

logger = logging.getLogger(__name__)

_STREAM_BUFFER_RECORDS = 256
_COMMIT_OFFSETS_SECONDS = 2.0


# Faust lets a fetch wait 1.5 s. Kafka answers as soon as there is something; the embedded broker only looks again now
# and then within the wait, so a long one delays every command there.
_FETCH_WAIT_MS = 50


class LeasedConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread; the lease is renewed by what the group's coordinator answers."""

    def _create_consumer(self, loop: asyncio.AbstractEventLoop) -> AIOKafkaConsumer:
        consumer = super()._create_consumer(loop)
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS  # noqa: SLF001 # Faust has no setting for it.
        return consumer

    async def on_start(self) -> None:
        await super().on_start()
        lease = cast("WorkerApp", self.app).lease
        coordinator = self._ensure_consumer()._coordinator  # noqa: SLF001 # aiokafka tells nobody.
        send = coordinator._send_req  # noqa: SLF001

        async def send_and_note(request: Any) -> Any:
            sent_at = lease.now()
            response = await send(request)
            # aiokafka takes "a rebalance is going on" for success as well; the lease does not.
            confirms = isinstance(request, HeartbeatRequest | SyncGroupRequest)
            if confirms and response.error_code == 0:
                lease.renew(sent_at)
            return response

        coordinator._send_req = send_and_note  # noqa: SLF001


class LeasedConsumer(driver.Consumer):
    """Faust's consumer, reading in that thread."""

    def _new_consumer_thread(self) -> LeasedConsumerThread:
        return LeasedConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def leave_alone(self, changelogs: set[TP]) -> None:
        """Fetch nothing from these partitions: Faust would keep up to a whole fetch of each in memory, unread."""
        consumer = self._thread._ensure_consumer()  # noqa: SLF001 # Faust's own pausing does not reach aiokafka.
        await self._thread.call_thread(_pause, consumer, changelogs)

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """Asked only by Faust's recovery, which is to find nothing to do."""
        return dict.fromkeys(partitions, 0)

    async def verify_all_partitions_active(self) -> None:
        """Faust would complain of every changelog, which is left alone; `Partition.watch` looks after the others."""


async def _pause(consumer: AIOKafkaConsumer, partitions: set[TP]) -> None:
    consumer.pause(*(TopicPartition(*tp) for tp in partitions))


class WorkerTransport(driver.Transport):
    """Faust's transport over aiokafka with our consumer."""

    Consumer = LeasedConsumer


class PoolStore(memory.Store):  # type: ignore[type-arg]
    """What Faust sees of the rows: that they are all there. The owners restore, hold and write them.

    Restoring inside the rebalance would hold up the group, so Faust is told that nothing is left to recover, and every
    owner restores in its own task.
    """

    async def on_rebalance(
        self,
        assigned: set[TP],
        revoked: set[TP],
        newly_assigned: set[TP],
        generation_id: int = 0,
    ) -> None:
        del revoked, newly_assigned
        app = cast("WorkerApp", self.app)
        consumer = cast("LeasedConsumer", app.consumer)
        await consumer.leave_alone({tp for tp in assigned if tp.topic != app.commands_name})
        commands = {tp.partition for tp in assigned if tp.topic == app.commands_name}
        await app.pool_agent.on_assigned(consumer, commands, generation_id)

    def apply_changelog_batch(self, *_: Any, **__: Any) -> None:
        """Nothing: the owners judge what the changelog holds."""


class PoolTable(Table):  # type: ignore[type-arg]
    """Gives the changelog its place beside `commands`, so that both of a partition come to the same worker."""

    def _new_store(self) -> PoolStore:
        return PoolStore("memory://", self.app, self, table_name=self.name, loop=self.loop)


class WorkerApp(faust.App):
    """Faust, set up for owners: at least once, raw bytes, no web server, offsets only for whoever watches."""

    def __init__(self, settings: WorkerSettings, catalogue: Catalogue, lease: GroupLease, agent: PoolAgent) -> None:
        super().__init__(
            catalogue.app_id,
            broker=f"kafka://{settings.broker.replace(',', ';')}",
            broker_client_id=settings.worker_id,
            consumer_group_instance_id=settings.worker_id,
            broker_session_timeout=settings.session_timeout_seconds,
            broker_heartbeat_interval=settings.heartbeat_seconds,
            broker_rebalance_timeout=settings.rebalance_timeout_seconds,
            broker_request_timeout=max(settings.session_timeout_seconds + 1, 10.0),
            broker_commit_interval=_COMMIT_OFFSETS_SECONDS,
            consumer_auto_offset_reset="earliest",
            consumer_max_fetch_size=MESSAGE_BYTES_MAX,
            broker_max_poll_records=_STREAM_BUFFER_RECORDS,
            stream_buffer_maxsize=_STREAM_BUFFER_RECORDS,
            # Owners are awaited by the revocation's own handler, with a limit.
            stream_wait_empty=False,
            # Of the owners' business, and on the embedded broker not to be trusted.
            recovery_consistency_check=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            topic_partitions=PARTITIONS,
            table_standby_replicas=0,
            key_serializer="raw",
            value_serializer="raw",
            store="memory://",
            datadir=settings.state_dir / "faust",
            web_enabled=False,
        )
        self.lease = lease
        self.pool_agent = agent
        self.commands_name = catalogue.commands.name
        self.tables.add(PoolTable(self, name=POOL_TABLE, partitions=PARTITIONS, key_type=bytes, value_type=bytes))
        commands = self.topic(
            self.commands_name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            partitions=PARTITIONS,
        )
        self.agent(commands, name="pool")(agent.consume)
        self.on_partitions_revoked.connect(self._on_revoked)

    def _new_transport(self) -> WorkerTransport:
        return WorkerTransport(self.conf.broker_consumer, self)

    async def _on_revoked(self, *_: Any, **__: Any) -> None:
        await self.pool_agent.on_revoked()
