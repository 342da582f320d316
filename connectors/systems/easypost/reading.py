"""What EasyPost tells: every scan of a tracker, wherever the tracker stands."""

import re

import msgspec

from connectors.frame.entries import translate_each
from connectors.frame.facts import ParcelScanned
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, first, instant, instant_or_none, read_json, words
from connectors.systems.easypost.signature import HEADERS
from models.records.fulfillment import CarrierStatus

NOTHING = msgspec.Raw(b"null")

_STATUSES = {
    "pre_transit": CarrierStatus.PRE_TRANSIT,
    "in_transit": CarrierStatus.IN_TRANSIT,
    "out_for_delivery": CarrierStatus.OUT_FOR_DELIVERY,
    "delivered": CarrierStatus.DELIVERED,
    "available_for_pickup": CarrierStatus.AVAILABLE_FOR_PICKUP,
    "return_to_sender": CarrierStatus.RETURN_TO_SENDER,
    "failure": CarrierStatus.EXCEPTION,
    "cancelled": CarrierStatus.EXCEPTION,
    "error": CarrierStatus.EXCEPTION,
}
_TROUBLES = {
    "address_correction",
    "awaiting_information",
    "damaged",
    "delivery_exception",
    "failure",
    "held",
    "lost",
    "refused",
    "transit_exception",
}
"""Details that are trouble even where the status still says that the parcel moves."""

_MOVING = (CarrierStatus.IN_TRANSIT, CarrierStatus.OUT_FOR_DELIVERY, CarrierStatus.UNKNOWN)

_NAMES = (
    "Event Tracker Shipment Order Batch Pickup Refund ScanForm Insurance Claim Webhook EndShipper Address Parcel "
    "CustomsInfo CustomsItem CarrierAccount Rate PickupRate PostageLabel Form TaxIdentifier PaymentRefund Payload "
    "ShipmentReport ShipmentInvoiceReport TrackerReport PaymentLogReport RefundReport CashFlowReport"
)
_OBJECTS = frozenset(_NAMES.split())
_TELLS_NO_PARCEL = {
    "Refund": "a refund of postage gives money back to the sender and moves no parcel",
    "Insurance": "an insurance moves no parcel; its tracker is told by events of its own",
}


class _Place(Given):
    city: str | None = None
    state: str | None = None
    country: str | None = None


class _Detail(Given):
    status: str | None = None
    status_detail: str | None = None
    datetime: str | None = None
    message: str | None = None
    description: str | None = None
    tracking_location: _Place | None = None


class _Tracker(Given):
    tracking_code: str | None = None
    status: str | None = None
    status_detail: str | None = None
    carrier: str | None = None
    signed_by: str | None = None
    est_delivery_date: str | None = None
    updated_at: str | None = None
    tracking_details: list[msgspec.Raw] | None = None


class _Shipment(Given):
    id: str | None = None
    tracking_code: str | None = None
    tracker: msgspec.Raw = NOTHING


class _Seen(Given):
    """Whatever tells what a payload is; lists hold what their name says."""

    object: str | None = None
    id: str | None = None
    description: str | None = None
    result: msgspec.Raw = NOTHING
    tracking_code: str | None = None
    tracking_details: msgspec.Raw = NOTHING
    trackers: list[msgspec.Raw] | None = None
    shipments: list[msgspec.Raw] | None = None
    events: list[msgspec.Raw] | None = None
    batches: list[msgspec.Raw] | None = None
    pickups: list[msgspec.Raw] | None = None
    refunds: list[msgspec.Raw] | None = None
    insurances: list[msgspec.Raw] | None = None
    claims: list[msgspec.Raw] | None = None
    webhooks: list[msgspec.Raw] | None = None
    reports: list[msgspec.Raw] | None = None
    scan_forms: list[msgspec.Raw] | None = None


_OTHER_LISTS = ("batches", "pickups", "refunds", "insurances", "claims", "webhooks", "reports", "scan_forms")


class _Result(Given):
    """The content of an event."""

    result: msgspec.Raw = NOTHING


class Named(Given):
    id: str | None = None
    object: str | None = None
    tracking_code: str | None = None


def translate(message: Message, account: Account) -> Translation:
    """Give every scan of a tracker, whether it comes in an event, by itself, in a list or inside of a shipment."""
    del account
    if message.body.lstrip()[:1] == b"[":
        listed = read_json(message.body, list[msgspec.Raw])
        return translate_each(listed, "list", lambda entry: _said(read_json(entry, _Seen), entry, message), _name)
    return _said(read_json(message.body, _Seen), message.body, message)


def _said(seen: _Seen, body: bytes, message: Message) -> Translation:
    kind = seen.object or ""
    if kind == "Event":
        return _event(seen, message)
    if kind == "Tracker" or (seen.tracking_code is not None and seen.tracking_details != NOTHING):
        return _tracker(body, message)
    if kind == "Shipment":
        return _shipment(body, message)
    if kind in ("", "Order") and seen.shipments is not None:
        return translate_each(seen.shipments, "shipments", lambda entry: _shipment(entry, message), _name)
    if seen.trackers is not None:
        return translate_each(seen.trackers, "trackers", lambda entry: _tracker(entry, message), _name)
    if seen.events is not None:
        contents = [read_json(bytes(entry), _Result).result for entry in seen.events]
        if all(content == NOTHING for content in contents):
            return ignored("a list of events without their content, which is pushed to the webhook")
        return translate_each(seen.events, "events", lambda entry: _event(read_json(entry, _Seen), message), _name)
    found = kind or next((name for name in _OTHER_LISTS if getattr(seen, name) is not None), "other")
    return ignored(_TELLS_NO_PARCEL.get(found, f"what is told of the {_plain(found)} is not where a parcel is"))


