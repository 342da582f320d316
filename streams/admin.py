"""Creates the catalogue's topics on a broker, and refuses one whose topics do not fit it."""

import time
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined] # Its re-exports are implicit.
    AdminClient,
    ConfigResource,
    NewTopic,
    OffsetSpec,
    ResourceType,
)
from msgspec import Struct

from models.topics import Catalogue, Topic

# Lets the cluster decide by its own default.replication.factor.
BROKER_DEFAULT_REPLICATION = -1

_TIMEOUT_SECONDS = 30.0
_RETRY_SECONDS = 0.1


class TopicsError(RuntimeError):
    """The broker cannot be used as it is; the message says what to do about it."""


class Drift(Struct, frozen=True, kw_only=True):
    """A topic that was there before with another setting than the catalogue's."""

    topic: str
    setting: str
    expected: str
    found: str


class TopicsReport(Struct, frozen=True, kw_only=True):
    """What ensure_topics created and found; drift is left as it is, for a person to decide."""

    created: tuple[str, ...]
    existing: tuple[str, ...]
    drift: tuple[Drift, ...]


def ensure_topics(
    bootstrap: str, catalogue: Catalogue, *, replication_factor: int = BROKER_DEFAULT_REPLICATION
) -> TopicsReport:
    """Create the topics that are missing and return when they take records. Calling it again
    changes nothing. A topic with another partition count is refused: pools would move between
    partitions.
    """
    admin = _admin(bootstrap)
    wanted = {topic.name: topic for topic in catalogue.topics()}
    before = _partition_counts(admin, bootstrap)
    # Checked before anything is created, so that a refusal changes nothing.
    _refuse_other_counts(wanted, before)
    missing = [topic for name, topic in wanted.items() if name not in before]
    created = _create(admin, missing, replication_factor)
    if missing:
        _wait_for_leaders(bootstrap, missing)
        _refuse_other_counts(wanted, _partition_counts(admin, bootstrap))
    existing = tuple(name for name in wanted if name not in created)
    return TopicsReport(
        created=created,
        existing=existing,
        drift=tuple(_cleanup_drift(admin, [wanted[name] for name in existing])),
    )


def cluster_id(bootstrap: str) -> str:
    """The id of the cluster; a local store belongs to one cluster only."""
    metadata = _metadata(_admin(bootstrap), bootstrap)
    if not metadata.cluster_id:
        raise TopicsError(f"the broker at {bootstrap} does not tell its cluster id: use Kafka 3.0 or newer")
    return str(metadata.cluster_id)


def topic_id(bootstrap: str, topic: str) -> str:
    """The id of the topic, which is another when it was deleted and created again."""
    # Named, because a client that is collected takes its answers with it.
    admin = _admin(bootstrap)
    described = admin.describe_topics(TopicCollection([topic]), request_timeout=_TIMEOUT_SECONDS)
    try:
        return str(_result(described[topic]).topic_id)
    except KafkaException as error:
        raise TopicsError(
            f"the broker at {bootstrap} cannot describe topic {topic!r} ({_reason(error)}): "
            "create the topics with `headrace topics`"
        ) from error


def _admin(bootstrap: str) -> AdminClient:
    # What the client logs by itself comes back as an error as well.
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})


def _metadata(admin: AdminClient, bootstrap: str) -> Any:
    try:
        return admin.list_topics(timeout=_TIMEOUT_SECONDS)
    except KafkaException as error:
        raise TopicsError(
            f"no broker answers at {bootstrap} ({_reason(error)}): "
            "start one with `headrace broker`, or set HEADRACE_BROKER to one that runs"
        ) from error


def _partition_counts(admin: AdminClient, bootstrap: str) -> dict[str, int]:
    topics = _metadata(admin, bootstrap).topics
    return {name: len(topic.partitions) for name, topic in topics.items()}


def _refuse_other_counts(wanted: dict[str, Topic], found: dict[str, int]) -> None:
    others = [
        f"{name} has {found[name]} partitions, not {topic.partitions}"
        for name, topic in wanted.items()
        if name in found and found[name] != topic.partitions
    ]
    if others:
        raise TopicsError(
            f"{'; '.join(others)}. Pools would be looked for on other partitions than they were "
            "written to. The count of a system is fixed: take another topic prefix, and let `headrace topics` make them"
        )


def _create(admin: AdminClient, topics: list[Topic], replication_factor: int) -> tuple[str, ...]:
    """The names created here; one that somebody else created meanwhile is not among them."""
    if not topics:
        return ()
    requested = admin.create_topics(
        [
            NewTopic(
                topic.name,
                num_partitions=topic.partitions,
                replication_factor=replication_factor,
                config=topic.configs(),
            )
            for topic in topics
        ],
        operation_timeout=_TIMEOUT_SECONDS,
    )
    created = []
    for name, future in requested.items():
        try:
            _result(future)
            created.append(name)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise TopicsError(
                    f"the broker did not create topic {name!r} ({_reason(error)}): give the client "
                    "the right to create topics, or create them as `headrace topics` lists them"
                ) from error
    return tuple(created)


def _wait_for_leaders(bootstrap: str, topics: Iterable[Topic]) -> None:
    """Kafka acknowledges a creation some time before each new partition takes records."""
    waiting = {TopicPartition(topic.name, partition) for topic in topics for partition in range(topic.partitions)}
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while waiting := _without_leader(bootstrap, waiting):
        if time.monotonic() > deadline:
            raise TopicsError(
                f"{len(waiting)} new partitions take no records after {_TIMEOUT_SECONDS:.0f} s, "
                f"{min(waiting)} among them: look at the brokers' logs, then try again"
            )
        time.sleep(_RETRY_SECONDS)


def _without_leader(bootstrap: str, partitions: set[TopicPartition]) -> set[TopicPartition]:
    """Those whose leader is not known yet, or does not know yet that it is."""
    # A client that once saw no leader goes on saying so for seconds; a new one asks.
    admin = _admin(bootstrap)
    topics = _metadata(admin, bootstrap).topics
    led = {
        tp
        for tp in partitions
        if tp.topic in topics
        and tp.partition in topics[tp.topic].partitions
        and topics[tp.topic].partitions[tp.partition].leader >= 0
    }
    if len(led) < len(partitions):
        return partitions
    earliest = OffsetSpec.earliest()  # type: ignore[no-untyped-call] # The library is half typed.
    asked = admin.list_offsets(dict.fromkeys(led, earliest))
    return {tp for tp, future in asked.items() if future.exception(_TIMEOUT_SECONDS)}


def _cleanup_drift(admin: AdminClient, topics: list[Topic]) -> Iterable[Drift]:
    if not topics:
        return
    resources = {topic.name: ConfigResource(ResourceType.TOPIC, topic.name) for topic in topics}
    described = admin.describe_configs(list(resources.values()), request_timeout=_TIMEOUT_SECONDS)
    for topic in topics:
        entry = _result(described[resources[topic.name]]).get("cleanup.policy")
        # A broker that does not tell a setting has its default.
        found = str(entry.value) if entry is not None else "delete"
        if found != topic.cleanup.value:
            yield Drift(
                topic=topic.name,
                setting="cleanup.policy",
                expected=topic.cleanup.value,
                found=found,
            )


def _result(future: Future[Any]) -> Any:
    return future.result(_TIMEOUT_SECONDS)


def _reason(error: KafkaException) -> str:
    return str(error.args[0].str())
