"""The settings of a single-node Kafka, and how it logs."""

import base64
import uuid
from pathlib import Path

from msgspec import Struct

from models.topics import MESSAGE_BYTES_MAX


class KafkaSettings(Struct, frozen=True, kw_only=True):
    """What may differ between a laptop, a test and a bigger machine."""

    heap_mb: int = 512
    # How long a new group's first member waits for others; workers here start one by one.
    group_initial_rebalance_delay_ms: int = 0
    group_min_session_timeout_ms: int = 1_000
    # After a crash the controller holds the broker's name for this long before it lets it back in.
    broker_session_timeout_ms: int = 3_000
    offsets_topic_partitions: int = 4


def server_properties(settings: KafkaSettings, *, listener: str, controller: str, topics_dir: Path) -> str:
    """The content of server.properties for the given host:port of clients and of the controller."""
    properties = {
        "process.roles": "broker,controller",
        "node.id": 1,
        # Named statically, so that ports may differ from one run to the next on the same data.
        "controller.quorum.voters": f"1@{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{listener},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{listener}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": topics_dir,
        # Every topic comes from the catalogue; a mistyped name is an error.
        "auto.create.topics.enable": "false",
        "default.replication.factor": 1,
        "min.insync.replicas": 1,
        "message.max.bytes": MESSAGE_BYTES_MAX,
        "replica.fetch.max.bytes": MESSAGE_BYTES_MAX,
        "offsets.topic.num.partitions": settings.offsets_topic_partitions,
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.num.partitions": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": settings.group_initial_rebalance_delay_ms,
        "group.min.session.timeout.ms": settings.group_min_session_timeout_ms,
        "broker.session.timeout.ms": settings.broker_session_timeout_ms,
        "broker.heartbeat.interval.ms": settings.broker_session_timeout_ms // 6,
        # The cleaner's default buffer is 128 MiB, a quarter of the heap.
        "log.cleaner.dedupe.buffer.size": 32 * 1024 * 1024,
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def new_cluster_id() -> str:
    """Kafka's form of an id: a UUID in 22 characters."""
    text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # One that begins with a dash would be read as an option.
    return text.replace("-", "_")


LOG_CONFIG = """\
status = error
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = ${sys:headrace.log}
appender.file.filePattern = ${sys:headrace.log}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = [%d] %p %m (%c)%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 4
"""
