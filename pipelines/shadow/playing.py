"""A history through the core, in a simulated pool of its own: nothing of it leaves this process.

Orders are placed when they were bought. Stock that came in, was lost or sold at a till is told as it was; a count is
told as its difference from the merchant's own book, since the pool's units leave from where Headrace sends them. What
the merchant sent leaves the pool at the same time, from wherever Headrace had put it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec.structs import replace

from connectors.folder.setup import Setup
from connectors.frame.asked import Envelope, NothingKnown
from connectors.frame.asking import ask
from connectors.frame.facts import OrderStated
from connectors.frame.reading import UnreadableError
from models import commands as c
from models import rows
from models.engine import Engine
from models.events import UnitsRouted
from models.partition import partition_of
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.records.pool import DAY_MS, Authority, Location, Policy, RoutingModel, StockBasis
from models.rules.lines import OPEN_STATUSES
from models.updates import CommandUpdate
from pipelines.shadow.book import Book, Cell, Difference, Moment, Rank, moments
from pipelines.shadow.history import Bought, History, StockKind

ACTOR = "shadow"
_AT_ONCE, _LINES = 500, 100
_FOR_EVER_MS = 3650 * DAY_MS


class Played:
    """The pool after the history, and what was noted on the way."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.waited: dict[str, int] = {}
        """Units of an order that waited when it was placed."""
        self.refused: Counter[str] = Counter()
        self.commands: list[bytes] = []
        self.unasked: dict[str, str] = {}
        """Orders that could not be asked for at all, with the reason."""


