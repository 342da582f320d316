"""What is asked and what there is: the demands of an order's lines, and what each location can promise of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from models.records.buffer import BufferFor
from models.records.line import Component, Line
from models.records.order import CollectFrom, Order
from models.records.place import Position
from models.records.pool import Location
from models.rules import calendar
from models.rules.availability import likely
from models.rules.buffers import Where, kept_from
from models.rules.draft import Draft
from models.rules.holds import held_lines
from models.rules.lines import needs_of, own_units, parts_of
from models.rules.routing import costs
from models.rules.routing.plan import Demand, Option
from models.rules.view import View

DEFAULT_WEIGHT_GRAMS = 500

Key = str | tuple[str, tuple[Component, ...]]


class Group(NamedTuple):
    """Lines that are located together: bound for one address, and no two demands of them take from the same stock."""

    ship_to: str
    lines: tuple[str, ...]
    demands: list[Demand]
    kits: list[tuple[Component, ...]]
    """What a unit of each demand is made of; nothing where it is a SKU of its own."""


def key_of(line: Line) -> Key:
    """Give what lines have in common that share a demand."""
    return (line.sku, line.components) if line.components else line.sku


def groups(draft: Draft, order: Order) -> list[Group]:
    """Give the waiting lines that may be located, in groups; most orders have one."""
    held = held_lines(order) if order.holds else frozenset[str]()
    waiting = [line for line in order.lines if line.waiting and line.line_id not in held]
    if not waiting:
        return []
    if not any([line.ship_to or line.components for line in waiting]):  # noqa: C419 - faster
        return [_group(draft, "", waiting)]
    return [_group(draft, ship_to, lines) for ship_to in _addresses(waiting) for lines in _apart(waiting, ship_to)]


def options(
    draft: Draft, order: Order, group: Group, destination: Position | None, begun_by: str = ""
) -> tuple[list[Option], dict[str, list[str]]]:
    """Give the locations with stock that may ship, in their turn, and those with stock that may not, by the reason."""
    view = draft.view
    stocked = _stocked(draft, order, group)
    packages, restricted, refused_by = view.packages(destination), view.restricted, order.refused_by
    only = begun_by or only_place(order)
    if not (restricted or refused_by or only):
        # Many of them, and a named tuple's own way of making one takes twice as long.
        new = tuple.__new__
        return [new(Option, (place, available, *packages[place], 0)) for place, available in stocked], {}
    found: list[Option] = []
    excluded: dict[str, list[str]] = {}
    for place, available in stocked:
        reason = reason_against(draft, view.locations[place]) if place in restricted else ""
        if place in refused_by:
            reason = "refused_before"
        elif only and place != only:
            reason = "begun_elsewhere" if begun_by else "not_collected_there"
        if reason:
            excluded.setdefault(reason, []).append(place)
            continue
        found.append(Option(place, available, *packages[place]))
    return found, excluded


def _group(draft: Draft, ship_to: str, lines: Sequence[Line]) -> Group:
    """Add up waiting units by SKU: two lines of one SKU share the same stock."""
    first: dict[Key, Line] = {}
    waiting: dict[Key, int] = {}
    for line in lines:
        key = (line.sku, line.components) if line.components else line.sku
        if key in waiting:
            waiting[key] += line.waiting
        else:
            waiting[key] = line.waiting
            first[key] = line
    unfilled = costs.unfilled_milli(draft.view.pool.policy)
    demands, kits = [], []
    for key, line in first.items():
        item = draft.view.item(line.sku)
        weight = item.weight_grams if item is not None else DEFAULT_WEIGHT_GRAMS
        if line.components:
            weight *= own_units(line)
        demands.append(Demand(line.sku, waiting[key], weight, unfilled))
        kits.append(line.components)
    return Group(ship_to, tuple([line.line_id for line in lines]), demands, kits)


def _addresses(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(line.ship_to for line in lines))


def _apart(lines: Sequence[Line], ship_to: str) -> list[list[Line]]:
    """Divide lines so that no two demands of a group need the same SKU: what one claims the next must see."""
    parted: list[tuple[dict[str, Key], list[Line]]] = []
    for line in lines:
        if line.ship_to != ship_to:
            continue
        needs = {sku: key_of(line) for sku, _ in parts_of(line, 1)}
        for taken, members in parted:
            if all(taken.get(sku, key) == key for sku, key in needs.items()):
                taken.update(needs)
                members.append(line)
                break
        else:
            parted.append((needs, [line]))
    return [members for _, members in parted]


def _stocked(draft: Draft, order: Order, group: Group) -> list[tuple[str, tuple[int, ...]]]:
    """Give the locations with stock of any demand, in their turn, and what they can promise of each demand."""
    view = draft.view
    segment = draft.segment_of(order.channel)
    model = view.routing_model
    lowers = bool(view.supplied) or bool(view.pool.policy.buffers) or (model is not None and bool(model.pick_success))
    pairs = zip(group.demands, group.kits, strict=True)
    return _in_turn(
        view,
        [
            _kits(draft, parts, lowers=lowers) if parts else _promised(draft, demand.sku, segment, lowers=lowers)
            for demand, parts in pairs
        ],
    )


def _in_turn(view: View, free: list[Mapping[str, int]]) -> list[tuple[str, tuple[int, ...]]]:
    """Give what there is of each demand by location, each of which comes in its turn."""
    if len(free) == 1:
        return [(place, (units,)) for place, units in free[0].items()]
    stocked: dict[str, list[int]] = {}
    for index, places in enumerate(free):
        for place, units in places.items():
            known = stocked.get(place)
            if known is None:
                known = stocked[place] = [0] * len(free)
            known[index] = units
    turns = view.turns
    return [(place, tuple(stocked[place])) for place in sorted(stocked, key=turns.__getitem__)]


def _kits(draft: Draft, parts: Sequence[Component], *, lowers: bool) -> Mapping[str, int]:
    """Give the whole kits that each location can make up from its own components.

    Each component is weighed by itself: a kit has no stock of its own that anybody could declare.
    """
    free = [(_promised(draft, sku, "", lowers=lowers), each) for sku, each in needs_of(parts).items()]
    first, _ = free[0]
    kits = {place: min(there.get(place, 0) // each for there, each in free) for place in first}
    return {place: count for place, count in kits.items() if count}


def _promised(draft: Draft, sku: str, segment: str, *, lowers: bool) -> Mapping[str, int]:
    """Give the units of a SKU that each location is counted on for, where that is less than its book says too."""
    free = draft.free_to(sku, segment)
    if not lowers:
        return free
    return {place: there for place, units in free.items() if (there := _counted_on(draft, place, sku, units))}


def _counted_on(draft: Draft, place: str, sku: str, units: int) -> int:
    """Lower what a location promises to what it is likely to find; what a supplier declared too long ago is nothing."""
    view = draft.view
    if place in view.supplied and not view.is_untracked(sku, place):
        declared_ms = draft.level(sku, place).declared_at_ms
        if declared_ms is None or declared_ms < draft.now_ms - view.pool.policy.declared_stale_ms:
            return 0
    item, buffers = view.item(sku), view.pool.policy.buffers
    category = item.category if item is not None else ""
    if buffers and not view.is_untracked(sku, place):
        where = Where(sku, category, view.locations[place], draft.now_ms)
        units = kept_from(BufferFor.ROUTING, buffers, where, units)
    return likely(view.routing_model, place, category, units)


def only_refused_are_left(draft: Draft, order: Order) -> bool:
    """Tell whether what waits could only come from locations that have refused it: nobody would ever be asked."""
    only = only_place(order)
    enabled = {place for place, location in draft.view.locations.items() if location.enabled}
    may = enabled & {only} if only else enabled
    if may <= set(order.refused_by):
        return True
    segment = draft.segment_of(order.channel)
    skus = {sku for line in order.lines if line.waiting for sku, _ in parts_of(line, 1)}
    stocked = {place for sku in sorted(skus) for place in draft.free_to(sku, segment)} & may
    return bool(stocked) and stocked <= set(order.refused_by)


def only_place(order: Order) -> str:
    """Give the store from whose own stock alone the order is collected; empty where others may ship."""
    terms = order.terms
    if terms is None or terms.collect_at is None or terms.collect_from is not CollectFrom.OWN_STOCK:
        return ""
    return terms.collect_at


def reason_against(draft: Draft, location: Location) -> str:
    """Say why a restricted location may not ship now; empty where it may."""
    if not location.enabled:
        return "disabled"
    if location.capacity_per_day is None or _has_capacity(draft, location):
        return ""
    return "no_capacity"


def _has_capacity(draft: Draft, location: Location) -> bool:
    day = calendar.working_day(location, draft.now_ms)
    return draft.capacity_taken(location.location_id, day) < (location.capacity_per_day or 0)
