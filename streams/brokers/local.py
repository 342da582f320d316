"""What brokers on this machine have in common: start, wait until they answer, stop or kill."""

import asyncio
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.brokers.process import BrokerError, ChildProcess, accepts_connections, free_port

_ANSWER_SECONDS = 2.0


class LocalBroker(ABC):
    """A broker on a local port; a context manager, or start() and stop(). It can be started again.

    Start it from the main thread: it dies with the thread that started it.
    """

    ready_seconds: ClassVar[float]
    stop_seconds: ClassVar[float]

    def __init__(self, *, port: int | None) -> None:
        self.port = port or free_port()
        self._process: ChildProcess | None = None

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id; the broker must be running."""
        assert self._process is not None, "the broker is not running"
        return self._process.pid

    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.is_running()

    @property
    @abstractmethod
    def log_path(self) -> Path:
        """Where it logs."""

    def start(self) -> None:
        """Start it and return when it answers."""
        self._refuse_used_port()
        self._prepare()
        self._process = self._spawn()
        try:
            self._wait_ready(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Let it end in good order; killed when that takes too long."""
        if self._process is not None:
            self._process.stop(grace_seconds=self.stop_seconds)
        self._process = None

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
        self._process = None

    def restart(self) -> None:
        """Stop it if it runs, and start it again on the same port."""
        self.stop()
        self.start()

    async def __aenter__(self) -> Self:
        self._refuse_used_port()
        await asyncio.to_thread(self._prepare)
        # Spawned here and not in the pool, whose threads may end before the broker should.
        self._process = self._spawn()
        try:
            await asyncio.to_thread(self._wait_ready, self._process)
        except BaseException:
            self.kill()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def _prepare(self) -> None:
        """Put everything in place that it needs; may take long the first time."""

    @abstractmethod
    def _spawn(self) -> ChildProcess: ...

    def _refuse_used_port(self) -> None:
        assert self._process is None, "the broker is already running"
        # Its answers would be taken for those of the broker that is about to start.
        if accepts_connections(self.port):
            raise BrokerError(f"port {self.port} is in use: stop what listens there, or give another port")

    def _wait_ready(self, process: ChildProcess) -> None:
        process.wait_until(self._answers, timeout_seconds=self.ready_seconds, report=self.log_path)

    def _answers(self) -> bool:
        """Whether it names itself in its metadata, which it does some time after its port opens."""
        # librdkafka logs every refused connection, so the port is tried first.
        if not accepts_connections(self.port):
            return False
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        try:
            return bool(admin.list_topics(timeout=_ANSWER_SECONDS).brokers)
        except KafkaException:
            return False