def _plain(kind: str) -> str:
    """Give `ScanForm` as scan form."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower().replace("_", " ")


def _event(seen: _Seen, message: Message) -> Translation:
    about = seen.description or ""
    if seen.result == NOTHING:
        return ignored(f"event {about} comes without its content")
    result = bytes(seen.result)
    if not about.startswith("tracker."):
        return ignored(f"event {about} tells no scan")
    return _tracker(result, message)


def _shipment(body: bytes, message: Message) -> Translation:
    """A label that was bought is no parcel that has left: who ships says that; only its tracker counts."""
    shipment = read_json(body, _Shipment)
    if shipment.tracker == NOTHING:
        return ignored(f"shipment {shipment.id} has no tracker, so no scan yet")
    return _tracker(bytes(shipment.tracker), message)


def _tracker(body: bytes, message: Message) -> Translation:
    tracker = read_json(body, _Tracker)
    if not tracker.tracking_code:
        raise UnreadableError("tracking_code", "a tracker is of no tracking number")
    details = tracker.tracking_details or []
    said = translate_each(details, "tracking_details", lambda entry: Translation(facts=(_scan(entry, tracker),)))
    status, _ = _status(tracker.status, tracker.status_detail)
    if status is not CarrierStatus.UNKNOWN and not any(
        isinstance(fact, ParcelScanned) and fact.status is status for fact in said.facts
    ):
        # Some carriers state where a parcel is without a scan that says so.
        now = _standing(tracker, message)
        said = Translation(facts=(*said.facts, now), refused=said.refused)
    return said if said.facts or said.refused else ignored(f"tracker of {tracker.tracking_code} has no scan yet")


def _scan(entry: bytes, tracker: _Tracker) -> ParcelScanned:
    scan = read_json(entry, _Detail)
    status, detail = _status(scan.status, scan.status_detail)
    place = scan.tracking_location or _Place()
    if status is CarrierStatus.DELIVERED and tracker.signed_by:
        # Who signed is personal data, and stays where it is.
        detail = "signed"
    return ParcelScanned(
        tracking_number=tracker.tracking_code or "",
        carrier=tracker.carrier or "",
        status=status,
        detail=detail,
        at_ms=instant(scan.datetime, "datetime"),
        raw=first((scan.message, scan.description)),
        place=words(place.city, place.state, place.country),
        expected_at_ms=instant_or_none(tracker.est_delivery_date, "est_delivery_date"),
    )


def _standing(tracker: _Tracker, message: Message) -> ParcelScanned:
    status, detail = _status(tracker.status, tracker.status_detail)
    at_ms = instant_or_none(tracker.updated_at, "updated_at")
    return ParcelScanned(
        tracking_number=tracker.tracking_code or "",
        carrier=tracker.carrier or "",
        status=status,
        detail=detail,
        at_ms=message.received_at_ms if at_ms is None else at_ms,
        raw=tracker.status or "",
        expected_at_ms=instant_or_none(tracker.est_delivery_date, "est_delivery_date"),
    )


def _status(status: str | None, detail: str | None) -> tuple[CarrierStatus, str]:
    """Give the canonical status and the sub-code; a word added later is unknown, and kept as the sub-code."""
    found = _STATUSES.get(status or "", CarrierStatus.UNKNOWN)
    code = "" if detail in (None, "unknown") else detail or ""
    if status == "cancelled":
        code = code or "cancelled"
    if code == "expired":
        return CarrierStatus.EXPIRED, code
    if code == "return" and found in _MOVING:
        return CarrierStatus.RETURN_TO_SENDER, code
    if code == "out_for_delivery" and found in _MOVING:
        return CarrierStatus.OUT_FOR_DELIVERY, code
    if code in _TROUBLES and found in _MOVING:
        return CarrierStatus.EXCEPTION, code
    if found is CarrierStatus.UNKNOWN and not code and status not in (None, "unknown"):
        code = status or ""
    return found, code


def _name(entry: bytes) -> str:
    read = read_json(entry, Named)
    return first((read.tracking_code, read.id))


def recognise(message: Message) -> bool:
    """Tell EasyPost's objects by their `object`, its lists by that of their entries."""
    if any(name in message.headers for name in HEADERS):
        return True
    try:
        if message.body.lstrip()[:1] == b"[":
            listed = read_json(message.body, list[Named])
            return bool(listed) and listed[0].object in _OBJECTS
        seen = read_json(message.body, _Seen)
        if seen.object is not None:
            return seen.object in _OBJECTS
        if seen.tracking_code is not None and seen.tracking_details != NOTHING:
            return True
        lists = (getattr(seen, name) or [] for name in ("trackers", "shipments", "events", *_OTHER_LISTS))
        entry = next((bytes(entries[0]) for entries in lists if entries), b"{}")
        return read_json(entry, Named).object in _OBJECTS
    except UnreadableError:
        return False


def message_id(message: Message) -> str:
    """Give the id of an event, the same at each attempt."""
    try:
        seen = read_json(message.body, _Seen)
    except UnreadableError:
        return ""
    return (seen.id or "") if seen.object == "Event" else ""
