"""What events are called outside, and which of them a pattern means."""

from collections.abc import Iterable

from api.exchange.outbox.levels import Level
from models.events import Event

_GROUPS = ("order", "fulfillment", "parcel", "stock", "pool")
_OTHERS = {
    # What a shop knows as a shipment: one parcel of a fulfillment has left.
    "parcel_shipped": "fulfillment.shipped",
    "tracking_recorded": "parcel.tracking_recorded",
    "cancellation_requested": "fulfillment.cancellation_requested",
    "cancellation_answered": "fulfillment.cancellation_answered",
    "fulfillments_merged": "fulfillment.merged",
    "transfer_closed": "stock.transfer_closed",
    "line_repeated": "stock.line_repeated",
    "level_repaired": "stock.level_repaired",
}
TEST = "test.sent"
AVAILABILITY = "availability"
"""The group of what is told of thresholds, which no command says: it is reckoned from what commands did."""


def name_of(event: Event) -> str:
    """Give the name of an event, such as `order.placed`: a group, a dot, and what happened."""
    tag = str(event.__struct_config__.tag)
    if tag in _OTHERS:
        return _OTHERS[tag]
    group, _, what = tag.partition("_")
    # What is of none of the groups by its own name is of the order: units_cancelled, hold_applied.
    return f"{group}.{what}" if group in _GROUPS else f"order.{tag}"


def is_known_pattern(pattern: str) -> bool:
    """Tell whether a pattern can mean anything: `*`, `GROUP.*`, or `GROUP.WHAT`."""
    if pattern == "*":
        return True
    group, dot, what = pattern.partition(".")
    if group == AVAILABILITY:
        return dot == "." and what in ("*", *Level)
    return group in _GROUPS and dot == "." and (what == "*" or what.replace("_", "").isalpha())


def wants_availability(patterns: Iterable[str]) -> bool:
    """Tell whether one of the patterns names availability; `*` is all that commands do, and not this."""
    return any(pattern.startswith(AVAILABILITY + ".") for pattern in patterns)


def matches(patterns: Iterable[str], name: str) -> bool:
    """Tell whether one of the patterns means an event; a test event is meant by all."""
    group = name.partition(".")[0] + ".*"
    return name == TEST or any(pattern in ("*", group, name) for pattern in patterns)
