"""What tests of both brokers share: small topics, and batches appended as the pool agent does."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]


def new_prefix() -> str:
    """A prefix of topic names that no other test has."""
    return f"t{uuid.uuid4().hex[:8]}-"


def create_topic(bootstrap: str, name: str, partitions: int, **configs: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    settings = {key.replace("_", "."): value for key, value in configs.items()}
    topic = NewTopic(name, num_partitions=partitions, replication_factor=1, config=settings)
    admin.create_topics([topic])[name].result(10)


@asynccontextmanager
async def producer(bootstrap: str, *, idempotent: bool = False) -> AsyncIterator[AIOKafkaProducer]:
    made = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=idempotent,
        max_batch_size=9 * 1024 * 1024,
        max_request_size=9 * 1024 * 1024,
    )
    try:
        await made.start()
        yield made
    finally:
        # Also after a failed start, which leaves its connection open.
        await made.stop()


@asynccontextmanager
async def consumer(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as started:
        yield started


async def append_batch(writer: AIOKafkaProducer, topic: str, partition: int, values: list[bytes]) -> int:
    """Append the values as one record batch and return its base offset."""
    batch = writer.create_batch()
    for value in values:
        assert batch.append(key=b"k", value=value, timestamp=None) is not None
    acknowledged = await writer.send_batch(batch, topic, partition=partition)
    return int((await acknowledged).offset)


async def read_values(reader: AIOKafkaConsumer, topic: str, partition: int, count: int) -> list[bytes]:
    """The first values of the partition, from its beginning."""
    tp = TopicPartition(topic, partition)
    reader.assign([tp])
    await reader.seek_to_beginning(tp)
    values: list[bytes] = []
    while len(values) < count:
        records = await reader.getmany(tp, timeout_ms=10_000)
        assert records, f"only {len(values)} of {count} records came"
        values += [record.value for record in records[tp]]
    return values
