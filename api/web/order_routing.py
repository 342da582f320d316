"""Why an order's units went where they went: the routing trace as a sentence and as rows of candidates."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from api.web.filters import distance, money, words
from api.web.words import cause_of, listed, name_of, units_of_skus
from models.events import Candidate, UnitsRouted
from models.geo import distance_meters
from models.records.order import Order
from models.records.pool import Location, PoolView
from models.rules.routing.costs import prices

_MILLI = 1000
_NAMED_LOSERS = 3
_EXCLUDED = {
    "disabled": "is switched off",
    "refused_before": "has refused it before",
    "no_capacity": "is full for the day",
    "closed": "is closed",
}


class CostPart(NamedTuple):
    """A part of what a candidate costs."""

    name: str
    text: str


class Weighed(NamedTuple):
    """A candidate as a row of the table."""

    location_id: str
    name: str
    is_chosen: bool
    cost: str
    parts: tuple[CostPart, ...]
    late_per_mille: int | None
    distance_meters: int | None
    verdict: str


class Choice(NamedTuple):
    """One time that locations were chosen."""

    at_ms: int
    cause: str
    sentence: str
    method: str
    policy_version: int
    model_version: int
    candidates: tuple[Weighed, ...]
    excluded: tuple[str, ...]


class Desk(NamedTuple):
    """What traces of one order are read with."""

    order: Order
    setup: PoolView
    places: Mapping[str, Location]

    def name(self, location_id: str) -> str:
        """Give a location's name."""
        return name_of(self.places, location_id)

    def cost(self, event: UnitsRouted, cost_milli: int) -> str:
        """Write a cost: money, or the distance where the closest location is chosen."""
        if event.trace.preset == "closest":
            return distance(cost_milli)
        return money((cost_milli + _MILLI // 2) // _MILLI, self.setup.pool.currency)

    def away(self, event: UnitsRouted) -> str:
        """Give what follows a cost that is a distance."""
        return " away" if event.trace.preset == "closest" else ""


def choice(desk: Desk, event: UnitsRouted, at_ms: int) -> Choice:
    """Explain one routing."""
    trace = event.trace
    return Choice(
        at_ms,
        cause_of(event.cause),
        _sentence(desk, event),
        {"exact": "the best of all combinations", "whole": "the best with each SKU from one place"}.get(
            trace.method, "an approximation, since the order is large"
        ),
        trace.policy_version,
        trace.model_version,
        tuple(_weighed(desk, event, candidate) for candidate in _in_order(event)),
        tuple(
            f"{desk.name(place)} {_EXCLUDED.get(reason, words(reason))}"
            for reason, places in trace.excluded.items()
            for place in places
        ),
    )


def _in_order(event: UnitsRouted) -> Sequence[Candidate]:
    """Chosen ones first, then those that could have done it, by their cost."""
    return sorted(event.trace.candidates, key=lambda c: (bool(c.lost_by), c.lost_by != "cost", c.cost_milli))


def _sentence(desk: Desk, event: UnitsRouted) -> str:
    order = desk.order
    match event.assignments:
        case ():
            text = f"No location could send {units_of_skus(order, event.waiting)}"
        case (one,):
            text = f"Chose {desk.name(one.location_id)}: {desk.cost(event, one.cost_milli)}{desk.away(event)}"
        case several:
            shares = [
                f"{desk.name(one.location_id)} ({units_of_skus(order, one.units)}, {desk.cost(event, one.cost_milli)})"
                for one in several
            ]
            text = f"Split over {listed(shares)}"
    parts = [text, *_losers(desk, event)]
    if event.assignments and event.waiting:
        parts.append(f"{units_of_skus(order, event.waiting)} nobody had")
    return "; ".join(parts) + "."


def _losers(desk: Desk, event: UnitsRouted) -> list[str]:
    """Say why the others lost, those of the same reason together, only the first ones by name."""
    by_reason: dict[str, list[str]] = {}
    for candidate in _in_order(event):
        if candidate.lost_by:
            by_reason.setdefault(_lost(desk, event, candidate), []).append(desk.name(candidate.location_id))
    parts = [f"{_some(names)} {reason}" for reason, names in by_reason.items()]
    rest = len(parts) - _NAMED_LOSERS
    return [*parts[:_NAMED_LOSERS], *([f"the table has {rest} more"] if rest > 0 else [])]


def _some(names: list[str]) -> str:
    rest = len(names) - _NAMED_LOSERS
    return listed([*names[:_NAMED_LOSERS], f"{rest} more"]) if rest > 0 else listed(names)


def _lost(desk: Desk, event: UnitsRouted, candidate: Candidate) -> str:
    cost = desk.cost(event, candidate.cost_milli)
    if candidate.lost_by == "covers_less":
        return _had(event, desk.order, candidate)
    if event.trace.preset == "closest":
        return f"would have been {cost} away"
    if candidate.cost_milli == event.trace.cost_milli:
        return "would have cost the same, and is later in turn"
    late = event.trace.late_per_mille.get(candidate.location_id, 0)
    because = f" because it would come late in {late / 10:g} of 100 cases" if late > _late_of_chosen(event) else ""
    return f"would have cost {cost}{because}"


def _late_of_chosen(event: UnitsRouted) -> int:
    return max((event.trace.late_per_mille.get(one.location_id, 0) for one in event.assignments), default=0)


def _had(event: UnitsRouted, order: Order, candidate: Candidate) -> str:
    wanted = _skus_asked(event, order)
    if wanted == 1:
        return "had fewer units than were needed"
    return f"had all units of only {candidate.lines} of {wanted} SKUs" if candidate.lines else "had none of them whole"


def _skus_asked(event: UnitsRouted, order: Order) -> int:
    skus = {line.line_id: line.sku for line in order.lines}
    asked = [unit.line_id for one in event.assignments for unit in one.units]
    asked += [unit.line_id for unit in event.waiting]
    return len({skus.get(line_id, line_id) for line_id in asked})


def _weighed(desk: Desk, event: UnitsRouted, candidate: Candidate) -> Weighed:
    place, trace = desk.places.get(candidate.location_id), event.trace
    cost_milli, units = _cost_and_units(event, candidate)
    return Weighed(
        candidate.location_id,
        desk.name(candidate.location_id),
        not candidate.lost_by,
        desk.cost(event, cost_milli),
        _parts(desk, event, candidate.location_id, cost_milli, units),
        trace.late_per_mille.get(candidate.location_id),
        _distance(desk.order, place),
        _verdict(event, desk.order, candidate),
    )


def _verdict(event: UnitsRouted, order: Order, candidate: Candidate) -> str:
    if not candidate.lost_by:
        return "chosen"
    if candidate.lost_by == "covers_less":
        return _had(event, order, candidate)
    return "farther away" if event.trace.preset == "closest" else "would have cost more"


def _parts(
    desk: Desk, event: UnitsRouted, location_id: str, cost_milli: int, units: int | None
) -> tuple[CostPart, ...]:
    """Take a cost apart by the set-up it was reckoned with; nothing where that is no longer the present one."""
    trace, policy, place = event.trace, desk.setup.pool.policy, desk.places.get(location_id)
    if trace.preset == "closest" or trace.policy_version != policy.version or place is None or units is None:
        return ()
    late_milli = trace.late_per_mille.get(location_id, 0) * policy.late_minor
    picking_milli, handling_milli = place.pick_minor * units * _MILLI, place.handling_minor * _MILLI
    carriage_milli = cost_milli - late_milli - picking_milli - handling_milli
    meters = _distance(desk.order, place)
    # A price that the card does not have was reckoned with something else, so the parts would be wrong.
    if meters is None or carriage_milli not in [price * _MILLI for price in prices(policy.rate_card, meters)]:
        return ()
    parts = {
        "carriage": carriage_milli,
        "handling": handling_milli,
        "picking": picking_milli,
        "chance of coming late": late_milli,
    }
    return tuple(CostPart(name, desk.cost(event, milli)) for name, milli in parts.items() if milli)


def _cost_and_units(event: UnitsRouted, candidate: Candidate) -> tuple[int, int | None]:
    """Give a candidate's cost and the units it is for: what it sends, or all that were asked for where it had them."""
    for one in event.assignments:
        if one.location_id == candidate.location_id:
            return one.cost_milli, sum(unit.quantity for unit in one.units)
    if candidate.lost_by == "covers_less":
        return candidate.cost_milli, None
    asked = [unit.quantity for one in event.assignments for unit in one.units]
    return candidate.cost_milli, sum(asked) + sum(unit.quantity for unit in event.waiting)


def _distance(order: Order, place: Location | None) -> int | None:
    if place is None or place.position is None or order.destination.position is None:
        return None
    return distance_meters(order.destination.position, place.position)
