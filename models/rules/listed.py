"""What may be sold of a listing: so many units of a SKU make one, and all of them ship from one location.

Pure arithmetic. As with kits, six units over two locations are no six-pack, since routing makes up none of them.
"""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from models.rules.availability import Availability, Place, SetUp

Reckon = Callable[[SetUp], Availability]
"""Gives what may be sold of the SKU itself."""


def of_listing(reckon: Reckon, set_up: SetUp, each: int) -> Availability:
    """Give what may be sold of a listing of `each` units, as multiples of it.

    What is fenced for the channel is for single units: packs are made up from what is free to all. A publishing rule
    counts units of the SKU, and what it tells is rounded down.
    """
    if each == 1:
        return reckon(set_up)
    channel = set_up.channel
    free = set_up if channel is None else set_up._replace(channel=replace(channel, segment=""))
    found = reckon(free)
    places = {location_id: _packs(place, each) for location_id, place in found.places.items()}
    # What is counted nowhere is never short.
    now = _sum(places) if places else found.to_fulfil // each
    by_date = now + sum(place.incoming for place in places.values()) if places else found.to_order // each
    return Availability(
        to_fulfil=now,
        to_order=min(found.to_order // each, by_date),
        waiting=-(-found.waiting // each),
        places=places,
        backorder_left=None if found.backorder_left is None else found.backorder_left // each,
        published=None if found.published is None else min(found.published // each, now),
    )


def _packs(place: Place, each: int) -> Place:
    now = place.to_fulfil // each
    return Place(now, (place.to_fulfil + place.incoming) // each - now)


def _sum(places: Mapping[str, Place]) -> int:
    return sum(place.to_fulfil for place in places.values())
