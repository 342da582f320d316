"""Sends commands: those of a pool within a few milliseconds travel as one record, and 2xx waits for the broker."""

import asyncio
import contextlib
import time
from typing import NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

from api.ports import Position, SendError
from models.commands import encode_list
from models.partition import partition_of

COMMANDS_PER_RECORD = 500
_RECORD_BYTES = 512 * 1024
# One command may be as large as a body may be, and its personal data grows by a third when it is sealed.
_REQUEST_BYTES = 8 * 1024 * 1024
_RECONNECT_SECONDS = 1.0

log = structlog.get_logger(__name__)


class _Waiting(NamedTuple):
    command: bytes
    done: asyncio.Future[Position]


class _Gathering:
    """Commands of one pool that will be one record."""

    def __init__(self, timer: asyncio.TimerHandle) -> None:
        self.timer = timer
        self.commands: list[_Waiting] = []
        self.bytes = 0

    def has_room(self, commands: int, size: int) -> bool:
        """Tell whether so many more commands, of so many bytes, fit into the record."""
        return len(self.commands) + commands <= COMMANDS_PER_RECORD and self.bytes + size <= _RECORD_BYTES


class KafkaSender:
    """One producer for all pools. It connects by itself and again; until then commands are refused."""

    def __init__(
        self, *, broker: str, topic: str, gather_seconds: float, commands_max: int, acknowledge_seconds: float
    ) -> None:
        self._broker = broker
        self._topic = topic
        self._gather_seconds = gather_seconds
        self._commands_max = commands_max
        self._acknowledge_seconds = acknowledge_seconds
        self._producer: AIOKafkaProducer | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._gathering: dict[str, _Gathering] = {}
        self._sending: dict[asyncio.Task[None], float] = {}
        self._pending = 0
        self.sent = 0
        self.failed = 0
        self.records = 0

    async def start(self) -> None:
        """Begin to connect; does not wait for the broker."""
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        """Send what is gathered, wait for it as long as anybody would, and close."""
        for pool in list(self._gathering):
            self._flush(pool)
        if self._sending:
            await asyncio.wait(list(self._sending), timeout=self._acknowledge_seconds)
        self._stopping.set()
        if self._connecting is not None:
            # Not cancelled in the middle of connecting, which would leave the connection open.
            await asyncio.wait([self._connecting], timeout=self._acknowledge_seconds)
        for task in [*self._sending, *([self._connecting] if self._connecting else [])]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, SendError):
                await task
        if self._producer is not None:
            with contextlib.suppress(KafkaError):
                await self._producer.stop()

    def is_connected(self) -> bool:
        """Tell whether the broker takes commands, as far as is known."""
        oldest = next(iter(self._sending.values()), None)
        if self._producer is None:
            return False
        return oldest is None or time.monotonic() - oldest < self._acknowledge_seconds

    def pending(self) -> int:
        """Give how many commands wait for the broker."""
        return self._pending

    def submit(self, pool: str, command: bytes, *, after: bytes | None = None) -> asyncio.Future[Position]:
        """Take an encoded command, behind another where one is given; done when the broker has it on record."""
        if self._pending >= self._commands_max:
            raise SendError("more commands wait for the broker than may", overloaded=True)
        if not self.is_connected():
            raise SendError("the broker does not answer")
        loop = asyncio.get_running_loop()
        together = [command] if after is None else [after, command]
        size = sum(map(len, together))
        gathering = self._gathering.get(pool)
        if gathering is not None and not gathering.has_room(len(together), size):
            self._flush(pool)
            gathering = None
        if gathering is None:
            timer = loop.call_later(self._gather_seconds, self._flush, pool)
            gathering = self._gathering[pool] = _Gathering(timer)
        waiting = [_Waiting(one, loop.create_future()) for one in together]
        gathering.commands += waiting
        gathering.bytes += size
        self._pending += len(waiting)
        if len(gathering.commands) >= COMMANDS_PER_RECORD:
            self._flush(pool)
        return waiting[-1].done

    async def append(self, topic: str, key: bytes, value: bytes) -> None:
        """Put one record into another topic; returns when the broker has it on record."""
        if self._producer is None or not self.is_connected():
            raise SendError("the broker does not answer")
        try:
            await asyncio.wait_for(self._producer.send_and_wait(topic, value, key=key), self._acknowledge_seconds)
        except (KafkaError, TimeoutError) as error:
            raise SendError(f"the broker did not acknowledge ({type(error).__name__})") from None

    def _flush(self, pool: str) -> None:
        gathering = self._gathering.pop(pool)
        gathering.timer.cancel()
        task = asyncio.create_task(self._send(pool, gathering.commands))
        self._sending[task] = time.monotonic()
        task.add_done_callback(lambda done: self._sending.pop(done, None))

    async def _send(self, pool: str, waiting: list[_Waiting]) -> None:
        try:
            assert self._producer is not None
            metadata = await self._producer.send_and_wait(
                self._topic,
                encode_list([item.command for item in waiting]),
                key=pool.encode(),
                partition=partition_of(pool),
            )
        except (KafkaError, asyncio.CancelledError) as error:
            self.failed += len(waiting)
            log.warning("commands not acknowledged", pool=pool, commands=len(waiting), error=repr(error))
            failure = SendError(f"the broker did not acknowledge ({type(error).__name__})")
            for item in waiting:
                _settle(item.done, failure)
            if isinstance(error, asyncio.CancelledError):
                raise
            return
        finally:
            self._pending -= len(waiting)
        self.sent += len(waiting)
        self.records += 1
        for index, item in enumerate(waiting):
            if not item.done.done():
                item.done.set_result(Position(metadata.partition, metadata.offset, index))

    async def _connect(self) -> None:
        idempotent = True
        while self._producer is None and not self._stopping.is_set():
            producer = self._new_producer(idempotent=idempotent)
            try:
                await producer.start()
            except KafkaConnectionError as error:
                log.info("the broker does not answer, trying again", broker=self._broker, error=str(error))
                await _stop_quietly(producer)
                await self._pause()
            except KafkaError as error:
                await _stop_quietly(producer)
                if not idempotent:
                    log.warning("the broker refuses the producer, trying again", error=repr(error))
                    await self._pause()
                # The embedded broker has no idempotent producer; the core recognises a command that comes twice.
                idempotent = False
            except asyncio.CancelledError:
                await _stop_quietly(producer)
                raise
            else:
                self._producer = producer

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), _RECONNECT_SECONDS)

    def _new_producer(self, *, idempotent: bool) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self._broker,
            client_id="headrace-api",
            acks="all",
            enable_idempotence=idempotent,
            request_timeout_ms=int(self._acknowledge_seconds * 1000),
            max_request_size=_REQUEST_BYTES,
            retry_backoff_ms=50,
        )


def _settle(future: asyncio.Future[Position], failure: SendError) -> None:
    if not future.done():
        future.set_exception(failure)
        # Nobody may be waiting any more, and that is no fault.
        future.exception()


async def _stop_quietly(producer: AIOKafkaProducer) -> None:
    with contextlib.suppress(KafkaError):
        await producer.stop()
