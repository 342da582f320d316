"""Reads the topics into the views: one thread, all partitions, from the offsets that stand beside the rows.

librdkafka reads here: with some hundred partitions, a client in Python spends its time on empty fetches.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from msgspec import Struct

from api.views.rows import Record

_RETRY_SECONDS = 1.0
_POLL_SECONDS = 0.25
_METADATA_SECONDS = 5.0
_CLUSTER_CHECK_SECONDS = 10.0
_LAG_SECONDS = 0.5
_HOUSEKEEPING_SECONDS = 30.0
_QUEUE_KIB = 32 * 1024
_QUEUE_MESSAGES = 20_000

log = structlog.get_logger(__name__)
Place = tuple[str, int]
Offsets = dict[Place, int]
Told = TypeVar("Told")
Told_co = TypeVar("Told_co", covariant=True)


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
    """Records that are not in the views yet, by the ends that the last fetches told."""
    records: int = 0
    wipes: int = 0


class TopicsMissingError(Exception):
    """The broker does not have all topics."""


class OffsetsLostError(Exception):
    """A partition ends before the place that was reached in it, or begins after it."""


class RecordStore(Protocol[Told_co]):
    """Keeps what records say together with how far they were read; see `api.views.store.ViewStore`."""

    def cluster(self) -> str | None:
        """Give the cluster that was read."""

    def offsets(self) -> Offsets:
        """Give the next offset to read, by topic and partition."""

    def apply(self, records: Iterable[Record], next_offsets: Offsets) -> Told_co:
        """Store what the records say and how far they go, in one transaction."""

    def wipe(self, cluster: str) -> None:
        """Begin anew for a cluster."""

    def forget(self, before_ms: int) -> int:
        """Drop some of what is too old, and say how many rows."""


class ViewConsumer(Generic[Told]):
    """Feeds a store, and tells the event loop what is committed."""

    def __init__(
        self,
        *,
        broker: str,
        topics: list[str],
        store: RecordStore[Told],
        committed: Callable[[Told], None],
        fetch_wait_ms: int,
        batch_records: int,
        forget_before_ms: Callable[[], int],
        name: str = "views",
    ) -> None:
        self._settings = {
            "bootstrap.servers": broker,
            "client.id": f"headrace-api-{name}",
            # Named because the client wants it; no group is joined and nothing is committed to the broker.
            "group.id": f"headrace-api-{name}",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": fetch_wait_ms,
            "queued.max.messages.kbytes": _QUEUE_KIB,
            "queued.min.messages": _QUEUE_MESSAGES,
            "log_level": 0,
        }
        self._name = name
        self._topics = topics
        self._store = store
        self._tell_committed = committed
        self._batch_records = batch_records
        self._forget_before_ms = forget_before_ms
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next: dict[Place, int] = {}
        self._places: list[Place] = []
        self._behind: set[Place] = set()
        self._forget_at = time.monotonic() + _HOUSEKEEPING_SECONDS
        self.progress = Progress()

    async def start(self) -> None:
        """Begin to read; does not wait for the broker."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """End after what is being stored."""
        self._stopping.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._session()
            except TopicsMissingError as error:
                self.progress.state = State.TOPICS_MISSING
                log.warning("topics are missing: run `headrace topics`", topics=str(error))
            except OffsetsLostError as error:
                log.warning(
                    "what was read does not fit the topics, which are read anew", reader=self._name, place=str(error)
                )
                self._wipe("")
            except KafkaException as error:
                self.progress.state = State.CONNECTING
                log.warning("the topics cannot be read on, trying again", reader=self._name, error=str(error.args[0]))
            except Exception:
                self.progress.state = State.CONNECTING
                log.exception("what was read cannot be written, trying again", reader=self._name)
            self._stopping.wait(_RETRY_SECONDS)

    def _session(self) -> None:
        consumer = Consumer(self._settings)
        try:
            cluster, places = self._describe(consumer)
            if cluster != self._store.cluster():
                self._wipe(cluster)
            self._next = self._store.offsets()
            self._places, self._behind = places, set(places)
            consumer.assign([TopicPartition(*place, self._next.get(place, OFFSET_BEGINNING)) for place in places])
            self.progress.state, self.progress.lag = State.CATCHING_UP, None
            self._read(consumer, cluster)
        finally:
            consumer.close()

    def _describe(self, consumer: Consumer) -> tuple[str, list[Place]]:
        metadata = consumer.list_topics(timeout=_METADATA_SECONDS)
        missing = [topic for topic in self._topics if topic not in metadata.topics]
        if missing:
            raise TopicsMissingError(", ".join(missing))
        places = [(topic, number) for topic in self._topics for number in metadata.topics[topic].partitions]
        return str(metadata.cluster_id), places

    def _read(self, consumer: Consumer, cluster: str) -> None:
        lag_at = time.monotonic() + _LAG_SECONDS
        check_at = time.monotonic() + _CLUSTER_CHECK_SECONDS
        while not self._stopping.is_set():
            first = consumer.poll(_POLL_SECONDS)
            if first is not None:
                # Taken without waiting: a batch is whatever has come, so few records are never kept for company.
                self._take([first, *consumer.consume(self._batch_records - 1, timeout=0)])
            now = time.monotonic()
            if now > lag_at:
                self.progress.lag = self._lag(consumer)
                lag_at = now + _LAG_SECONDS
            if now > check_at:
                # A broker that keeps nothing comes back as another cluster on the same address.
                if self._describe(consumer)[0] != cluster:
                    return
                check_at = now + _CLUSTER_CHECK_SECONDS
            if now > self._forget_at and not self._store.forget(self._forget_before_ms()):
                self._forget_at = now + _HOUSEKEEPING_SECONDS

    def _take(self, messages: list[Message]) -> None:
        records: list[Record] = []
        ends: Offsets = {}
        for message in messages:
            topic, partition = message.topic(), message.partition()
            assert topic is not None
            assert partition is not None
            error = message.error()
            if error is not None:
                self._note(error, (topic, partition))
                continue
            ends[topic, partition] = _offset_of(message) + 1
            value = message.value()
            # A record without a value is a deletion from a compacted topic: what we show stays.
            if value is not None:
                records.append(Record(topic, partition, message.timestamp()[1], bytes(value)))
        if ends:
            changes = self._store.apply(records, ends)
            self._next |= ends
            self.progress.records += len(records)
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._tell_committed, changes)
        if not self._behind:
            self.progress.state = State.LIVE

    def _lag(self, consumer: Consumer) -> int | None:
        """Asked on this thread only: from another one each answer waits for a poll to end."""
        lag = 0
        for place in self._places:
            _, end = consumer.get_watermark_offsets(TopicPartition(*place), cached=True)
            if end < 0:
                return None
            # An empty partition has no place yet.
            lag += max(0, end - self._next.get(place, 0 if place in self._behind else end))
        return lag

    def _note(self, error: KafkaError, place: Place) -> None:
        code = error.code()
        if code == KafkaError._PARTITION_EOF:  # noqa: SLF001 # Its public name for an end that was reached.
            self._behind.discard(place)
        elif code in (KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET):  # noqa: SLF001 # As above.
            raise OffsetsLostError(f"{place[0]}[{place[1]}] at {self._next.get(place)}")
        elif not error.retriable():
            raise KafkaException(error)

    def _wipe(self, cluster: str) -> None:
        self._store.wipe(cluster)
        self.progress.wipes += 1


def _offset_of(message: Message) -> int:
    offset = message.offset()
    assert offset is not None
    return offset
