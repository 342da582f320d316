"""Plays a plan in order of time: what to send next, given what the stream has answered so far. Pure.

Fulfillment ids are made by the core, so what happened to an order waits until its view has been read. Other orders go
on meanwhile, up to a window of unread ones.
"""

import heapq
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from models.commands import (
    AcceptFulfillment,
    AnswerCancellation,
    CancelUnits,
    Command,
    DeliverParcel,
    ShipParcel,
)
from models.events import UnitsRouted
from models.ids import order_id
from models.records.fulfillment import Fulfillment, FulfillmentStatus
from models.records.order import Order
from models.updates import CommandUpdate
from pipelines.replay.plan import ACTOR, Plan, ReplayOrder

_OPEN = frozenset(
    {FulfillmentStatus.ALLOCATED, FulfillmentStatus.ACCEPTED, FulfillmentStatus.PICKED, FulfillmentStatus.PACKED}
)
_VOID = frozenset({FulfillmentStatus.CANCELLED, FulfillmentStatus.REJECTED})


class Step(IntEnum):
    """What happens at a time; of several at the same time the smaller comes first."""

    RECEIVE = 0
    PLACE = 1
    APPROVE = 2
    CANCEL = 3
    HAND_OVER = 4
    DELIVER = 5


@dataclass(slots=True)
class Progress:
    """How far one order has come."""

    order: ReplayOrder
    view: Order | None = None
    routing: UnitsRouted | None = None
    """How it was routed when it was placed; a view may already show what came after."""
    deferred: list[tuple[Step, int]] = field(default_factory=list)
    handed_over: bool = False
    accepted: set[str] = field(default_factory=set)
    shipped: set[str] = field(default_factory=set)
    follows: set[str] = field(default_factory=set)
    """Those of the shipped that left later than the order really did."""
    delivered: set[str] = field(default_factory=set)


