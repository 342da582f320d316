"""One sentence on an order: why it does not move, or what happens next. Pure: it knows only what it is given."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, assert_never

from models.records.fulfillment import Fulfillment, FulfillmentStatus, Parcel, ParcelStatus
from models.records.hold import Hold, HoldType
from models.records.order import Order, OrderStatus
from models.records.pool import Location
from models.records.stock import SkuView
from models.rules.holds import HOLD_RULES

_STEPS = (
    FulfillmentStatus.ALLOCATED,
    FulfillmentStatus.ACCEPTED,
    FulfillmentStatus.PICKED,
    FulfillmentStatus.PACKED,
    FulfillmentStatus.READY,
)


class Tone(StrEnum):
    """What the sentence asks of its reader."""

    MOVES = "moves"  # somebody does the next step
    WAITS = "waits"  # nothing happens until something comes
    HELD = "held"  # a person has to decide
    ENDED = "ended"  # nothing more happens


class Why(NamedTuple):
    """The sentence, and whether the promise has passed."""

    tone: Tone
    is_late: bool
    text: str


class Facts(NamedTuple):
    """What the sentence is told with, besides the order: the pool's locations, stock of waiting SKUs, the time."""

    places: Mapping[str, Location]
    stock: Mapping[str, SkuView]
    now_ms: int
    when: Callable[[int], str]

    def name(self, location_id: str) -> str:
        """Give a location's name, its id where it has none."""
        place = self.places.get(location_id)
        return place.name if place is not None and place.name else location_id


def why(order: Order, facts: Facts) -> Why:
    """Say why an order does not move, or what happens to it next."""
    match order.status:
        case OrderStatus.CANCELLED:
            return Why(Tone.ENDED, False, "Cancelled: no unit is left to send.")
        case OrderStatus.EXPIRED:
            return Why(Tone.ENDED, False, "The reservation was not placed in time; its units are free again.")
        case OrderStatus.DELIVERED:
            return _ended(order, facts)
        case OrderStatus.HELD:
            return _promised(
                order, facts, Tone.HELD, _held([hold for hold in order.holds if HOLD_RULES[hold.type].blocks], facts)
            )
        case OrderStatus.RESERVED:
            return Why(Tone.WAITS, False, f"{_reserved(order, facts)}.")
        case OrderStatus.SHIPPED:
            return _promised(order, facts, Tone.MOVES, _on_the_way(order, facts))
        case OrderStatus.BACKORDERED | OrderStatus.PARTIALLY_ROUTED:
            return _promised(order, facts, Tone.WAITS, _waiting_and_more(order, facts))
        case OrderStatus.ROUTED:
            return _promised(order, facts, Tone.MOVES, _next_step(order, facts))
        case OrderStatus.PARTIALLY_SHIPPED:
            return _partly_shipped(order, facts)
        case _:
            assert_never(order.status)


def _promised(order: Order, facts: Facts, tone: Tone, text: str) -> Why:
    """Add what the customer was told, where that matters by now."""
    promise_ms = order.promise_by_ms
    is_late = promise_ms is not None and promise_ms < facts.now_ms
    if promise_ms is not None and is_late:
        text += f"; its promise of {facts.when(promise_ms)} has passed"
    elif promise_ms is not None and order.at_risk:
        text += f"; its promise of {facts.when(promise_ms)} is near"
    return Why(tone, is_late, f"{text}.")


def _ended(order: Order, facts: Facts) -> Why:
    counted = {
        "delivered": sum(line.delivered for line in order.lines),
        "lost": sum(line.lost for line in order.lines),
        "returned to sender": sum(line.returned_to_sender for line in order.lines),
    }
    last_ms = max((parcel.ended_at_ms or 0 for parcel in order.parcels), default=0)
    at = f" at {facts.when(last_ms)}" if last_ms else ""
    is_late = order.promise_by_ms is not None and last_ms > order.promise_by_ms
    after = f", after its promise of {facts.when(order.promise_by_ms)}" if order.promise_by_ms and is_late else ""
    if counted["lost"] or counted["returned to sender"]:
        parts = _listed([f"{_units(count)} {name}" for name, count in counted.items() if count])
        return Why(Tone.ENDED, is_late, f"Ended{at}{after}: {parts}.")
    return Why(Tone.ENDED, is_late, f"Delivered{at}{after}.")


def _held(holds: Sequence[Hold], facts: Facts) -> str:
    if len(holds) > 1:
        names = _listed([_words(hold.type) for hold in holds])
        since = facts.when(min(hold.applied_at_ms for hold in holds))
        return f"Held for {names} since {since}: each hold has to be released before it goes on"
    hold = holds[0]
    note = f" (“{hold.note}”)" if hold.note else ""
    head = f"Held for {_words(hold.type)} since {facts.when(hold.applied_at_ms)} by {hold.actor}"
    if hold.release_at_ms is not None:
        then = f"it goes on by itself at {facts.when(hold.release_at_ms)}"
    elif hold.type is HoldType.UNMAPPED_SKU:
        then = "it goes on when the SKU is in the catalogue"
    else:
        then = "it goes on when the hold is released"
    return f"{head}{note}: {HOLD_RULES[hold.type].meaning}, and {then}"


