"""What a fulfillment says: units have left, or were said to have and have not; and what its carrier tells.

Source: Shopify, Fulfillment resource, `status` and `shipment_status`.
"""

from collections.abc import Iterator

from connectors.frame.facts import AnyFact, ParcelScanned, ParcelStated, UnitsStated
from connectors.frame.reading import UnreadableError, first, instant, shown
from connectors.systems.shopify.lines import units_of
from connectors.systems.shopify.shapes import FulfillmentGiven, Tracking
from connectors.systems.shopify.values import either, ident, needed, word
from models.records.fulfillment import CarrierStatus

Said = tuple[AnyFact, ...] | str
"""Facts, or in one sentence why there are none."""

_NOT_GONE = {
    "pending": "the fulfillment is pending: nothing has left yet, and its update will say when it has",
    "open": "the fulfillment is open: nothing has left yet, and its update will say when it has",
    "error": "the fulfillment could not be made: nothing has left",
    "failure": "the fulfillment has failed: nothing has left",
}
_GONE, _TAKEN_BACK = "success", "cancelled"

_SCANS = {
    "label_printed": CarrierStatus.PRE_TRANSIT,
    "label_purchased": CarrierStatus.PRE_TRANSIT,
    "confirmed": CarrierStatus.PRE_TRANSIT,
    "carrier_picked_up": CarrierStatus.IN_TRANSIT,
    "picked_up": CarrierStatus.IN_TRANSIT,
    "in_transit": CarrierStatus.IN_TRANSIT,
    "delayed": CarrierStatus.IN_TRANSIT,
    "out_for_delivery": CarrierStatus.OUT_FOR_DELIVERY,
    "ready_for_pickup": CarrierStatus.AVAILABLE_FOR_PICKUP,
    "attempted_delivery": CarrierStatus.ATTEMPT_FAILED,
    "delivered": CarrierStatus.DELIVERED,
    "not_delivered": CarrierStatus.EXCEPTION,
    "failure": CarrierStatus.EXCEPTION,
}
_NO_SCAN = frozenset({"", "canceled", "cancelled", "fulfilled", "label_voided", "marked_as_fulfilled", "submitted"})


def parcel_stated(given: FulfillmentGiven) -> Said:
    """Give what a fulfillment says.

    Raises:
        UnreadableError: its status is none that is known, or a field cannot be read.
    """
    parcel_id = needed(given.id, "id")
    status = word(given.status)
    if status in _NOT_GONE:
        return _NOT_GONE[status]
    if status not in {_GONE, _TAKEN_BACK}:
        raise UnreadableError("status", f"{shown(given.status)} is no status of a fulfillment")
    info = given.tracking_info or Tracking()
    tracking = info if isinstance(info, Tracking) else info[0]
    # One fulfillment with several numbers is several pieces, of which nobody says what lies in which: the first counts.
    numbers = [given.tracking_number, *(given.tracking_numbers or ()), tracking.number]
    carrier = first([given.tracking_company, tracking.company])
    units = tuple(UnitsStated(line_id=line, sku=sku, quantity=count) for line, sku, count in units_of(given) if count)
    if status == _GONE and given.line_items is None and given.fulfillment_line_items is None:
        raise UnreadableError("line_items", "a fulfillment without its lines does not say what has left")
    parcel = ParcelStated(
        parcel_id=parcel_id,
        external_id=needed(either(given.order_id, given.order), "order_id"),
        at_ms=instant(given.created_at, "created_at"),
        units=units,
        carrier=carrier,
        tracking_number=first(ident(one) for one in numbers),
        location=ident(either(given.location_id, given.location)),
        cancelled=status == _TAKEN_BACK,
    )
    scans = tuple(_scans(given, parcel))
    if not units and status == _GONE:
        return scans or "the fulfillment holds no units: nothing has left"
    return (parcel, *scans)


def _scans(given: FulfillmentGiven, parcel: ParcelStated) -> Iterator[ParcelScanned]:
    """Give what the carrier told Shopify; without a number there is nothing that it could be told of."""
    raw = first([given.shipment_status, given.display_status])
    if parcel.cancelled or not parcel.tracking_number or word(raw) in _NO_SCAN:
        return
    yield ParcelScanned(
        tracking_number=parcel.tracking_number,
        carrier=parcel.carrier,
        status=_SCANS.get(word(raw), CarrierStatus.UNKNOWN),
        at_ms=instant(first([given.updated_at, given.created_at]), "updated_at"),
        raw=raw,
    )
