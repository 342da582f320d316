"""What the commit protocol needs from outside, for one partition: small ports, given by Kafka or by a simulator."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from models.updates import Applied, Update

T = TypeVar("T")

# A key and its new value; no value deletes.
Row: TypeAlias = tuple[bytes, bytes | None]
# A topic, by the core's name for it, and a key in it.
TopicKey: TypeAlias = tuple[str, bytes]


class Position(Struct, frozen=True, order=True):
    """The next item to decide: a record of `commands`, and the index of an item in its list."""

    offset: int
    index: int


class LogRecord(NamedTuple):
    """A record of the changelog as read back. Compaction leaves gaps between offsets."""

    offset: int
    key: bytes
    value: bytes | None


class Command(NamedTuple):
    """A record of `commands` as it was read."""

    offset: int
    value: bytes


class Core(Protocol):
    """All rows of one partition in memory, and the rules on them; `models.engine.Engine`."""

    def load(self, rows: Iterable[tuple[bytes, bytes]]) -> None: ...

    def split(self, record: bytes) -> list[bytes]: ...

    def apply(self, item: bytes, offset: int, index: int) -> Applied: ...

    def skip(self, item: bytes, offset: int, index: int, reason: str) -> Applied: ...

    def drain(self) -> Applied | None: ...

    def render(self, topic: str, key: bytes) -> bytes: ...

    def tick(self, now_ms: int, sequence: int) -> bytes | None: ...


class Changelog(Protocol):
    """The partition's changelog."""

    async def end(self) -> int:
        """The offset that the next record will get."""

    async def append(self, records: Sequence[Row]) -> int:
        """Append as one record batch, whole or not at all; return its base offset once every replica in sync has it.

        Whatever it raises leaves unknown whether the batch landed.
        """

    def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """What is left of the records with start <= offset < end, in order, in chunks."""


class LocalStore(Protocol):
    """The partition's rows on this machine: a copy of the changelog up to an offset, never ahead of it."""

    def end(self) -> int:
        """The changelog offset up to which (exclusive) the rows are those of the log; 0 for an empty store."""

    def get(self, key: bytes) -> bytes | None: ...

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """All rows, in any order."""

    def write(self, rows: Iterable[Row], end: int, *, current: bool) -> None:
        """Put rows and `end` in one atomic write. `current`: `end` is where the log ends at this moment."""

    def wipe(self) -> None:
        """Forget all rows; `end` is 0 after it."""


class Source(Protocol):
    """The partition of `commands` that feeds the owner."""

    async def bounds(self) -> tuple[int, int]:
        """The offsets of the first record still there and of the next one to come."""

    async def seek(self, offset: int) -> None:
        """Read on from this offset. Records read before may still be handed over; the owner ignores them."""

    def acknowledge(self, offset: int) -> None:
        """All items of this record are decided, committed and told."""


class Publisher(Protocol):
    """The topics that tell what happened; every update goes to the partition of the same number."""

    async def publish(self, updates: Sequence[Update]) -> Collection[TopicKey] | None:
        """Send in order and return when all are acknowledged. Every update has its value.

        Returned are the keys, if any, that somebody else has published since the last time: an owner that was frozen
        while it told. In a compacted topic its older value would now stand for the key.
        """


class Lease(Protocol):
    """Whether the group still counts on us, as far as can be known without asking it."""

    def held(self) -> bool: ...

    async def wait(self) -> None:
        """Return after a moment, or when something changed; the caller looks again."""


class Pauses(Protocol):
    """Named points of the commit at which a test may freeze or crash; nothing happens there in production."""

    async def at(self, name: str) -> None: ...


class Attempt(Struct, frozen=True):
    """A note that deciding was begun at a position: how often, and whether one item at a time."""

    position: Position
    count: int
    single: bool


class Attempts(Protocol):
    """The partition's note on this machine, which outlives the process."""

    def read(self) -> Attempt | None: ...

    def write(self, attempt: Attempt) -> None: ...

    def clear(self) -> None: ...


class Clock(Protocol):
    """Only to measure where time goes; no decision depends on it."""

    def seconds(self) -> float: ...


class Aside(Protocol):
    """Runs work that takes long and touches nothing else, so that other partitions go on meanwhile."""

    async def __call__(self, work: Callable[[], T], /) -> T: ...


async def at_once(work: Callable[[], T], /) -> T:
    """Do it here and now."""
    return work()


class Ports(NamedTuple):
    """Everything outside that one partition's owner uses."""

    new_core: Callable[[], Core]
    changelog: Changelog
    store: LocalStore
    source: Source
    publisher: Publisher
    lease: Lease
    pauses: Pauses
    attempts: Attempts
    clock: Clock
    aside: Aside = at_once
