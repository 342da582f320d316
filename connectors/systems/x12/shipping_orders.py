"""940, a request to a warehouse to ship, and the same with the code for cancelled when it is asked back.

The depositor's order number is the fulfillment's id, each item's line travels as N9 LI, and a 945 gives both back.
Source: X12 004010, transaction set 940, segments W05 (element 473: N original, F cancel), N1, G62, W66, LX, W01, W76.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.frame.documents import FileDocument, Occasion, OccasionKind
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from connectors.systems.x12.references import MOST_CHARACTERS, depositor_number
from connectors.systems.x12.writing import (
    NUMBERS_OURS,
    Elements,
    interchange,
    parties_of,
    text,
    transaction_control,
)
from models.records.fulfillment import Fulfillment
from models.records.order import Order

_NEW, _CANCEL = "N", "F"
_MOST_REFERENCE, _MOST_NAME, _MOST_PRODUCT = 30, 35, 48
_CODES = "cancel_code"


def shipping_order(occasion: Occasion, account: Account) -> FileDocument:
    """Write the 940 of a fulfillment, or of its cancellation.

    Raises:
        UnreadableError: the occasion says nothing of a fulfillment, or an id is longer than X12 has room for.
    """
    order, part = occasion.order, occasion.fulfillment
    if order is None or part is None:
        raise UnreadableError("fulfillment", "a 940 is about a fulfillment")
    is_cancel = occasion.kind is OccasionKind.CANCELLATION_REQUESTED
    number = (occasion.number - 1) % (NUMBERS_OURS - 1) + 1
    segments = [
        ("ST", "940", transaction_control(number)),
        *_header(occasion, account, order, part, is_cancel=is_cancel),
    ]
    items = _items(occasion, account, part, is_cancel=is_cancel)
    total = sum(int(elements[1]) for elements in items if elements[0] == "W01")
    segments += [*items, ("W76", str(total))]
    body = interchange(parties_of(account), "OW", number, occasion.at_ms, account, [segments])
    return FileDocument(name=f"940-{number:09}.x12", body=body)


def _header(
    occasion: Occasion, account: Account, order: Order, part: Fulfillment, *, is_cancel: bool
) -> list[Elements]:
    reference = depositor_number(part.fulfillment_id)
    if len(reference) > MOST_CHARACTERS:
        raise UnreadableError("fulfillment_id", f"{reference} has more than {MOST_CHARACTERS} characters")
    purchase_order = (order.terms.purchase_order if order.terms is not None else "") or order.external_id
    purpose = account.settings.get(_CODES, _CANCEL) if is_cancel else _NEW
    segments: list[Elements] = [("W05", purpose, reference, text(purchase_order, MOST_CHARACTERS))]
    segments += _ship_to(occasion, order)
    warehouse = account.settings.get("warehouse", "")
    segments.append(("N1", "WH", text(part.location_id, _MOST_NAME), "92", text(warehouse or part.location_id, 20)))
    segments.append(("N9", "CO", text(order.external_id, _MOST_REFERENCE)))
    segments.append(("G62", "04", _date(occasion.at_ms, account)))
    if order.promise_by_ms is not None:
        segments.append(("G62", "02", _date(order.promise_by_ms, account)))
    if is_cancel:
        segments.append(("NTE", "GEN", "CANCELLED DO NOT SHIP"))
    service, scac = account.settings.get("service", ""), account.settings.get("scac", "")
    segments.append(("W66", "PP", "M", *("", "", text(service, 35), "", "", "", "", text(scac, 4))))
    return segments


def _ship_to(occasion: Occasion, order: Order) -> list[Elements]:
    """Write who gets it; an order whose address is not told has what routing knows of it."""
    address, buyer = occasion.address, occasion.buyer
    name = (address.name if address is not None else "") or (buyer.name if buyer is not None else "")
    identity = (buyer.customer_ref if buyer is not None else "") or order.external_id
    segments: list[Elements] = [("N1", "ST", text(name or identity, 60), "92", text(identity, 80))]
    if address is None:
        there = order.destination
        segments.append(("N4", "", text(there.region or "", 2), text(there.postcode or "", 15), there.country))
        return segments
    if address.company:
        segments.append(("N2", text(address.company, 60)))
    lines = [text(line, 55) for line in address.lines if text(line, 55)]
    segments += [("N3", *lines[start : start + 2]) for start in range(0, min(len(lines), 4), 2)]
    region = text(address.region, 30)
    # A region that is no code of two letters has no place in the standard: it stands with the city.
    is_code = len(region) == 2  # noqa: PLR2004
    city = text(address.city if is_code or not region else f"{address.city}, {region}", 30)
    segments.append(("N4", city, region if is_code else "", text(address.postcode, 15), address.country))
    if buyer is not None and (buyer.phone or buyer.email):
        reach = [*(("TE", text(buyer.phone, 80)) if buyer.phone else ())]
        reach += [*(("EM", text(buyer.email, 80)) if buyer.email else ())]
        segments.append(("G61", "DC", text(name or identity, 60), *reach[:2]))
    return segments


def _items(occasion: Occasion, account: Account, part: Fulfillment, *, is_cancel: bool) -> list[Elements]:
    """Write each line with what is still to be shipped; of a cancellation, the units that are asked back."""
    asked_back = {units.line_id: units.quantity for units in occasion.units}
    theirs = {alias.sku: other for other, alias in account.aliases.items() if alias.quantity == 1 and " " not in other}
    qualifier = account.settings.get("sku_qualifier", "VN")
    segments: list[Elements] = []
    for number, line in enumerate(part.lines, start=1):
        count = asked_back.get(line.line_id, 0) if is_cancel and asked_back else line.allocated
        if count <= 0:
            continue
        sku = theirs.get(line.sku, line.sku)
        if len(sku) > _MOST_PRODUCT or text(sku, _MOST_PRODUCT) != sku:
            raise UnreadableError("sku", f"{sku} cannot be written in X12: give the partner's own by an alias")
        unit = account.settings.get("unit", "EA")
        segments += [("LX", str(number)), ("W01", str(count), unit, "", qualifier, sku)]
        if occasion.titles.get(line.sku):
            segments.append(("G69", text(occasion.titles[line.sku], 45)))
        if len(line.line_id) <= _MOST_REFERENCE and text(line.line_id, _MOST_REFERENCE) == line.line_id:
            segments.append(("N9", "LI", line.line_id))
    if not segments:
        raise UnreadableError("fulfillment.lines", "no unit of it is left to ship")
    return segments


def _date(at_ms: int, account: Account) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(account.time_zone or "UTC"))
    return at.strftime("%Y%m%d")
