"""What whoever asks may do with an order now: what the core would take, as far as their scopes and roles go."""

from collections.abc import Iterable
from typing import Any

from api.resolvers import may_release
from api.security import Principal, Scope
from api.services import Services
from models.records.order import Order
from models.rules.allowed import allowed
from models.rules.holds import HOLD_RULES


def with_actions(services: Services, who: Principal, order: Order, shown: dict[str, Any]) -> dict[str, Any]:
    """Add to an order as it is shown what may be done with it, and who may take its holds off."""
    may = allowed(order, services.set_ups.locations(order.pool))
    writes, fulfills = who.may(Scope.ORDERS_WRITE), who.may(Scope.FULFILLMENT_WRITE)
    releases = any(may_release(who, hold.type) for hold in order.holds)
    shown["actions"] = [name for name in may.order if (releases if name == "release" else writes)]
    for hold, raw in zip(shown["holds"], order.holds, strict=True):
        hold["resolvers"] = list(HOLD_RULES[raw.type].resolvers)
    own = {one.fulfillment_id for one in order.fulfillments if fulfills and who.works_at(one.location_id)}
    for one in shown["fulfillments"]:
        one["actions"] = _if(one["fulfillment_id"] in own, may.fulfillments.get(one["fulfillment_id"], ()))
    for parcel in shown["parcels"]:
        parcel["actions"] = _if(parcel["fulfillment_id"] in own, may.parcels[parcel["parcel_id"]])
    return shown


def _if(may: bool, names: Iterable[str]) -> list[str]:  # A guard, not an option.
    return list(names) if may else []
