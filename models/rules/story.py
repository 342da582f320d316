"""The bounded story of an order: one short entry an event, for people."""

from models.events import (
    AllocationBroken,
    AnyEvent,
    FulfillmentRejected,
    HoldApplied,
    HoldReleased,
    ParcelCorrected,
    ParcelDelivered,
    ParcelLost,
    ParcelReturnedToSender,
    ParcelShipped,
    UnitsCancelled,
    UnitsRouted,
)
from models.records.order import StoryEntry

MOST_ENTRIES = 30


def entry(event: AnyEvent, at_ms: int, actor: str) -> StoryEntry:
    """Give the entry of an event; its type is the event's tag."""
    tag = event.__struct_config__.tag
    return StoryEntry(at_ms=at_ms, event=str(tag), actor=actor, detail=_detail(event))


def extended(story: tuple[StoryEntry, ...], entries: list[StoryEntry]) -> tuple[StoryEntry, ...]:
    """Give the story with new entries; the first one (how the order began) stays, the oldest others go."""
    whole = (*story, *entries)
    if len(whole) <= MOST_ENTRIES:
        return whole
    return (whole[0], *whole[len(whole) - MOST_ENTRIES + 1 :])


def _detail(event: AnyEvent) -> str:
    match event:
        case UnitsRouted():
            places = ", ".join(assignment.location_id for assignment in event.assignments)
            waiting = sum(unit.quantity for unit in event.waiting)
            return f"{places}{'; ' if places and waiting else ''}{f'{waiting} waiting' if waiting else ''}"
        case UnitsCancelled():
            return f"{sum(unit.quantity for unit in event.units)} units, {event.cause}"
        case HoldApplied() | HoldReleased():
            return event.hold.value
        case FulfillmentRejected():
            return f"{event.location_id}, {event.cause}"
        case AllocationBroken():
            return f"{event.quantity} x {event.sku} at {event.location_id}"
        case ParcelShipped():
            return f"{event.parcel_id} from {event.location_id}"
        case ParcelCorrected():
            return f"{sum(unit.quantity for unit in event.units)} units were not in {event.parcel_id}"
        case ParcelDelivered() | ParcelLost() | ParcelReturnedToSender():
            return event.parcel_id
        case _:
            return ""
