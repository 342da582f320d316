"""A whole Headrace in a folder of its own, as real processes, for a benchmark to measure."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from benchmarks.machine import cpu_seconds, rss_mb
from cli.children import Child, Children, headrace_command
from cli.keys import create_key
from cli.system import create_topics, environment_of, open_broker, wait_for_api
from models.partition import partition_of
from models.topics import catalogue
from streams.brokers.process import free_port

_READY_SECONDS = 90.0
_POLL_SECONDS = 0.05
_CHECK_SECONDS = 180.0


class Rig:
    """Broker, workers, and an API if wanted; their processor time and memory by name."""

    def __init__(self, folder: Path, bootstrap: str, broker_pid: int | None, children: Children) -> None:
        self.folder = folder
        self.bootstrap = bootstrap
        self.workers: list[Child] = []
        self._children = children
        self._pids: dict[str, Callable[[], int | None]] = {"broker": lambda: broker_pid}

    def start_worker(self, number: int) -> Child:
        name = f"worker-{number}"
        own = {
            "HEADRACE_WORKER_ID": name,
            "HEADRACE_STATE_DIR": str(self.folder / name),
            "HEADRACE_METRICS_PORT": "0",
            "HEADRACE_LOG_LEVEL": "WARNING",
        }
        worker = self._start(name, ["worker"], own)
        self.workers.append(worker)
        return worker

    def start_api(self) -> tuple[str, str]:
        """Start an API, and give its address and a key once it is ready."""
        port = free_port()
        key, _ = create_key(self.folder, "benchmark", scopes=["admin"], pools=["*"])
        self._start("api", ["api"], {"HEADRACE_API_PORT": str(port)})
        url = f"http://127.0.0.1:{port}"
        wait_for_api(url, _READY_SECONDS, self.check_alive)
        return url, key

    def start_exchange(self) -> None:
        """Start what talks to other systems, with a view of its own."""
        own = {"HEADRACE_VIEWS_DIR": str(self.folder / "exchange"), "HEADRACE_LIVE_CONNECTORS": "true"}
        self._start("exchange", ["exchange"], own)

    def add(self, name: str, pid: int) -> None:
        """Measure one more process."""
        self._pids[name] = lambda: pid

    def cpu_s(self) -> dict[str, float]:
        """Processor time so far, by process."""
        return {name: cpu_seconds(pid) for name, find in self._pids.items() if (pid := find()) is not None}

    def rss_mb(self) -> dict[str, float]:
        return {name: rss_mb(pid) for name, find in self._pids.items() if (pid := find()) is not None}

    def lost(self) -> Child | None:
        """A process that will not run."""
        return self._children.lost()

    def check_alive(self) -> None:
        lost = self.lost()
        if lost is not None:
            raise SystemExit(f"{lost.name} does not run; it said:\n" + "\n".join(lost.last_lines))

    def _start(self, name: str, arguments: list[str], own: dict[str, str]) -> Child:
        environment = environment_of(self.bootstrap, self.folder) | own
        child = self._children.start(name, headrace_command(*arguments), environment)
        self._pids[name] = lambda: child.pid
        return child


@contextmanager
def rig(broker: str, workers: int) -> Iterator[Rig]:
    """Start broker, topics and workers; everything is stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as folder, open_broker(broker, Path(folder)) as running:
        create_topics(running.bootstrap)
        children = Children(lambda name, line: say(f"{name}: {line}"))
        try:
            made = Rig(Path(folder), running.bootstrap, running.pid, children)
            for number in range(1, workers + 1):
                made.start_worker(number)
            yield made
        finally:
            children.stop()


class ReaderProcess:
    """The reader, seen from here: how many orders it has seen, and at the end what it found."""

    def __init__(self, made: Rig, partitions: set[int]) -> None:
        self._times = made.folder / "times.msgpack"
        numbers = ",".join(map(str, sorted(partitions)))
        command = [sys.executable, "-m", "benchmarks.reader", made.bootstrap, numbers, str(self._times)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
        made.add("reader", self._process.pid)
        self.seen = 0
        self._found: dict[str, Any] = {}
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def finish(self) -> tuple[bytes, dict[str, Any]]:
        """Stop watching, and return the times (msgpack) and what the checks found."""
        self._times.with_suffix(".stop").touch()
        self._thread.join(_CHECK_SECONDS)
        if self._process.wait() != 0 or not self._found:
            raise SystemExit("the reader did not finish: see above")
        return self._times.read_bytes(), self._found

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self._found = json.loads(line)
            else:
                self.seen = int(line)


def wait_for_command(made: Rig, pools: list[str], command_id: str) -> float:
    """Return the seconds until each pool has decided its command of that id."""
    settings = {"bootstrap.servers": made.bootstrap, "group.id": "headrace-benchmark", "fetch.wait.max.ms": 20}
    consumer = Consumer(settings)
    topic = catalogue().order_updates.name
    consumer.assign([TopicPartition(topic, partition, 0) for partition in {partition_of(pool) for pool in pools}])
    started = time.monotonic()
    needle, missing = f'"{command_id}"'.encode(), len(pools)
    while missing > 0:
        made.check_alive()
        if time.monotonic() - started > _READY_SECONDS:
            raise SystemExit(f"not decided in {_READY_SECONDS:.0f} s: {command_id}; the lines above may say why")
        for message in consumer.consume(1_000, _POLL_SECONDS):
            missing -= needle in (message.value() or b"")
    consumer.close()
    return time.monotonic() - started


def say(text: str) -> None:
    """Tell whoever watches."""
    print(text, file=sys.stderr, flush=True)
