"""How likely an order given to a location comes after its promise, by what was learned, and what that costs."""

from collections.abc import Sequence
from itertools import pairwise

from models.records.order import Order
from models.records.pool import DAY_MS, RoutingModel
from models.types import PerMille

CERTAIN = 1000


def is_lane(delivered: Sequence[PerMille]) -> bool:
    """Tell whether probabilities are cumulative: there are some, and none is below the one before."""
    return bool(delivered) and all(earlier <= later for earlier, later in pairwise(delivered))


def late_per_mille(model: RoutingModel, order: Order, location_id: str, now_ms: int) -> int:
    """Give the probability that it arrives after its promise; 0 without a promise, or where nothing was learned."""
    if order.promise_by_ms is None:
        return 0
    slack_days = (order.promise_by_ms - now_ms) // DAY_MS
    if slack_days < 0:
        return CERTAIN
    delivered = lane(model, location_id, order.destination.country, order.destination.region)
    return CERTAIN - delivered[min(slack_days, len(delivered) - 1)] if delivered else 0


def lane(model: RoutingModel, location_id: str, country: str, region: str) -> tuple[PerMille, ...]:
    """Give what is known of a lane, from the narrowest key that is there; empty where there is none."""
    lanes = model.lanes
    to_country = f"{location_id}/{country}"
    return (
        lanes.get(f"{to_country}-{region}") or lanes.get(to_country) or lanes.get(location_id) or lanes.get("*") or ()
    )
