"""What an order's fulfillments say: packed ones have not left yet, shipped ones have.

Source: Medusa, Fulfillment Module, "Fulfillment", `packed_at`, `shipped_at`, `delivered_at`, `canceled_at`.
"""

from collections.abc import Iterator

from connectors.frame.facts import ParcelScanned, ParcelStated, UnitsStated
from connectors.frame.reading import UnreadableError, first, instant, whole, within
from connectors.systems.medusa.shapes import FulfillmentGiven, OrderGiven
from models.records.fulfillment import CarrierStatus

PARCEL = "headrace_parcel"
"""Where a fulfillment that was made for a parcel of ours names it: in its metadata."""


def parcels_of(order: OrderGiven, quantities: dict[str, int]) -> Iterator[ParcelStated | ParcelScanned]:
    """Give what has left; `quantities` are those of the order's lines.

    Raises:
        UnreadableError: a field is missing or wrong.
    """
    for number, given in enumerate(order.fulfillments or ()):
        left_at = given.shipped_at or given.delivered_at
        if not left_at:
            continue
        with within(f"fulfillments[{number}]"):
            if given.items is None:
                raise UnreadableError("items", "a fulfillment without its items does not say what has left")
            units = units_of(given, quantities)
            at_ms = instant(left_at, "shipped_at")
        if not units:
            # Items of nothing that is on a line of the order.
            continue
        yield ParcelStated(
            parcel_id=parcel_of(given) or given.id,
            external_id=order.id,
            at_ms=at_ms,
            units=tuple(UnitsStated(line_id=line, quantity=count) for line, count in units.items()),
            tracking_number=tracking_of(given),
            location=given.location_id or "",
            cancelled=given.canceled_at is not None,
        )
        if given.delivered_at and tracking_of(given) and given.canceled_at is None:
            yield ParcelScanned(
                tracking_number=tracking_of(given),
                status=CarrierStatus.DELIVERED,
                at_ms=instant(given.delivered_at, f"fulfillments[{number}].delivered_at"),
                raw="marked as delivered",
            )


def parcel_of(given: FulfillmentGiven) -> str:
    """Give our parcel that it was made for; empty: somebody at the shop made it."""
    ours = (given.metadata or {}).get(PARCEL)
    return ours if isinstance(ours, str) else ""


def tracking_of(given: FulfillmentGiven) -> str:
    """Give its tracking number; of several pieces the first, as nobody says what lies in which."""
    return first(label.tracking_number for label in given.labels or ())


def units_of(given: FulfillmentGiven, quantities: dict[str, int]) -> dict[str, int]:
    """Give units by line, never more than it has. A kit has an entry for each thing in it, of which the fewest count.

    Raises:
        UnreadableError: a quantity is none.
    """
    units: dict[str, int] = {}
    for number, item in enumerate(given.items or ()):
        count = whole(item.quantity, f"items[{number}].quantity")
        line = item.line_item_id or ""
        if line in quantities and count:
            units[line] = min(count, units.get(line, count), quantities[line] or count)
    return units
