"""A model that passed becomes one command: asked once, the same when asked again, and told when it is not answered."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import polars as pl
import pytest

from models import commands as c
from models.records.pool import RoutingModel
from models.topics import catalogue
from pipelines.night.steps.publish import publish_step
from streams.admin import ensure_topics
from streams.brokers.embedded import EmbeddedBroker
from tests.pipelines.night_shop import POOL, NightShop, day_number, opened
from tests.pipelines.night_worker import Answering, asked

NAMES = catalogue()
MODEL = RoutingModel(version=1, lanes={"*": (0, 500, 1000)}, trained_through="2026-03-02", note="by hand")
COMMAND_ID = f"night/{POOL}/{day_number(0)}/abc"


@pytest.fixture
def bootstrap() -> Iterator[str]:
    with EmbeddedBroker() as broker:
        ensure_topics(broker.bootstrap, NAMES, replication_factor=1)
        yield broker.bootstrap


def judged(shop: NightShop, *, passed: bool) -> None:
    """A night that has come as far as the gate."""
    row = {
        "day": day_number(0),
        "pool": POOL,
        "model_hash": "abc",
        "version": 1,
        "passed": passed,
        "reason": "by hand",
        "model": msgspec.json.encode(MODEL).decode(),
    }
    shop.store.replace("routing_models", pl.DataFrame([row]), day_number(0), pool=POOL)


def test_a_model_is_asked_once_however_often_the_night_is_run(tmp_path: Path, bootstrap: str) -> None:
    shop = opened(tmp_path)
    judged(shop, passed=True)
    worker = Answering(bootstrap, shop, NAMES)
    worker.start()
    night = shop.night(0, broker=bootstrap, wait_seconds=30.0)
    try:
        first, second = publish_step(night, POOL), publish_step(night, POOL)
        # The process died after it was answered, and before it wrote that down.
        shop.store.replace("publications", shop.store.read("publications").clear(), day_number(0), pool=POOL)
        third = publish_step(night, POOL)
    finally:
        worker.stop()

    answers = [done.counts for done in (first, second, third)]
    assert answers == [
        {"command_id": COMMAND_ID, "answer": "applied"},
        {"command_id": COMMAND_ID, "answer": "applied"},
        {"command_id": COMMAND_ID, "answer": "applied before"},
    ]
    sent = [c.decode(item) for item in asked(bootstrap, NAMES, shop.engine.partition)]
    assert [command.command_id for command in sent] == [COMMAND_ID, COMMAND_ID]
    assert all(isinstance(command, c.PutRoutingModel) and command.model == MODEL for command in sent)
    assert shop.store.read("publications").select("command_id", "answer").rows() == [(COMMAND_ID, "applied")]


def test_a_model_that_was_refused_by_the_gate_is_not_asked(tmp_path: Path, bootstrap: str) -> None:
    shop = opened(tmp_path)
    judged(shop, passed=False)

    done = publish_step(shop.night(0, broker=bootstrap), POOL)

    assert done.counts["answer"] == "nothing to publish: no model passed"
    assert asked(bootstrap, NAMES, shop.engine.partition) == []
    assert shop.store.read("publications").is_empty()


def test_what_is_not_answered_is_told_and_asked_again_the_next_time(tmp_path: Path, bootstrap: str) -> None:
    shop = opened(tmp_path)
    judged(shop, passed=True)

    done = publish_step(shop.night(0, broker=bootstrap, wait_seconds=0.5), POOL)

    assert not done.verdicts[0].passed
    assert str(done.counts["answer"]).startswith("sent, and not answered")
    assert shop.store.read("publications").is_empty()


def test_without_a_broker_nothing_is_sent_and_that_is_said(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    judged(shop, passed=True)

    done = publish_step(shop.night(0), POOL)

    assert done.counts["answer"] == "not sent: no broker was given"
    assert not done.verdicts[0].passed
