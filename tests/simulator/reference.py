"""What should come out: one clean engine that decides the log of commands in order, and all that it says."""

from bisect import bisect_right

import msgspec

from models.engine import Engine
from models.updates import STEPS, Applied
from streams.commit.digest import Digest
from streams.commit.ports import Position

# Where something belongs: the offset of a command and its published index.
Place = tuple[int, int]
Told = tuple[str, bytes, bytes]


class _Placed(msgspec.Struct):
    offset: int
    index: int


_placed = msgspec.json.Decoder(_Placed).decode
_plain = msgspec.json.Decoder(dict[str, object]).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def place_of(value: bytes) -> Place:
    """Give the position that a published record carries."""
    placed = _placed(value)
    return placed.offset, placed.index


def without_place(topic: str, value: bytes) -> bytes:
    """Give what a rendered record says. That of stock and pools carries the position of the batch, not of its own."""
    if topic == "order-views":
        return value
    content = _plain(value)
    del content["offset"], content["index"]
    return _encode(content)


class Reference:
    """The clean engine and its history."""

    def __init__(self, partition: int) -> None:
        self.engine = Engine(partition, strict=True)
        # The digests that rows may have at a position: what a command left over is done bit by bit.
        self.digests: dict[Position, set[bytes]] = {}
        # Updates with a value, each once, in order, and where they belong.
        self.told: dict[Told, Place] = {}
        # Of a rendered record, what it says from which place on.
        self._places: dict[tuple[str, bytes], list[Place]] = {}
        self._contents: dict[tuple[str, bytes], list[bytes]] = {}
        # Orders as they were when they left the table.
        self.pictures: list[bytes] = []
        self._digest = Digest()
        self._next = Position(0, 0)
        self._remember()

    def apply(self, item: bytes, offset: int, index: int, skip: str = "") -> None:
        """Decide an item and all that it leaves over; or skip it for a reason."""
        engine = self.engine
        applied = engine.skip(item, offset, index, skip) if skip else engine.apply(item, offset, index)
        self._next = Position(offset, index + 1)
        step = index * STEPS
        self._take(applied, (offset, step))
        while (rest := engine.drain()) is not None:
            step += 1
            self._take(rest, (offset, step))

    def end_record(self, offset: int) -> None:
        """After the last item of a record the next one is due."""
        same = self.digests[self._next]
        self._next = Position(offset + 1, 0)
        self.digests[self._next] = same

    def views(self) -> dict[tuple[str, bytes], bytes]:
        """Give what rendered records say in the end."""
        return {key: contents[-1] for key, contents in self._contents.items()}

    def content_at(self, topic: str, key: bytes, place: Place) -> bytes | None:
        """Give what a rendered record says at a place; None before there was anything to say."""
        found = bisect_right(self._places.get((topic, key), []), place)
        return self._contents[topic, key][found - 1] if found else None

    def _take(self, applied: Applied, place: Place) -> None:
        self._digest.update(dict(applied.rows))
        self._remember()
        self.pictures.extend(value for topic, _, value in applied.updates if topic == "order-views" and value)
        for topic, key, value in applied.updates:
            # The last picture of an order that leaves the table is one of its views, though no row renders it.
            if value is not None and topic != "order-views":
                self.told[topic, key, value] = place
                continue
            content = without_place(topic, self.engine.render(topic, key) if value is None else value)
            self._places.setdefault((topic, key), []).append(place)
            self._contents.setdefault((topic, key), []).append(content)

    def _remember(self) -> None:
        self.digests.setdefault(self._next, set()).add(self._digest.value())
