"""From records of `commands` to a draft: dense positions, item by item, and what to do about poison."""

from collections import deque
from dataclasses import dataclass

from streams.commit.draft import Draft
from streams.commit.ports import Attempt, Attempts, Clock, Command, Core, Position
from streams.commit.stats import Stats, Step

CRASHES_MAX = 3


@dataclass(frozen=True)
class Limits:
    """How much one batch may gather, and how much may wait to be decided."""

    batch_rows: int = 1_000
    batch_items: int = 1_000
    # The core bounds a command at 4 MB of rows, so that a batch stays well below what the broker takes.
    batch_bytes: int = 1 << 20
    queue_records: int = 2_048
    queue_bytes: int = 16 << 20


class Decider:
    """Decides the items that continue the position exactly, and only those.

    After three crashes at one position it goes on item by item, and an item that has ended the process three times
    more is skipped: dead-lettered, and recorded as skipped in a row, so that a replay agrees.
    """

    def __init__(self, core: Core, position: Position, limits: Limits, attempts: Attempts, stats: Stats) -> None:
        self.next = position
        self.gap = False
        self._core = core
        self._limits = limits
        self._attempts = attempts
        self._stats = stats
        self._queue: deque[Command] = deque()
        self._queue_bytes = 0
        self._items: list[bytes] = []
        note = attempts.read()
        if note is not None and note.position != position:
            note = None
        self._note = note
        self._noted = False
        # Poison shows itself at the position where a process starts; later on there is nothing to note.
        self._landed = False
        single = note is not None and (note.single or note.count >= CRASHES_MAX)
        # Two batches may have been decided, but not committed, when the process ended.
        self._singly = 2 * limits.batch_items if single else 0

    @property
    def singly(self) -> bool:
        """Whether each item is to be committed before the next one is decided."""
        return self._singly > 0

    def offer(self, command: Command) -> bool:
        """Queue a record; False if there is no room, which the next record shows as a gap."""
        if self.backlog() >= 1:
            return False
        self._queue.append(command)
        self._queue_bytes += len(command.value)
        return True

    def backlog(self) -> float:
        """How full the queue is; 1 is full."""
        limits = self._limits
        return max(len(self._queue) / limits.queue_records, self._queue_bytes / limits.queue_bytes)

    def is_idle(self) -> bool:
        """Whether nothing is left to decide of what was handed over."""
        return not self._queue and not self._items

    def forget_queue(self) -> None:
        """Drop what was not begun; reading starts anew at the position."""
        self._queue.clear()
        self._queue_bytes = 0
        self._items = []
        self.gap = False

    def is_enough(self, draft: Draft) -> bool:
        """Whether the draft should be written before anything is added to it."""
        if self.singly:
            return draft.items > 0
        limits = self._limits
        return (
            draft.size >= limits.batch_rows
            or draft.items >= limits.batch_items
            or draft.bytes >= limits.batch_bytes
            or len(draft.done) >= limits.queue_records
        )

    def decide_one(self, draft: Draft, clock: Clock) -> bool:
        """Decide one item, or one slice of what an earlier one left over; False if there is nothing to decide."""
        rest = self._core.drain()
        if rest is not None:
            draft.take(rest)
            return True
        if not self._items and not self._open_record(draft, clock):
            return False
        if self._items:
            self._decide_item(draft)
        return True

    def committed(self) -> None:
        """The first batch after a start has landed: what was noted about it is of the past."""
        if self._noted and not self.singly:
            self._attempts.clear()
            self._noted = False
            self._landed = True

    def _open_record(self, draft: Draft, clock: Clock) -> bool:
        """Split the record that continues the position; skip older ones, and stop at a gap."""
        while self._queue:
            command = self._queue.popleft()
            self._queue_bytes -= len(command.value)
            if command.offset < self.next.offset:
                continue
            if command.offset > self.next.offset:
                self._stats.gaps += 1
                self.forget_queue()
                self.gap = True
                return False
            with self._stats.timed(Step.DECODE, clock):
                self._items = self._core.split(command.value)
            if self.next.index >= len(self._items):
                self._close_record(draft)
            return True
        return False

    def _decide_item(self, draft: Draft) -> None:
        offset, index = self.next.offset, self.next.index
        item = self._items[index]
        crashes = self._note_attempt()
        if crashes >= CRASHES_MAX and self.singly:
            self._stats.skipped += 1
            reason = f"the worker ended {crashes} times while deciding this"
            applied = self._core.skip(item, offset, index, reason)
        else:
            applied = self._core.apply(item, offset, index)
        draft.take(applied)
        draft.items += 1
        self._stats.items += 1
        self._singly = max(0, self._singly - 1)
        self.next = Position(offset, index + 1)
        if self.next.index == len(self._items):
            self._close_record(draft)

    def _close_record(self, draft: Draft) -> None:
        draft.done.append(self.next.offset)
        self.next = Position(self.next.offset + 1, 0)
        self._items = []

    def _note_attempt(self) -> int:
        """Note that the next item is begun, where it matters; return how often it was begun before in the same way."""
        if (self._noted or self._landed) and not self.singly:
            return 0
        note, self._note = self._note, None
        same = note is not None and note.position == self.next and note.single == self.singly
        count = note.count if note is not None and same else 0
        self._attempts.write(Attempt(self.next, count + 1, self.singly))
        self._noted = True
        return count
