"""A Headrace of its own on a broker: its topics, workers and API, and what can be asked of them."""

import asyncio
import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from cli.keys import create_key
from models.topics import PARTITIONS, catalogue
from streams.admin import ensure_topics
from streams.brokers.embedded import EmbeddedBroker
from streams.brokers.kafka import KafkaBroker
from streams.brokers.process import free_port
from streams.kafka_offsets import end_offsets
from tests.chaos.processes import Supervised, until

_START_SECONDS = 120.0
_STATUS_SECONDS = 5.0
_POLL_SECONDS = 0.2
# A rendered update of the last batch follows its position within milliseconds.
_TOLD_SECONDS = 1.0
# Short, so that frozen workers are soon counted out; three heartbeats and a produce must fit in.
_TIMEOUTS = {
    "HEADRACE_SESSION_TIMEOUT_SECONDS": "4",
    "HEADRACE_REBALANCE_TIMEOUT_SECONDS": "5",
    "HEADRACE_PRODUCE_TIMEOUT_SECONDS": "3",
}


class Worker:
    """One supervised `headrace worker`."""

    def __init__(self, name: str, environment: dict[str, str], folder: Path, pause_at: str) -> None:
        self.name = name
        self.ticks_end_at: int | None = None
        self._port = free_port()
        self._pause_file = folder / f"{name}.pause"
        own = {
            "HEADRACE_WORKER_ID": name,
            "HEADRACE_STATE_DIR": str(folder / name),
            "HEADRACE_METRICS_PORT": str(self._port),
            "HEADRACE_TICK_INTERVAL_MS": "500",
            "HEADRACE_PAUSE_AT": f"{pause_at}:{self._pause_file}" if pause_at else "",
        }
        self.process = Supervised(name, [sys.executable, "-m", "cli.main", "worker"], environment | own, folder)

    def pause_at(self, point: str) -> None:
        """From its next start on, `freeze` stops it at this point; at none if there is none."""
        self.process.environment["HEADRACE_PAUSE_AT"] = f"{point}:{self._pause_file}" if point else ""

    def without_ticks(self) -> None:
        """From its next start on there is nothing to decide but what others ask, so that it can come to rest."""
        self.process.environment["HEADRACE_TICK_INTERVAL_MS"] = "0"
        self.ticks_end_at = self.process.starts

    def ticks(self) -> bool:
        """Whether it sends ticks."""
        return self.ticks_end_at is None or self.process.starts == self.ticks_end_at

    def freeze(self, seconds: float) -> None:
        """Freeze it the next time it passes its point."""
        self._pause_file.touch()
        until(self.process.is_frozen, f"{self.name} passes its point and freezes", seconds)

    def status(self) -> list[dict[str, Any]]:
        """Its partitions; none while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/status", timeout=_STATUS_SECONDS) as answer:
                return list(json.load(answer)["partitions"])
        except OSError:
            return []

    def running(self) -> int:
        """How many partitions it decides for."""
        return sum(partition["phase"] == "running" for partition in self.status())


class System:
    """The processes of one scenario, under a prefix of topics that no other has."""

    def __init__(self, broker: EmbeddedBroker | KafkaBroker, prefix: str, folder: Path) -> None:
        self.broker = broker
        self.bootstrap = broker.bootstrap
        self.prefix = prefix
        self.topics = catalogue(prefix)
        self.folder = folder
        self.workers: list[Worker] = []
        self.apis: list[Supervised] = []
        self._environment = {
            "HEADRACE_BROKER": self.bootstrap,
            "HEADRACE_TOPIC_PREFIX": prefix,
            "HEADRACE_DATA_DIR": str(folder),
            "HEADRACE_LOG_LEVEL": "INFO",
            **_TIMEOUTS,
        }

    def start_worker(self, pause_at: str = "") -> Worker:
        worker = Worker(f"w{len(self.workers) + 1}", self._environment, self.folder, pause_at)
        self.workers.append(worker)
        return worker

    def start_api(self) -> tuple[Supervised, str, str]:
        """An API, its address, and a key for it."""
        port = free_port()
        key, _ = create_key(self.folder, "chaos", scopes=["admin"], pools=["*"])
        command = [sys.executable, "-m", "cli.main", "api"]
        process = Supervised("api", command, self._environment | {"HEADRACE_API_PORT": str(port)}, self.folder)
        self.apis.append(process)
        return process, f"http://127.0.0.1:{port}", key

    def until_running(self, *workers: Worker, seconds: float = _START_SECONDS) -> float:
        """Wait until these workers together decide for every partition, and none of them for nothing."""

        def all_run() -> bool:
            counts = [worker.running() for worker in workers]
            time.sleep(_POLL_SECONDS)
            return sum(counts) == PARTITIONS and all(counts)

        names = " and ".join(worker.name for worker in workers)
        return until(all_run, f"{names} decide for all partitions", seconds)

    def until_decided(self, worker: Worker, seconds: float = _START_SECONDS) -> float:
        """Wait until this one worker has decided all that is in the log now, and return how long it took."""
        began = time.monotonic()
        self.until_running(worker, seconds=seconds)
        ends = asyncio.run(self._ends())

        def all_decided() -> bool:
            time.sleep(_POLL_SECONDS)
            running = [status for status in worker.status() if status["phase"] == "running"]
            decided = {status["partition"]: status["offset"] for status in running}
            return all(decided.get(number, -1) >= end for number, end in ends.items())

        until(all_decided, f"{worker.name} has decided everything", seconds)
        return time.monotonic() - began

    def until_settled(self, worker: Worker) -> None:
        """Wait until this one worker has decided and told all that is in the log."""
        self.until_decided(worker)
        time.sleep(_TOLD_SECONDS)

    def destroy(self) -> None:
        """End every process at once."""
        for process in [*self.apis, *(worker.process for worker in self.workers)]:
            process.destroy()

    async def _ends(self) -> dict[int, int]:
        tps = [TopicPartition(self.topics.commands.name, number) for number in range(PARTITIONS)]
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap) as consumer:
            return {tp.partition: end for tp, end in (await end_offsets(consumer, tps)).items()}


@contextmanager
def opened(broker: EmbeddedBroker | KafkaBroker, prefix: str, folder: Path) -> Iterator[System]:
    """A system with its topics and no worker yet; whatever it started is gone at the end."""
    folder.mkdir(parents=True)
    ensure_topics(broker.bootstrap, catalogue(prefix))
    system = System(broker, prefix, folder)
    try:
        yield system
    finally:
        system.destroy()
