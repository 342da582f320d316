"""The merchant's own book: what was where, by its counts, receipts and parcels; where it sold what was not there.

Stock before the first count of a SKU at a location is worked back from that count; of what was never counted so much
is taken to have been there as has left. A count that is not what the book says is a difference, and is what Headrace
is told: it came in, or was lost, without anybody saying so.
"""

from collections import defaultdict
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from pipelines.shadow.history import Bought, History, Sent, StockKind, StockSaid

Cell = tuple[str, str]
"""Location and SKU."""


class Rank(IntEnum):
    """What comes first of what happened at the same time; a count is true after everything of its time."""

    STOCK = 0
    BOUGHT = 1
    CANCELLED = 2
    SENT = 3
    COUNTED = 4


class Moment(NamedTuple):
    """Something that happened; exactly one of order and stock is there, and the parcel with the order's."""

    at_ms: int
    rank: Rank
    order: Bought | None = None
    parcel: Sent | None = None
    said: StockSaid | None = None


class Difference(NamedTuple):
    """A count that is not what the merchant's book says."""

    at_ms: int
    account: str
    location: str
    document: str
    sku: str
    counted: int
    by_book: int


class Oversold(NamedTuple):
    """Units of an order that no location had, less what was promised to earlier orders."""

    at_ms: int
    order: Bought
    sku: str
    wanted: int
    there: int


class Book(NamedTuple):
    """What the merchant's book comes to."""

    opening: dict[Cell, int]
    worked_back: int
    """Cells whose opening stock follows from a later count."""
    inferred: int
    """Cells that were never counted: what has left was there."""
    judged: frozenset[str]
    """SKUs of which anything was ever said of stock; of the others nothing is known."""
    differences: tuple[Difference, ...]
    oversold: tuple[Oversold, ...]


def moments(history: History) -> list[Moment]:
    """Give everything in the order of its own time."""
    found = [
        Moment(said.at_ms, Rank.COUNTED if said.kind is StockKind.COUNTED else Rank.STOCK, said=said)
        for said in history.stock
    ]
    for order in history.orders:
        found.append(Moment(order.stated.placed_at_ms, Rank.BOUGHT, order))
        if order.cancelled_at_ms is not None:
            found.append(Moment(order.cancelled_at_ms, Rank.CANCELLED, order))
        found += [Moment(parcel.at_ms, Rank.SENT, order, parcel) for parcel in order.sent]
    return sorted(found, key=lambda moment: (moment.at_ms, moment.rank, _name(moment)))


def keep_book(history: History) -> Book:
    """Reckon the book over the whole history."""
    story = moments(history)
    judged = frozenset(sku for said in history.stock for sku in said.units)
    opening, worked_back, inferred = _opening(story)
    walk = _Walk(dict(opening), judged)
    for moment in story:
        walk.take(moment)
    return Book(opening, worked_back, inferred, judged, tuple(walk.differences), tuple(walk.oversold))


def left_of(order: Bought, parcel: Sent) -> Iterator[tuple[str, int]]:
    """Give the units that left in a parcel, by our SKU."""
    goods = {line.line_id: line.goods for line in order.lines}
    for line_id, units in parcel.units.items():
        of_line = goods.get(line_id)
        if of_line is not None and not of_line.untracked:
            for sku, each in of_line.parts:
                yield sku, each * units


def _opening(story: list[Moment]) -> tuple[dict[Cell, int], int, int]:
    """Give what was there before the story begins, and how many cells of each kind."""
    net: dict[Cell, int] = defaultdict(int)
    least: dict[Cell, int] = defaultdict(int)
    counted: dict[Cell, int] = {}
    places = _cells_by_location(story)
    for moment in story:
        for cell, units in _moved(moment):
            if cell not in counted:
                net[cell] += units
                least[cell] = min(least[cell], net[cell])
        for cell, units in _counts(moment, places):
            if cell not in counted:
                counted[cell] = max(0, units - net[cell])
    opening = dict(counted) | {cell: -units for cell, units in least.items() if cell not in counted}
    opening = {cell: units for cell, units in sorted(opening.items()) if units}
    return opening, len(counted), sum(1 for cell in opening if cell not in counted)


