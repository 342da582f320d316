"""The day's commands of one partition decided again from the last night's rows, up to the worker's own digest."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

import msgspec

from models import rows
from models.commands import ReopenOrder, decode
from models.engine import Engine
from models.records.order import Order
from models.rules.orders.close import digest
from pipelines.audit.replay import Asked, Replay, digest_of
from pipelines.night.opening import opening_orders, touched_skus

_REOPEN = b'"reopen_order"'

Views: TypeAlias = list[tuple[bytes, bytes]]


class Span(NamedTuple):
    """What is decided of a partition: from `begin` to `end` is the night's, up to the checkpoint for the digest."""

    partition: int
    begin: int
    end: int
    checkpoint: tuple[int, int] | None


class Decided(NamedTuple):
    """The rows at the end of the night, which of them changed in it, the views of those, and the digest further on.

    `reopened` are orders that had been closed before the night and came back, by the rows that they came back by.
    """

    rows: dict[bytes, bytes]
    changed: list[bytes]
    reopened: list[Order]
    views: dict[str, Views]
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
    counted = _Counted(_until(asked, span.end, later), opening)
    again.decide(counted)
    again.finish()
    standing = dict(engine.rows)
    changed = sorted(key for key in standing.keys() | opening.keys() if opening.get(key) != standing.get(key))
    reopened = [*counted.reopened.values()]
    orders = opening_orders(opening, changed, reopened)
    views = {
        "order-views": _order_views(engine, changed, again.closed()),
        "stock-updates": _stock_views(engine, touched_skus(orders, changed)),
    }
    digest = _digest_at(span, again, engine, [*later], asked)
    del again.engines[span.partition]
    return Decided(standing, changed, reopened, views, digest, counted.count)


class _Counted:
    """Counts commands as they pass, and keeps the rows of closed orders that come back."""

    def __init__(self, commands: Iterator[Asked], opening: Mapping[bytes, bytes]) -> None:
        self._commands = commands
        self._opening = opening
        self.count = 0
        self.reopened: dict[str, Order] = {}

    def __iter__(self) -> Iterator[Asked]:
        for command in self._commands:
            self.count += 1
            if _REOPEN in command.value:
                self._note(command.value)
            yield command

    def _note(self, value: bytes) -> None:
        try:
            command = decode(value)
        except msgspec.DecodeError:
            return
        if isinstance(command, ReopenOrder):
            stub = self._opening.get(rows.key(rows.STUB, command.pool, command.order_id))
            # One that was closed in the night itself is told by the night's events.
            if stub is not None and rows.decode_stub(stub).digest == digest(command.order):
                self.reopened[command.order_id] = command.order


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


def _order_views(engine: Engine, changed: Iterable[bytes], closed: Mapping[bytes, bytes]) -> Views:
    """Orders as they stand; a closed one has no row, but its last picture."""
    keys = [key for key in changed if key[:1] == rows.ORDER and key in engine.rows]
    names = [key.split(b"/", 1)[1] for key in keys]
    return [*((name, engine.render("order-views", name)) for name in names), *sorted(closed.items())]


def _stock_views(engine: Engine, skus: Iterable[tuple[str, str]]) -> Views:
    keys = [f"{pool}/{sku}".encode() for pool, sku in sorted(skus)]
    return [(key, engine.render("stock-updates", key)) for key in keys]