def play(
    history: History,
    book: Book,
    setup: Setup,
    model: RoutingModel | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Played:
    """Play everything, and give what became of it; `told` hears how many moments are done."""
    pool = _Pool(setup.head.pool)
    for command in _set_up(setup, model, book, max(0, history.begin_ms - DAY_MS)):
        pool.tell(command)
    playing = _Playing(pool, book)
    for number, moment in enumerate(moments(history), start=1):
        playing.take(moment)
        told(number)
    playing.close(history)
    return pool.played


class _Pool:
    """The pool's engine: what it is told is decided at once."""

    def __init__(self, pool: str) -> None:
        self.name = pool
        self._engine = Engine(partition_of(pool), strict=True)
        self._update = msgspec.json.Decoder(CommandUpdate)
        self.played = Played()

    def tell(self, command: c.Command) -> CommandUpdate:
        """Decide a command and what it leaves over."""
        item = c.encode(command)
        applied = self._engine.apply(item, len(self.played.commands), 0)
        self.played.commands.append(item)
        while self._engine.drain() is not None:
            pass
        update = self._update.decode(next(u.value or b"" for u in applied.updates if u.topic == "order-updates"))
        if update.refusal is not None:
            self.played.refused[f"{update.command}: {update.refusal.code}"] += 1
        return update

    def order(self, key: str) -> Order | None:
        """Give an order as it stands."""
        row = self._engine.rows.get(rows.order_key(key))
        return None if row is None else rows.decode_order(row)

    def envelope(self, at_ms: int, *what: object) -> dict[str, Any]:
        """Give the envelope of a command that these words tell from all others."""
        return _envelope(self.name, at_ms, *what)


class _Playing:
    """Tells the pool what happened, moment by moment."""

    def __init__(self, pool: _Pool, book: Book) -> None:
        self._pool = pool
        self._differences: dict[tuple[int, str, str], list[Difference]] = {}
        for one in book.differences:
            self._differences.setdefault((one.at_ms, one.location, one.document), []).append(one)
        self._owed: dict[str, dict[str, int]] = {}
        """By order and line: units that the merchant has sent and the pool had not located yet."""

    def take(self, moment: Moment) -> None:
        """Tell of a moment; stock that comes may let what was owed leave."""
        if moment.rank is Rank.BOUGHT and moment.order is not None:
            self._place(moment.order)
        elif moment.rank is Rank.CANCELLED and moment.order is not None:
            if moment.order.key not in self._pool.played.unasked:
                about = self._pool.envelope(moment.at_ms, "cancel", moment.order.key)
                self._pool.tell(c.CancelUnits(**about, order_id=moment.order.key))
        elif moment.parcel is not None and moment.order is not None:
            owed = self._owed.setdefault(moment.order.key, {})
            for line_id, units in moment.parcel.units.items():
                owed[line_id] = owed.get(line_id, 0) + units
            self._send(moment.order.key, moment.at_ms)
        if moment.said is None:
            return
        for command in self._stock(moment):
            self._pool.tell(command)
        for key in list(self._owed):
            self._send(key, moment.at_ms)

    def close(self, history: History) -> None:
        """Note how each order stands at the end."""
        for order in history.orders:
            row = self._pool.order(order.key)
            if row is not None:
                self._pool.played.orders[order.key] = row

    def _place(self, order: Bought) -> None:
        at_ms = order.stated.placed_at_ms
        envelope = Envelope(pool=self._pool.name, actor=ACTOR, at_ms=at_ms, seed=order.key)
        try:
            asked = ask(_as_bought(order), order.account, envelope, NothingKnown())
        except UnreadableError as error:
            self._pool.played.unasked[order.key] = f"{error.field}: {error.reason}"
            return
        for one in asked:
            update = self._pool.tell(one.command)
            if update.refusal is not None:
                self._pool.played.unasked[order.key] = update.refusal.text
            for event in update.events:
                if isinstance(event, UnitsRouted) and event.order_id == order.key:
                    self._pool.played.waited[order.key] = sum(units.quantity for units in event.waiting)

    def _send(self, key: str, at_ms: int) -> None:
        """Let units leave from the fulfillments that hold them, as far as they do."""
        owed, order = self._owed[key], self._pool.order(key)
        for part in () if order is None else order.fulfillments:
            if part.status not in OPEN_STATUSES:
                continue
            units = {line.line_id: min(line.allocated, owed.get(line.line_id, 0)) for line in part.lines}
            leaving = tuple(UnitsOfLine(line_id=line_id, quantity=count) for line_id, count in units.items() if count)
            if not leaving:
                continue
            about = self._pool.envelope(at_ms, "ship", part.fulfillment_id, at_ms, leaving)
            name = about["command_id"]
            update = self._pool.tell(
                c.ShipParcel(
                    **about,
                    order_id=key,
                    fulfillment_id=part.fulfillment_id,
                    occurred_at_ms=at_ms,
                    parcel_id=name,
                    units=leaving,
                )
            )
            if update.refusal is None:
                for one in leaving:
                    owed[one.line_id] -= one.quantity
        if not any(owed.values()):
            del self._owed[key]

    def _stock(self, moment: Moment) -> Iterator[c.Command]:
        said = moment.said
        assert said is not None
        if said.kind is StockKind.COUNTED:
            found = self._differences.get((said.at_ms, said.location, said.document), ())
            changes = {one.sku: one.counted - one.by_book for one in found}
        else:
            changes = {sku: units for sku, units in said.units.items() if units}
        for sku, units in changes.items():
            what = (said.kind, said.account, said.document, said.location, said.at_ms, sku)
            about = self._pool.envelope(said.at_ms, *what) | {"reason": said.kind.value}
            yield c.AdjustStock(
                **about,
                source=ACTOR,
                document=about["command_id"],
                location_id=said.location,
                occurred_at_ms=said.at_ms,
                sku=sku,
                delta=units,
            )


def _as_bought(order: Bought) -> OrderStated:
    """Give the order as it was when it was bought: nothing sent, nothing called off, nobody named."""
    quantities, stated = order.quantities, order.stated
    lines = tuple(
        replace(line, quantity=quantities.get(line.line_id, 0), fulfilled=0)
        for line in stated.lines
        if line.line_id in quantities
    )
    place = stated.destination
    return replace(
        stated,
        lines=lines,
        destination=None if place is None else replace(place, name="", company="", lines=(), city=""),
        buyer=None,
        cancelled_at_ms=None,
        paid=True,
        holds=(),
        payments=(),
        refunds=(),
        total_minor=None,
        test=False,
    )


def _set_up(setup: Setup, model: RoutingModel | None, book: Book, at_ms: int) -> Iterator[c.Command]:
    """Give the commands that make the pool: as its folder says, with what was there before the history."""
    head = setup.head

    def about(*what: object) -> dict[str, Any]:
        return _envelope(head.pool, at_ms, *what)

    yield c.PutPool(**about("pool"), currency=head.currency, name=head.name, simulated=True)
    for part in _parts(tuple(map(_as_told, setup.locations or ())), _LINES):
        yield c.PutLocations(**about("locations", part[0].location_id), locations=part)
    for part in _parts(setup.channels or (), _LINES):
        yield c.PutChannels(**about("channels", part[0].channel_id), channels=part)
    # Orders stay to the end, so that each can be looked at then.
    policy = replace(setup.policy or Policy(), close_after_ms=_FOR_EVER_MS)
    yield c.PutPolicy(**about("policy"), policy=replace(policy, version=Policy().version + 1))
    if model is not None:
        yield c.PutRoutingModel(**about("model"), model=replace(model, version=1))
    for part in _parts(setup.catalogue or (), _AT_ONCE):
        yield c.PutCatalogue(**about("catalogue", part[0].sku), items=part)
    yield from _opening(book.opening, about, at_ms)


def _opening(opening: dict[Cell, int], about: Callable[..., dict[str, Any]], at_ms: int) -> Iterator[c.Command]:
    by_location: dict[str, list[tuple[str, int]]] = {}
    for (location, sku), units in opening.items():
        by_location.setdefault(location, []).append((sku, units))
    for location, cells in by_location.items():
        for number, part in enumerate(_parts(tuple(cells), _LINES)):
            yield c.ReceiveStock(
                **about("opening", location, number),
                source=ACTOR,
                document=f"opening/{location}/{number}",
                location_id=location,
                occurred_at_ms=at_ms,
                lines=tuple(c.StockLine(line=sku, sku=sku, quantity=units) for sku, units in part),
            )


def _as_told(place: Location) -> Location:
    """Let a location's stock be moved by what is told here: the merchant's own systems have decided who may."""
    stock = StockBasis.OWNED if place.stock is StockBasis.DECLARED else place.stock
    return replace(place, authority=Authority(), stock=stock)


def _envelope(pool: str, at_ms: int, *what: object) -> dict[str, Any]:
    told = "\x00".join(map(str, what)).encode()
    name = "s" + blake2b(told, digest_size=16).hexdigest()
    return {"command_id": name, "pool": pool, "issued_at_ms": at_ms, "actor": ACTOR}


def _parts(things: tuple[Any, ...], size: int) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
