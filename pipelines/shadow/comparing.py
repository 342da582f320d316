"""Each order by what the merchant did and what Headrace would have done, in money and in lateness.

Both are reckoned by the same rate card, handling and picking, and parcels of an order from one location count as one,
so that a difference comes from the choice of locations alone. Lateness is what happened where a delivery is known, and
else the likelihood by the routing model, counted from when the order was bought.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from connectors.folder.setup import Setup
from models.geo import distance_meters, position_of
from models.records.fulfillment import FulfillmentStatus
from models.records.order import Order
from models.records.place import Position
from models.records.pool import DAY_MS, Location, Policy, RoutingModel
from models.rules.routing import lateness
from models.rules.routing.costs import FAR_METERS, prices
from pipelines.shadow.history import Bought
from pipelines.shadow.playing import Played

_VOID = frozenset({FulfillmentStatus.CANCELLED, FulfillmentStatus.REJECTED})

Units = Mapping[str, Mapping[str, int]]
"""Units by location and line."""


class Left(StrEnum):
    """Why an order is not compared."""

    CANCELLED = "it was cancelled"
    NOT_SENT = "the merchant has not sent all of it"
    NO_LOCATION = "nobody says from where the merchant sent it"
    UNMAPPED = "a SKU of it is not mapped"
    WAITS = "units of it wait for stock in Headrace"
    NOT_TAKEN = "Headrace could not take it"


class Compared(NamedTuple):
    """An order; costs in minor units, lateness in per mille. `left` says why it is not compared, where it is not."""

    order: Bought
    left: Left | None
    theirs: Units
    ours: Units
    cost_theirs_minor: int = 0
    cost_ours_minor: int = 0
    late_theirs: int | None = None
    late_ours: int | None = None
    placed: bool = True
    """False where nobody says where it goes, so that every location counts as equally far."""

    @property
    def is_alike(self) -> bool:
        """Tell whether the same units left from the same locations."""
        return self.theirs == self.ours

    @property
    def saved_minor(self) -> int:
        """Give what Headrace would have saved; below 0 it would have cost more."""
        return self.cost_theirs_minor - self.cost_ours_minor

    @property
    def splits_avoided(self) -> int:
        """Give how many locations fewer it would have left from; below 0 more."""
        return len(self.theirs) - len(self.ours)


def compare(orders: Iterable[Bought], played: Played, setup: Setup, model: RoutingModel) -> list[Compared]:
    """Compare all orders; `model` says how likely a location comes late."""
    places = {place.location_id: place for place in setup.locations or ()}
    policy = setup.policy or Policy()
    return [_compared(order, played, places, policy, model) for order in orders]


def learned(orders: Iterable[Bought]) -> RoutingModel:
    """Give how long the merchant's own parcels took, from being bought to arriving, as cumulative likelihoods."""
    days: dict[str, list[int]] = defaultdict(list)
    for order in orders:
        place = order.stated.destination
        for parcel in order.sent:
            if parcel.delivered_at_ms is None or not parcel.location:
                continue
            took = max(0, -((order.stated.placed_at_ms - parcel.delivered_at_ms) // DAY_MS))
            keys = [parcel.location, "*"]
            if place is not None and place.country:
                country = f"{parcel.location}/{place.country.upper()}"
                keys += [country] + ([f"{country}-{place.region}"] if place.region else [])
            for key in keys:
                days[key].append(took)
    lanes = {}
    for key, found in sorted(days.items()):
        lanes[key] = tuple(
            1000 * sum(1 for took in found if took <= day) // len(found) for day in range(max(found) + 1)
        )
    return RoutingModel(version=1, lanes=lanes, note="learned from the merchant's own deliveries")


def _compared(
    order: Bought, played: Played, places: Mapping[str, Location], policy: Policy, model: RoutingModel
) -> Compared:
    row = played.orders.get(order.key)
    theirs, unknown = _theirs(order, places)
    ours: Units = {} if row is None else _ours(row)
    left = _left(order, row, theirs, ours, unknown=unknown)
    if left is not None or row is None:
        return Compared(order, left or Left.NOT_TAKEN, theirs, ours)
    position = _bound_for(order)
    late_theirs = _late(order, row, theirs, model, happened=True)
    late_ours = late_theirs if theirs == ours else _late(order, row, ours, model, happened=False)
    return Compared(
        order,
        None,
        theirs,
        ours,
        _cost_minor(order, theirs, places, policy, position),
        _cost_minor(order, ours, places, policy, position),
        # Lateness that is known of one side only cannot be compared.
        None if late_ours is None else late_theirs,
        None if late_theirs is None else late_ours,
        placed=position is not None,
    )


def _left(order: Bought, row: Order | None, theirs: Units, ours: Units, *, unknown: bool) -> Left | None:
    wanted = order.quantities
    if order.cancelled_at_ms is not None:
        return Left.CANCELLED
    if any(line.goods is None for line in order.lines):
        return Left.UNMAPPED
    if row is None:
        return Left.NOT_TAKEN
    if unknown:
        return Left.NO_LOCATION
    if _by_line(theirs) != wanted:
        return Left.NOT_SENT
    return Left.WAITS if _by_line(ours) != wanted else None


def _theirs(order: Bought, places: Mapping[str, Location]) -> tuple[Units, bool]:
    """Give what the merchant sent from where, no more than was bought; and whether a location is not known."""
    left, found, unknown = order.quantities, defaultdict[str, dict[str, int]](dict), False
    for parcel in order.sent:
        for line_id, units in parcel.units.items():
            count = min(units, left[line_id])
            left[line_id] -= count
            if count:
                unknown = unknown or parcel.location not in places
                here = found[parcel.location]
                here[line_id] = here.get(line_id, 0) + count
    return dict(sorted(found.items())), unknown


def _ours(row: Order) -> Units:
    found = defaultdict[str, dict[str, int]](dict)
    for part in row.fulfillments:
        for line in () if part.status in _VOID else part.lines:
            units = line.allocated + line.shipped
            if units:
                here = found[part.location_id]
                here[line.line_id] = here.get(line.line_id, 0) + units
    return dict(sorted(found.items()))


def _by_line(units: Units) -> dict[str, int]:
    found: dict[str, int] = {}
    for lines in units.values():
        for line_id, count in lines.items():
            found[line_id] = found.get(line_id, 0) + count
    return found


def _bound_for(order: Bought) -> Position | None:
    place = order.stated.destination
    if place is None or place.latitude is None or place.longitude is None:
        return None
    return position_of(place.latitude, place.longitude)


def _cost_minor(
    order: Bought, units: Units, places: Mapping[str, Location], policy: Policy, position: Position | None
) -> int:
    """Give the price of a parcel from each location: by distance and weight, with handling and picking."""
    goods = {line.line_id: line.goods for line in order.lines}
    card, total = policy.rate_card, 0
    for location_id, lines in units.items():
        place = places[location_id]
        grams = sum((0 if (item := goods[line]) is None else item.weight_grams) * n for line, n in lines.items())
        near = position is not None and place.position is not None
        meters = distance_meters(position, place.position) if near and position and place.position else FAR_METERS
        price = prices(card, meters)[bisect_left(card.weight_limits_grams, grams)]
        total += price + place.handling_minor + place.pick_minor * sum(lines.values())
    return total


def _late(order: Bought, row: Order, units: Units, model: RoutingModel, *, happened: bool) -> int | None:
    """Give how likely the last of it comes after the promise; None without a promise, or where nobody knows."""
    promise_ms = order.stated.promise_by_ms
    if promise_ms is None or not units:
        return None
    arrived = [parcel.delivered_at_ms for parcel in order.sent]
    if happened and arrived and all(at_ms is not None for at_ms in arrived):
        return lateness.CERTAIN if max(at_ms or 0 for at_ms in arrived) > promise_ms else 0
    if not all(lateness.lane(model, place, row.destination.country, row.destination.region) for place in units):
        return None
    return max(lateness.late_per_mille(model, row, place, order.stated.placed_at_ms) for place in units)