class Playback:
    """A plan being played. `take` gives the commands due; `read` takes an answer and may give more."""

    def __init__(self, plan: Plan, window: int) -> None:
        self.plan = plan
        self._window = window
        self._due: list[tuple[int, Step, str, str]] = []
        self._receipts = {receipt.document: receipt for receipt in plan.receipts}
        self.orders = {_id_of(order): Progress(order) for order in plan.orders}
        self._unread: set[str] = set()
        self.placed = 0
        for receipt in plan.receipts:
            self._plan_step(receipt.occurred_at_ms, Step.RECEIVE, receipt.document)
        for key, progress in self.orders.items():
            self._plan_step(progress.order.place.placed_at_ms, Step.PLACE, key)

    @property
    def is_done(self) -> bool:
        """Whether everything that is known to come has been sent."""
        return not self._due and not self._unread

    @property
    def next_at_ms(self) -> int | None:
        """When the next step is due, in the time of the data."""
        return self._due[0][0] if self._due else None

    def take(self, until_ms: int | None, most: int) -> list[Command]:
        """The commands due until then, about as many as asked for; fewer when too many orders are unread."""
        commands: list[Command] = []
        while self._due and len(commands) < most and len(self._unread) < self._window:
            if until_ms is not None and self._due[0][0] > until_ms:
                break
            at_ms, step, key, fulfillment = heapq.heappop(self._due)
            commands += self._step(step, key, fulfillment, at_ms)
        return commands

    def read(self, view: Order) -> list[Command]:
        """Take an order's newest view, and give what was waiting for it."""
        progress = self.orders.get(view.order_id)
        if progress is None or (progress.view is not None and view.version <= progress.view.version):
            return []
        self._unread.discard(view.order_id)
        progress.view = view
        deferred, progress.deferred = progress.deferred, []
        commands = [command for step, at_ms in deferred for command in self._happens(progress, step, at_ms)]
        if progress.handed_over:
            # Units that waited when the rest was handed over leave as soon as they are there.
            commands += self._ship(progress, follows=True)
        return commands

    def hear(self, update: CommandUpdate) -> None:
        """Take what became of a command."""
        progress = self.orders.get(update.order_id)
        if progress is not None and progress.routing is None:
            progress.routing = next((event for event in update.events if isinstance(event, UnitsRouted)), None)

    def _plan_step(self, at_ms: int, step: Step, key: str, fulfillment: str = "") -> None:
        heapq.heappush(self._due, (at_ms, step, key, fulfillment))

    def _step(self, step: Step, key: str, fulfillment: str, at_ms: int) -> list[Command]:
        if step is Step.RECEIVE:
            return [self._receipts[key]]
        progress = self.orders[key]
        if step is Step.PLACE:
            return [self._place(key, progress)]
        if progress.view is None:
            progress.deferred.append((step, at_ms))
            return []
        return self._happens(progress, step, at_ms, fulfillment)

    def _place(self, key: str, progress: Progress) -> Command:
        stamps = progress.order.stamps
        self.placed += 1
        self._unread.add(key)
        for step, at_ms in (
            (Step.APPROVE, stamps.approved_ms),
            (Step.CANCEL, stamps.cancelled_ms),
            (Step.HAND_OVER, stamps.handed_over_ms),
            (Step.DELIVER, stamps.delivered_ms),
        ):
            if at_ms is not None:
                self._plan_step(at_ms, step, key)
        return progress.order.place

    def _happens(self, progress: Progress, step: Step, at_ms: int, fulfillment: str = "") -> list[Command]:
        if step is Step.APPROVE:
            return self._accept(progress, at_ms)
        if step is Step.CANCEL:
            return self._cancel(progress, at_ms)
        if step is Step.HAND_OVER:
            progress.handed_over = True
            return self._ship(progress, at_ms)
        return self._deliver(progress, at_ms, fulfillment)

    def _accept(self, progress: Progress, at_ms: int) -> list[Command]:
        """With the payment approved the location takes the order on; too late where it has left already."""
        taken_on = [fulfillment for fulfillment in _fulfillments(progress) if fulfillment.status not in _VOID]
        progress.accepted.update(fulfillment.fulfillment_id for fulfillment in taken_on)
        return [AcceptFulfillment(**self._about(progress, fulfillment, "accept", at_ms)) for fulfillment in taken_on]

    def _ship(self, progress: Progress, at_ms: int = 0, *, follows: bool = False) -> list[Command]:
        """One parcel a fulfillment. One that follows leaves when it was routed, and is as long on its way as the
        order really was.
        """
        commands: list[Command] = []
        for fulfillment in _fulfillments(progress):
            key = fulfillment.fulfillment_id
            # A delivery may be known before the hand-over it came from.
            if key in progress.shipped or not (fulfillment.status in _OPEN or key in progress.delivered):
                continue
            progress.shipped.add(key)
            left_ms = max(progress.order.stamps.handed_over_ms or 0, fulfillment.routed_at_ms) if follows else at_ms
            about = self._about(progress, fulfillment, "ship", left_ms)
            commands.append(ShipParcel(parcel_id=_parcel(key), **about))
            if follows:
                progress.follows.add(key)
                self._plan_delivery(progress, left_ms, key)
        return commands

    def _plan_delivery(self, progress: Progress, shipped_ms: int, fulfillment: str) -> None:
        stamps = progress.order.stamps
        if stamps.handed_over_ms is not None and stamps.delivered_ms is not None:
            transit_ms = max(0, stamps.delivered_ms - stamps.handed_over_ms)
            self._plan_step(shipped_ms + transit_ms, Step.DELIVER, _id_of(progress.order), fulfillment)

    def _deliver(self, progress: Progress, at_ms: int, only: str) -> list[Command]:
        """The real delivery is that of what was really handed over, or of everything where that is not known yet."""
        commands: list[Command] = []
        for fulfillment in _fulfillments(progress):
            key = fulfillment.fulfillment_id
            if only:
                arrived = key == only
            elif progress.handed_over:
                arrived = key in progress.shipped and key not in progress.follows
            else:
                arrived = fulfillment.status in _OPEN
            if arrived and key not in progress.delivered:
                progress.delivered.add(key)
                about = self._about(progress, fulfillment, "deliver", at_ms)
                commands.append(DeliverParcel(parcel_id=_parcel(key), **about))
        return commands

    def _cancel(self, progress: Progress, at_ms: int) -> list[Command]:
        """Cancel the order; whoever works on it gives its units back, as it really did."""
        order = _id_of(progress.order)
        cancel = CancelUnits(order_id=order, **self._envelope(f"{progress.order.place.external_id}/cancel", at_ms))
        answers = [
            AnswerCancellation(accepted=True, **self._about(progress, fulfillment, "give-back", at_ms))
            for fulfillment in _fulfillments(progress)
            if fulfillment.fulfillment_id in progress.accepted - progress.shipped
        ]
        return [cancel, *answers]

    def _about(self, progress: Progress, fulfillment: Fulfillment, what: str, at_ms: int) -> dict[str, Any]:
        return {
            "order_id": _id_of(progress.order),
            "fulfillment_id": fulfillment.fulfillment_id,
            "occurred_at_ms": at_ms,
            **self._envelope(f"{fulfillment.fulfillment_id}/{what}", at_ms),
        }

    def _envelope(self, command_id: str, at_ms: int) -> dict[str, Any]:
        return {"command_id": command_id, "pool": self.plan.pool, "issued_at_ms": at_ms, "actor": ACTOR}


def _fulfillments(progress: Progress) -> tuple[Fulfillment, ...]:
    return progress.view.fulfillments if progress.view is not None else ()


def _parcel(fulfillment: str) -> str:
    return f"{fulfillment}-parcel"


def _id_of(order: ReplayOrder) -> str:
    place = order.place
    return order_id(place.pool, place.channel, place.external_id)
