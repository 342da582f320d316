"""A worker's local store and note of attempts: they outlive its processes, if not always in one piece."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import NamedTuple

from streams.commit.ports import Attempt, Position, Row
from streams.commit.rows import POSITION, RESERVED

_WRITES_KEPT = 8


class _Undo(NamedTuple):
    rows: Mapping[bytes, bytes | None]
    end: int
    current_at: float


class Disk:
    """What one worker has of the partition. A write is atomic; only faults tear it."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}
        self.end = 0
        self.current_at = 0.0
        self.note: Attempt | None = None
        # How often a process ended while an item was decided on its own, by the note it had left.
        self.ended_at: Counter[Position] = Counter()
        self._undo: deque[_Undo] = deque(maxlen=_WRITES_KEPT)

    def write(self, rows: Iterable[Row], end: int, *, current_at: float | None) -> None:
        before: dict[bytes, bytes | None] = {}
        for key, value in rows:
            before[key] = self.rows.get(key)
            self._put(key, value)
        self._undo.append(_Undo(before, self.end, self.current_at))
        self.end = end
        if current_at is not None:
            self.current_at = current_at

    def wipe(self) -> None:
        self.rows.clear()
        self._undo.clear()
        self.end = 0

    def scan(self, random: Random) -> Iterator[tuple[bytes, bytes]]:
        """No order is promised."""
        rows = list(self.rows.items())
        random.shuffle(rows)
        return iter(rows)

    def process_ended(self) -> None:
        if self.note is not None and self.note.single:
            self.ended_at[self.note.position] += 1

    def harm(self, how: str, random: Random) -> None:
        """Leave the store as a crash may leave it."""
        if how == "wiped":
            self.wipe()
            self.note = None
        elif how == "behind":
            for _ in range(random.randint(1, 4)):
                self._revert(share=1.0, random=random, also_end=True)
        elif how == "torn":
            self._revert(share=0.5, random=random, also_end=True)
        elif how == "torn_and_ended":
            self._revert(share=0.5, random=random, also_end=False)
        elif how == "corrupt":
            self._corrupt(random)

    def _revert(self, *, share: float, random: Random, also_end: bool) -> None:
        """Take the newest write back, or a share of its rows."""
        if not self._undo:
            return
        undo = self._undo.pop()
        for key, value in undo.rows.items():
            # The position and the end say the same, which batch the store is at, and stand or fall together.
            stays = key == POSITION and not also_end
            if not stays and random.random() < share:
                self._put(key, value)
        if also_end:
            self.end, self.current_at = undo.end, undo.current_at

    def _corrupt(self, random: Random) -> None:
        keys = sorted(key for key in self.rows if not key.startswith(RESERVED))
        if not keys:
            return
        key = random.choice(keys)
        if random.random() < 0.3:
            del self.rows[key]
        else:
            value = self.rows[key]
            at = random.randrange(len(value))
            self.rows[key] = value[:at] + bytes((value[at] ^ 1,)) + value[at + 1 :]

    def _put(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = value
