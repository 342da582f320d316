"""A decision in the making: the view, and on top of it what the command has changed so far."""

import dataclasses
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from models.events import AnyEvent
from models.records.order import Order
from models.records.pool import CatalogueItem, Channel, Location, Pool, RoutingModel, WorkItem
from models.records.stock import (
    Document,
    ExpectedReceipt,
    MovementKind,
    StockHistory,
    StockLevel,
    StockMovement,
    Stub,
    Transfer,
)
from models.rules.stock import history
from models.rules.view import View
from models.types import Record

_STATED = frozenset({MovementKind.COUNTED, MovementKind.DECLARED})
"""Kinds that say how much there is, and no difference that a count might have seen."""

ORDERS_PER_COMMAND = 100
"""Other orders that one command may touch; the rest is left to slices (rule 5 of the commit protocol)."""


class Cause(Record, frozen=True, kw_only=True):
    """The command in whose name everything in a decision happens."""

    command_id: str
    command: str
    actor: str
    at_ms: int
    offset: int
    index: int
    reason: str = ""
    correlation_id: str = ""
    source: str | None = None
    document: str = ""


class Change(NamedTuple):
    """Differences of a level's counters."""

    on_hand: int = 0
    allocated: int = 0
    unsellable: int = 0
    safety_stock: int = 0
    fenced: int = 0
    state: str = ""
    """Of unsellable units: which state; of fenced ones: which segment."""


class Why(NamedTuple):
    """What a movement was made for."""

    order_id: str
    reason: str


