"""Where the worker of each partition stood last, and the digest of its rows there, from the ends of the changelog."""

import time

import polars as pl
from confluent_kafka import Consumer, KafkaException, TopicPartition

from models.topics import PARTITIONS, catalogue
from pipelines.audit.kafka import read_topics
from pipelines.audit.replay import LiveDigests

# A batch ends with the position; even the largest has fewer records, and one that landed elsewhere is passed over.
_TAIL_RECORDS = 20_000
_ANSWER_SECONDS = 10.0
_TRIES = 5
_PAUSE_SECONDS = 2.0


def read_checkpoints(bootstrap: str, prefix: str = "") -> pl.DataFrame:
    """Partition, the next (offset, item) that its worker will decide, and the digest; none for one never written."""
    topic = catalogue(prefix).pool_changelog.name
    live = LiveDigests()
    read_topics(bootstrap, (topic,), lambda _, records: live.take(records), _tails(bootstrap, topic))
    rows = [(partition, offset, item, live.digests[partition]) for partition, (offset, item) in live.positions.items()]
    schema = {"partition": pl.Int32, "offset": pl.Int64, "item": pl.Int32, "digest": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("partition")


def _tails(bootstrap: str, topic: str) -> dict[int, int]:
    """Where to begin: never past the end, as a broker may name an end that is too small, but none that is too large."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "headrace-night", "log_level": 0})
    try:
        ends = {}
        for partition in range(PARTITIONS):
            low, high = _watermarks(consumer, TopicPartition(topic, partition))
            ends[partition] = max(low, high - _TAIL_RECORDS)
        return ends
    finally:
        consumer.close()


def _watermarks(consumer: Consumer, partition: TopicPartition) -> tuple[int, int]:
    """A broker under load refuses a connection now and then; the night has time."""
    for tries_left in reversed(range(_TRIES)):
        try:
            return consumer.get_watermark_offsets(partition, timeout=_ANSWER_SECONDS)
        except KafkaException:
            if not tries_left:
                raise
            time.sleep(_PAUSE_SECONDS)
    raise AssertionError("the last try gives or raises")
