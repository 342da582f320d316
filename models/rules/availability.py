"""What may be sold of a SKU: by location and over the pool, now and by a date, and what a channel is told of it.

Pure arithmetic on published records. It takes at its word what routing takes, so what is told here can be located.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from msgspec import UnsetType

from models.records.buffer import BufferFor
from models.records.pool import (
    CatalogueItem,
    Channel,
    Location,
    Policy,
    PublishingRule,
    RoutingModel,
    StockBasis,
)
from models.records.stock import UNTRACKED_UNITS, LevelView, SkuView
from models.rules.buffers import Where, kept_from
from models.rules.lines import needs_of

Row = TypeVar("Row")


class SetUp(NamedTuple):
    """What availability depends on beside stock."""

    locations: Mapping[str, Location]
    policy: Policy
    model: RoutingModel | None = None
    channel: Channel | None = None

    @property
    def segment(self) -> str:
        """Give the ring-fenced stock that the channel's orders may take."""
        return "" if self.channel is None else self.channel.segment


class Place(NamedTuple):
    """Units at one location: there now, and counted on to come by the date."""

    to_fulfil: int
    incoming: int


class Availability(NamedTuple):
    """What may be sold of a SKU."""

    to_fulfil: int
    """Units that can be picked now."""
    to_order: int
    """Units that can be ordered and shipped by the date, those that others wait for taken off."""
    waiting: int
    places: Mapping[str, Place]
    backorder_left: int | None
    """How many more units may wait for stock; None where any number may."""
    published: int | None
    """What the channel is told; None where none is named."""


def of_sku(view: SkuView, item: CatalogueItem, set_up: SetUp, *, now_ms: int, at_ms: int) -> Availability:
    """Give what may be sold of a SKU that lies on shelves.

    to order = min(now + incoming - waiting, now + what may still wait), at least 0: whoever waits is served first from
    what comes (IBM: now-quantity plus dated supply minus dated demand), and a unit that is not there yet has to wait,
    of which there are only so many (Spree: on hand - allocated + backorder limit).
    """
    if item.untracked:
        return _untracked(item, set_up)
    places = places_of(view, item, set_up, now_ms=now_ms, at_ms=at_ms)
    now, incoming = _sum(places)
    return _total(places, now, now + incoming - view.waiting, view.waiting, item, set_up)


