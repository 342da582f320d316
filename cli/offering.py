"""Sends commands to the broker, each pool's in order on its partition; and offers traffic at a fixed rate.

The rate is kept by the clock and not by the answers (open loop): a system that lags behind is offered no less.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from cli.console import fail
from models.commands import encode, encode_list
from models.partition import partition_of
from models.topics import MESSAGE_BYTES_MAX
from pipelines.traffic.set_up import set_up
from pipelines.traffic.stream import COMMANDS_PER_CYCLE, ORDERS_PER_CYCLE, Traffic
from pipelines.traffic.workload import Shelf, Workload

COMMANDS_PER_RECORD = 500
_GATHER_SECONDS = 0.005
_FLUSH_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_QUEUE_SECONDS = 0.05
# A set-up command may change a hundred rows; so few of them keep a record small.
_SET_UP_PER_RECORD = 20


def now_ms() -> int:
    """The time by this machine's clock."""
    return time.time_ns() // 1_000_000


class Acknowledged(NamedTuple):
    """A record of commands that the broker has: which pool's (by number), which orders, and the times."""

    pool: int
    first_order: int
    end_order: int
    commands: int
    due_at_seconds: float
    acknowledged_at_seconds: float


class CommandProducer:
    """A producer of the topic `commands`; a record counts as sent when every replica has it.

    Raises:
        KafkaException: no broker answers there.
        Failure: it does not have the topic.
    """

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._topic = topic
        self.failed = 0
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "acks": "all",
                # One at a time keeps a pool's commands in order over a retry, on brokers without idempotence too.
                "max.in.flight.requests.per.connection": 1,
                "linger.ms": 0,
                "message.max.bytes": MESSAGE_BYTES_MAX,
                # What goes wrong is told by the outcome of each record; a broker that is stopped at the end is no news.
                "log_level": 0,
                "message.timeout.ms": int(_FLUSH_SECONDS * 1_000),
            }
        )
        found = self._producer.list_topics(topic, timeout=_ANSWER_SECONDS).topics.get(topic)
        if found is None or found.error is not None:
            fail(f"the broker at {bootstrap} has no topic {topic}: create the topics with `headrace topics`")

    def send(self, pool: str, commands: Sequence[bytes], on_sent: Callable[[float], None] | None = None) -> None:
        """Queue commands of a pool as one record or several; `on_sent` gets the seconds until the last was stored."""
        for start in range(0, len(commands), COMMANDS_PER_RECORD):
            part = commands[start : start + COMMANDS_PER_RECORD]
            is_last = start + COMMANDS_PER_RECORD >= len(commands)
            self._queue(pool, encode_list(list(part)), on_sent if is_last else None)

    def serve(self, wait_seconds: float) -> None:
        """Hand out acknowledgements, waiting so long for one."""
        self._producer.poll(wait_seconds)

    def flush(self) -> None:
        """Return when everything is stored.

        Raises:
            KafkaException: something was not.
        """
        left = self._producer.flush(_FLUSH_SECONDS)
        if left or self.failed:
            raise KafkaException(KafkaError(KafkaError._MSG_TIMED_OUT))  # noqa: SLF001 # Its public name.

    def _queue(self, pool: str, value: bytes, on_sent: Callable[[float], None] | None) -> None:
        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self.failed += 1
            elif on_sent is not None:
                on_sent(message.latency() or 0.0)

        while True:
            try:
                self._producer.produce(
                    self._topic,
                    key=pool.encode(),
                    value=value,
                    partition=partition_of(pool),
                    on_delivery=delivered,
                )
            except BufferError:
                self._producer.poll(_QUEUE_SECONDS)
            else:
                return


def open_pools(producer: CommandProducer, workload: Workload, shelf: Shelf, pools: Sequence[str], run: str) -> int:
    """Send what opens and stocks the pools, and return how many commands that took, once all are stored."""
    sent = 0
    for pool in pools:
        commands = [encode(command) for command in set_up(workload, shelf, pool, run, now_ms())]
        sent += len(commands)
        for start in range(0, len(commands), _SET_UP_PER_RECORD):
            producer.send(pool, commands[start : start + _SET_UP_PER_RECORD])
    producer.flush()
    return sent


class Offer:
    """Traffic of several pools at so many orders a second in total."""

    def __init__(
        self,
        producer: CommandProducer,
        pools: Sequence[str],
        traffics: Sequence[Traffic],
        orders_per_second: float,
        keep: int | None = None,
    ) -> None:
        self._producer = producer
        self._pools = pools
        self._traffics = traffics
        self._per_pool = orders_per_second * COMMANDS_PER_CYCLE / ORDERS_PER_CYCLE / len(pools)
        self._sent = [0] * len(pools)
        self.orders = 0
        self.commands = 0
        self.acknowledged_commands = 0
        self.answers: Counter[str] = Counter()
        self.acknowledged: deque[Acknowledged] = deque(maxlen=keep)

    def run(self, orders: int | None, goes_on: Callable[[], bool]) -> None:
        """Offer until so many orders were placed, or until told to stop."""
        started = time.time()
        while goes_on() and (orders is None or self.orders < orders):
            self._send_due(started, orders)
            self._producer.serve(_GATHER_SECONDS)

    def _send_due(self, started: float, orders: int | None) -> None:
        due_at = time.time()
        wanted = int((due_at - started) * self._per_pool)
        for number in range(len(self._pools)):
            count = wanted - self._sent[number]
            if count > 0 and (orders is None or self.orders < orders):
                # What is sent together was due since the first of it was.
                self._send(number, count, started + (self._sent[number] + 1) / self._per_pool)

    def _send(self, number: int, count: int, due_at: float) -> None:
        batch = self._traffics[number].take(count, now_ms())
        self._sent[number] += count
        self.orders += batch.end_order - batch.first_order
        self.commands += count
        queued_at = time.time()

        def acknowledge(seconds: float) -> None:
            record = Acknowledged(number, batch.first_order, batch.end_order, count, due_at, queued_at + seconds)
            self.acknowledged.append(record)
            self.acknowledged_commands += count

        self._producer.send(self._pools[number], batch.commands, acknowledge)

    def finish(self) -> None:
        """Return when everything offered is on record."""
        self._producer.flush()

    def waits_ms(self) -> list[float]:
        """From when a record was due to when the broker had it, in order of size."""
        return sorted(1_000 * (record.acknowledged_at_seconds - record.due_at_seconds) for record in self.acknowledged)
