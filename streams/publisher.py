"""Publishing a batch's updates: one record batch a topic, to the partition of the pool's own number."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence

from aiokafka import AIOKafkaProducer

from models.topics import BATCH_BYTES_MAX, Cleanup, Topic
from models.updates import Update
from streams.commit.ports import Row, TopicKey
from streams.producer import append_batch
from streams.restore import BulkReader


class KafkaPublisher:
    """The topics of one partition number, which nobody but the partition's owner writes to.

    `topics` are the core's names of topics, and the catalogue's. A batch that does not begin where our last one ended
    shows that somebody else has published in between, as the changelog shows it, but too late to prevent it.
    """

    def __init__(
        self, producer: AIOKafkaProducer, reader: BulkReader, topics: Mapping[str, Topic], partition: int
    ) -> None:
        self._producer = producer
        self._reader = reader
        self._topics = topics
        self._partition = partition
        self._ends: dict[str, int] = {}

    def begin(self) -> None:
        """Others may have owned the partition, and rightly published, until now."""
        self._ends.clear()

    async def publish(self, updates: Sequence[Update]) -> set[TopicKey]:
        by_topic: dict[str, list[Row]] = {}
        for update in updates:
            by_topic.setdefault(update.topic, []).append((update.key, update.value))
        strange = await asyncio.gather(*(self._send(topic, rows) for topic, rows in by_topic.items()))
        return set().union(*strange)

    async def _send(self, name: str, rows: Iterable[Row]) -> set[TopicKey]:
        topic = self._topics[name]
        strange: set[TopicKey] = set()
        for records in _cut(rows):
            base = await append_batch(self._producer, topic.name, self._partition, records)
            expected = self._ends.get(name, base)
            self._ends[name] = base + len(records)
            # In a topic that is not compacted, readers have the newer value already, and ignore the older one.
            if base > expected and topic.cleanup is Cleanup.COMPACT:
                strange |= await self._keys(name, expected, base)
        return strange

    async def _keys(self, name: str, start: int, end: int) -> set[TopicKey]:
        read = self._reader.read(self._topics[name].name, self._partition, start, end)
        return {(name, record.key) async for records in read for record in records if record.key is not None}


def _cut(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Batches that the broker takes, in order."""
    records: list[Row] = []
    size = 0
    for key, value in rows:
        row_bytes = len(key) + len(value or b"")
        if records and size + row_bytes > BATCH_BYTES_MAX:
            yield records
            records, size = [], 0
        records.append((key, value))
        size += row_bytes
    yield records