@dataclass(slots=True)
class Draft:
    """Changed rows by kind, movements and events in order. Reads see what was written before."""

    view: View
    cause: Cause
    now_ms: int
    orders: dict[str, Order] = field(default_factory=dict)
    levels: dict[tuple[str, str], StockLevel] = field(default_factory=dict)
    histories: dict[tuple[str, str], StockHistory] = field(default_factory=dict)
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    transfers: dict[str, Transfer | None] = field(default_factory=dict)
    expected: dict[tuple[str, str], ExpectedReceipt | None] = field(default_factory=dict)
    closed: dict[str, Stub] = field(default_factory=dict)
    reopened: list[str] = field(default_factory=list)
    capacities: dict[tuple[str, int], int] = field(default_factory=dict)
    locations: dict[str, Location] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    items: dict[str, CatalogueItem] = field(default_factory=dict)
    pool: Pool | None = None
    routing_model: RoutingModel | None = None
    forgotten: list[bytes] = field(default_factory=list)
    movements: list[StockMovement] = field(default_factory=list)
    events: list[AnyEvent] = field(default_factory=list)
    work: dict[WorkItem, None] = field(default_factory=dict)
    touched: int = 0

    def trial(self) -> "Draft":
        """Give a copy to try something on: what is drafted there stays there."""
        copies = {name: copy(getattr(self, name)) for name in self.__slots__ if name not in ("view", "cause")}
        return dataclasses.replace(self, **copies)

    def order(self, order_id: str) -> Order | None:
        """Give an order as the command has left it so far."""
        return self.orders.get(order_id) or self.view.order(order_id)

    def level(self, sku: str, location_id: str) -> StockLevel:
        """Give a level as it stands; where there is none yet, an empty one."""
        drafted = self.levels.get((sku, location_id))
        if drafted is not None:
            return drafted
        stored = self.view.levels(sku).get(location_id)
        return stored if stored is not None else StockLevel(sku=sku, location_id=location_id)

    def free(self, sku: str) -> Mapping[str, int]:
        """Give the units of a SKU that may be promised, by location in its turn, where there are any."""
        stored = self.view.free(sku)
        if not self.levels:
            return stored
        promisable = self.view.promisable
        changed = {place: promisable(level) for (s, place), level in self.levels.items() if s == sku}
        if not changed:
            return stored
        both = {**stored, **changed}
        return {place: both[place] for place in sorted(both, key=self.view.turns.__getitem__) if both[place]}

    def free_to(self, sku: str, segment: str) -> Mapping[str, int]:
        """Give the units that may be promised to an order of a segment: its own ring-fenced ones too."""
        free = self.free(sku)
        if not segment:
            return free
        fenced = {place: level for place, level in self.levels_of(sku).items() if level.fenced.get(segment)}
        if not fenced:
            return free
        both = {**free, **{place: level.available_to(segment) for place, level in fenced.items()}}
        return {place: both[place] for place in sorted(both, key=self.view.turns.__getitem__) if both[place]}

    def is_fenced(self, sku: str) -> bool:
        """Tell whether units of a SKU are set apart for a segment anywhere."""
        return any([level.fenced for level in self.levels_of(sku).values()])  # noqa: C419 - faster

    def segment_of(self, channel: str) -> str:
        """Give the segment of which a channel's orders may take; empty is none."""
        known = self.channels.get(channel) or self.view.channels.get(channel)
        return known.segment if known is not None else ""

    def levels_of(self, sku: str) -> Mapping[str, StockLevel]:
        """Give the levels of a SKU by location, as the command has left them so far."""
        return {**self.view.levels(sku), **{place: level for (s, place), level in self.levels.items() if s == sku}}

    def expected_of(self, sku: str) -> list[ExpectedReceipt]:
        """Give what is expected of a SKU, as the command has left it so far."""
        stored = self.view.expected(sku)
        if not stored and not self.expected:
            return []
        both = {**stored, **{receipt_id: receipt for (s, receipt_id), receipt in self.expected.items() if s == sku}}
        return [receipt for receipt in both.values() if receipt is not None]

    def available(self, sku: str) -> int:
        """Give the units of a SKU that may be promised, over all locations."""
        return sum(self.free(sku).values())

    def capacity_taken(self, location_id: str, day: int) -> int:
        """Give the fulfillments that a location has taken for a day."""
        drafted = self.capacities.get((location_id, day))
        return drafted if drafted is not None else self.view.capacity_taken(location_id, day)

    def take_capacity(self, location_id: str, day: int, count: int) -> None:
        """Count a fulfillment into (or, with -1, out of) a location's day."""
        self.capacities[location_id, day] = max(0, self.capacity_taken(location_id, day) + count)

    def emit(self, event: AnyEvent) -> None:
        """Tell a fact."""
        self.events.append(event)

    def move(  # noqa: PLR0913 - time, order and reason are named and optional
        self,
        kind: MovementKind,
        sku: str,
        location_id: str,
        change: Change,
        *,
        occurred_at_ms: int | None = None,
        order_id: str = "",
        reason: str = "",
    ) -> None:
        """Change a level and write the ledger entry: the only way stock changes.

        A change of on hand that happened before the newest count is in that count already: it is booked and taken
        back by a second entry, so that the ledger is whole and on hand stays what was counted.
        """
        at_ms = min(self.cause.at_ms, occurred_at_ms) if occurred_at_ms is not None else self.cause.at_ms
        level = self.level(sku, location_id)
        if change.on_hand and self.view.is_untracked(sku, location_id):
            change = change._replace(on_hand=0)
        why = Why(order_id, reason or self.cause.reason)
        self._record(kind, level, change, at_ms, why)
        if level.declared_at_ms is not None and location_id in self.view.supplied:
            self._ordered_since(kind, level, change.allocated, at_ms)
        elif change.on_hand and kind not in _STATED and self._is_counted(level, change.on_hand, at_ms):
            back = Change(on_hand=-change.on_hand)
            self._record(MovementKind.ALREADY_COUNTED, level, back, at_ms, why)
            change = change._replace(on_hand=0)
            if change.allocated < 0:
                self.rose(sku)  # the claim ends and the count had not seen the unit: another is free
        self.levels[sku, location_id] = replace(
            level,
            on_hand=level.on_hand + change.on_hand,
            allocated=level.allocated + change.allocated,
            unsellable=level.unsellable + change.unsellable,
            safety_stock=level.safety_stock + change.safety_stock,
        )
        if change.state:
            self.levels[sku, location_id] = _with_state(self.levels[sku, location_id], change)

    def _ordered_since(self, kind: MovementKind, level: StockLevel, allocated: int, at_ms: int) -> None:
        """Remember what we ordered of a supplier's stock, or gave back: its next declaration may be older than that."""
        if kind in (MovementKind.ALLOCATED, MovementKind.RELEASED):
            self._is_counted(level, -allocated, at_ms)

    def _is_counted(self, level: StockLevel, on_hand: int, at_ms: int) -> bool:
        """Enter a change into the level's history; tells whether the newest count has seen it."""
        key = (level.sku, level.location_id)
        before = self.histories.get(key) or self.view.history(*key)
        horizon_ms = self.now_ms - self.view.pool.policy.stock_horizon_ms
        after, counted = history.book(before, at_ms, on_hand, horizon_ms)
        if after is not before:
            self.histories[key] = after
        return counted

    def _record(self, kind: MovementKind, level: StockLevel, change: Change, at_ms: int, why: Why) -> None:
        cause = self.cause
        self.movements.append(
            StockMovement(
                pool=self.view.pool.pool,
                sku=level.sku,
                location_id=level.location_id,
                kind=kind,
                offset=cause.offset,
                index=cause.index,
                sequence=len(self.movements),
                occurred_at_ms=at_ms,
                recorded_at_ms=cause.at_ms,
                on_hand_delta=change.on_hand,
                allocated_delta=change.allocated,
                unsellable_delta=change.unsellable,
                safety_stock_delta=change.safety_stock,
                fenced_delta=change.fenced,
                state=change.state,
                source=cause.source,
                document=cause.document,
                order_id=why.order_id,
                command_id=cause.command_id,
                actor=cause.actor,
                reason=why.reason,
            )
        )

    def rose(self, sku: str) -> None:
        """Note that a SKU may be promised again: orders that wait for it are served next."""
        self.work[WorkItem(kind="serve", sku=sku)] = None

    def mapped(self, sku: str) -> None:
        """Note that the catalogue has come to know a SKU: orders held for want of it are freed next."""
        self.work[WorkItem(kind="free", sku=sku)] = None

    def pegging(self, sku: str) -> None:
        """Note that what waits for a SKU, or what is expected of it, changed: who counts on what is reckoned next."""
        self.work[WorkItem(kind="peg", sku=sku)] = None

    def fell(self, sku: str, location_id: str) -> None:
        """Note that an outside fact lowered a level: its allocations are checked next."""
        self.work[WorkItem(kind="short", sku=sku, location_id=location_id)] = None


def _with_state(level: StockLevel, change: Change) -> StockLevel:
    if change.fenced:
        return replace(level, fenced=_counted(level.fenced, change.state, change.fenced))
    return replace(level, states=_counted(level.states, change.state, change.unsellable))


def _counted(counts: Mapping[str, int], name: str, difference: int) -> dict[str, int]:
    """Give counts by name with one of them changed; none that is 0 is kept, and names stand in their order."""
    changed = {**counts, name: counts.get(name, 0) + difference}
    return {known: changed[known] for known in sorted(changed) if changed[known]}
