"""The worker's one producer, and sending to one partition in whole record batches."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.errors import UnknownError

from models.topics import MESSAGE_BYTES_MAX
from streams.commit.ports import Row

logger = logging.getLogger(__name__)

_REQUEST_BYTES_MAX = 2 * MESSAGE_BYTES_MAX
_UNKNOWN_OFFSET = -1


class OutcomeUnknownError(RuntimeError):
    """A batch may or may not be in the log. Only reading the log again can tell, which a restart does."""


async def start_producer(bootstrap: str, *, request_timeout_seconds: float, client_id: str) -> AIOKafkaProducer:
    """A producer that waits for all replicas, idempotent on brokers that can be."""
    settings = {
        "bootstrap_servers": bootstrap,
        "client_id": client_id,
        "acks": "all",
        "linger_ms": 0,
        "max_batch_size": MESSAGE_BYTES_MAX,
        "max_request_size": _REQUEST_BYTES_MAX,
        # Shorter than the session, so that an unknown outcome ends this process before another owner begins.
        "request_timeout_ms": int(request_timeout_seconds * 1000),
    }
    producer = AIOKafkaProducer(enable_idempotence=True, **settings)
    try:
        with _quiet(logging.getLogger("aiokafka.producer.sender")):
            await producer.start()
    except UnknownError:
        # The embedded broker cannot give a producer id. Void batches cover what idempotence would.
        logger.info("the broker has no idempotent producer; going on without")
        await producer.stop()
        producer = AIOKafkaProducer(**settings)
        await producer.start()
    return producer


@contextmanager
def _quiet(library: logging.Logger) -> Iterator[None]:
    """Asking a broker whether it can be idempotent is no error of ours if it cannot."""
    library.disabled = True
    try:
        yield
    finally:
        library.disabled = False


async def append_batch(producer: AIOKafkaProducer, topic: str, partition: int, records: Sequence[Row]) -> int:
    """Append records as one record batch and return its base offset."""
    batch = producer.create_batch()
    for key, value in records:
        if batch.append(timestamp=None, key=key, value=value) is None:
            raise ValueError(f"{len(records)} records for {topic} are more than one record batch")
    sent = await producer.send_batch(batch, topic, partition=partition)
    metadata = await sent
    if metadata.offset == _UNKNOWN_OFFSET:
        raise OutcomeUnknownError(f"{topic}[{partition}] has a batch of ours, but not where")
    return int(metadata.offset)
