"""Reads topics from their beginning to their end into a ledger."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from models.topics import PARTITIONS
from pipelines.audit.load_json import TopicRecord

# A poll that is not filled takes all of this.
_POLL_SECONDS = 0.05
_POLL_RECORDS = 20_000
_PORTION_RECORDS = 50_000
# A broker that brings nothing for a minute is not going to.
_SILENT_POLLS = 1_200


class TopicReadError(RuntimeError):
    """A topic cannot be read to its end."""


Take: TypeAlias = Callable[[str, list[TopicRecord]], None]


def read_topics(bootstrap: str, topics: Iterable[str], take: Take, starts: Mapping[int, int] | None = None) -> None:
    """Hand over every record of every partition, in portions; from `starts`, offsets by partition, where given.

    Where a partition ends is told by the fetch that finds nothing more, which is right on every broker, and not by
    ListOffsets, which is not.
    """
    for topic in topics:
        # A consumer that is given another topic waits a second for the fetches of the last one.
        consumer = _consumer(bootstrap)
        try:
            _read_topic(consumer, topic, take, starts or {})
        finally:
            consumer.close()


def _consumer(bootstrap: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            # It joins no group; the client wants a name all the same.
            "group.id": "headrace-audit",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            # Of a log that was shortened the rest is read; that the beginning is missing is for the checks to find.
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 20,
            "fetch.message.max.bytes": 4 * 1024 * 1024,
            "log_level": 0,
        }
    )


def _read_topic(consumer: Consumer, topic: str, take: Take, starts: Mapping[int, int]) -> None:
    consumer.assign([TopicPartition(topic, number, starts.get(number, 0)) for number in range(PARTITIONS)])
    open_partitions = set(range(PARTITIONS))
    portion: list[TopicRecord] = []
    silent = 0
    while open_partitions:
        messages = consumer.consume(_POLL_RECORDS, _POLL_SECONDS)
        silent = 0 if messages else silent + 1
        if silent > _SILENT_POLLS:
            raise TopicReadError(f"{topic}: partitions {sorted(open_partitions)} do not answer; is the broker well?")
        for message in messages:
            error = message.error()
            if error is None:
                portion.append(_record(message))
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 # The library's own name for it.
                open_partitions.discard(message.partition() or 0)
            else:
                raise KafkaException(error)
        if len(portion) >= _PORTION_RECORDS:
            take(topic, portion)
            portion = []
    take(topic, portion)


def _record(message: Message) -> TopicRecord:
    return TopicRecord(
        message.partition() or 0,
        message.offset() or 0,
        message.timestamp()[1],
        _bytes(message.key()),
        _bytes(message.value()),
    )


def _bytes(value: bytes | str | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""
