"""What shipping from a location costs an order, in thousandths of a minor unit, under each preset."""

from bisect import bisect_left

from models.geo import distance_meters
from models.records.place import Position
from models.records.pool import Location, Policy, RateCard
from models.rules.routing.plan import Limits

MILLI = 1000

FAR_METERS = 20_100_000
"""Half around the Earth: what an unknown distance counts as."""

CLOSEST_SPLIT = 1_000_000_000
"""Under `closest` a package more weighs more than any distance, so fewest packages come first."""

CLOSEST_UNFILLED = 10_000_000_000
"""Under `closest` a unit left out weighs more than any number of packages, and an order of them less than 64 bits."""


def limits(policy: Policy, *, ship_complete: bool) -> Limits:
    """Give the limits of an order under a policy."""
    closest = policy.preset == "closest"
    return Limits(
        split_milli=CLOSEST_SPLIT if closest else policy.split_penalty_minor * MILLI,
        most_packages=1 if ship_complete else policy.max_fulfillments,
        weight_limits_grams=() if closest else policy.rate_card.weight_limits_grams,
    )


def unfilled_milli(policy: Policy) -> int:
    """Give what leaving one unit out weighs."""
    return CLOSEST_UNFILLED if policy.preset == "closest" else policy.unfilled_penalty_minor * MILLI


def package_milli(policy: Policy, location: Location, destination: Position | None) -> tuple[int, ...]:
    """Give a package's cost by weight bracket: the card's price and handling, or the distance in meters."""
    if destination is None or location.position is None:
        meters = FAR_METERS
    else:
        meters = distance_meters(destination, location.position)
    if policy.preset == "closest":
        return (meters,)
    handling = location.handling_minor
    return tuple((price + handling) * MILLI for price in prices(policy.rate_card, meters))


def unit_milli(policy: Policy, location: Location) -> int:
    """Give what each unit adds: picking, where money counts."""
    return 0 if policy.preset == "closest" else location.pick_minor * MILLI


def prices(card: RateCard, meters: int) -> tuple[int, ...]:
    """Give a card's prices by weight bracket at a distance; a limit belongs to the band it ends."""
    return card.price_minor[bisect_left(card.distance_limits_meters, meters)]


def is_rate_card(card: RateCard) -> bool:
    """Tell whether a card is whole: limits rise, and there is a price for each band and bracket."""
    bands, brackets = card.distance_limits_meters, card.weight_limits_grams
    return (
        list(bands) == sorted(set(bands))
        and list(brackets) == sorted(set(brackets))
        and len(card.price_minor) == len(bands) + 1
        and all(len(row) == len(brackets) + 1 for row in card.price_minor)
    )
