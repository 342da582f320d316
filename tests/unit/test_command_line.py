"""The command line explains itself, starts quickly, and tells what to do when something is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, KafkaException

from cli.console import Failure, explain, percentile
from cli.main import COMMANDS
from cli.system import chosen_broker
from streams.brokers.process import free_port

ROOT = Path(__file__).parents[2]


def headrace(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def test_help_names_every_command_and_imports_none() -> None:
    code = (
        "import sys; sys.argv = ['headrace', '--help']\n"
        "from cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted(name for name in ('faust', 'fastapi', 'polars', 'confluent_kafka') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = headrace(command, "--help")

    assert done.returncode == 0
    assert f"Usage: headrace {command}" in done.stdout


def test_a_broker_that_is_not_there_is_told_without_a_traceback() -> None:
    done = headrace("load", "--broker", f"127.0.0.1:{free_port()}", "--duration", "1")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("headrace: the broker did not answer")
    assert "HEADRACE_BROKER" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_refused() -> None:
    done = headrace("lode")

    assert done.returncode == 2
    assert "No such command 'lode'" in done.stderr


def test_missing_files_of_a_replay_are_named(tmp_path: Path) -> None:
    done = headrace("replay", "olist", str(tmp_path))

    assert done.returncode == 1
    assert "has no orders_until_2018_04.parquet" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "fast"])
def test_a_wrong_speed_is_refused(tmp_path: Path, speed: str) -> None:
    done = headrace("replay", "olist", str(tmp_path), f"--speed={speed}")

    assert done.returncode == 2
    assert "from 1 (real time) on, or unlimited" in " ".join(done.stderr.split())


def test_the_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADRACE_BROKER", raising=False)
    assert chosen_broker(None) == "embedded"
    monkeypatch.setenv("HEADRACE_BROKER", "kafka-1:9092")
    assert chosen_broker(None) == "kafka-1:9092"
    assert chosen_broker("kafka") == "kafka"
    with pytest.raises(Failure, match="give embedded, kafka, or the HOST:PORT"):
        chosen_broker("kafka-1")


def test_a_bug_keeps_its_traceback() -> None:
    assert explain(ValueError("a bug")) is None
    assert explain(Failure("do this")) == "headrace: do this"
    assert "is it running" in str(explain(KafkaException(KafkaError(KafkaError._TRANSPORT))))


def test_percentiles_are_values_that_were_there() -> None:
    values = [float(value) for value in range(1, 101)]

    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1.0)) == (50.0, 99.0, 100.0)
    assert percentile([7.0], 0.01) == 7.0
    assert percentile([], 0.5) == 0.0


def test_what_a_program_reads_is_one_line_of_json(tmp_path: Path) -> None:
    done = headrace("keys", "create", "me", "--scope", "admin", "--data", str(tmp_path), "--json")

    assert json.loads(done.stdout)["name"] == "me"
    assert done.stdout.count("\n") == 1
