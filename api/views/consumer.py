"""Reads the topics into the views: one task, all partitions, from the offsets that stand beside the rows."""

import asyncio
import contextlib
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar, TypeVarTuple, Unpack

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from msgspec import Struct

from api.views.rows import Changes, Record
from api.views.store import Offsets, ViewStore

_RETRY_SECONDS = 1.0
_POLL_MS = 500
_PARTITION_BYTES = 4 * 1024 * 1024
_CLUSTER_CHECK_SECONDS = 10.0

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class State(StrEnum):
    """How the views stand to the topics."""

    CONNECTING = "connecting"
    TOPICS_MISSING = "topics_missing"
    CATCHING_UP = "catching_up"
    LIVE = "live"


class Progress(Struct):
    """What health tells."""

    state: State = State.CONNECTING
    lag: int | None = None
    records: int = 0
    wipes: int = 0


class TopicsMissingError(Exception):
    """The broker does not have all topics."""


class ViewConsumer:
    """Feeds a store, and tells what is committed."""

    def __init__(
        self,
        *,
        broker: str,
        topics: list[str],
        store: ViewStore,
        committed: Callable[[Changes], None],
        fetch_wait_ms: int,
        batch_records: int,
    ) -> None:
        self._broker = broker
        self._topics = topics
        self._store = store
        self._committed = committed
        self._fetch_wait_ms = fetch_wait_ms
        self._batch_records = batch_records
        self._task: asyncio.Task[None] | None = None
        self._next: dict[TopicPartition, int] = {}
        self.progress = Progress()

    async def start(self) -> None:
        """Begin to read; does not wait for the broker."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End after what is being stored."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._session()
            except TopicsMissingError as error:
                self.progress.state = State.TOPICS_MISSING
                log.warning("topics are missing: run `headrace topics create`", topics=str(error))
            except OffsetOutOfRangeError:
                # The log ends before our place or begins after it: these topics are not those we have read.
                log.warning("the views do not fit the topics and are read anew")
                await self._in_writer(self._store.wipe, "")
                self.progress.wipes += 1
            except (KafkaError, OSError, TimeoutError) as error:
                self.progress.state = State.CONNECTING
                log.warning("the views cannot be read on, trying again", error=repr(error))
            await asyncio.sleep(_RETRY_SECONDS)

    async def _session(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._broker,
            client_id="headrace-api-views",
            auto_offset_reset="none",
            enable_auto_commit=False,
            fetch_max_wait_ms=self._fetch_wait_ms,
            max_partition_fetch_bytes=_PARTITION_BYTES,
        )
        try:
            await consumer.start()
            cluster, partitions = await self._describe()
            if cluster != await self._in_writer(self._store.cluster):
                await self._in_writer(self._store.wipe, cluster)
                self.progress.wipes += 1
            await self._take_places(consumer, partitions)
            self.progress.state = State.CATCHING_UP
            await self._read(consumer, cluster)
        finally:
            await consumer.stop()

    async def _describe(self) -> tuple[str, list[TopicPartition]]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._broker, client_id="headrace-api-views")
        try:
            await admin.start()
            cluster = await admin.describe_cluster()
            described = await admin.describe_topics(self._topics)
        finally:
            await admin.close()
        counts = {topic["topic"]: len(topic["partitions"]) for topic in described if not topic["error_code"]}
        missing = [topic for topic in self._topics if not counts.get(topic)]
        if missing:
            raise TopicsMissingError(", ".join(missing))
        partitions = [TopicPartition(topic, number) for topic in self._topics for number in range(counts[topic])]
        return str(cluster["cluster_id"]), partitions

    async def _take_places(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        stored: Offsets = await self._in_writer(self._store.offsets)
        begins: dict[TopicPartition, int] = await consumer.beginning_offsets(partitions)
        consumer.assign(partitions)
        self._next = {tp: max(begins[tp], stored.get((tp.topic, tp.partition), 0)) for tp in partitions}
        for tp, offset in self._next.items():
            consumer.seek(tp, offset)

    async def _read(self, consumer: AIOKafkaConsumer, cluster: str) -> None:
        loop = asyncio.get_running_loop()
        check_at = loop.time() + _CLUSTER_CHECK_SECONDS
        while True:
            batch = await consumer.getmany(timeout_ms=_POLL_MS, max_records=self._batch_records)
            if batch:
                await self._store_batch(batch)
            self._note_lag(consumer)
            if loop.time() > check_at:
                # A broker that keeps nothing comes back as another cluster on the same address.
                if (await self._describe())[0] != cluster:
                    return
                check_at = loop.time() + _CLUSTER_CHECK_SECONDS

    async def _store_batch(self, batch: dict[TopicPartition, list[Any]]) -> None:
        ends: Offsets = {}
        records: list[Record] = []
        for tp, read in batch.items():
            # A record without a value is a deletion from a compacted topic: what we show stays.
            records.extend(
                Record(tp.topic, tp.partition, record.timestamp, record.value)
                for record in read
                if record.value is not None
            )
            ends[tp.topic, tp.partition] = read[-1].offset + 1
        # Shielded: what is stored is told, also while the server stops.
        changes = await asyncio.shield(self._in_writer(self._store.apply, records, ends))
        for (topic, partition), offset in ends.items():
            self._next[TopicPartition(topic, partition)] = offset
        self.progress.records += len(records)
        self._committed(changes)

    def _note_lag(self, consumer: AIOKafkaConsumer) -> None:
        """ListOffsets says a wrong end on the embedded broker; the high watermark of a fetch is right everywhere."""
        lag = 0
        for tp, offset in self._next.items():
            end = consumer.highwater(tp)
            if end is None:
                return
            lag += max(0, end - offset)
        self.progress.lag = lag
        if lag == 0:
            self.progress.state = State.LIVE

    async def _in_writer(self, do: Callable[[Unpack[Arguments]], Result], *arguments: *Arguments) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._store.writer, do, *arguments)
