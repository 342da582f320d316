import pytest

from models.partition import partition_of
from models.topics import PARTITIONS, Cleanup, catalogue


@pytest.mark.parametrize(
    ("pool", "partition"),
    [("eu", 30), ("us", 42), ("olist", 5), ("pool-1", 26), ("größe", 41), ("", 0)],
)
def test_a_pool_stays_on_the_partition_it_was_first_given(pool: str, partition: int) -> None:
    assert partition_of(pool) == partition


def test_pools_spread_over_all_partitions() -> None:
    counts = [0] * PARTITIONS
    for number in range(PARTITIONS * 100):
        counts[partition_of(f"pool-{number}")] += 1
    assert min(counts) > 60
    assert max(counts) < 140


def test_the_partition_count_is_a_parameter() -> None:
    assert [partition_of("eu", count) for count in (1, 2, 3)] == [0, 0, 0]


def test_every_topic_of_the_catalogue_has_its_name_and_policy() -> None:
    policies = {topic.name: topic.cleanup for topic in catalogue().topics()}
    assert policies == {
        "commands": Cleanup.DELETE,
        "order-updates": Cleanup.DELETE,
        "order-views": Cleanup.COMPACT,
        "stock-updates": Cleanup.COMPACT,
        "stock-movements": Cleanup.DELETE,
        "pool-updates": Cleanup.COMPACT,
        "catalogue-updates": Cleanup.COMPACT,
        "dead-letters": Cleanup.DELETE,
        "headrace-pool-changelog": Cleanup.COMPACT,
    }


def test_all_topics_have_the_same_partition_count() -> None:
    assert {topic.partitions for topic in catalogue().topics()} == {48}


def test_a_changelog_is_compacted_only_and_keeps_claims_and_deletes_long_enough() -> None:
    assert catalogue().pool_changelog.configs() == {
        "cleanup.policy": "compact",
        "max.message.bytes": "9437184",
        "min.compaction.lag.ms": "3600000",
        "delete.retention.ms": "604800000",
        "segment.bytes": "67108864",
    }


def test_commands_are_kept_for_days_and_dead_letters_until_handled() -> None:
    assert catalogue().commands.configs()["retention.ms"] == "604800000"
    assert catalogue().dead_letters.configs()["retention.ms"] == "-1"


def test_a_prefix_parts_two_systems_and_the_changelog_follows_the_app_id() -> None:
    own = catalogue("t1-")
    assert own.app_id == "t1-headrace"
    assert own.pool_changelog.name == "t1-headrace-pool-changelog"
    assert {topic.name for topic in own.topics()}.isdisjoint(topic.name for topic in catalogue().topics())


@pytest.mark.parametrize("prefix", ["a/b", "größe", "x" * 101, "A"])
def test_a_prefix_that_kafka_does_not_allow_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="topic prefix"):
        catalogue(prefix)
