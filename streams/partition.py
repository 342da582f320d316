"""One partition of this worker: its owner, the owner's task and store, and the Faust events that wait for it."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from aiokafka.errors import IllegalStateError
from faust.types import TP

from streams.commit.errors import PartitionStoppedError
from streams.commit.owner import Owner
from streams.commit.ports import Command, Position
from streams.commit.stats import Phase
from streams.publisher import KafkaPublisher
from streams.restore import BulkReader
from streams.store import ClosableStore

logger = logging.getLogger(__name__)

_PAUSE_ABOVE = 0.5
_RESUME_BELOW = 0.25
# Reading again throws away what was fetched but not handed over, so on a slow machine it must become rarer.
_LOOKS_MAX = 32


class FaustSource:
    """A partition of `commands` as Faust's consumer reads it."""

    def __init__(self, consumer: Any, reader: BulkReader, tp: TP) -> None:
        self._consumer = consumer
        self._reader = reader
        self._tp = tp
        self._events: dict[int, Any] = {}

    def keep(self, event: Any) -> None:
        """Keep an event until its record is acknowledged."""
        self._events[event.message.offset] = event

    async def bounds(self) -> tuple[int, int]:
        return await self._reader.bounds(self._tp.topic, self._tp.partition)

    async def seek(self, offset: int) -> None:
        """Faust may be about to seek elsewhere, or lose the partition; the watch over it seeks again."""
        try:
            await self._consumer.seek_wait({self._tp: offset})
        except (IllegalStateError, TimeoutError) as error:
            logger.info("could not seek %s to %d: %r", self._tp, offset, error)

    def acknowledge(self, offset: int) -> None:
        event = self._events.pop(offset, None)
        if event is not None:
            event.ack()


class Parts(NamedTuple):
    """What is made for one partition."""

    owner: Owner
    store: ClosableStore
    publisher: KafkaPublisher


class Partition:
    """Starts an owner, feeds it, watches over its reading, and ends it."""

    def __init__(
        self,
        tp: TP,
        consumer: Any,
        source: FaustSource,
        make: Callable[[FaustSource], Parts],
        on_failure: Callable[[TP, BaseException], None],
    ) -> None:
        self.tp = tp
        self._consumer = consumer
        self._source = source
        self._on_failure = on_failure
        self._paused = False
        self._waited_for: int | None = None
        # How often the watch has looked in vain, and how often it must before it reads again.
        self._looks = 0
        self._looks_enough = 1
        self._position: Position | None = None
        self._moved_at = time.monotonic()
        self.owner, self._store, self._publisher = make(source)
        self._task = asyncio.create_task(self._run(), name=f"owner of {tp}")

    def assign(self, generation: int) -> None:
        """The group gave us the partition, or gave it to us again."""
        self._publisher.begin()
        self.owner.assign(generation)

    def hand_over(self, event: Any) -> None:
        """Give a record to the owner, and stop reading when it has enough."""
        message = event.message
        self._source.keep(event)
        self.owner.offer(Command(message.offset, message.value))
        if not self._paused and self.owner.backlog() > _PAUSE_ABOVE:
            self._paused = True
            self._consumer.pause_partitions({self.tp})

    def watch(self) -> None:
        """Read again from the position if nothing comes though there is more, and go on reading after a pause.

        Faust loses records on the way to an agent when it clears its queues, and drops those below an offset that it
        believes was read.
        """
        if self._paused and self.owner.backlog() < _RESUME_BELOW:
            self._paused = False
            self._consumer.resume_partitions({self.tp})
        position = self.owner.stats.position
        if position != self._position or position.offset >= self.log_end():
            self._position, self._moved_at = position, time.monotonic()
        waits_for = self.owner.waits_for()
        if waits_for is None or waits_for != self._waited_for:
            self._waited_for = waits_for
            self._looks, self._looks_enough = 0, 1
        elif waits_for < self.log_end():
            self._looks += 1
            if self._looks >= self._looks_enough:
                logger.info("%s: reading again from offset %d", self.tp, waits_for)
                self._looks, self._looks_enough = 0, min(2 * self._looks_enough, _LOOKS_MAX)
                self.owner.reread()

    def stalled_seconds(self) -> float:
        """For how long there has been something to decide, and nothing was; 0 for a restore, which takes its time."""
        if self.owner.stats.phase is not Phase.RUNNING or self._position is None:
            return 0.0
        return max(0.0, time.monotonic() - self._moved_at)

    async def close(self) -> None:
        """End the owner and let go of its store. A restore is cut short; what is being written lands first."""
        await self.owner.close()
        if self.owner.stats.phase is Phase.RESTORING:
            self._task.cancel()
        await asyncio.wait([self._task])
        self._store.close()

    async def _run(self) -> None:
        try:
            await self.owner.run()
        except PartitionStoppedError as error:
            logger.critical("%s is stopped: %s", self.tp, error)
        except asyncio.CancelledError as error:
            if not self.owner.is_closed():
                self._on_failure(self.tp, error)
        except BaseException as error:  # noqa: BLE001 # Whatever it is, nothing may be done after it.
            self._on_failure(self.tp, error)

    def log_end(self) -> int:
        """The end of the partition as the last fetch told it."""
        try:
            return self._consumer.highwater(self.tp) or 0
        except (IllegalStateError, AssertionError):
            return 0
