"""A batch in the making: what the decided items changed and tell, until it is sealed and written."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from models.updates import Applied, Update
from streams.commit.digest import Digest
from streams.commit.journal import Standing
from streams.commit.ports import Core, Position, TopicKey
from streams.commit.rows import OUTBOX, encode_outbox, outbox_hash


class Sealed(NamedTuple):
    """A batch as it is written, and what is published after it."""

    rows: dict[bytes, bytes | None]
    standing: Standing
    updates: Sequence[Update]
    done: Sequence[int]
    items: int


class Draft:
    """Gathers decided items. Of a row, and of an update that the core renders, only the newest counts."""

    def __init__(self) -> None:
        self._rows: dict[bytes, bytes | None] = {}
        self._told: list[Update] = []
        self._rendered: dict[TopicKey, Update] = {}
        self._overwritten: set[TopicKey] = set()
        self.items = 0
        self.bytes = 0
        # Records of which the last item is in this batch or in an earlier one.
        self.done: list[int] = []

    def is_empty(self) -> bool:
        """An item that changed nothing still moves the position."""
        return not (self.items or self._rows or self.done or self._overwritten)

    @property
    def size(self) -> int:
        """Records that the batch will have, as far as is known."""
        return len(self._rows)

    def take(self, applied: Applied) -> None:
        for key, value in applied.rows:
            self._rows[key] = value
            self.bytes += len(key) + len(value or b"")
        for update in applied.updates:
            if update.value is None:
                self._rendered[update.topic, update.key] = update
            else:
                # An order that leaves the table has no row to render any more: its last picture is what is told.
                self._rendered.pop((update.topic, update.key), None)
                self._told.append(update)
                self.bytes += len(update.key) + len(update.value)

    def tell_again(self, overwritten: Iterable[TopicKey]) -> None:
        """Publish these keys as they stand, with the batch, since somebody else's older values hide ours."""
        self._overwritten.update(overwritten)

    def seal(self, core: Core, digest: Digest, position: Position) -> Sealed:
        """Close the batch while the core still stands where the batch ends."""
        digest.update(self._rows)
        for topic, key in sorted(self._overwritten - self._rendered.keys()):
            # What has left the rows since has no newest value to tell.
            with suppress(KeyError):
                core.render(topic, key)
                self._rendered[topic, key] = Update(topic, key, None)
        outbox = [*self._told, *self._rendered.values()]
        encoded = encode_outbox(outbox)
        rows = self._rows | {OUTBOX: encoded}
        standing = Standing(position, digest.value(), outbox_hash(encoded))
        return Sealed(rows, standing, rendered(core, outbox), self.done, self.items)


def rendered(core: Core, outbox: Sequence[Update]) -> list[Update]:
    """The updates with their values. The core must stand at the end of the batch that they are of."""
    return [
        update if update.value is not None else update._replace(value=core.render(update.topic, update.key))
        for update in outbox
    ]
