"""Plays a plan through a running system: sends what is due, and reads back what became of it."""

import time
from collections import Counter
from collections.abc import Callable

import msgspec
from confluent_kafka import Consumer, TopicPartition

from cli.console import fail
from cli.offering import CommandProducer
from models.commands import Command, encode
from models.partition import partition_of
from models.records.order import Order
from models.topics import catalogue
from models.updates import CommandUpdate
from pipelines.replay.plan import Plan
from pipelines.replay.playback import Playback

# Orders whose view has not been read yet: enough to keep the worker busy, few enough to stay near the order of time.
WINDOW = 256
_COMMANDS_AT_ONCE = 200
_UNANSWERED_MAX = 4 * WINDOW
_RECORDS = 2_000
_WAIT_SECONDS = 0.02
_SILENCE_SECONDS = 60.0


class Player:
    """One replay on one broker. Everything sent must be answered before it ends."""

    def __init__(self, bootstrap: str, prefix: str, plan: Plan) -> None:
        topics = catalogue(prefix)
        self.playback = Playback(plan, WINDOW)
        self.refused: Counter[str] = Counter()
        self.sent = 0
        self._plan = plan
        self._producer = CommandProducer(bootstrap, topics.commands.name)
        self._views = topics.order_views.name
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "headrace-replay",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 20,
            }
        )
        partition = partition_of(plan.pool)
        self._consumer.assign(
            [TopicPartition(topic, partition, 0) for topic in (self._views, topics.order_updates.name)]
        )
        self._unanswered: set[str] = set()
        self._view = msgspec.json.Decoder(Order)
        self._update = msgspec.json.Decoder(CommandUpdate)
        self._heard_at = time.monotonic()

    def play(self, speed: float | None, told: Callable[[int], None]) -> None:
        """Send everything at so many times the real speed, or as fast as it is answered (None)."""
        for command in self._plan.set_up:
            self._send([command])
            while len(self._unanswered) >= _UNANSWERED_MAX:
                self._read()
        while self._unanswered:
            self._read()
        began, began_ms = time.monotonic(), self.playback.next_at_ms or 0
        while not (self.playback.is_done and not self._unanswered):
            until_ms = None if speed is None else began_ms + int(1_000 * speed * (time.monotonic() - began))
            room = min(_COMMANDS_AT_ONCE, _UNANSWERED_MAX - len(self._unanswered))
            if room > 0:
                self._send(self.playback.take(until_ms, room))
            self._read()
            told(self.playback.placed)
        self._producer.flush()
        self._consumer.close()

    def _send(self, commands: list[Command]) -> None:
        if not commands:
            return
        if not self._unanswered:
            self._heard_at = time.monotonic()
        self.sent += len(commands)
        self._unanswered.update(command.command_id for command in commands)
        self._producer.send(self._plan.pool, [encode(command) for command in commands])
        self._producer.serve(0)

    def _read(self) -> None:
        """Take what has come in, and send what waited for it."""
        newest: dict[str, Order] = {}
        for message in self._consumer.consume(_RECORDS, _WAIT_SECONDS):
            value = message.value()
            if message.error() is not None or value is None:
                continue
            self._heard_at = time.monotonic()
            if message.topic() == self._views:
                view = self._view.decode(value)
                newest[view.order_id] = view
            else:
                self._hear(self._update.decode(value))
        for view in newest.values():
            self._send(self.playback.read(view))
        if self._unanswered and time.monotonic() - self._heard_at > _SILENCE_SECONDS:
            fail(
                f"{len(self._unanswered)} commands were not answered in {_SILENCE_SECONDS:.0f} s: "
                "is a worker running on this broker? Start one with `headrace worker`"
            )

    def _hear(self, update: CommandUpdate) -> None:
        if update.pool != self._plan.pool:
            return
        if update.command_id in self._unanswered and update.refusal is not None:
            self.refused[f"{update.command}: {update.refusal.code}"] += 1
        self._unanswered.discard(update.command_id)
        self.playback.hear(update)