def _moved(moment: Moment) -> Iterator[tuple[Cell, int]]:
    if moment.said is not None and moment.said.kind is not StockKind.COUNTED:
        for sku, units in moment.said.units.items():
            yield (moment.said.location, sku), units
    if moment.order is not None and moment.parcel is not None and moment.parcel.location:
        for sku, units in left_of(moment.order, moment.parcel):
            yield (moment.parcel.location, sku), -units


def _counts(moment: Moment, places: dict[str, set[str]]) -> Iterator[tuple[Cell, int]]:
    said = moment.said
    if said is None or said.kind is not StockKind.COUNTED:
        return
    unnamed = sorted(places[said.location] - set(said.units)) if said.complete else ()
    for sku, units in [*said.units.items(), *((sku, 0) for sku in unnamed)]:
        yield (said.location, sku), units


def _cells_by_location(story: list[Moment]) -> dict[str, set[str]]:
    places: dict[str, set[str]] = defaultdict(set)
    for moment in story:
        for (location, sku), _ in _moved(moment):
            places[location].add(sku)
        if moment.said is not None:
            places[moment.said.location].update(moment.said.units)
    return places


class _Walk:
    """The book as it stands while the story is gone through."""

    def __init__(self, on_hand: dict[Cell, int], judged: frozenset[str]) -> None:
        self._judged = judged
        self._places: dict[str, dict[str, int]] = defaultdict(dict)
        for (location, sku), units in on_hand.items():
            self._places[sku][location] = units
        self._promised: dict[str, int] = defaultdict(int)
        self._open: dict[str, dict[str, int]] = {}
        """Units by line that an order still waits for."""
        self._seen: dict[str, set[str]] = defaultdict(set)
        self.differences: list[Difference] = []
        self.oversold: list[Oversold] = []

    def take(self, moment: Moment) -> None:
        """Go on by one."""
        if moment.rank is Rank.BOUGHT and moment.order is not None:
            self._sell(moment.at_ms, moment.order)
        elif moment.rank is Rank.CANCELLED and moment.order is not None:
            self._close(moment.order, self._open.get(moment.order.key, {}))
        elif moment.parcel is not None and moment.order is not None:
            self._close(moment.order, moment.parcel.units)
        for (location, sku), units in _moved(moment):
            self._places[sku][location] = self._places[sku].get(location, 0) + units
            self._seen[location].add(sku)
        for (location, sku), counted in _counts(moment, self._seen):
            self._count(moment, location, sku, counted)

    def _sell(self, at_ms: int, order: Bought) -> None:
        wanted: dict[str, int] = defaultdict(int)
        for line in order.lines:
            if line.goods is not None and not line.goods.untracked:
                for sku, each in line.goods.parts:
                    wanted[sku] += each * line.quantity
        for sku, units in wanted.items():
            there = sum(max(0, on_hand) for on_hand in self._places[sku].values()) - self._promised[sku]
            if sku in self._judged and there < units:
                self.oversold.append(Oversold(at_ms, order, sku, units, max(0, there)))
            self._promised[sku] += units
        self._open[order.key] = order.quantities

    def _close(self, order: Bought, closed: dict[str, int]) -> None:
        """Units are promised no more: they have left, or are off."""
        left = self._open.get(order.key, {})
        for line in order.lines:
            units = min(left.get(line.line_id, 0), closed.get(line.line_id, 0))
            if not units:
                continue
            left[line.line_id] -= units
            if line.goods is not None and not line.goods.untracked:
                for sku, each in line.goods.parts:
                    self._promised[sku] -= each * units

    def _count(self, moment: Moment, location: str, sku: str, counted: int) -> None:
        said = moment.said
        by_book = self._places[sku].get(location, 0)
        if said is not None and counted != by_book:
            self.differences.append(
                Difference(moment.at_ms, said.account, location, said.document, sku, counted, by_book)
            )
        self._places[sku][location] = counted
        self._seen[location].add(sku)


def _name(moment: Moment) -> str:
    if moment.said is not None:
        return f"{moment.said.location}/{moment.said.document}"
    key = "" if moment.order is None else moment.order.key
    return f"{key}/{'' if moment.parcel is None else moment.parcel.parcel_id}"
