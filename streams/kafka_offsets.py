"""Where a partition ends, right on every broker.

The embedded broker answers ListOffsets(latest) with the last batch's base offset + 1, so a reader
that trusts it stops inside that batch. The high watermark of a fetch response is right on it and
on Kafka, so that is what is asked for.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.fetch import FetchRequest

# With a wait of 0 the embedded broker answers nothing at all. Kafka does not wait, as no bytes are
# asked for.
_FETCH_WAIT_MS = 50
_FETCH_BYTES_MIN = 0
_FETCH_BYTES_MAX = 1
_READ_UNCOMMITTED = 0
_RETRY_SECONDS = 0.1
_TIMEOUT_SECONDS = 30.0


async def end_offset(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int:
    """The offset that the partition's next record will get; 0 when nothing was ever written."""
    return (await end_offsets(consumer, [partition]))[partition]


async def end_offsets(consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """As end_offset, for many partitions at once. The consumer's assignment and positions stay as
    they are.
    """
    missing = set(partitions)
    ends: dict[TopicPartition, int] = {}
    async with asyncio.timeout(_TIMEOUT_SECONDS):
        while True:
            # What it answers is never past the end, so it is a place that can be fetched from.
            listed: Mapping[TopicPartition, int] = await consumer.end_offsets(sorted(missing))
            ends |= await _high_watermarks(consumer, listed)
            missing -= ends.keys()
            if not missing:
                return ends
            await asyncio.sleep(_RETRY_SECONDS)


async def _high_watermarks(
    consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    """The partitions' high watermarks; a partition whose leader does not answer for it is left
    out.
    """
    # Only the client below the consumer can fetch without moving a position; aiokafka's version is
    # pinned.
    client = consumer._client  # noqa: SLF001
    by_leader: dict[int, dict[str, list[tuple[int, int, int]]]] = {}
    for tp, offset in sorted(offsets.items()):
        leader = client.cluster.leader_for_partition(tp)
        if leader is not None and leader >= 0:
            fetches = by_leader.setdefault(leader, {}).setdefault(tp.topic, [])
            fetches.append((tp.partition, offset, _FETCH_BYTES_MAX))
    found: dict[TopicPartition, int] = {}
    for leader, topics in by_leader.items():
        request = FetchRequest(
            _FETCH_WAIT_MS,
            _FETCH_BYTES_MIN,
            _FETCH_BYTES_MAX,
            _READ_UNCOMMITTED,
            list(topics.items()),
        )
        try:
            found |= _read(await client.send(leader, request))
        except KafkaError as error:
            # A broker that is starting again is asked once more, until the time is up.
            if not error.retriable:
                raise
    if found.keys() != offsets.keys():
        await client.force_metadata_update()
    return found


def _read(response: Any) -> dict[TopicPartition, int]:
    found: dict[TopicPartition, int] = {}
    for topic, partitions in response.topics:
        for partition, error_code, high_watermark, *_ in partitions:
            error = for_code(error_code)
            if error_code == 0:
                found[TopicPartition(topic, partition)] = high_watermark
            elif not error.retriable:
                raise error(f"fetching the end of {topic}[{partition}]")
    return found
