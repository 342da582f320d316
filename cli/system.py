"""The parts of a running Headrace that several commands start: a broker by choice, its topics, workers."""

import contextlib
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cli.console import fail

EMBEDDED, KAFKA = "embedded", "kafka"
_ANSWER_SECONDS = 5.0
_POLL_SECONDS = 0.1
BROKER_VARIABLE = "HEADRACE_BROKER"
BROKER_HELP = "embedded (in memory), kafka (a real one, its data kept in --data), or HOST:PORT of a running Kafka."


class Broker(NamedTuple):
    """A broker that answers: where, and what to tell about it."""

    bootstrap: str
    kind: str
    notice: str
    pid: int | None


def chosen_broker(option: str | None) -> str:
    """What --broker says, or else HEADRACE_BROKER, or else the embedded one."""
    choice = option or os.environ.get(BROKER_VARIABLE) or EMBEDDED
    if choice not in {EMBEDDED, KAFKA} and not choice.rpartition(":")[2].isdigit():
        fail(f"--broker {choice}: give embedded, kafka, or the HOST:PORT of a running Kafka")
    return choice


@contextmanager
def open_broker(choice: str, data: Path, port: int | None = None) -> Iterator[Broker]:
    """Start the chosen broker, or only name one that runs elsewhere; stop what was started."""
    if choice == EMBEDDED:
        from streams.brokers.embedded import DATA_NOTICE, EmbeddedBroker

        with EmbeddedBroker(port=port) as embedded:
            yield Broker(embedded.bootstrap, EMBEDDED, DATA_NOTICE, embedded.pid)
    elif choice == KAFKA:
        from streams.brokers.kafka import KafkaBroker

        folder = data / "kafka"
        with KafkaBroker(folder, port=port, progress=_tell) as kafka:
            notice = f"Kafka keeps its data in {folder.absolute()}."
            yield Broker(kafka.bootstrap, KAFKA, notice, kafka.pid)
    else:
        yield Broker(choice, "remote", f"Using the broker at {choice}.", None)


def create_topics(bootstrap: str, prefix: str = "") -> None:
    """Create what is missing of the catalogue's topics."""
    from models.topics import catalogue
    from streams.admin import BROKER_DEFAULT_REPLICATION, ensure_topics

    ensure_topics(bootstrap, catalogue(prefix), replication_factor=BROKER_DEFAULT_REPLICATION)


def environment_of(bootstrap: str, data: Path) -> dict[str, str]:
    """What every child process reads its settings from."""
    return {BROKER_VARIABLE: bootstrap, "HEADRACE_DATA_DIR": str(data.absolute())}


def wait_for_api(url: str, seconds: float, check: Callable[[], None]) -> None:
    """Return when the API has caught up and takes commands; `check` may end the wait by raising."""
    deadline = time.monotonic() + seconds
    while True:
        check()
        ready = f"{url}/health/ready"
        # The address is our own API's.
        with contextlib.suppress(OSError), urllib.request.urlopen(ready, timeout=_ANSWER_SECONDS):  # noqa: S310
            return
        if time.monotonic() > deadline:
            fail(f"the API at {url} was not ready in {seconds:.0f} s: what it says above may tell why")
        time.sleep(_POLL_SECONDS)


def pool_exists(url: str, key: str, pool: str) -> bool:
    """Whether the API knows the pool."""
    request = urllib.request.Request(f"{url}/v1/pools/{pool}", headers={"Authorization": f"Bearer {key}"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS):  # noqa: S310
            return True
    except urllib.error.HTTPError:
        return False


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
