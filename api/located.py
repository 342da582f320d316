"""Those bound to locations see and change only what is theirs; nothing tells them that anything else is there (I12)."""

import msgspec

from api.present import order_of
from api.problems import Problem
from api.security import Principal
from api.services import Services
from models.records.order import Order
from models.records.pool import PoolView
from models.records.stock import SkuView


def part_of(who: Principal, order: Order) -> Order | None:
    """Give what somebody may see of an order; None when no part of it is at a location of theirs.

    Of its story nothing is shown, since that tells where else it was tried.
    """
    if who.locations is None:
        return order
    own = tuple(one for one in order.fulfillments if who.works_at(one.location_id))
    if not own:
        return None
    lines = {line.line_id for one in own for line in one.lines}
    ids = {one.fulfillment_id for one in own}
    addresses = {one.ship_to for one in own}
    terms = order.terms
    if terms is not None:
        seen = {name: place for name, place in terms.destinations.items() if name in addresses}
        terms = msgspec.structs.replace(terms, destinations=seen)
    return msgspec.structs.replace(
        order,
        fulfillments=own,
        # What is expected elsewhere, and what the order was before, is the pool's.
        lines=tuple(msgspec.structs.replace(line, pegs=()) for line in order.lines if line.line_id in lines),
        holds=tuple(
            hold
            for hold in order.holds
            if (not hold.line_id or hold.line_id in lines) and (not hold.fulfillment_id or hold.fulfillment_id in ids)
        ),
        terms=terms,
        edits=None,
        parcels=tuple(parcel for parcel in order.parcels if parcel.fulfillment_id in ids),
        refused_by=(),
        story=(),
    )


def check_fulfillment(services: Services, who: Principal, pool: str, order_id: str, fulfillment_id: str) -> None:
    """Let those bound to locations act only on their part of an order.

    Raises:
        Problem: 404, the same whether there is no such part or it is somebody else's.
    """
    if who.locations is None:
        return
    row = services.views.order(pool, order_id)
    order = part_of(who, order_of(row[1])) if row is not None else None
    if order is None or all(one.fulfillment_id != fulfillment_id for one in order.fulfillments):
        raise Problem(404, "fulfillment_unknown", "There is no such part of an order at your locations.")


def check_locations(who: Principal, *location_ids: str) -> None:
    """Let those bound to locations act only at theirs.

    Raises:
        Problem: 404, the same whether there is no such location or it is not theirs.
    """
    if not all(who.works_at(location_id) for location_id in location_ids):
        raise Problem(404, "location_unknown", "This location is not one of yours: check its id.")


def levels_of(who: Principal, view: SkuView) -> SkuView | None:
    """Give the levels that somebody may see; None when there are none of theirs. Units that wait are the pool's."""
    if who.locations is None:
        return view
    own = tuple(level for level in view.levels if who.works_at(level.location_id))
    if not own:
        return None
    apart = view.apart if isinstance(view.apart, tuple) else ()
    incoming = view.incoming if isinstance(view.incoming, tuple) else ()
    return msgspec.structs.replace(
        view,
        levels=own,
        available=sum(level.available for level in own),
        waiting=0,
        incoming=tuple(one for one in incoming if who.works_at(one.location_id)),
        apart=tuple(one for one in apart if who.works_at(one.location_id)),
    )


def set_up_of(who: Principal, view: PoolView) -> PoolView:
    """Give the set-up that somebody may see."""
    if who.locations is None:
        return view
    own = tuple(location for location in view.locations if who.works_at(location.location_id))
    return msgspec.structs.replace(view, locations=own, routing_model=None)
