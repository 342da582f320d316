"""Planted bugs in writing and telling."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

from models.updates import Update
from streams.commit import draft, owner, restoring
from streams.commit.draft import Sealed, rendered
from streams.commit.errors import OvertakenError
from streams.commit.journal import Journal, Landed, Standing
from streams.commit.owner import Owner
from streams.commit.ports import Core, Row
from streams.commit.rows import POSITION
from tests.simulator.bugs_reading import Bug


def claim_left_out() -> Iterable[Bug]:
    """A new owner begins without a word in the log."""

    async def claim(self: Owner, state: Any) -> None:
        with self._writing():
            await self._tell(state)

    yield Bug(Owner, "_claim", claim)


def overtaken_ignored() -> Iterable[Bug]:
    """Who finds the batches of another owner goes on regardless."""
    right = Journal._look_between

    async def look_between(self: Journal, start: int, stop: int) -> None:
        with suppress(OvertakenError):
            await right(self, start, stop)

    yield Bug(Journal, "_look_between", look_between)


def batch_split() -> Iterable[Bug]:
    """A batch goes out as two."""
    right = Journal.__init__

    class Halves:
        def __init__(self, changelog: Any) -> None:
            self._changelog = changelog

        def __getattr__(self, name: str) -> Any:
            return getattr(self._changelog, name)

        async def append(self, records: Sequence[Row]) -> int:
            half = len(records) // 2
            base = int(await self._changelog.append(records[:half])) if half else None
            second = int(await self._changelog.append(records[half:]))
            return second if base is None else base

    def init(self: Journal, changelog: Any, store: Any, **options: Any) -> None:
        right(self, Halves(changelog), store, **options)

    yield Bug(Journal, "__init__", init)


def stored_before_acknowledged() -> Iterable[Bug]:
    """The local store has a batch before the log has it."""
    right = Journal.append

    async def append(self: Journal, changed: Mapping[bytes, bytes | None], standing: Standing) -> Landed:
        rows = {**changed, POSITION: self._position_row(standing, len(changed) + 1)}
        self._store.write(rows.items(), self.end + len(rows), current=True)
        return await right(self, changed, standing)

    yield Bug(Journal, "append", append)


class _Forgetful(set[bytes]):
    """Holds nothing."""

    def update(self, *others: Iterable[bytes]) -> None:
        del others

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc]
        del other
        return self


def void_keys_left() -> Iterable[Bug]:
    """What void batches wrote is not written again, so that compaction keeps it in the place of rows."""

    def begin(self: Journal, end: int, voided: Iterable[bytes]) -> None:
        del voided
        self.end = end
        self._voided = _Forgetful()

    yield Bug(Journal, "begin", begin)


def told_before_append() -> Iterable[Bug]:
    """Updates go out before the batch that makes them true."""
    right = Owner._write

    async def write(self: Owner, state: Any, sealed: Sealed) -> None:
        await self._ports.publisher.publish(sealed.updates)
        await right(self, state, sealed)

    yield Bug(Owner, "_write", write)


def rendered_late() -> Iterable[Bug]:
    """What is told of a row is read when it is told, when the next batch has changed it already."""
    right = Owner._tell

    def unrendered(core: Core, outbox: Sequence[Update]) -> Sequence[Update]:
        del core
        return outbox

    async def tell(self: Owner, state: Any) -> None:
        state.untold = rendered(state.core, state.untold)
        await right(self, state)

    yield Bug(draft, "rendered", unrendered)
    yield Bug(Owner, "_tell", tell)


def outbox_not_republished() -> Iterable[Bug]:
    """A new owner takes the last batch's updates for told."""
    right = restoring.restore

    async def restore(*ports: Any) -> Any:
        return (await right(*ports))._replace(outbox=())

    yield Bug(owner, "restore", restore)
