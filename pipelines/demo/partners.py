"""Locations, carriers and the service desk: from the orders they see to what they ask next, in order of demo time.

What is done next follows from what the order shows, so a person who does a partner's step on a page is not in the way,
and a restarted demo goes on from the orders as it finds them. When it is done, and how, is drawn by name.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipelines.demo.asks import Ask, SeenFulfillment, SeenLocation, SeenOrder, SeenParcel
from pipelines.demo.behaviour import Fate, Place, Step, Transit, fate_of, kilometers_between
from pipelines.demo.clock import HOUR_MS, MINUTE_MS
from pipelines.demo.desk import Desk
from pipelines.demo.draws import Draws

ENDED = frozenset({"delivered", "cancelled", "expired"})
"""Statuses of an order of which nobody does anything more."""
OPEN = ("held", "backordered", "partially_routed", "routed", "partially_shipped", "shipped", "reserved")
TWO_PARCELS_SHARE = 0.25
"""Of fulfillments with several lines, those that leave in two parcels."""
UNTRACKED_SHARE = 0.05
"""Of parcels, those of which the tracking number is told later."""
_AGAIN_MS = 30 * MINUTE_MS
_SECOND_PARCEL_MS = 2 * HOUR_MS
_FOUND_AFTER_MS = 30 * HOUR_MS
_ATTEMPTS_MAX = 8


_NEXT = {"allocated": Step.ANSWER, "accepted": Step.PICK, "picked": Step.PACK, "packed": Step.SHIP}
_WAITS_FOR_HOLDS = frozenset({Step.ANSWER, Step.PICK, Step.PACK})


@dataclass(slots=True)
class _Known:
    order: SeenOrder
    planned: set[tuple[str, str]] = field(default_factory=set)


class _Due(NamedTuple):
    """Something to be done: by time, and in the order in which it was planned."""

    at_ms: int
    number: int
    step: Step
    order_id: str
    subject: str
    attempt: int


class Partners:
    """Everybody who works on orders. `see` takes what an order has become, `take` gives what is due."""

    def __init__(self, draws: Draws, locations: Iterable[SeenLocation], transit: Transit | None = None) -> None:
        self._draws = draws
        self._transit = transit or Transit()
        self._places: dict[str, Place] = {}
        self._known: dict[str, _Known] = {}
        self._due: list[_Due] = []
        self._planned = 0
        self._desk = Desk(draws)
        self._do: dict[Step, Callable[[SeenOrder, _Due], Ask | None]] = {
            Step.ANSWER: self._answer,
            Step.PICK: self._pick,
            Step.PACK: self._pack,
            Step.SHIP: self._ship,
            Step.TRACK: self._track,
            Step.END: self._end,
            Step.FIND: self._find,
            Step.DESK: self._see_to,
        }
        self.meet(locations)

    @property
    def open_orders(self) -> int:
        """Orders of which somebody will still do something."""
        return len(self._known)

    @property
    def next_at_ms(self) -> int | None:
        """When the next thing is due."""
        return self._due[0].at_ms if self._due else None

    def meet(self, locations: Iterable[SeenLocation]) -> None:
        """Take note of locations, new ones too."""
        for location in locations:
            known = self._places.get(location.location_id)
            if known is None or known.location != location:
                self._places[location.location_id] = Place(location, self._draws)

    def see(self, order: SeenOrder, at_ms: int) -> None:
        """Take an order as it is shown; what is new about it happened at `at_ms`."""
        known = self._known.get(order.order_id)
        if known is not None and order.version <= known.order.version:
            return
        if order.status in ENDED and not any(self._comes_back(parcel) for parcel in order.parcels):
            self._known.pop(order.order_id, None)
            return
        if known is None:
            known = self._known[order.order_id] = _Known(order)
        known.order = order
        if order.status == "reserved":
            # Nobody ships what is not bought yet.
            return
        for fulfillment in order.fulfillments:
            self._plan_fulfillment(known, fulfillment, at_ms)
        for parcel in order.parcels:
            self._plan_parcel(known, parcel, at_ms)
        for errand, due_ms in self._desk.errands(order, at_ms):
            self._plan(known, Step.DESK, errand, due_ms)

    def take(self, until_ms: int) -> list[Ask]:
        """Give what is due until then, the earliest first."""
        asks: list[Ask] = []
        while self._due and self._due[0].at_ms <= until_ms:
            due = heapq.heappop(self._due)
            known = self._known.get(due.order_id)
            if known is None:
                continue
            if known.order.holds and due.step in _WAITS_FOR_HOLDS:
                # Nobody works on an order that is held; they look again later.
                self._push(due.at_ms + _AGAIN_MS, due.step, due.order_id, due.subject, due.attempt)
                continue
            ask = self._do[due.step](known.order, due)
            if ask is not None:
                asks.append(ask)
        return asks

    def refused(self, ask: Ask) -> None:
        """Take note that nothing came of an ask: what must be done is tried again later, some times."""
        if ask.order_id in self._known and ask.attempt < _ATTEMPTS_MAX and not self._desk.gives_up(ask):
            self._push(ask.at_ms + _AGAIN_MS, Step(ask.step), ask.order_id, ask.subject, ask.attempt + 1)

    def _plan_fulfillment(self, known: _Known, fulfillment: SeenFulfillment, at_ms: int) -> None:
        step, place = _NEXT.get(fulfillment.status), self._places.get(fulfillment.location_id)
        if step is None or place is None or not any(line.allocated for line in fulfillment.lines):
            return
        key = fulfillment.fulfillment_id
        if step is Step.SHIP and (left := _parcels_of(known.order, key)):
            # The rest follows, once for each parcel that is seen to have left.
            self._plan(known, step, key, at_ms + _SECOND_PARCEL_MS, f"{key}/{left}")
        else:
            self._plan(known, step, key, place.done_at(step, key, at_ms))

    def _plan_parcel(self, known: _Known, parcel: SeenParcel, at_ms: int) -> None:
        key = parcel.parcel_id
        if parcel.status == "in_transit":
            self._plan(known, Step.END, key, at_ms + self._fate(known.order, parcel).after_ms)
            if not parcel.tracking_number:
                later_ms = int(self._draws.around(3 * HOUR_MS, 0.5, key, "tracking"))
                self._plan(known, Step.TRACK, key, at_ms + later_ms)
        elif self._comes_back(parcel):
            self._plan(known, Step.FIND, key, at_ms + _FOUND_AFTER_MS)

    def _fate(self, order: SeenOrder, parcel: SeenParcel) -> Fate:
        fulfillment = _fulfillment(order, parcel.fulfillment_id)
        place = self._places.get(fulfillment.location_id) if fulfillment else None
        here = place.location.position if place else None
        kilometers = kilometers_between(here, order.destination.position)
        return fate_of(self._draws, self._transit, parcel.parcel_id, kilometers)

    def _comes_back(self, parcel: SeenParcel) -> bool:
        found = self._draws.happens(self._transit.found_share, parcel.parcel_id, "found")
        return parcel.status == "lost" and found

    def _plan(self, known: _Known, step: Step, subject: str, due_ms: int, name: str = "") -> None:
        """Plan what is new; `name` tells several of a step and subject apart."""
        if (step, name or subject) not in known.planned:
            known.planned.add((step, name or subject))
            self._push(due_ms, step, known.order.order_id, subject, 0)

    def _push(self, due_ms: int, step: Step, order_id: str, subject: str, attempt: int) -> None:
        self._planned += 1
        heapq.heappush(self._due, _Due(due_ms, self._planned, step, order_id, subject, attempt))

    def _answer(self, order: SeenOrder, due: _Due) -> Ask | None:
        fulfillment = _standing(order, due)
        if fulfillment is None:
            return None
        key, does = due.subject, self._places[fulfillment.location_id].does
        if self._draws.happens(does.reject_share, key, "reject"):
            return _said(order, due, fulfillment, "reject", {"cause": self._draws.one_of(does.causes, key, "cause")})
        reference = f"{fulfillment.location_id.upper()}-{100_000 + self._draws.below(900_000, key, 'reference')}"
        return _said(order, due, fulfillment, "accept", {"partner_reference": reference})

    def _pick(self, order: SeenOrder, due: _Due) -> Ask | None:
        fulfillment = _standing(order, due)
        if fulfillment is None:
            return None
        body: dict[str, Any] = {}
        lines = [line for line in fulfillment.lines if line.allocated]
        if self._draws.happens(self._places[fulfillment.location_id].does.short_share, due.subject, "short"):
            missing = self._draws.one_of(lines, due.subject, "missing")
            found = [(line.line_id, line.allocated - (line is missing)) for line in lines]
            body = {"units": [{"line_id": line_id, "quantity": count} for line_id, count in found if count]}
        return _said(order, due, fulfillment, "pick", body)

    def _pack(self, order: SeenOrder, due: _Due) -> Ask | None:
        fulfillment = _standing(order, due)
        return None if fulfillment is None else _said(order, due, fulfillment, "pack", {})

    def _ship(self, order: SeenOrder, due: _Due) -> Ask | None:
        """All in one parcel, or the first line ahead of the rest."""
        fulfillment = _standing(order, due)
        if fulfillment is None:
            return None
        lines = [line for line in fulfillment.lines if line.allocated]
        number = 1 + _parcels_of(order, due.subject)
        parcel_id = f"{due.subject}-P{number}"
        carrier = self._draws.one_of(self._places[fulfillment.location_id].does.carriers, parcel_id, "carrier")
        body: dict[str, Any] = {"parcel_id": parcel_id, "carrier": carrier}
        if not self._draws.happens(UNTRACKED_SHARE, parcel_id, "untracked"):
            body["tracking_number"] = tracking_number(self._draws, carrier, parcel_id)
        if number == 1 and len(lines) > 1 and self._draws.happens(TWO_PARCELS_SHARE, due.subject, "two"):
            body["units"] = [{"line_id": lines[0].line_id, "quantity": lines[0].allocated}]
        return _said(order, due, fulfillment, "ship", body, f"{parcel_id}/ship")

    def _track(self, order: SeenOrder, due: _Due) -> Ask | None:
        parcel = _parcel(order, due.subject)
        if parcel is None or parcel.tracking_number:
            return None
        number = tracking_number(self._draws, parcel.carrier, due.subject)
        return _told(order, due, parcel, "tracking", {"carrier": parcel.carrier, "tracking_number": number})

    def _end(self, order: SeenOrder, due: _Due) -> Ask | None:
        parcel = _parcel(order, due.subject)
        if parcel is None or parcel.status != "in_transit":
            return None
        what = self._fate(order, parcel).what
        restock = self._draws.happens(self._transit.restock_share, due.subject, "restock")
        return _told(order, due, parcel, what, {"restock": restock} if what == "return" else {})

    def _find(self, order: SeenOrder, due: _Due) -> Ask | None:
        parcel = _parcel(order, due.subject)
        return None if parcel is None or parcel.status != "lost" else _told(order, due, parcel, "deliver", {})

    def _see_to(self, order: SeenOrder, due: _Due) -> Ask | None:
        return self._desk.ask(order, due.subject, due.at_ms, due.attempt)


def tracking_number(draws: Draws, carrier: str, parcel: str) -> str:
    """Give a number that looks like the carrier's."""
    digits = f"{draws.below(10**12, parcel, 'number'):012d}"
    return {"UPS": f"1Z999AA{digits[:11]}", "USPS": f"9400100{digits}000"}.get(carrier, digits)


