"""The changelog of one partition on Kafka: appended to by the worker's producer, read back in bulk."""

from collections.abc import AsyncIterator, Sequence

from aiokafka import AIOKafkaProducer

from streams.commit.ports import LogRecord, Row
from streams.producer import append_batch
from streams.restore import BulkReader


class KafkaChangelog:
    """One partition of the changelog topic."""

    def __init__(self, producer: AIOKafkaProducer, reader: BulkReader, topic: str, partition: int) -> None:
        self._producer = producer
        self._reader = reader
        self._topic = topic
        self._partition = partition

    async def end(self) -> int:
        _, end = await self._reader.bounds(self._topic, self._partition)
        return end

    async def append(self, records: Sequence[Row]) -> int:
        return await append_batch(self._producer, self._topic, self._partition, records)

    async def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        async for records in self._reader.read(self._topic, self._partition, start, end):
            yield [LogRecord(record.offset, record.key, record.value) for record in records]
