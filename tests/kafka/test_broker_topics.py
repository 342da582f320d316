import pytest
from aiokafka import TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ConfigResource,
    ResourceType,
)

from models.topics import catalogue
from streams.admin import Drift, TopicsError, ensure_topics, topic_id
from streams.brokers.kafka import KafkaBroker
from streams.kafka_offsets import end_offset, end_offsets
from tests.brokers import append_batch, consumer, create_topic, new_prefix, producer


async def test_topics_take_records_as_soon_as_they_are_ensured(kafka_broker: KafkaBroker) -> None:
    own = catalogue(new_prefix())
    report = ensure_topics(kafka_broker.bootstrap, own)
    assert report.created == tuple(topic.name for topic in own.topics())
    async with producer(kafka_broker.bootstrap) as writer:
        for topic in own.topics():
            assert await append_batch(writer, topic.name, 47, [b"x"]) == 0
    again = ensure_topics(kafka_broker.bootstrap, own)
    assert (again.created, again.existing, again.drift) == ((), report.created, ())


def test_topics_have_the_settings_of_the_catalogue(kafka_broker: KafkaBroker) -> None:
    own = catalogue(new_prefix())
    ensure_topics(kafka_broker.bootstrap, own)
    admin = AdminClient({"bootstrap.servers": kafka_broker.bootstrap})
    for topic in own.topics():
        resource = ConfigResource(ResourceType.TOPIC, topic.name)
        found = admin.describe_configs([resource])[resource].result(10)
        wanted = topic.configs()
        assert {name: found[name].value for name in wanted} == wanted


def test_another_partition_count_is_refused_and_nothing_is_created(
    kafka_broker: KafkaBroker,
) -> None:
    own = catalogue(new_prefix())
    create_topic(kafka_broker.bootstrap, own.commands.name, 4)
    with pytest.raises(TopicsError, match="has 4 partitions, not 48"):
        ensure_topics(kafka_broker.bootstrap, own)
    with pytest.raises(TopicsError, match="cannot describe"):
        topic_id(kafka_broker.bootstrap, own.order_views.name)


def test_another_cleanup_policy_is_reported(kafka_broker: KafkaBroker) -> None:
    own = catalogue(new_prefix())
    name = own.pool_changelog.name
    create_topic(kafka_broker.bootstrap, name, 48, cleanup_policy="compact,delete")
    assert ensure_topics(kafka_broker.bootstrap, own).drift == (
        Drift(topic=name, setting="cleanup.policy", expected="compact", found="compact,delete"),
    )


async def test_the_end_of_a_partition_is_right(kafka_broker: KafkaBroker) -> None:
    topic = new_prefix() + "ends"
    create_topic(kafka_broker.bootstrap, topic, 3)
    tps = [TopicPartition(topic, partition) for partition in range(3)]
    async with (
        producer(kafka_broker.bootstrap) as writer,
        consumer(kafka_broker.bootstrap) as reader,
    ):
        assert await end_offset(reader, tps[1]) == 0
        await append_batch(writer, topic, 0, [b"a"] * 3)
        await append_batch(writer, topic, 0, [b"b"] * 5)
        await append_batch(writer, topic, 2, [b"c"])
        assert await end_offsets(reader, tps) == dict(zip(tps, [8, 0, 1], strict=True))
