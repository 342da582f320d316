"""The day's commands of one partition decided again from the last night's rows, up to the worker's own digest."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from models import rows
from models.engine import Engine
from pipelines.audit.replay import Asked, Replay, digest_of

_VIEW_TOPICS = {rows.ORDER: "order-views", rows.LEVEL: "stock-updates"}


class Span(NamedTuple):
    """What is decided of a partition: from `begin` to `end` is the night's, up to the checkpoint for the digest."""

    partition: int
    begin: int
    end: int
    checkpoint: tuple[int, int] | None


class Decided(NamedTuple):
    """The rows at the end of the night, which of them changed in it, the views of those, and the digest further on."""

    rows: dict[bytes, bytes]
    changed: list[bytes]
    views: dict[str, list[tuple[bytes, bytes]]]
    digest: str | None
    commands: int


def decide_again(
    span: Span,
    opening: Mapping[bytes, bytes],
    commands: Iterable[Asked],
    again: Replay,
) -> Decided:
    """Decide from the opening rows on. `again` takes what the night's commands tell; what comes later tells nothing."""
    engine = Engine(span.partition)
    engine.load(opening.items())
    again.engines[span.partition] = engine
    asked = iter(commands)
    later: list[Asked] = []
    counted = _Counted(_until(asked, span.end, later))
    again.decide(counted)
    again.finish()
    standing = dict(engine.rows)
    changed = sorted(key for key in standing.keys() | opening.keys() if opening.get(key) != standing.get(key))
    views = {topic: _views(engine, topic, kind, changed) for kind, topic in _VIEW_TOPICS.items()}
    views["order-views"].extend(sorted(again.closed().items()))
    digest = _digest_at(span, again, engine, [*later], asked)
    del again.engines[span.partition]
    return Decided(standing, changed, views, digest, counted.count)


class _Counted:
    def __init__(self, commands: Iterator[Asked]) -> None:
        self._commands = commands
        self.count = 0

    def __iter__(self) -> Iterator[Asked]:
        for command in self._commands:
            self.count += 1
            yield command


def _until(commands: Iterator[Asked], end: int, later: list[Asked]) -> Iterator[Asked]:
    """Those before the offset; the first behind it is kept."""
    for command in commands:
        if command.offset >= end:
            later.append(command)
            return
        yield command


def _digest_at(span: Span, again: Replay, engine: Engine, first: list[Asked], rest: Iterator[Asked]) -> str | None:
    """The digest where the worker recorded its own; None where it recorded none."""
    if span.checkpoint is None:
        return None
    for commands in (first, rest):
        for command in commands:
            if (command.offset, command.item) >= span.checkpoint:
                return digest_of(engine.rows)
            again.apply(engine, command)
    return digest_of(engine.rows)


def _views(engine: Engine, topic: str, kind: bytes, changed: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    keys: dict[bytes, None] = {}
    for key in changed:
        # A closed order has no row; its last picture is told beside these.
        if key[:1] == kind and (kind != rows.ORDER or key in engine.rows):
            parts = key.split(b"/", 3)
            keys[parts[1] if kind == rows.ORDER else b"%b/%b" % (parts[1], parts[3])] = None
    return [(key, engine.render(topic, key)) for key in keys]
