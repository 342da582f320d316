import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.brokers.embedded import EmbeddedBroker
from streams.brokers.kafka import KafkaBroker
from tests.chaos.run import broker_of, run
from tests.chaos.scenarios import Options

Run = Callable[[str, EmbeddedBroker | KafkaBroker, Options], dict[str, Any]]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chaos")
    group.addoption("--seed", type=int, default=1, help="repeats a run of chaos")
    group.addoption("--kills", type=int, default=None, help="how often the worker is killed")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--seed", default=1))


@pytest.fixture
def asked_kills(request: pytest.FixtureRequest) -> int | None:
    """What --kills says, if anything."""
    asked: int | None = request.config.getoption("--kills", default=None)
    return asked


@pytest.fixture(scope="session")
def chaos_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker | KafkaBroker]:
    """A Kafka that these tests restart and kill."""
    with broker_of("kafka", tmp_path_factory.mktemp("chaos-kafka")) as broker:
        yield broker


@pytest.fixture
def run_unharmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a scenario, prints what it found, and fails if anything was broken."""

    def check(name: str, broker: EmbeddedBroker | KafkaBroker, options: Options) -> dict[str, Any]:
        result = run(name, broker, tmp_path, options)
        with capsys.disabled():
            sys.stdout.write(f"\n{json.dumps(result)}\n")
        assert result["broken"] == []
        assert result["violations"] == 0
        return result

    return check
