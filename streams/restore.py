"""Reading stretches of partitions in bulk, beside Faust: it recovers a table record by record, some 4,000 a second."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams.kafka_offsets import end_offset

_RECORDS_A_POLL = 5_000
_POLL_MS = 1_000
_FETCH_BYTES = 16 << 20


class BulkReader:
    """A few consumers outside any group, lent to whoever restores."""

    def __init__(self, bootstrap: str, *, client_id: str, at_once: int = 4) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._permits = asyncio.Semaphore(at_once)
        self._idle: list[AIOKafkaConsumer] = []
        self._all: list[AIOKafkaConsumer] = []

    async def end(self, topic: str, partition: int) -> int:
        """The offset that the partition's next record will get."""
        tp = TopicPartition(topic, partition)
        async with self._borrow(tp) as consumer:
            return await end_offset(consumer, tp)

    async def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """The offsets of the first record that is still there, and of the next one to come."""
        tp = TopicPartition(topic, partition)
        async with self._borrow(tp) as consumer:
            begins = await consumer.beginning_offsets([tp])
            return begins[tp], await end_offset(consumer, tp)

    async def read(
        self, topic: str, partition: int, start: int, end: int
    ) -> AsyncIterator[Sequence[ConsumerRecord[bytes, bytes]]]:
        """What is left of the records with start <= offset < end, in order, in chunks."""
        if start >= end:
            return
        tp = TopicPartition(topic, partition)
        async with self._borrow(tp) as consumer:
            consumer.seek(tp, start)
            position = start
            while position < end:
                polled = await consumer.getmany(tp, timeout_ms=_POLL_MS, max_records=_RECORDS_A_POLL)
                records = polled.get(tp, [])
                if records and records[-1].offset >= end:
                    records = [record for record in records if record.offset < end]
                if records:
                    yield records
                position = await consumer.position(tp)

    async def stop(self) -> None:
        for consumer in self._all:
            await consumer.stop()

    @asynccontextmanager
    async def _borrow(self, tp: TopicPartition) -> AsyncIterator[Any]:
        async with self._permits:
            consumer = self._idle.pop() if self._idle else await self._new_consumer()
            try:
                consumer.assign([tp])
                yield consumer
            finally:
                self._idle.append(consumer)

    async def _new_consumer(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            check_crcs=False,
            fetch_max_bytes=_FETCH_BYTES,
            max_partition_fetch_bytes=_FETCH_BYTES,
        )
        await consumer.start()
        self._all.append(consumer)
        return consumer
