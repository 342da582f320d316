"""What may be asked of an order as it stands, read off the tables that the rules follow.

Whoever shows an order shows these. A test asks the rules of each: what is listed is not refused for where the order
stands or what it is held for, and what is not listed is.
"""

from collections.abc import Mapping
from typing import NamedTuple

from models import commands as c
from models.records.fulfillment import CancellationStatus, Fulfillment, FulfillmentStatus, Parcel, ParcelStatus
from models.records.order import Order
from models.records.pool import PARTNERS, Location
from models.rules.holds import Step, in_the_way, may_claim_stock
from models.rules.lines import OPEN_STATUSES, RECALLABLE_STATUSES, allocated_units
from models.rules.orders.edit import OVER
from models.rules.orders.hold import FINAL
from models.rules.orders.parcel_ends import MAY_BECOME
from models.rules.orders.steps import STEP_RULES

_STEPS: Mapping[str, type[c.FulfillmentCommand]] = {
    "accept": c.AcceptFulfillment,
    "reject": c.RejectFulfillment,
    "pick": c.PickFulfillment,
    "pack": c.PackFulfillment,
    "ready": c.MakeReady,
    "merge": c.MergeFulfillments,
}
_ENDS: Mapping[str, ParcelStatus] = {
    "deliver": ParcelStatus.DELIVERED,
    "lose": ParcelStatus.LOST,
    "return": ParcelStatus.RETURNED_TO_SENDER,
}


class Allowed(NamedTuple):
    """The names of what may be asked: of the order, and of its fulfillments and parcels by their ids."""

    order: tuple[str, ...]
    fulfillments: Mapping[str, tuple[str, ...]]
    parcels: Mapping[str, tuple[str, ...]]


def allowed(order: Order, locations: Mapping[str, Location]) -> Allowed:
    """Give what may be asked of an order now. Of a closed one too: to ask brings it back."""
    return Allowed(
        _of_order(order, locations),
        {} if order.reserved else {one.fulfillment_id: _of_fulfillment(order, one) for one in order.fulfillments},
        {parcel.parcel_id: _of_parcel(parcel) for parcel in order.parcels},
    )


def _of_order(order: Order, locations: Mapping[str, Location]) -> tuple[str, ...]:
    may = {
        "edit": order.status not in OVER,
        "cancel": any(line.waiting for line in order.lines)
        or any(_may_cancel(one, locations) for one in order.fulfillments),
        "hold": order.status not in FINAL,
        "release": bool(order.holds),
        "reroute": (not order.holds or may_claim_stock(order)) and _is_open(order),
        "move": any(may_move(order, one, locations) for one in order.fulfillments),
    }
    return tuple(name for name, is_so in may.items() if is_so)


def _is_open(order: Order) -> bool:
    """Tell whether a unit waits, or is at a location that has not accepted it."""
    return any(line.waiting for line in order.lines) or any(
        one.status is FulfillmentStatus.ALLOCATED and allocated_units(one) for one in order.fulfillments
    )


def may_move(order: Order, one: Fulfillment, locations: Mapping[str, Location]) -> bool:
    """Tell whether a person may let another location ship units of a fulfillment."""
    if one.status not in RECALLABLE_STATUSES or not allocated_units(one) or in_the_way(order, one, Step.ROUTE):
        return False
    return one.status is FulfillmentStatus.ALLOCATED or not _is_partner(one, locations)


def _is_partner(one: Fulfillment, locations: Mapping[str, Location]) -> bool:
    location = locations.get(one.location_id)
    return location is not None and location.kind in PARTNERS


def _may_cancel(one: Fulfillment, locations: Mapping[str, Location]) -> bool:
    """Tell whether units can be taken back, or asked back from the partner that has accepted them."""
    if one.status not in OPEN_STATUSES or not allocated_units(one):
        return False
    if one.status is FulfillmentStatus.ALLOCATED or not _is_partner(one, locations):
        return one.status in RECALLABLE_STATUSES
    return not _is_asked(one)


def _of_fulfillment(order: Order, one: Fulfillment) -> tuple[str, ...]:
    is_collected = order.terms is not None and order.terms.collect_at == one.location_id
    has_units = bool(allocated_units(one))
    names = [
        name
        for name, kind in _STEPS.items()
        if has_units and (name != "ready" or is_collected) and _may_step(order, one, kind)
    ]
    if has_units:
        names += ["ship", "collect"] if is_collected else ["ship"]
    if _is_asked(one):
        names.append("answer-cancellation")
    return tuple(names)


def _may_step(order: Order, one: Fulfillment, kind: type[c.FulfillmentCommand]) -> bool:
    rule = STEP_RULES[kind]
    return one.status in rule.begins and (rule.step is None or not in_the_way(order, one, rule.step))


def _is_asked(one: Fulfillment) -> bool:
    return one.cancellation is not None and one.cancellation.status is CancellationStatus.REQUESTED


def _of_parcel(parcel: Parcel) -> tuple[str, ...]:
    ends = (name for name, status in _ENDS.items() if status in MAY_BECOME[parcel.status])
    return ("tracking", "scan", *ends)
