"""Reads topics from their beginning to their end into a ledger."""

from collections.abc import Callable, Iterable

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from models.topics import PARTITIONS
from pipelines.audit.load_json import TopicRecord

_POLL_SECONDS = 1.0
_POLL_RECORDS = 20_000
_PORTION_RECORDS = 50_000
# A broker that brings nothing for this long is not going to.
_SILENT_POLLS = 60


class TopicReadError(RuntimeError):
    """A topic cannot be read to its end."""


def read_topics(bootstrap: str, topics: Iterable[str], take: Callable[[str, list[TopicRecord]], None]) -> None:
    """Hand over every record of every partition, in portions.

    Where a partition ends is told by the fetch that finds nothing more, which is right on every broker, and not by
    ListOffsets, which is not.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            # It joins no group; the client wants a name all the same.
            "group.id": "headrace-audit",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 100,
            "log_level": 0,
        }
    )
    try:
        for topic in topics:
            _read_topic(consumer, topic, take)
    finally:
        consumer.close()


def _read_topic(consumer: Consumer, topic: str, take: Callable[[str, list[TopicRecord]], None]) -> None:
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in range(PARTITIONS)])
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
    consumer.unassign()


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
