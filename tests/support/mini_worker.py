"""A worker without state on disk: the real engine over the topic `commands`, its updates published as the worker's."""

import asyncio
import contextlib
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from models.engine import Engine
from models.topics import Catalogue
from models.updates import Update


class MiniWorker:
    """Decides the commands of all partitions, in the process of the test."""

    def __init__(self, bootstrap: str, topics: Catalogue) -> None:
        self._bootstrap = bootstrap
        self._topics = {topic.name.removeprefix(_prefix_of(topics)): topic.name for topic in topics.topics()}
        self._commands = topics.commands.name
        self.read: list[bytes] = []
        """The commands that have come, as they stood in the topic."""
        self.engines = {number: Engine(number) for number in range(topics.commands.partitions)}
        self.deciding = False
        self.told: dict[tuple[str, int], int] = {}
        """The offset after the last record that was told, by topic and partition."""
        self._task: asyncio.Task[None] | None = None
        self.paused = asyncio.Event()
        self.paused.set()

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=10
        )
        self._producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, acks="all", max_request_size=8 << 20)
        await self._consumer.start()
        await self._producer.start()
        self._consumer.assign([TopicPartition(self._commands, number) for number in self.engines])
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self._consumer.stop()
        await self._producer.stop()

    async def _run(self) -> None:
        while True:
            await self.paused.wait()
            for tp, records in (await self._consumer.getmany(timeout_ms=100)).items():
                for record in records:
                    await self.paused.wait()
                    self.deciding = True
                    await self._decide(tp.partition, record.value, record.offset)
                    self.deciding = False

    async def _decide(self, partition: int, value: bytes, offset: int) -> None:
        engine = self.engines[partition]
        updates: list[Update] = []
        for index, item in enumerate(engine.split(value)):
            self.read.append(item)
            updates += engine.apply(item, offset, index).updates
            while (left := engine.drain()) is not None:
                updates += left.updates
        sent: dict[tuple[str, bytes], bytes] = {}
        futures = []
        for topic, key, told in updates:
            if told is not None:
                futures.append(await self._send(topic, key, told, partition))
            else:
                # Of a row that changed several times in the batch only the last is told.
                sent[topic, key] = engine.render(topic, key)
        futures += [await self._send(topic, key, rendered, partition) for (topic, key), rendered in sent.items()]
        for landed in await asyncio.gather(*futures):
            self.told[landed.topic, landed.partition] = landed.offset + 1

    async def _send(self, topic: str, key: bytes, value: bytes, partition: int) -> Any:
        return await self._producer.send(self._topics[topic], value, key=key, partition=partition)


def _prefix_of(topics: Catalogue) -> str:
    return topics.commands.name.removesuffix("commands")
