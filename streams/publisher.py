"""Publishing a batch's updates: one record batch a topic, to the partition of the pool's own number."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence

from aiokafka import AIOKafkaProducer

from models.topics import BATCH_BYTES_MAX
from models.updates import Update
from streams.commit.ports import Row
from streams.producer import append_batch


class KafkaPublisher:
    """The topics of one partition number. `topics` maps the core's names to those on the broker."""

    def __init__(self, producer: AIOKafkaProducer, topics: Mapping[str, str], partition: int) -> None:
        self._producer = producer
        self._topics = topics
        self._partition = partition

    async def publish(self, updates: Sequence[Update]) -> None:
        by_topic: dict[str, list[Row]] = {}
        for update in updates:
            by_topic.setdefault(update.topic, []).append((update.key, update.value))
        await asyncio.gather(*(self._send(topic, rows) for topic, rows in by_topic.items()))

    async def _send(self, topic: str, rows: Iterable[Row]) -> None:
        for records in _cut(rows):
            await append_batch(self._producer, self._topics[topic], self._partition, records)


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
