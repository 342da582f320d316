"""Locating an order's waiting units: gather what may be weighed, choose, claim the stock, tell why."""

from msgspec.structs import replace

from models.events import Assignment, Candidate, RoutingTrace, UnitsRouted
from models.ids import fulfillment_id
from models.records.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.records.place import Position
from models.records.pool import LocationKind, RoutingModel
from models.records.stock import MovementKind
from models.rules import calendar
from models.rules.draft import Change, Draft
from models.rules.lines import as_units, destination_of, with_fulfillment
from models.rules.routing import costs, kernel, lateness, supply
from models.rules.routing.plan import Demand, Option, Package, Plan, weigh
from models.rules.routing.supply import Group

_OWN = frozenset({LocationKind.WAREHOUSE, LocationKind.STORE})
"""Places that work from our own list: a partner was told of its fulfillment, and would not look again."""


def route(
    draft: Draft, order: Order, cause: str, *, tell_waiting: bool = True, only: str = "", join: bool = True
) -> Order:
    """Give stock to the waiting units of an order, as far as there is any; with `only`, at that location alone.

    What nobody has begun at a location is joined, unless `join` is off.

    Tells `units_routed` with the trace; where nothing was found it tells so only if `tell_waiting`.
    """
    parts = supply.groups(draft, order)
    if len(parts) <= 1 or not order.ship_complete:
        for group in parts:
            order = _route_group(draft, order, group, cause, tell_waiting=tell_waiting, only=only, join=join)
        return order
    return _route_complete(draft, order, parts, cause, tell_waiting=tell_waiting, only=only, join=join)


def _route_complete(  # noqa: PLR0913 - as of `route`
    draft: Draft, order: Order, parts: list[Group], cause: str, *, tell_waiting: bool, only: str, join: bool
) -> Order:
    """Locate all groups of an order that ships whole, or none: it is tried before anything is claimed."""
    trial, tried = draft.trial(), order
    for group in parts:
        tried = _route_group(trial, tried, group, cause, tell_waiting=True, only=only, join=join)
    if not any(line.waiting for line in tried.lines):
        for group in parts:
            order = _route_group(draft, order, group, cause, tell_waiting=True, only=only, join=join)
    elif tell_waiting:
        last = trial.events[-1]
        waiting = as_units({line.line_id: line.waiting for line in order.lines})
        if isinstance(last, UnitsRouted):
            draft.emit(replace(last, assignments=(), waiting=waiting))
    return order


def _route_group(  # noqa: PLR0913 - as of `route`
    draft: Draft, order: Order, group: Group, cause: str, *, tell_waiting: bool, only: str, join: bool
) -> Order:
    demands, policy = group.demands, draft.view.pool.policy
    options, excluded = supply.options(draft, order, group, _bound_for(draft, order, group.ship_to), only)
    joinable = _joinable(draft, order, group.ship_to) if join and order.fulfillments else {}
    if joinable:
        options = [o if o.location_id not in joinable else _without_package(o) for o in options]
    model = _model_to_weigh(draft, order)
    if model is not None:
        options = _with_lateness(draft, order, model, options)
    limits = costs.limits(policy, ship_complete=order.ship_complete)
    weighed = weigh(demands, options, limits)
    plan = kernel.solve(demands, options, limits, weighed)
    if order.ship_complete and not _is_complete(plan, demands):
        plan = Plan((), sum(d.unfilled_milli * d.quantity for d in demands), plan.method)
    if not plan.packages and not tell_waiting:
        return order
    assignments: list[Assignment] = []
    for package in plan.packages:
        place = options[package.option].location_id
        order, assignment = _claim(draft, order, group, place, package, joinable.get(place))
        assignments.append(assignment)
    draft.emit(
        UnitsRouted(
            order_id=order.order_id,
            cause=cause,
            assignments=tuple(assignments),
            waiting=as_units({line.line_id: line.waiting for line in order.lines}),
            trace=RoutingTrace(
                policy_version=policy.version,
                preset=policy.preset,
                method=plan.method,
                cost_milli=plan.cost_milli,
                model_version=0 if model is None else model.version,
                late_per_mille={} if model is None else {o.location_id: o.late_per_mille for o in options},
                candidates=_candidates(len(demands), options, weighed, plan),
                excluded={reason: tuple(places) for reason, places in sorted(excluded.items())},
            ),
        )
    )
    return order


def _bound_for(draft: Draft, order: Order, ship_to: str) -> Position | None:
    """Give where a part of an order goes: the store where it is collected, a further address, or the order's own."""
    terms = order.terms
    if terms is not None and terms.collect_at is not None:
        return draft.view.locations[terms.collect_at].position
    return destination_of(order, ship_to).position


def _joinable(draft: Draft, order: Order, ship_to: str) -> dict[str, str]:
    """Give, by location, the order's fulfillment that more units may join: one of our own that nobody has begun."""
    segment = draft.segment_of(order.channel)
    return {
        f.location_id: f.fulfillment_id
        for f in order.fulfillments
        if f.status is FulfillmentStatus.ALLOCATED
        and f.ship_to == ship_to
        and f.segment in ("", segment)
        and draft.view.locations[f.location_id].kind in _OWN
    }


def _without_package(option: Option) -> Option:
    """Leave the price of a package out: what joins a fulfillment goes in its parcel."""
    return option._replace(package_milli=(0,) * len(option.package_milli))


def _model_to_weigh(draft: Draft, order: Order) -> RoutingModel | None:
    """Give the routing model where lateness counts: money is weighed, late costs some, and there is a promise."""
    policy = draft.view.pool.policy
    weighs = policy.preset != "closest" and policy.late_minor and order.promise_by_ms is not None
    return draft.view.routing_model if weighs else None


