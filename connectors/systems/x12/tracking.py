"""214, what a carrier says of a shipment: one scan for each status of AT7, by the carrier's clock.

Appointments (AT7-03) are plans, not scans. Source: X12 004010, transaction set 214, element 1650 (shipment status).
"""

from connectors.frame.facts import AnyFact, ParcelScanned
from connectors.frame.message import Account
from connectors.frame.reading import words
from connectors.systems.x12.elements import made_at, moment
from connectors.systems.x12.segments import ElementError, Segment, Transaction
from models.records.fulfillment import CarrierStatus as Is

STATUSES = {
    "XB": (Is.PRE_TRANSIT, "acknowledged"),
    "X3": (Is.PRE_TRANSIT, "arrived_at_pickup"),
    "X8": (Is.PRE_TRANSIT, "arrived_at_pickup"),
    "L1": (Is.PRE_TRANSIT, "loading"),
    "CP": (Is.IN_TRANSIT, "loaded"),
    "AF": (Is.IN_TRANSIT, "picked_up"),
    "AM": (Is.OUT_FOR_DELIVERY, "loaded_on_truck"),
    "AN": (Is.EXCEPTION, "diverted"),
    "AG": (Is.IN_TRANSIT, "delivery_estimated"),
    "X2": (Is.IN_TRANSIT, "arrival_estimated"),
    "X4": (Is.IN_TRANSIT, "arrived_at_terminal"),
    "P1": (Is.IN_TRANSIT, "departed_terminal"),
    "R1": (Is.IN_TRANSIT, "received_from_carrier"),
    "J1": (Is.IN_TRANSIT, "given_to_carrier"),
    "X6": (Is.IN_TRANSIT, "on_the_way_to_delivery"),
    "K1": (Is.IN_TRANSIT, "at_customs"),
    "BC": (Is.IN_TRANSIT, "stored"),
    "AJ": (Is.OUT_FOR_DELIVERY, "tendered"),
    "OD": (Is.OUT_FOR_DELIVERY, ""),
    "X1": (Is.OUT_FOR_DELIVERY, "arrived_at_delivery"),
    "X5": (Is.OUT_FOR_DELIVERY, "arrived_at_delivery"),
    "S1": (Is.OUT_FOR_DELIVERY, "spotted_at_delivery"),
    "AV": (Is.AVAILABLE_FOR_PICKUP, ""),
    "D1": (Is.DELIVERED, ""),
    "CD": (Is.DELIVERED, "departed_delivery"),
    "AH": (Is.ATTEMPT_FAILED, ""),
    "AP": (Is.ATTEMPT_FAILED, "not_completed"),
    "A7": (Is.EXCEPTION, "refused"),
    "A9": (Is.EXCEPTION, "damaged"),
    "CA": (Is.EXCEPTION, "cancelled"),
    "SD": (Is.EXCEPTION, "delayed"),
    "A3": (Is.RETURN_TO_SENDER, ""),
}
_ESTIMATES = frozenset({"AG", "X2"})
_TRACKING = ("2I", "CN", "PRO", "P8")


def scans(transaction: Transaction, account: Account) -> tuple[AnyFact, ...] | str:
    """Give the scans of a 214.

    Raises:
        ElementError: it names no shipment, or a status has no time.
    """
    head = transaction.need("B10")
    numbers = [one for one in transaction.all("L11") if one.get(2) in _TRACKING]
    number = numbers[0].get(1) if numbers else head.get(1) or head.need(2, "the carrier's number of the shipment")
    statuses = [place for place, one in enumerate(transaction.segments) if one.tag == "AT7" and one.get(1)]
    if not statuses:
        return "this 214 has appointments alone: a carrier's plan is no scan"
    # Several stops of one shipment may tell the same.
    found = (_scan(place, number, head.get(3), transaction, account) for place in statuses)
    return tuple(dict.fromkeys(found))


def _scan(place: int, number: str, carrier: str, transaction: Transaction, account: Account) -> ParcelScanned:
    said = transaction.segments[place]
    stated = moment(said.get(5), said.get(6), transaction, account, said.get(7))
    if stated is None:
        raise ElementError(said, 5, "the time of this status is missing", code="1" if not said.get(5) else "8")
    status, detail = STATUSES.get(said.get(1), (Is.UNKNOWN, ""))
    is_estimate = said.get(1) in _ESTIMATES
    return ParcelScanned(
        tracking_number=number,
        status=status,
        # An estimate is of the future: it was said when the document was made.
        at_ms=min(stated, made_at(transaction.made, account)) if is_estimate else stated,
        carrier=carrier,
        detail=detail,
        raw=words(said.get(1), said.get(2)),
        place=_place(transaction.segments[place + 1 :]),
        expected_at_ms=stated if is_estimate else None,
    )


def _place(after: tuple[Segment, ...]) -> str:
    if not after or after[0].tag != "MS1":
        return ""
    return ", ".join(part for part in (after[0].get(1), after[0].get(2), after[0].get(3)) if part)
