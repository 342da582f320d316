import os
from pathlib import Path

import pytest
from aiokafka.errors import MessageSizeTooLargeError

from models.topics import catalogue
from streams.admin import cluster_id, ensure_topics, topic_id
from streams.brokers.kafka import KafkaBroker
from streams.brokers.kafka_jars import find_java, resolve_jars
from streams.brokers.process import BrokerError, accepts_connections
from tests.brokers import append_batch, consumer, create_topic, new_prefix, producer, read_values


async def test_data_and_ids_outlive_a_kill_and_a_stop(kafka_broker: KafkaBroker) -> None:
    topic = new_prefix() + "kept"
    create_topic(kafka_broker.bootstrap, topic, 1)
    ids = cluster_id(kafka_broker.bootstrap), topic_id(kafka_broker.bootstrap, topic)
    async with producer(kafka_broker.bootstrap) as writer:
        assert await append_batch(writer, topic, 0, [b"1", b"2", b"3"]) == 0
    kafka_broker.kill()
    assert not accepts_connections(kafka_broker.port)
    kafka_broker.start()
    async with producer(kafka_broker.bootstrap) as writer:
        assert await append_batch(writer, topic, 0, [b"4"]) == 3
    kafka_broker.restart()
    assert ids == (cluster_id(kafka_broker.bootstrap), topic_id(kafka_broker.bootstrap, topic))
    async with consumer(kafka_broker.bootstrap) as reader:
        assert await read_values(reader, topic, 0, 4) == [b"1", b"2", b"3", b"4"]


async def test_a_later_run_finds_the_data_under_other_ports(tmp_path: Path) -> None:
    with KafkaBroker(tmp_path / "data") as first:
        create_topic(first.bootstrap, "kept", 1)
        async with producer(first.bootstrap) as writer:
            await append_batch(writer, "kept", 0, [b"1"])
        cluster = cluster_id(first.bootstrap)
    with KafkaBroker(tmp_path / "data") as second:
        assert second.port != first.port
        assert cluster_id(second.bootstrap) == cluster
        async with consumer(second.bootstrap) as reader:
            assert await read_values(reader, "kept", 0, 1) == [b"1"]
    assert {path.name for path in (tmp_path / "data").iterdir()} == {
        "config",
        "logs",
        "tmp",
        "topics",
    }
    assert "started" in second.log_path.read_text()


async def test_the_idempotent_producer_is_told_right_base_offsets(
    kafka_broker: KafkaBroker,
) -> None:
    topic = new_prefix() + "idempotent"
    create_topic(kafka_broker.bootstrap, topic, 1)
    async with producer(kafka_broker.bootstrap, idempotent=True) as writer:
        bases = [await append_batch(writer, topic, 0, [b"x"] * count) for count in (3, 1, 5)]
    assert bases == [0, 3, 4]


async def test_a_batch_over_the_topics_limit_is_refused_whole(kafka_broker: KafkaBroker) -> None:
    own = catalogue(new_prefix())
    ensure_topics(kafka_broker.bootstrap, own)
    name = own.pool_changelog.name
    async with (
        producer(kafka_broker.bootstrap) as writer,
        consumer(kafka_broker.bootstrap) as reader,
    ):
        # 8 MiB, the agent's own limit, is taken.
        batch = [os.urandom(80_000) for _ in range(100)]
        assert await append_batch(writer, name, 0, batch) == 0
        assert await read_values(reader, name, 0, 100) == batch
    create_topic(kafka_broker.bootstrap, name + "-small", 1, max_message_bytes="1000")
    async with producer(kafka_broker.bootstrap) as writer:
        with pytest.raises(MessageSizeTooLargeError):
            await append_batch(writer, name + "-small", 0, [b"x" * 500] * 3)
        assert await append_batch(writer, name + "-small", 0, [b"x" * 500]) == 0


def test_missing_java_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(BrokerError, match="install Java 17 or newer"):
        KafkaBroker(tmp_path / "data").start()
    assert not (tmp_path / "data").exists()


def test_an_old_java_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(BrokerError, match="is 11: install Java 17 or newer"):
        find_java()


def test_missing_maven_is_an_error_and_leaves_no_half_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    with pytest.raises(BrokerError, match="apt-get install maven"):
        resolve_jars(tmp_path / "cache", progress=said.append)
    assert len(said) == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["kafka.lock"]
