"""A core that counts: each item adds one to its key, so that anything lost or repeated shows."""

import sys
from collections.abc import Iterable

import msgspec

from models.updates import Applied, Update
from streams.settings import WorkerSettings
from streams.worker import run_worker


class Item(msgspec.Struct):
    """One command: count for a key. A tick has no key."""

    key: str = ""
    id: int = 0
    # How many further slices the item leaves to be drained.
    slices: int = 0
    crash: bool = False


class Told(msgspec.Struct):
    """An update: what the count was after an item."""

    key: str
    id: int
    count: int
    offset: int
    index: int


_REST = b"rest"
_items = msgspec.json.Decoder(list[msgspec.Raw])
_item = msgspec.json.Decoder(Item)
_told = msgspec.json.Encoder()


class ToyEngine:
    """Rows are counts; ticks count in a row of their own."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.rows: dict[bytes, bytes] = {}

    def load(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        self.rows = dict(rows)

    @staticmethod
    def split(record: bytes) -> list[bytes]:
        try:
            return [bytes(raw) for raw in _items.decode(record)]
        except msgspec.DecodeError:
            return [record]

    @staticmethod
    def tick(now_ms: int, sequence: int) -> bytes:
        return b'[{"id":%d}]' % (now_ms + sequence)

    def apply(self, item: bytes, offset: int, index: int) -> Applied:
        try:
            command = _item.decode(item)
        except msgspec.DecodeError:
            return self.skip(item, offset, index, "cannot be decoded")
        if command.crash:
            sys.exit("the toy engine was told to crash")
        if not command.key:
            return Applied([self._add(b"ticks")], [])
        rows = [self._add(b"count/" + command.key.encode())]
        if command.slices:
            rows.append(self._put(_REST, b"%d" % command.slices))
        key = command.key.encode()
        told = Told(command.key, command.id, int(rows[0][1]), offset, index)
        return Applied(
            rows,
            [Update("order-updates", key, _told.encode(told)), Update("order-views", key, None)],
        )

    def skip(self, item: bytes, offset: int, index: int, reason: str) -> Applied:
        key = b"skipped/%d/%d" % (offset, index)
        row = self._put(key, reason.encode())
        return Applied([row], [Update("dead-letters", key, item)])

    def drain(self) -> Applied | None:
        left = int(self.rows.get(_REST, b"0"))
        if not left:
            return None
        row = self._add(b"slices")
        if left > 1:
            return Applied([row, self._put(_REST, b"%d" % (left - 1))], [])
        del self.rows[_REST]
        return Applied([row, (_REST, None)], [])

    def render(self, topic: str, key: bytes) -> bytes:
        assert topic == "order-views"
        return self.rows[b"count/" + key]

    def _add(self, key: bytes) -> tuple[bytes, bytes]:
        return self._put(key, b"%d" % (int(self.rows.get(key, b"0")) + 1))

    def _put(self, key: bytes, value: bytes) -> tuple[bytes, bytes]:
        self.rows[key] = value
        return key, value


if __name__ == "__main__":
    run_worker(WorkerSettings(), ToyEngine)
