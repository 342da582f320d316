"""940, a request to a warehouse to ship, and the same with the code for cancelled when it is asked back.

The depositor's order number is the fulfillment's id, each item's line travels as N9 LI, and a 945 gives both back.
Source: X12 004010, transaction set 940, segments W05 (element 473: N original, F cancel), N1, G62, W66, LX, W01, W76.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.frame.documents import FileDocument, Occasion, OccasionKind
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError, first
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
_MOST_REFERENCE, _MOST_NAME, _MOST_PRODUCT = 30, 60, 48


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
    purpose = account.settings.get("cancel_code", _CANCEL) if is_cancel else _NEW
    segments: list[Elements] = [("W05", purpose, reference, text(purchase_order, MOST_CHARACTERS))]
    segments += _ship_to(occasion, order)
    warehouse = account.settings.get("warehouse", "")
    segments.append(_named("WH", text(part.location_id, _MOST_NAME), text(warehouse or part.location_id, _MOST_NAME)))
    segments.append(("N9", "CO", text(order.external_id, _MOST_REFERENCE)))
    segments += _contact(occasion, order)
    segments.append(("G62", "04", _date(occasion.at_ms, account)))
    if order.promise_by_ms is not None:
        segments.append(("G62", "02", _date(order.promise_by_ms, account)))
    if is_cancel:
        segments.append(("NTE", "GEN", "CANCELLED DO NOT SHIP"))
    service, scac = account.settings.get("service", ""), account.settings.get("scac", "")
    segments.append(("W66", "PP", "M", *("", "", text(service, 35), "", "", "", "", text(scac, 4))))
    return segments


def _ship_to(occasion: Occasion, order: Order) -> list[Elements]:
    """Write who gets it; of an order whose address is not told, what routing knows of it."""
    address = occasion.address
    segments: list[Elements] = [_named("ST", _recipient(occasion, order), _identity(occasion, order))]
    if address is None:
        there = order.destination
        segments.append(("N4", "", _state(there.region or ""), _postcode(there.postcode or ""), there.country))
        return segments
    for given in (address.name, address.city, *address.lines):
        if "?" in text(given, len(given)) and "?" not in given:
            raise UnreadableError("address", "its letters cannot be written in X12: send this order another way")
    if company := text(address.company, _MOST_NAME):
        segments.append(("N2", company))
    lines = [line for given in address.lines if (line := text(given, 55))]
    segments += [("N3", *lines[start : start + 2]) for start in range(0, min(len(lines), 4), 2)]
    # A region that is no code of two letters has no place in the standard: it stands with the city.
    region = "" if _state(address.region) else address.region
    city = text(", ".join(part for part in (address.city, region) if part), 30)
    segments.append(
        ("N4", city if len(city) > 1 else "", _state(address.region), _postcode(address.postcode), address.country)
    )
    return segments


def _contact(occasion: Occasion, order: Order) -> list[Elements]:
    """Write how the recipient is reached: by telephone, as carriers ask, else by e-mail."""
    buyer = occasion.buyer
    if buyer is None or not (buyer.phone or buyer.email):
        return []
    reach = ("TE", text(buyer.phone, 80)) if buyer.phone else ("EM", text(buyer.email, 80))
    return [("G61", "DC", _recipient(occasion, order), *reach)]


def _recipient(occasion: Occasion, order: Order) -> str:
    names = (occasion.address.name if occasion.address else "", occasion.buyer.name if occasion.buyer else "")
    return text(first(names), _MOST_NAME) or _identity(occasion, order)


def _identity(occasion: Occasion, order: Order) -> str:
    return text((occasion.buyer.customer_ref if occasion.buyer else "") or order.external_id, _MOST_NAME)


def _named(party: str, name: str, identity: str) -> Elements:
    """Write N1; an identity of one character is too short for its element."""
    return ("N1", party, name, "92", identity) if len(identity) > 1 else ("N1", party, name)


def _state(region: str) -> str:
    return region if len(region) == 2 and region.isascii() and region.isalpha() else ""  # noqa: PLR2004 - a code


def _postcode(given: str) -> str:
    written = text(given, 15)
    return written if len(written) > 2 else ""  # noqa: PLR2004 - the element's least length


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
