"""One partition's outside in memory: a log that several owners may write to, and what each of them told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from models.updates import Update
from streams.commit.deciding import Limits
from streams.commit.owner import Owner
from streams.commit.ports import Attempt, Command, LogRecord, Ports, Row, TopicKey
from streams.store import MemoryStore
from tests.agents.toy import Item, ToyEngine

BYTES_MAX = 1 << 20


class Log:
    """A partition's changelog."""

    def __init__(self) -> None:
        self.records: list[LogRecord] = []
        self.next_offset = 0
        # Batches appended by somebody else just before our next one.
        self.first: list[Sequence[Row]] = []
        # How often the next batch lands, as when a retry below us sends it again.
        self.times = 1

    async def end(self) -> int:
        await asyncio.sleep(0)
        return self.next_offset

    async def append(self, records: Sequence[Row]) -> int:
        await asyncio.sleep(0)
        for batch in self.first:
            self.put(batch)
        self.first = []
        bases = [self.put(records) for _ in range(self.times)]
        self.times = 1
        return bases[-1]

    def put(self, records: Sequence[Row]) -> int:
        base = self.next_offset
        for key, value in records:
            self.records.append(LogRecord(self.next_offset, key, value))
            self.next_offset += 1
        return base

    async def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        for record in [record for record in self.records if start <= record.offset < end]:
            await asyncio.sleep(0)
            yield [record]

    def compact(self, before: int) -> None:
        """Keep the newest record of each key among those below an offset."""
        newest = {record.key: record.offset for record in self.records if record.offset < before}
        self.records = [
            record for record in self.records if record.offset >= before or newest[record.key] == record.offset
        ]


class Notes:
    """Attempts, kept over restarts."""

    def __init__(self) -> None:
        self.note: Attempt | None = None

    def read(self) -> Attempt | None:
        return self.note

    def write(self, attempt: Attempt) -> None:
        self.note = attempt

    def clear(self) -> None:
        self.note = None


class Bench:
    """One worker's view of the partition; another worker's shares the log and the commands."""

    def __init__(self, log: Log | None = None, commands: list[bytes] | None = None) -> None:
        self.log = log or Log()
        self.commands = commands if commands is not None else []
        self.begins = 0
        self.store = MemoryStore()
        self.notes = Notes()
        self.told: list[Update] = []
        self.overwritten: Collection[TopicKey] = ()
        self.acknowledged: list[int] = []
        self.seeks: list[int] = []
        self.is_held = True
        self.passed: list[str] = []
        self.stops: dict[str, asyncio.Event] = {}
        self.owner: Owner | None = None

    # The ports, by their names.
    async def publish(self, updates: Sequence[Update]) -> Collection[TopicKey]:
        await asyncio.sleep(0)
        self.told += updates
        overwritten, self.overwritten = self.overwritten, ()
        return overwritten

    async def bounds(self) -> tuple[int, int]:
        return self.begins, len(self.commands)

    async def seek(self, offset: int) -> None:
        self.seeks.append(offset)
        asyncio.get_running_loop().call_soon(self.feed, offset)

    def acknowledge(self, offset: int) -> None:
        self.acknowledged.append(offset)

    def held(self) -> bool:
        return self.is_held

    async def wait(self) -> None:
        await asyncio.sleep(0)

    async def at(self, name: str) -> None:
        self.passed.append(name)
        stop = self.stops.get(name)
        if stop is not None:
            await stop.wait()

    def seconds(self) -> float:
        return 0.0

    def feed(self, offset: int) -> None:
        """Hand over every record from this offset on."""
        for number in range(offset, len(self.commands)):
            self.offer(number)

    def offer(self, number: int) -> None:
        assert self.owner is not None
        self.owner.offer(Command(number, self.commands[number]))

    def send(self, *records: bytes) -> None:
        """Produce records, and hand them over."""
        begin = len(self.commands)
        self.commands += records
        self.feed(begin)

    def ports(self, core: type[ToyEngine] = ToyEngine) -> Ports:
        return Ports(
            new_core=lambda: core(0),
            changelog=self.log,
            store=self.store,
            source=self,
            publisher=self,
            lease=self,
            pauses=self,
            attempts=self.notes,
            clock=self,
        )

    @asynccontextmanager
    async def owning(
        self,
        *,
        writer: str = "a",
        limits: Limits | None = None,
        core: type[ToyEngine] = ToyEngine,
        ends_with: type[BaseException] | None = None,
    ) -> AsyncIterator[Owner]:
        """An owner that runs. At the end it is closed; what it raised is raised, unless it was to end so."""
        owner = Owner(self.ports(core), writer=writer, bytes_max=BYTES_MAX, limits=limits or Limits())
        self.owner = owner
        task = asyncio.create_task(owner.run())
        owner.assign(1)
        try:
            yield owner
        finally:
            if ends_with is None:
                await owner.close()
            (ended,) = await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 5)
        if ended is not None and not (ends_with and isinstance(ended, ends_with)):
            raise ended
        assert ends_with is None or ended is not None, "the owner ended well"

    def count(self, key: str) -> int:
        return int(self.store.get(b"count/" + key.encode()) or b"0")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 # Conditions of many kinds, in steps of the loop.
            await asyncio.sleep(0)


async def settled(owner: Owner, offset: int) -> None:
    """Until everything before this offset of the commands is committed and told."""
    await until(lambda: owner.stats.position.offset >= offset and owner.waits_for() == offset)
    for _ in range(50):
        await asyncio.sleep(0)


def record(*items: Item | str) -> bytes:
    """A record of commands; a text stands for counting that key."""
    return msgspec.json.encode([Item(key=item) if isinstance(item, str) else item for item in items])


def values(told: Sequence[Update], topic: str) -> Iterator[Any]:
    for update in told:
        if update.topic == topic:
            assert update.value is not None
            yield msgspec.json.decode(update.value)
