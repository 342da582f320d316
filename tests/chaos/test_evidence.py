"""The judge of the chaos tests sees what it must never see."""

import json
from typing import Any

from confluent_kafka import Producer

from models.topics import catalogue
from streams.admin import ensure_topics
from streams.brokers.embedded import EmbeddedBroker
from streams.commit.digest import Digest
from streams.commit.rows import POSITION, PositionRow, encode_position
from tests.chaos.evidence import Evidence

_PREFIX = "judged-"
_TOPICS = catalogue(_PREFIX)


def _update(offset: int, order: str, version: int, *, placed: bool = False, note: str = "") -> dict[str, Any]:
    events = [{"type": "order_placed", "order_id": order}] if placed else []
    return {"offset": offset, "index": 0, "order_id": order, "order_version": version, "events": events, "note": note}


def _judge(
    updates: list[dict[str, Any]], views: dict[str, int], rows: list[tuple[bytes, bytes]] | None = None
) -> Evidence:
    """What is found in topics that hold just this."""
    with EmbeddedBroker() as broker:
        ensure_topics(broker.bootstrap, _TOPICS)
        producer = Producer({"bootstrap.servers": broker.bootstrap})
        for update in updates:
            producer.produce(_TOPICS.order_updates.name, json.dumps(update).encode(), partition=0)
        for order, version in views.items():
            value = json.dumps({"order_id": order, "version": version}).encode()
            producer.produce(_TOPICS.order_views.name, value, key=order.encode(), partition=0)
        for key, value in rows or []:
            producer.produce(_TOPICS.pool_changelog.name, value, key=key, partition=0)
        producer.flush()
        return Evidence(broker.bootstrap, _TOPICS)


def test_orders_taken_once_with_repeats_told_alike_are_in_order() -> None:
    first = _update(0, "a", 1, placed=True)

    evidence = _judge([first, first, _update(1, "a", 2), first], {"a": 2})
    evidence.check_orders(["a"])

    assert evidence.problems == []
    assert evidence.told_again == 2


def test_an_order_lost_or_taken_twice_is_found() -> None:
    evidence = _judge([_update(0, "a", 1, placed=True), _update(1, "a", 2, placed=True)], {"a": 2})
    evidence.check_orders(["a", "b"])

    assert evidence.problems == [
        "order a was acknowledged once and taken 2 times",
        "order b was acknowledged once and taken 0 times",
        "order a was taken 2 times",
    ]


def test_a_repeat_that_says_something_else_is_found() -> None:
    evidence = _judge([_update(0, "a", 1, placed=True), _update(0, "a", 1, placed=True, note="else")], {"a": 1})

    assert len(evidence.problems) == 1
    assert evidence.problems[0].startswith("update (0, 0, 0) was told in two ways")


def test_a_version_that_goes_back_and_an_update_that_comes_late_are_found() -> None:
    evidence = _judge([_update(0, "a", 2), _update(2, "a", 1), _update(1, "a", 3)], {})

    assert evidence.problems == [
        "order a: version 1 after 2 at (0, 2, 0)",
        "update (0, 1, 0) comes after a later one, so that readers drop it",
    ]


def test_an_older_view_that_hides_the_newest_is_found() -> None:
    evidence = _judge([_update(0, "a", 1, placed=True), _update(1, "a", 2)], {"a": 1})
    evidence.check_orders(["a"])

    assert evidence.problems == ["order a: version 2 was told, its view has 1"]


def test_rows_that_do_not_have_the_recorded_digest_are_found() -> None:
    row = (b"o/a", b"{}")
    right = PositionRow(0, 2, 1, "w", 1, 0, Digest([row]).value(), b"")
    wrong = PositionRow(0, 2, 1, "w", 1, 0, Digest([]).value(), b"")

    assert _judge([], {}, [row, (POSITION, encode_position(right))]).problems == []
    assert _judge([], {}, [row, (POSITION, encode_position(wrong))]).problems == [
        "partition 0: the rows in the changelog do not have its digest"
    ]