def _with_lateness(draft: Draft, order: Order, model: RoutingModel, options: list[Option]) -> list[Option]:
    """Add to each package what the likelihood that it comes late costs (per mille times minor units is thousandths)."""
    late_minor = draft.view.pool.policy.late_minor
    weighed = []
    for option in options:
        late = lateness.late_per_mille(model, order, option.location_id, draft.now_ms)
        package = tuple([cost + late * late_minor for cost in option.package_milli])
        weighed.append(option._replace(package_milli=package, late_per_mille=late))
    return weighed


def _is_complete(plan: Plan, demands: list[Demand]) -> bool:
    placed = sum(units for package in plan.packages for _, units in package.units)
    return placed == sum(demand.quantity for demand in demands)


def _claim(
    draft: Draft, order: Order, group: Group, location_id: str, package: Package, joined_id: str | None
) -> tuple[Order, Assignment]:
    """Allocate a package's units at its location, to the group's lines in their order."""
    left: dict[supply.Key, int] = {}
    fenced: dict[str, int] = {}
    segment = draft.segment_of(order.channel)
    for index, units in package.units:
        demand, kit = group.demands[index], group.kits[index]
        left[(demand.sku, kit) if kit else demand.sku] = units
        if not kit:
            of_fence = _allocate(draft, order, demand.sku, location_id, units, segment)
            if of_fence:
                fenced[demand.sku] = of_fence
            continue
        for part in kit:
            _allocate(draft, order, part.sku, location_id, part.quantity * units, "")
    lines, claimed = [], []
    for line in order.lines:
        key = (line.sku, line.components) if line.components else line.sku
        units = min(line.waiting, left.get(key, 0))
        if units and line.line_id in group.lines:
            left[key] -= units
            of_fence = min(units, fenced.get(line.sku, 0)) if fenced else 0
            if of_fence:
                fenced[line.sku] -= of_fence
            claimed.append(FulfillmentLine(line_id=line.line_id, sku=line.sku, allocated=units, fenced=of_fence))
            lines.append(replace(line, waiting=line.waiting - units, allocated=line.allocated + units))
        else:
            lines.append(line)
    units_of_lines = tuple([UnitsOfLine(line_id=c.line_id, quantity=c.allocated) for c in claimed])
    order = replace(order, lines=tuple(lines))
    if joined_id is not None:
        order = _joined(order, joined_id, claimed, package.cost_milli, segment)
        return order, Assignment(
            location_id=location_id, fulfillment_id=joined_id, units=units_of_lines, cost_milli=package.cost_milli
        )
    sequence = order.sequence + 1
    fulfillment = Fulfillment(
        fulfillment_id=fulfillment_id(order.order_id, sequence),
        location_id=location_id,
        status=FulfillmentStatus.ALLOCATED,
        lines=tuple(claimed),
        routed_at_ms=draft.cause.at_ms,
        cost_milli=package.cost_milli,
        capacity_day=_take_capacity(draft, location_id),
        ship_to=group.ship_to,
        segment=segment,
    )
    order = replace(order, fulfillments=(*order.fulfillments, fulfillment), sequence=sequence)
    return order, Assignment(
        location_id=location_id,
        fulfillment_id=fulfillment.fulfillment_id,
        units=units_of_lines,
        cost_milli=package.cost_milli,
    )


def _allocate(draft: Draft, order: Order, sku: str, location_id: str, units: int, segment: str) -> int:
    """Claim units of a SKU, those set apart for the segment first; gives how many came out of its fence."""
    fenced = min(units, draft.level(sku, location_id).fenced.get(segment, 0)) if segment else 0
    change = Change(allocated=units, fenced=-fenced, state=segment) if fenced else Change(allocated=units)
    draft.move(MovementKind.ALLOCATED, sku, location_id, change, order_id=order.order_id)
    return fenced


def _joined(order: Order, joined_id: str, claimed: list[FulfillmentLine], cost_milli: int, segment: str) -> Order:
    """Put claimed units into a fulfillment that is there."""
    known = next(f for f in order.fulfillments if f.fulfillment_id == joined_id)
    lines = {part.line_id: part for part in known.lines}
    for part in claimed:
        before = lines.get(part.line_id)
        if before is None:
            lines[part.line_id] = part
        else:
            lines[part.line_id] = replace(
                before, allocated=before.allocated + part.allocated, fenced=before.fenced + part.fenced
            )
    return with_fulfillment(
        order,
        replace(
            known,
            lines=tuple(lines.values()),
            cost_milli=known.cost_milli + cost_milli,
            segment=known.segment or segment,
        ),
    )


def _take_capacity(draft: Draft, location_id: str) -> int:
    location = draft.view.locations[location_id]
    if location.capacity_per_day is None:
        return 0
    day = calendar.working_day(location, draft.now_ms)
    draft.take_capacity(location_id, day, 1)
    return day


def _candidates(
    everything: int, options: list[Option], weighed: list[tuple[int, int]], plan: Plan
) -> tuple[Candidate, ...]:
    """Say of each weighed location what it could have shipped at what cost, and why it lost."""
    chosen = {package.option for package in plan.packages}
    return tuple(
        [
            Candidate(
                location_id=option.location_id,
                lines=covered,
                cost_milli=cost,
                lost_by="" if index in chosen else "cost" if covered == everything else "covers_less",
            )
            for index, (option, (covered, cost)) in enumerate(zip(options, weighed, strict=True))
        ]
    )
