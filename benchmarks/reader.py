"""A separate process that reads the topics while the benchmark runs: it shares nothing with what it checks.

While the traffic flows it only notes when each order's view could first be read. What needs decoding waits until after.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from models.topics import catalogue
from models.updates import STEPS

_RECORDS = 2_000
_WAIT_SECONDS = 0.02
_QUIET_SECONDS = 5.0
_ENDED = frozenset({"shipped", "delivered", "cancelled", "expired"})
_STATUS = b'"status":"'


class Level(msgspec.Struct, array_like=True):
    """A location's part of what `stock-updates` holds."""

    location_id: str
    on_hand: int
    allocated: int


class SkuLevels(msgspec.Struct):
    """As much of `stock-updates` as the check needs."""

    pool: str
    sku: str
    levels: list[Level]


class Movement(msgspec.Struct):
    """As much of `stock-movements` as the check needs."""

    pool: str
    sku: str
    location_id: str
    offset: int
    index: int
    sequence: int
    kind: str
    on_hand_delta: int = 0
    allocated_delta: int = 0


class Refusal(msgspec.Struct):
    """Why a command was refused."""

    code: str


class Event(msgspec.Struct):
    """As much of an event as tells that an outside fact took stock from under picked units."""

    type: str
    sku: str = ""
    location_id: str = ""


class Decided(msgspec.Struct):
    """As much of `order-updates` as the check needs."""

    offset: int
    index: int
    command: str
    command_id: str
    pool: str = ""
    repeated: bool = False
    refusal: Refusal | None = None
    events: list[Event] = []


class Reader:
    """Reads the partitions of the benchmark's pools."""

    def __init__(self, bootstrap: str, partitions: list[int]) -> None:
        self._bootstrap = bootstrap
        self._partitions = partitions
        self._topics = catalogue()
        self.first_seen: dict[str, float] = {}
        self.statuses: Counter[str] = Counter()

    def watch_views(self, goes_on: Callable[[], bool]) -> None:
        """Note the time at which each order's first view arrives."""
        consumer = self._consumer(self._topics.order_views.name)
        seen = self.first_seen
        while goes_on():
            messages = consumer.consume(_RECORDS, _WAIT_SECONDS)
            arrived_at = time.time()
            for message in messages:
                key = message.key()
                if message.error() is None and isinstance(key, bytes) and (order := key.decode()) not in seen:
                    seen[order] = arrived_at
                    self.statuses[_status(message.value())] += 1
        consumer.close()

    def check(self) -> dict[str, Any]:
        """After the traffic: count what was decided, and look for stock that was promised twice."""
        decided: set[tuple[int, int, int]] = set()
        refused: Counter[str] = Counter()
        declared: set[tuple[str, str, str]] = set()
        for message in self._all(self._topics.order_updates.name):
            update = msgspec.json.decode(message.value() or b"", type=Decided)
            # What a command left over for later is told after it, under numbers in between; ticks are the worker's own.
            if update.index % STEPS == 0 and update.command != "tick":
                decided.add((message.partition() or 0, update.offset, update.index))
            declared |= {(update.pool, e.sku, e.location_id) for e in update.events if e.type == "stock_short"}
            if update.refusal is not None and not update.command_id.endswith("/policy"):
                refused[f"{update.command}: {update.refusal.code}"] += 1
        return {
            "decided": len(decided),
            "refused": dict(refused),
            "open_orders": self._open_orders(),
            "oversold": len(self._claimed_beyond() | (self._short_in_levels() - declared)),
            "declared_short": len(declared),
            "dead_letters": sum(1 for _ in self._all(self._topics.dead_letters.name)),
        }

    def _open_orders(self) -> int:
        """Orders that still have something to come, by their newest view."""
        newest = {message.key(): _status(message.value()) for message in self._all(self._topics.order_views.name)}
        return sum(status not in _ENDED for status in newest.values())

    def _short_in_levels(self) -> set[tuple[str, str, str]]:
        """Cells of which more was allocated than there was, in any published state.

        A count or a till sale may take stock from under units that are picked: that is declared, and no oversell.
        """
        return {
            (view.pool, view.sku, level.location_id)
            for message in self._all(self._topics.stock_updates.name)
            for view in [msgspec.json.decode(message.value() or b"", type=SkuLevels)]
            for level in view.levels
            if level.allocated > max(0, level.on_hand)
        }

    def _claimed_beyond(self) -> set[tuple[str, str, str]]:
        """Cells where a claim left more allocated than there was, by adding up the ledger in order."""
        booked: dict[tuple[str, int, int, int], Movement] = {}
        for message in self._all(self._topics.stock_movements.name):
            entry = msgspec.json.decode(message.value() or b"", type=Movement)
            # The ledger may be published twice, with the same numbers.
            booked[entry.pool, entry.offset, entry.index, entry.sequence] = entry
        on_hand: Counter[tuple[str, str, str]] = Counter()
        allocated: Counter[tuple[str, str, str]] = Counter()
        beyond: set[tuple[str, str, str]] = set()
        for _, entry in sorted(booked.items()):
            cell = (entry.pool, entry.sku, entry.location_id)
            on_hand[cell] += entry.on_hand_delta
            allocated[cell] += entry.allocated_delta
            if entry.kind == "allocated" and allocated[cell] > on_hand[cell]:
                beyond.add(cell)
        return beyond

    def _all(self, topic: str) -> Iterator[Message]:
        """Everything in the topic, until every partition's end was met."""
        consumer = self._consumer(topic)
        left = set(self._partitions)
        quiet_since = time.monotonic()
        while left and time.monotonic() - quiet_since < _QUIET_SECONDS:
            for message in consumer.consume(_RECORDS, _WAIT_SECONDS):
                quiet_since = time.monotonic()
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 # Its public name.
                    left.discard(message.partition() or 0)
        consumer.close()

    def _consumer(self, topic: str) -> Consumer:
        consumer = Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": "headrace-benchmark",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                # The embedded broker looks for new records only some times within the wait.
                "fetch.wait.max.ms": 20,
                "fetch.message.max.bytes": 4 * 1024 * 1024,
                "queued.max.messages.kbytes": 65_536,
            }
        )
        consumer.assign([TopicPartition(topic, partition, 0) for partition in self._partitions])
        return consumer


def _status(value: bytes | None) -> str:
    """The order's status, taken from the text: an order states its own before those of its parts."""
    if value is None:
        return ""
    start = value.find(_STATUS) + len(_STATUS)
    return value[start : value.index(b'"', start)].decode()


def main() -> None:
    """Arguments: bootstrap, partitions as 1,2,3, the file for the times. Talks over standard input and output."""
    bootstrap, partitions, times = sys.argv[1:]
    reader = Reader(bootstrap, [int(number) for number in partitions.split(",")])
    told = Path(times).with_suffix(".stop")
    last = 0.0

    def goes_on() -> bool:
        nonlocal last
        now = time.monotonic()
        if now - last > 1.0 / 4:
            last = now
            print(len(reader.first_seen), flush=True)
            return not told.exists()
        return True

    reader.watch_views(goes_on)
    Path(times).write_bytes(msgspec.msgpack.encode(reader.first_seen))
    print(json.dumps({"statuses": reader.statuses} | reader.check()), flush=True)


if __name__ == "__main__":
    main()
