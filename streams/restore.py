"""Reading stretches of partitions in bulk, beside Faust: it recovers a table record by record, some 4,000 a second."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams.kafka_offsets import end_offsets

_RECORDS_A_POLL = 5_000
_POLL_MS = 1_000
_FETCH_BYTES = 16 << 20
# Partitions of a worker that starts ask at about the same time; one question serves them all.
_GATHER_SECONDS = 0.01


class BulkReader:
    """A few consumers outside any group, lent to whoever restores, and one that only asks for offsets."""

    def __init__(self, bootstrap: str, *, client_id: str, at_once: int = 4) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._permits = asyncio.Semaphore(at_once)
        self._idle: list[AIOKafkaConsumer] = []
        self._all: list[AIOKafkaConsumer] = []
        self._asker: AIOKafkaConsumer | None = None
        self._asking = asyncio.Lock()
        self._asked: dict[TopicPartition, asyncio.Future[tuple[int, int]]] = {}

    async def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """The offsets of the first record that is still there, and of the next one to come."""
        tp = TopicPartition(topic, partition)
        answer = self._asked.get(tp)
        if answer is None:
            answer = self._asked[tp] = asyncio.get_running_loop().create_future()
        await asyncio.sleep(_GATHER_SECONDS)
        async with self._asking:
            # Whoever comes first asks for all that have gathered meanwhile.
            if not answer.done():
                await self._ask()
        return await answer

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

    async def _ask(self) -> None:
        if self._asker is None:
            self._asker = await self._new_consumer()
        asked, self._asked = self._asked, {}
        try:
            begins = await self._asker.beginning_offsets(list(asked))
            ends = await end_offsets(self._asker, asked)
        except BaseException as error:
            for answer in asked.values():
                answer.set_exception(error)
            raise
        for tp, answer in asked.items():
            answer.set_result((begins[tp], ends[tp]))

    @asynccontextmanager
    async def _borrow(self, tp: TopicPartition) -> AsyncIterator[Any]:
        async with self._permits:
            consumer = self._idle.pop() if self._idle else await self._new_consumer()
            consumer.assign([tp])
            try:
                yield consumer
            finally:
                # Or it would go on fetching what nobody reads.
                consumer.unsubscribe()
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
