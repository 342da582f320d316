"""Worker processes that run the toy core, and traffic for them."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from models.topics import Catalogue, catalogue
from streams.brokers.process import free_port
from streams.kafka_offsets import end_offsets

_REPOSITORY = Path(__file__).parents[2]
_STATUS_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.2


class Worker:
    """One worker process; started again whenever it ends by itself, as a supervisor would."""

    def __init__(self, name: str, bootstrap: str, prefix: str, directory: Path) -> None:
        self.name = name
        self.port = free_port()
        self.state_dir = directory / name
        self.pause_file = directory / f"{name}.pause"
        self.exits: list[int] = []
        self._log_path = directory / f"{name}.log"
        self._environment = os.environ | {
            "HEADRACE_BROKER": bootstrap,
            "HEADRACE_TOPIC_PREFIX": prefix,
            "HEADRACE_WORKER_ID": name,
            "HEADRACE_STATE_DIR": str(self.state_dir),
            "HEADRACE_METRICS_PORT": str(self.port),
            "HEADRACE_TICK_INTERVAL_MS": "500",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False

    def start(self, pause_at: str = "") -> None:
        self._wanted = True
        pause = f"{pause_at}:{self.pause_file}" if pause_at else ""
        self._environment["HEADRACE_PAUSE_AT"] = pause
        self._spawn()

    def _spawn(self) -> None:
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.agents.toy"],
                cwd=_REPOSITORY,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the worker was not started"
        return self._process

    def tend(self) -> None:
        """Start it again if it ended although it is wanted."""
        if self._wanted and self._process is not None and self._process.poll() is not None:
            self.exits.append(self._process.returncode)
            self._spawn()

    def kill(self, *, wipe: bool = False) -> None:
        """As a crash would; tend() starts it again."""
        self.process.kill()
        self.process.wait()
        if wipe:
            shutil.rmtree(self.state_dir, ignore_errors=True)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def is_frozen(self) -> bool:
        state = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "T"

    def stop(self) -> int:
        """End it in good order; its code, or that of a kill when it does not end."""
        self._wanted = False
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    async def status(self) -> list[dict[str, Any]]:
        """Its partitions; none while it does not answer."""
        return await asyncio.to_thread(self._status)

    def _status(self) -> list[dict[str, Any]]:
        try:
            url = f"http://127.0.0.1:{self.port}/status"
            with urllib.request.urlopen(url, timeout=_STATUS_SECONDS) as answer:
                return list(json.load(answer)["partitions"])
        except OSError:
            return []

    async def running(self) -> int:
        """How many partitions it decides for."""
        return sum(1 for partition in await self.status() if partition["phase"] == "running")


class Traffic:
    """Sends counting items at a steady rate, and remembers what was acknowledged."""

    def __init__(self, bootstrap: str, topics: Catalogue, *, partitions: Sequence[int], seed: int) -> None:
        self._bootstrap = bootstrap
        self._topic = topics.commands.name
        self._partitions = partitions
        self._next = seed * 1_000_000_000
        self.sent: Counter[tuple[int, str]] = Counter()
        self._stop = asyncio.Event()

    async def run(self, *, per_second: int, per_record: int) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, acks="all")
        await producer.start()
        try:
            while not self._stop.is_set():
                await asyncio.gather(self._send(producer, per_record), asyncio.sleep(per_record / per_second))
        finally:
            await producer.stop()

    def stop(self) -> None:
        self._stop.set()

    async def _send(self, producer: AIOKafkaProducer, count: int) -> None:
        partition = self._partitions[(self._next // count) % len(self._partitions)]
        keys = [f"k{number % 101}" for number in range(self._next, self._next + count)]
        items = [
            {"key": key, "id": self._next + place, "slices": 3 if place % 50 == 7 else 0}
            for place, key in enumerate(keys)
        ]
        self._next += count
        await producer.send_and_wait(self._topic, json.dumps(items).encode(), partition=partition)
        self.sent.update((partition, key) for key in keys)


class Fleet:
    """Workers on one broker, tended to while a scenario runs."""

    def __init__(self, bootstrap: str, prefix: str, directory: Path) -> None:
        self.bootstrap = bootstrap
        self.topics = catalogue(prefix)
        self._prefix = prefix
        self._directory = directory
        self.workers: dict[str, Worker] = {}
        self._tending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._tending = asyncio.create_task(self._tend())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._tending is not None
        self._tending.cancel()
        for worker in self.workers.values():
            if worker.process.poll() is None:
                worker.process.kill()
            worker.process.wait()

    def start(self, name: str, pause_at: str = "") -> Worker:
        worker = self.workers.get(name)
        if worker is None:
            worker = Worker(name, self.bootstrap, self._prefix, self._directory)
            self.workers[name] = worker
        worker.start(pause_at)
        return worker

    async def until_running(self, count: int, *workers: Worker, seconds: float = 60.0) -> float:
        """Wait until these workers decide for this many partitions together; how long it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(seconds):
            while sum([await worker.running() for worker in workers]) < count:  # noqa: ASYNC110 # Other processes.
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return loop.time() - began

    async def until_idle(self, *workers: Worker, seconds: float = 60.0) -> None:
        """Wait until these workers own every partition and have decided all that is in the log."""
        ends = await self._ends()
        async with asyncio.timeout(seconds):
            while True:
                statuses = [status for worker in workers for status in await worker.status()]
                decided = {status["partition"]: status["offset"] for status in statuses if status["phase"] == "running"}
                if all(decided.get(number, -1) >= end for number, end in ends.items()):
                    return
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _ends(self) -> dict[int, int]:
        commands = self.topics.commands
        tps = [TopicPartition(commands.name, number) for number in range(commands.partitions)]
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap) as consumer:
            return {tp.partition: end for tp, end in (await end_offsets(consumer, tps)).items()}

    async def _tend(self) -> None:
        while True:
            await asyncio.sleep(0.2)
            for worker in self.workers.values():
                worker.tend()
