"""What partners know by another name than ours: orders that they were asked for before cut-over, by somebody else."""

import re
from collections.abc import Iterable

from msgspec.structs import replace

from connectors.frame.asked import Known, UnknownYet
from connectors.frame.facts import (
    CancellationAnswered,
    FulfillmentAnswered,
    FulfillmentStepped,
    ParcelStated,
    UnitsStated,
)
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from models.records.fulfillment import Fulfillment, FulfillmentStatus
from models.records.order import Order
from models.rules.lines import OPEN_STATUSES

PartnerFact = ParcelStated | FulfillmentAnswered | CancellationAnswered | FulfillmentStepped
_OURS = re.compile(r"o[0-9a-f]{1,24}-\d{1,4}")
_NOT_THERE = frozenset({FulfillmentStatus.CANCELLED, FulfillmentStatus.REJECTED})


def plain_name(name: str) -> str:
    """Write a shop's name of an order so that its sign, case and spaces make no difference."""
    return name.strip().lstrip("#").casefold()


def by_our_name(fact: PartnerFact, account: Account, known: Known) -> PartnerFact | None:
    """Give what a partner says under our name of the fulfillment; None of an order that was over before cut-over.

    Raises:
        UnknownYet: nothing at the partner's location has the name; it may a moment later.
        UnreadableError: several orders have it.
    """
    if not account.location or _OURS.fullmatch(fact.fulfillment_id):
        return fact
    also = fact.external_id if isinstance(fact, ParcelStated) else ""
    if not fact.fulfillment_id and (account.channel or not also):
        # It is a channel's own order.
        return fact
    names = [name for name in dict.fromkeys(map(plain_name, (fact.fulfillment_id, also))) if name]
    orders = {order.order_id: order for name in names for order in known.orders_named(account.pool, name)}
    if orders and all(order.historic for order in orders.values()):
        return None
    parts = {key: part for key, order in orders.items() if (part := _part(order, account.location, fact)) is not None}
    if len(parts) > 1:
        raise UnreadableError("fulfillment_id", f"{names[0]} may be of {' or '.join(sorted(parts))}: tell by hand")
    if not parts:
        if isinstance(fact, ParcelStated) and fact.cancelled:
            return fact
        raise UnknownYet(f"nothing that {account.location} was asked for is known as {names[0]}")
    [part] = parts.values()
    return _renamed(fact, part)


def _part(order: Order, location: str, fact: PartnerFact) -> Fulfillment | None:
    """Give the fulfillment that the partner has: the one with this parcel already, else the first open one."""
    there = [part for part in order.fulfillments if part.location_id == location and part.status not in _NOT_THERE]
    parcel_id = fact.parcel_id if isinstance(fact, ParcelStated) else None
    left = {parcel.fulfillment_id for parcel in order.parcels if parcel.parcel_id == parcel_id}
    by_fitness = sorted(there, key=lambda part: (part.fulfillment_id not in left, part.status not in OPEN_STATUSES))
    return next(iter(by_fitness), None)


def _renamed(fact: PartnerFact, part: Fulfillment) -> PartnerFact:
    ours = part.fulfillment_id
    match fact:
        case ParcelStated():
            units, short = _by_our_lines(fact.units, part), _by_our_lines(fact.short, part)
            return replace(fact, fulfillment_id=ours, external_id="", units=units, short=short)
        case FulfillmentAnswered() | FulfillmentStepped():
            return replace(fact, fulfillment_id=ours, units=_by_our_lines(fact.units, part))
        case CancellationAnswered():
            return replace(fact, fulfillment_id=ours)


def _by_our_lines(stated: Iterable[UnitsStated], part: Fulfillment) -> tuple[UnitsStated, ...]:
    """Whoever asked for it may have numbered its lines in another way: then the SKU tells."""
    lines = {line.line_id for line in part.lines}
    return tuple(one if one.line_id in lines or not one.sku else replace(one, line_id="") for one in stated)
