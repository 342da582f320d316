"""One real Kafka for the whole run, as its start takes seconds."""

import logging
from collections.abc import Iterator

import pytest

from streams.brokers.kafka import KafkaBroker


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A running Kafka. A test that ends it starts it again: kill() or stop(), then start()."""
    data_dir = tmp_path_factory.mktemp("kafka")
    with KafkaBroker(data_dir, progress=logging.getLogger(__name__).info) as started:
        yield started
