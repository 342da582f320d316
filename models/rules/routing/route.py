"""Locating an order's waiting units: gather what may be weighed, choose, claim the stock, tell why."""

from msgspec.structs import replace

from models.events import Assignment, Candidate, RoutingTrace, UnitsRouted
from models.ids import fulfillment_id
from models.records.order import Fulfillment, FulfillmentLine, FulfillmentStatus, Order, UnitsOfLine
from models.records.pool import Location, RoutingModel
from models.records.stock import MovementKind
from models.rules import calendar
from models.rules.draft import Change, Draft
from models.rules.lines import as_units
from models.rules.routing import costs, kernel, lateness
from models.rules.routing.plan import Demand, Option, Package, Plan, weigh

DEFAULT_WEIGHT_GRAMS = 500


def route(draft: Draft, order: Order, cause: str, *, tell_waiting: bool = True) -> Order:
    """Give stock to the waiting units of an order, as far as there is any.

    Tells `units_routed` with the trace; where nothing was found it tells so only if `tell_waiting`.
    """
    demands = _demands(draft, order)
    if not demands:
        return order
    policy = draft.view.pool.policy
    options, excluded = _options(draft, order, demands)
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
        order, assignment = _claim(draft, order, demands, options, package)
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


def _demands(draft: Draft, order: Order) -> list[Demand]:
    """Add up waiting units by SKU: two lines of one SKU share the same stock."""
    waiting: dict[str, int] = {}
    for line in order.lines:
        if line.waiting:
            waiting[line.sku] = waiting.get(line.sku, 0) + line.waiting
    unfilled = costs.unfilled_milli(draft.view.pool.policy)
    demands = []
    for sku, quantity in waiting.items():
        item = draft.view.item(sku)
        weight = item.weight_grams if item is not None else DEFAULT_WEIGHT_GRAMS
        demands.append(Demand(sku, quantity, weight, unfilled))
    return demands


def _options(draft: Draft, order: Order, demands: list[Demand]) -> tuple[list[Option], dict[str, list[str]]]:
    """Give the locations with stock that may ship, in their turn, and those with stock that may not, by the reason."""
    view = draft.view
    stocked = _stocked(draft, demands)
    packages, restricted, refused_by = view.packages(order.destination.position), view.restricted, order.refused_by
    if not (restricted or refused_by):
        return [Option(place, available, *packages[place]) for place, available in stocked], {}
    options: list[Option] = []
    excluded: dict[str, list[str]] = {}
    for place, available in stocked:
        if place in refused_by:
            excluded.setdefault("refused_before", []).append(place)
            continue
        if place in restricted:
            reason = _reason_against(draft, view.locations[place])
            if reason:
                excluded.setdefault(reason, []).append(place)
                continue
        package, unit = packages[place]
        options.append(Option(place, available, package, unit))
    return options, excluded


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


def _stocked(draft: Draft, demands: list[Demand]) -> list[tuple[str, tuple[int, ...]]]:
    """Give the locations with stock of any demand, in their turn, and what they can promise of each demand."""
    if len(demands) == 1:
        return [(place, (units,)) for place, units in draft.free(demands[0].sku).items()]
    stocked: dict[str, list[int]] = {}
    for index, demand in enumerate(demands):
        for place, units in draft.free(demand.sku).items():
            known = stocked.get(place)
            if known is None:
                known = stocked[place] = [0] * len(demands)
            known[index] = units
    turns = draft.view.turns
    return [(place, tuple(stocked[place])) for place in sorted(stocked, key=turns.__getitem__)]


def _reason_against(draft: Draft, location: Location) -> str:
    """Say why a restricted location may not ship now; empty where it may."""
    if not location.enabled:
        return "disabled"
    if location.capacity_per_day is None or _has_capacity(draft, location):
        return ""
    return "no_capacity"


def _has_capacity(draft: Draft, location: Location) -> bool:
    day = calendar.working_day(location, draft.now_ms)
    return draft.capacity_taken(location.location_id, day) < (location.capacity_per_day or 0)


def _is_complete(plan: Plan, demands: list[Demand]) -> bool:
    placed = sum(units for package in plan.packages for _, units in package.units)
    return placed == sum(demand.quantity for demand in demands)


def _claim(
    draft: Draft, order: Order, demands: list[Demand], options: list[Option], package: Package
) -> tuple[Order, Assignment]:
    """Allocate a package's units at its location, to the order's lines in their order."""
    location_id = options[package.option].location_id
    left = {demands[demand].sku: units for demand, units in package.units}
    lines, claimed = [], []
    for line in order.lines:
        units = min(line.waiting, left.get(line.sku, 0))
        if units:
            left[line.sku] -= units
            claimed.append(FulfillmentLine(line_id=line.line_id, sku=line.sku, allocated=units))
            lines.append(replace(line, waiting=line.waiting - units, allocated=line.allocated + units))
        else:
            lines.append(line)
    for demand, units in package.units:
        draft.move(
            MovementKind.ALLOCATED, demands[demand].sku, location_id, Change(allocated=units), order_id=order.order_id
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
    )
    routed = replace(order, lines=tuple(lines), fulfillments=(*order.fulfillments, fulfillment), sequence=sequence)
    units_of_lines = tuple(UnitsOfLine(line_id=c.line_id, quantity=c.allocated) for c in claimed)
    return routed, Assignment(
        location_id=location_id,
        fulfillment_id=fulfillment.fulfillment_id,
        units=units_of_lines,
        cost_milli=package.cost_milli,
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