def _standing(order: SeenOrder, due: _Due) -> SeenFulfillment | None:
    """The fulfillment, if it still stands where the step begins."""
    found = _fulfillment(order, due.subject)
    ready = found is not None and _NEXT.get(found.status) is due.step and any(line.allocated for line in found.lines)
    return found if ready else None


def _fulfillment(order: SeenOrder, key: str) -> SeenFulfillment | None:
    return next((found for found in order.fulfillments if found.fulfillment_id == key), None)


def _parcel(order: SeenOrder, key: str) -> SeenParcel | None:
    return next((found for found in order.parcels if found.parcel_id == key), None)


def _parcels_of(order: SeenOrder, key: str) -> int:
    return sum(parcel.fulfillment_id == key for parcel in order.parcels)


def _told(order: SeenOrder, due: _Due, parcel: SeenParcel, what: str, body: dict[str, Any]) -> Ask | None:
    fulfillment = _fulfillment(order, parcel.fulfillment_id)
    if fulfillment is None:
        return None
    return _said(order, due, fulfillment, f"parcels/{parcel.parcel_id}/{what}", body)


def _said(
    order: SeenOrder, due: _Due, fulfillment: SeenFulfillment, what: str, body: dict[str, Any], name: str = ""
) -> Ask:
    key = fulfillment.fulfillment_id
    return Ask(
        who=fulfillment.location_id,
        path=f"/orders/{order.order_id}/fulfillments/{key}/{what}",
        key=f"{name or f'{key}/{what}'}/{due.attempt}",
        at_ms=due.at_ms,
        body=body,
        instants={"occurred_at": due.at_ms},
        order_id=order.order_id,
        subject=due.subject,
        step=due.step,
        attempt=due.attempt,
    )