def _reserved(order: Order, facts: Facts) -> str:
    until = f"until {facts.when(order.expires_at_ms)}" if order.expires_at_ms is not None else "without an end"
    text = f"Reserved {until}: it goes on when the channel places the order, and its units are free again otherwise"
    waiting = sum(line.waiting for line in order.lines)
    return f"{text}; {_units(waiting)} of it {_verb(waiting, 'wait')} for stock" if waiting else text


def _partly_shipped(order: Order, facts: Facts) -> Why:
    shipped = sum(line.shipped for line in order.lines)
    wanted = sum(line.quantity - line.cancelled for line in order.lines)
    left = f"{shipped} of {_units(wanted)} {_has(shipped)} left already"
    if any(line.waiting for line in order.lines):
        return _promised(order, facts, Tone.WAITS, f"{_waiting_and_more(order, facts)}; {left}")
    return _promised(order, facts, Tone.MOVES, f"{_next_step(order, facts)}; {left}")


def _waiting_and_more(order: Order, facts: Facts) -> str:
    text = _waiting(order, facts)
    return f"{text}; meanwhile {_next_step(order, facts)}" if _open_fulfillments(order) else text


def _waiting(order: Order, facts: Facts) -> str:
    waiting: dict[str, int] = {}
    for line in order.lines:
        if line.waiting:
            waiting[line.sku] = waiting.get(line.sku, 0) + line.waiting
    wanted = _listed([f"{units} × {sku}" for sku, units in waiting.items()])
    if order.ship_complete:
        return f"Waits until one location can ship all of it at once ({wanted})"
    passed_over = [text for sku in waiting for text in _passed_over(order, sku, facts)]
    if passed_over:
        return f"Waits for stock of {wanted}: {_listed(passed_over)}"
    known = all(sku in facts.stock for sku in waiting)
    return f"Waits for stock of {wanted}" + (": no location has any to promise" if known else "")


def _passed_over(order: Order, sku: str, facts: Facts) -> list[str]:
    """Say of each location that has the SKU why it does not send it."""
    found = facts.stock.get(sku)
    return [
        f"{facts.name(level.location_id)} has {level.available} {_passed_over_because(order, level.location_id, facts)}"
        for level in (found.levels if found is not None else ())
        if level.available
    ]


def _passed_over_because(order: Order, location_id: str, facts: Facts) -> str:
    place = facts.places.get(location_id)
    if location_id in order.refused_by:
        return "but has refused it before"
    if place is not None and not place.enabled:
        return "but is switched off"
    if place is not None and place.capacity_per_day is not None:
        return "but may be full for the day"
    return "but was not chosen, as the routing says"


def _next_step(order: Order, facts: Facts) -> str:
    """Say what the location that is furthest behind does next."""
    open_ones = sorted(_open_fulfillments(order), key=lambda f: (_STEPS.index(f.status), f.routed_at_ms))
    if not open_ones:
        return _on_the_way(order, facts)
    text = _step(open_ones[0], facts)
    others = len(open_ones) - 1
    return (
        f"{text} ({others} more {'location has' if others == 1 else 'locations have'} units to send)"
        if others
        else text
    )


def _step(fulfillment: Fulfillment, facts: Facts) -> str:
    name = facts.name(fulfillment.location_id)
    accepted = f" at {facts.when(fulfillment.accepted_at_ms)}" if fulfillment.accepted_at_ms is not None else ""
    picked = f" at {facts.when(fulfillment.picked_at_ms)}" if fulfillment.picked_at_ms is not None else ""
    packed = f" at {facts.when(fulfillment.packed_at_ms)}" if fulfillment.packed_at_ms is not None else ""
    match fulfillment.status:
        case FulfillmentStatus.ALLOCATED:
            return f"{name} has not answered since {facts.when(fulfillment.routed_at_ms)}: it has to accept or reject"
        case FulfillmentStatus.ACCEPTED:
            return f"{name} accepted it{accepted} and has to pick it"
        case FulfillmentStatus.PICKED:
            return f"{name} picked it{picked} and has to pack it"
        case FulfillmentStatus.READY:
            return f"It lies ready at {name} for the customer to collect"
        case _:
            return f"{name} packed it{packed} and has to hand it to the carrier"


def _on_the_way(order: Order, facts: Facts) -> str:
    moving = sorted(
        (parcel for parcel in order.parcels if parcel.status is ParcelStatus.IN_TRANSIT), key=lambda p: p.shipped_at_ms
    )
    if not moving:
        return "No parcel is on its way"
    oldest = moving[0]
    if len(moving) == 1:
        tracking = f" (tracking {oldest.tracking_number})" if oldest.tracking_number else ""
        return f"{_carrier(oldest)} has had it since {facts.when(oldest.shipped_at_ms)}{tracking}"
    since = facts.when(oldest.shipped_at_ms)
    return f"{len(moving)} parcels are on their way, the oldest with {_carrier(oldest, inside=True)} since {since}"


def _carrier(parcel: Parcel, *, inside: bool = False) -> str:
    return parcel.carrier or ("the carrier" if inside else "The carrier")


def _open_fulfillments(order: Order) -> list[Fulfillment]:
    return [f for f in order.fulfillments if f.status in _STEPS and any(line.allocated for line in f.lines)]


def _words(name: str) -> str:
    return name.replace("_", " ").replace("sku", "SKU")


def _units(count: int) -> str:
    return f"{count} unit" if count == 1 else f"{count} units"


def _verb(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb


def _has(count: int) -> str:
    return "has" if count == 1 else "have"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
