"""What ShipStation v2 tells of parcels on their way: events of a track webhook, or of a tracking that was asked for.

Source: ShipStation API documentation, pages Tracking and Track webhooks (status and status detail codes).
"""

import msgspec

from connectors.frame.entries import translate_each
from connectors.frame.facts import ParcelScanned
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, first, instant, instant_or_none, read_json, words
from models.records.fulfillment import CarrierStatus

_STATUSES = {
    "UN": CarrierStatus.UNKNOWN,
    "NY": CarrierStatus.PRE_TRANSIT,
    "AC": CarrierStatus.IN_TRANSIT,
    "IT": CarrierStatus.IN_TRANSIT,
    "AT": CarrierStatus.ATTEMPT_FAILED,
    "SP": CarrierStatus.AVAILABLE_FOR_PICKUP,
    "DE": CarrierStatus.DELIVERED,
    "EX": CarrierStatus.EXCEPTION,
}
_CODES = {"AC": "accepted", "SP": "service_point"}
"""What a status says that its canonical one does not."""

_OF_DETAIL = (
    ("out_for_delivery", CarrierStatus.OUT_FOR_DELIVERY),
    ("return_to_sender", CarrierStatus.RETURN_TO_SENDER),
    ("returning_to_sender", CarrierStatus.RETURN_TO_SENDER),
    ("awaiting_customer_pickup", CarrierStatus.AVAILABLE_FOR_PICKUP),
    ("available_for_pickup", CarrierStatus.AVAILABLE_FOR_PICKUP),
)
"""There is no status of these: the detail says it, or where that is missing the description."""

_OF_WORDS = (
    ("delivered", CarrierStatus.DELIVERED),
    ("in_transit", CarrierStatus.IN_TRANSIT),
    ("accepted", CarrierStatus.IN_TRANSIT),
    ("not_yet_in_system", CarrierStatus.PRE_TRANSIT),
    ("delivery_attempt", CarrierStatus.ATTEMPT_FAILED),
    ("exception", CarrierStatus.EXCEPTION),
)
"""How descriptions begin of events that have no status: older ones, and some carriers'."""

_MOVING = (CarrierStatus.UNKNOWN, CarrierStatus.IN_TRANSIT, CarrierStatus.EXCEPTION)


class _Event(Given):
    occurred_at: str | None = None
    carrier_occurred_at: str | None = None
    event_date: str | None = None
    """The time, as it was called before."""
    description: str | None = None
    status_code: str | None = None
    status_detail_code: str | None = None
    status_description: str | None = None
    carrier_status_description: str | None = None
    city_locality: str | None = None
    state_province: str | None = None
    country_code: str | None = None
    signer: str | None = None


class Tracked(Given):
    """The state of a parcel, and its events."""

    tracking_number: str | None = None
    carrier_code: str | None = None
    status_code: str | None = None
    status_detail_code: str | None = None
    status_description: str | None = None
    carrier_status_description: str | None = None
    estimated_delivery_date: str | None = None
    actual_delivery_date: str | None = None
    events: list[msgspec.Raw] | None = None


def tracked(body: bytes, message: Message, account: Account) -> Translation:
    """Give every event as a scan; a state that no event says is told as of the delivery, or of the message."""
    state = read_json(body, Tracked)
    if not state.tracking_number:
        raise UnreadableError("tracking_number", "a tracking is of no tracking number")
    if not state.status_code and not state.events:
        return ignored(f"nothing is known of {state.tracking_number} yet")
    said = translate_each(
        state.events or [], "events", lambda entry: Translation(facts=(_scan(entry, state, account),))
    )
    now = _standing(state, message, account)
    if any(isinstance(fact, ParcelScanned) and fact.status is now.status for fact in said.facts):
        return said
    if now.status is CarrierStatus.UNKNOWN and (said.facts or said.refused):
        return said
    return Translation(facts=(*said.facts, now), refused=said.refused)


def _scan(entry: bytes, state: Tracked, account: Account) -> ParcelScanned:
    event = read_json(entry, _Event)
    said = first((event.description, event.carrier_status_description, event.status_description))
    status, detail = _status(event.status_code, event.status_detail_code, said)
    if status is CarrierStatus.DELIVERED and event.signer:
        # Who signed is personal data, and stays where it is.
        detail = "signed"
    # The carrier's own time comes without an offset; the other one is in UTC.
    at_ms = instant_or_none(first((event.occurred_at, event.event_date)), "occurred_at")
    if at_ms is None:
        at_ms = instant(event.carrier_occurred_at, "occurred_at", time_zone=account.time_zone)
    return ParcelScanned(
        tracking_number=state.tracking_number or "",
        carrier=state.carrier_code or "",
        status=status,
        detail=detail,
        at_ms=at_ms,
        raw=said,
        place=words(event.city_locality, event.state_province, event.country_code),
        expected_at_ms=_expected_ms(state, account),
    )


def _standing(state: Tracked, message: Message, account: Account) -> ParcelScanned:
    said = first((state.carrier_status_description, state.status_description))
    status, detail = _status(state.status_code, state.status_detail_code, said)
    delivered_ms = instant_or_none(state.actual_delivery_date, "actual_delivery_date", time_zone=account.time_zone)
    at_ms = delivered_ms if status is CarrierStatus.DELIVERED and delivered_ms is not None else message.received_at_ms
    return ParcelScanned(
        tracking_number=state.tracking_number or "",
        carrier=state.carrier_code or "",
        status=status,
        detail=detail,
        at_ms=at_ms,
        raw=said,
        expected_at_ms=_expected_ms(state, account),
    )


def _expected_ms(state: Tracked, account: Account) -> int | None:
    return instant_or_none(state.estimated_delivery_date, "estimated_delivery_date", time_zone=account.time_zone)


def _status(status: str | None, detail: str | None, said: str) -> tuple[CarrierStatus, str]:
    """Give the canonical status and the sub-code; a code that is added later is unknown, and kept as the sub-code."""
    code = (status or "").strip().upper()
    found = _STATUSES.get(code, CarrierStatus.UNKNOWN)
    sub_code = (detail or "").strip().lower() or _CODES.get(code, "" if code in _STATUSES else code.lower())
    told = sub_code or said.lower().replace(" ", "_")
    for start, status_of_detail in _OF_DETAIL:
        if found in _MOVING and told.startswith(start):
            return status_of_detail, sub_code
    if not code:
        found = next((status_of_words for start, status_of_words in _OF_WORDS if told.startswith(start)), found)
    return found, sub_code