def of_kit(
    kit: CatalogueItem,
    waiting: int,
    parts: Mapping[str, tuple[SkuView, CatalogueItem]],
    set_up: SetUp,
    *,
    now_ms: int,
    at_ms: int,
) -> Availability:
    """Give what may be sold of a kit: whole multiples, made up at one location from what lies there.

    By location the least of floor(component / needed), over the pool the sum of the locations (HotWax), not the least
    of the components' sums. Units that wait for a component alone are taken off that component.
    """
    needs = needs_of(kit.components)
    # Kits are made up from what is free to all, as routing does it: what is fenced is for units of the SKU itself.
    free = set_up._replace(channel=None)
    by_part = {
        sku: {} if item.untracked else places_of(view, item, free, now_ms=now_ms, at_ms=at_ms)
        for sku, (view, item) in parts.items()
    }
    counted = [sku for sku in needs if not parts[sku][1].untracked]
    if not counted:
        return _untracked(kit, set_up)
    everywhere = sorted(set.intersection(*(set(by_part[sku]) for sku in counted)))
    places = {}
    for location_id in everywhere:
        there = {sku: by_part[sku][location_id] for sku in counted}
        now = min(there[sku].to_fulfil // needs[sku] for sku in counted)
        by_date = min((there[sku].to_fulfil + there[sku].incoming) // needs[sku] for sku in counted)
        places[location_id] = Place(now, by_date - now)
    now, incoming = _sum(places)
    left = min((sum(_sum(by_part[sku])) - parts[sku][0].waiting) // needs[sku] for sku in counted)
    return _total(places, now, min(now + incoming, left) - waiting, waiting, kit, set_up)


def places_of(view: SkuView, item: CatalogueItem, set_up: SetUp, *, now_ms: int, at_ms: int) -> dict[str, Place]:
    """Give the units of a SKU at each location that may ship: there now, and expected by a date."""
    apart = {one.location_id: one for one in _stated(view.apart)}
    found: dict[str, Place] = {}
    for level in view.levels:
        location = set_up.locations.get(level.location_id)
        if location is None or not location.enabled:
            # What lies where nothing ships from is nobody's to sell (HotWax: excluded locations).
            continue
        there = apart.get(level.location_id)
        fenced = {} if there is None else there.fenced
        declared_ms = None if there is None else there.declared_at_ms
        units = _units_at(location, level, fenced, declared_ms, set_up, now_ms)
        buffers = set_up.policy.buffers
        if buffers and location.stock is not StockBasis.UNTRACKED:
            where = Where(item.sku, item.category, location, now_ms)
            units = kept_from(BufferFor.SELLING, buffers, where, units)
        found[level.location_id] = Place(likely(set_up.model, location.location_id, item.category, units), 0)
    for receipt in _stated(view.incoming):
        location = set_up.locations.get(receipt.location_id)
        if location is None or not location.enabled or receipt.expected_at_ms > at_ms:
            continue
        before = found.get(receipt.location_id, Place(0, 0))
        counted_on = receipt.quantity * receipt.confidence_per_mille // 1000
        found[receipt.location_id] = before._replace(incoming=before.incoming + counted_on)
    return found


def likely(model: RoutingModel | None, location_id: str, category: str, units: int) -> int:
    """Give the units that a location is likely to find of those that its book has."""
    success = {} if model is None else model.pick_success
    return units * success.get(f"{location_id}/{category}", success.get(location_id, 1000)) // 1000


def published(units: int, rule: PublishingRule | None) -> int:
    """Give what a channel is told of units: 0 at `end_when` or less, else a percentage of what is above the threshold.

    Linnworks: 0 if ATP <= end_when, else min(max_listed, floor(ATP x stock_percent)). The threshold is taken off once
    from all locations together (HotWax: two stores of 100 with a threshold of 10 are 190, not 180).
    """
    if rule is None:
        return units
    if units <= rule.end_when:
        return 0
    share = max(0, units - rule.threshold) * rule.percent // 100
    return share if rule.maximum is None else min(share, rule.maximum)


def rule_for(item: CatalogueItem, rules: Sequence[PublishingRule]) -> PublishingRule | None:
    """Give the rule that counts for a SKU: the most specific that matches, of equals the first."""
    matching = [
        rule
        for rule in rules
        if rule.sku in (None, item.sku) and (rule.category is None or rule.category == item.category)
    ]
    return max(matching, key=lambda rule: (rule.sku is not None, rule.category is not None), default=None)


def _units_at(
    location: Location,
    level: LevelView,
    fenced: Mapping[str, int],
    declared_ms: int | None,
    set_up: SetUp,
    now_ms: int,
) -> int:
    """Give the units of a level that orders of the channel may take."""
    if location.stock is StockBasis.UNTRACKED:
        return UNTRACKED_UNITS
    if location.stock is StockBasis.DECLARED and (
        declared_ms is None or declared_ms < now_ms - set_up.policy.declared_stale_ms
    ):
        return 0
    free = level.on_hand - level.allocated - level.unsellable - level.safety_stock
    return max(0, free - sum(units for name, units in fenced.items() if name != set_up.segment))


def _total(
    places: Mapping[str, Place], now: int, by_date: int, waiting: int, item: CatalogueItem, set_up: SetUp
) -> Availability:
    left = None if item.backorder_limit is None else max(0, item.backorder_limit - waiting)
    to_order = by_date if left is None else min(by_date, now + left)
    rules = () if set_up.channel is None else set_up.channel.publishing
    # What waits and has no stock yet will take some (HotWax: demand captured and not yet routed).
    told = published(max(0, now - waiting), rule_for(item, rules))
    return Availability(
        to_fulfil=now,
        to_order=max(0, to_order),
        waiting=waiting,
        places=dict(sorted(places.items())),
        backorder_left=left,
        published=None if set_up.channel is None else told,
    )


def _untracked(item: CatalogueItem, set_up: SetUp) -> Availability:
    """Give what may be sold of what is never short: as much as anybody asks for."""
    rules = () if set_up.channel is None else set_up.channel.publishing
    told = published(UNTRACKED_UNITS, rule_for(item, rules))
    return Availability(
        to_fulfil=UNTRACKED_UNITS,
        to_order=UNTRACKED_UNITS,
        waiting=0,
        places={},
        backorder_left=None,
        published=None if set_up.channel is None else told,
    )


def _sum(places: Mapping[str, Place]) -> tuple[int, int]:
    return sum(one.to_fulfil for one in places.values()), sum(one.incoming for one in places.values())


def _stated(published_only: tuple[Row, ...] | UnsetType) -> tuple[Row, ...]:
    """Give what is published only where there is any."""
    return published_only if isinstance(published_only, tuple) else ()
