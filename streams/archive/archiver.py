"""The archiver: reads all partitions of the topics from where the lake ends, and commits to the lake."""

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from models.topics import MESSAGE_BYTES_MAX, PARTITIONS, catalogue
from streams.admin import cluster_id
from streams.archive import metrics
from streams.archive.buffer import Buffer
from streams.archive.lake import ArchiveError, LakeTable
from streams.archive.options import ArchiveOptions
from streams.archive.records import to_frame
from streams.archive.tables import tables
from streams.kafka_offsets import end_offsets

# A poll that brought this many records means there are more: the next one follows at once.
_BUSY_RECORDS = 2_000
_POLL_RECORDS = 20_000
_FETCH_WAIT_MS = 500
# Gathered by the broker, so that a quiet system is not asked for every record.
_FETCH_BYTES_MIN = 64 * 1024

log = structlog.get_logger(__name__)


class Progress(NamedTuple):
    """Told after each commit."""

    table: str
    rows: int
    repeated: int


class Archiver:
    """Buffers each topic and commits its table when the buffer is old or large enough.

    Everything it knows is in the lake: it can be killed at any point and started again.
    """

    def __init__(
        self,
        options: ArchiveOptions,
        lake: dict[str, LakeTable],
        consumer: AIOKafkaConsumer,
        told: Callable[[Progress], None] | None = None,
    ) -> None:
        self._options = options
        self._lake = lake
        self._consumer = consumer
        self._told = told
        self._buffers = {topic: Buffer() for topic in lake}
        self._compacted_on: dt.date | None = None

    async def seek(self) -> None:
        """Go to where the lake ends in every partition, if the broker still has what comes next."""
        wanted = {
            TopicPartition(topic, partition): table.next_offset(partition)
            for topic, table in self._lake.items()
            for partition in range(PARTITIONS)
        }
        self._consumer.assign(list(wanted))
        begins = await self._consumer.beginning_offsets(list(wanted))
        ends = await end_offsets(self._consumer, wanted)
        for place, offset in wanted.items():
            start = _start(place, offset, begins[place], ends[place], accept_loss=self._options.accept_loss)
            self._consumer.seek(place, start)

    async def run(self, stop: asyncio.Event) -> None:
        """Archive until told to stop, then commit what is left."""
        while not stop.is_set():
            read = await self.poll()
            await self._flush(everything=False)
            await self._compact()
            if read < _BUSY_RECORDS:
                await _pause(stop, self._options.poll_seconds)
        await self._flush(everything=True)

    async def poll(self) -> int:
        """Read what there is into the buffers; return how many records it was."""
        polled: dict[TopicPartition, list[Any]] = await self._consumer.getmany(
            timeout_ms=_FETCH_WAIT_MS, max_records=_POLL_RECORDS
        )
        now = time.monotonic()
        for place, messages in polled.items():
            records = [(m.partition, m.offset, m.timestamp, m.value or b"") for m in messages]
            self._buffers[place.topic].add(place.partition, records, now)
        return sum(map(len, polled.values()))

    async def _flush(self, *, everything: bool) -> None:
        now = time.monotonic()
        for topic, buffer in self._buffers.items():
            table = self._lake[topic]
            metrics.BUFFERED_BYTES.labels(table.table.name).set(buffer.size_bytes)
            due = buffer.is_due(now, self._options.flush_seconds, self._options.flush_bytes)
            if due or (everything and buffer.records):
                self._buffers[topic] = Buffer()
                # The consumer's heart beats meanwhile; nothing is read, so memory stays bounded.
                progress = await asyncio.to_thread(commit, table, buffer)
                self._tell(topic, progress)

    def _tell(self, topic: str, progress: Progress) -> None:
        committed = self._lake[topic].next_offset
        lag = 0
        for partition in range(PARTITIONS):
            highwater = self._consumer.highwater(TopicPartition(topic, partition))
            lag += max(0, (highwater or 0) - committed(partition))
        metrics.LAG_RECORDS.labels(progress.table).set(lag)
        log.info("archived", table=progress.table, rows=progress.rows, repeated=progress.repeated, lag=lag)
        if self._told is not None:
            self._told(progress)

    async def _compact(self) -> None:
        """Once a day, and at the start: a day that is over gets few large files."""
        today = dt.datetime.now(dt.UTC).date()
        if self._compacted_on == today:
            return
        for table in self._lake.values():
            days = await asyncio.to_thread(table.compact_closed_days, today)
            if days:
                log.info("compacted", table=table.table.name, days=[day.isoformat() for day in days])
        self._compacted_on = today


def commit(table: LakeTable, buffer: Buffer) -> Progress:
    """Write what a buffer holds and is new to its table."""
    name = table.table.name
    began = time.perf_counter()
    frame = to_frame(table.table.shape, buffer.records)
    rows = table.write(frame, buffer.offsets)
    metrics.COMMIT_SECONDS.labels(name).inc(time.perf_counter() - began)
    metrics.COMMITS.labels(name).inc(1 if rows else 0)
    metrics.ROWS.labels(name).inc(rows)
    metrics.REPEATED.labels(name).inc(frame.height - rows)
    metrics.COMMITTED_AT.labels(name).set_to_current_time()
    return Progress(name, rows, frame.height - rows)


async def run_archiver(
    options: ArchiveOptions,
    stop: asyncio.Event | None = None,
    told: Callable[[Progress], None] | None = None,
) -> None:
    """Archive until `stop` is set, or for ever.

    Raises:
        ArchiveError: the lake and the broker do not fit, or there is another archiver.
    """
    cluster = await asyncio.to_thread(cluster_id, options.bootstrap)
    lake = await asyncio.to_thread(open_lake, options, cluster)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=options.bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=MESSAGE_BYTES_MAX,
        fetch_min_bytes=_FETCH_BYTES_MIN,
        fetch_max_wait_ms=_FETCH_WAIT_MS,
    )
    await consumer.start()
    try:
        archiver = Archiver(options, lake, consumer, told)
        await archiver.seek()
        await archiver.run(stop or asyncio.Event())
    finally:
        await consumer.stop()


def open_lake(options: ArchiveOptions, cluster: str) -> dict[str, LakeTable]:
    """Every table by the topic it holds, made if it is not there."""
    return {table.topic: LakeTable(table, options, cluster) for table in tables(catalogue(options.prefix))}


def _start(place: TopicPartition, wanted: int, begins: int, ends: int, *, accept_loss: bool) -> int:
    if wanted > ends:
        raise ArchiveError(
            f"the lake has {place.topic}[{place.partition}] up to offset {wanted}, but the topic ends at {ends}: "
            "it was emptied or made anew. Give the archive another lake directory."
        )
    if wanted >= begins:
        return wanted
    if accept_loss:
        log.warning("records lost", topic=place.topic, partition=place.partition, first=wanted, next=begins)
        return begins
    raise ArchiveError(
        f"{place.topic}[{place.partition}] begins at offset {begins}, and the lake ends at {wanted}: records "
        "were deleted before they were archived. Restore the topic, or accept the loss with "
        "`headrace archive --accept-loss`."
    )


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
