"""Reading elements: quantities, dates with what is known of their time, products and places.

Source: X12 004010, data elements 235 (product qualifier), 373 and 337 (date, time), 623 (time code).
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError, whole
from connectors.systems.x12.segments import ElementError, Made, Segment, Transaction, first
from models.types import MAX_QUANTITY

_CASE = "case"
"""In place of a qualifier: the code of the case, which counts where no other id does."""
_VENDOR, _BUYER = ("VN", "VP", "VA", "VC"), ("IN", "BP", "CB", "PI")
_GLOBAL = ("UP", "UK", "EN", "UA", "UI", "UD", "UX", "U3")
SELLERS = ("SK", *_VENDOR, *_BUYER, "MG", "MF", *_GLOBAL, _CASE)
"""Of documents by a warehouse or supplier, who count in the SKUs that we gave them."""
BUYERS = (*_VENDOR, *_GLOBAL, "MG", "MF", "SK", *_BUYER)
"""Of documents by a buyer, whose own numbers are the last resort."""
QUALIFIERS = frozenset({*SELLERS, "LT", "ZZ", "EC", "EO", "SN", "UC", "PN", "ST"})
_UNIT = re.compile(r"[A-Z][A-Z0-9]", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d{1,12}(\.\d*)?", re.ASCII)
_DATE = re.compile(r"\d{8}|\d{6}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d(\d{1,2})?)?", re.ASCII)
_ZONES = {
    "UT": "UTC",
    "GM": "UTC",
    **dict.fromkeys(("ET",), "America/New_York"),
    **dict.fromkeys(("CT",), "America/Chicago"),
    **dict.fromkeys(("MT",), "America/Denver"),
    **dict.fromkeys(("PT",), "America/Los_Angeles"),
    **dict.fromkeys(("AT",), "America/Anchorage"),
    **dict.fromkeys(("HT", "HS"), "Pacific/Honolulu"),
}
_HOURS = {"ES": -5, "ED": -4, "CS": -6, "CD": -5, "MS": -7, "MD": -6, "PS": -8, "PD": -7, "AS": -9, "AD": -8, "TS": -4}


def quantity(segment: Segment, number: int, *, signed: bool = False) -> int:
    """Give a quantity of whole units.

    Raises:
        ElementError: it is missing, a fraction, negative where it may not be, or more than is handled.
    """
    text = segment.need(number, "a quantity")
    if _NUMBER.fullmatch(text) is None:
        raise segment.wrong(number, "no quantity")
    try:
        return whole(text.removeprefix("+").removesuffix("."), "", least=-MAX_QUANTITY if signed else 0)
    except UnreadableError as error:
        raise ElementError(segment, number, error.reason) from None


def is_number(text: str) -> bool:
    """Tell whether an element is a number."""
    return _NUMBER.fullmatch(text) is not None


def is_unit(text: str) -> bool:
    """Tell whether an element looks like a unit of measure: two capitals."""
    return _UNIT.fullmatch(text) is not None


def products(elements: Iterable[str]) -> dict[str, str]:
    """Give product ids by qualifier, of elements that are qualifier and id by turns."""
    given = [element.strip() for element in elements]
    return {name: text for name, text in zip(given[::2], given[1::2], strict=False) if name and text}


def warehouse_products(segment: Segment, first_at: int, lot_at: int) -> tuple[dict[str, str], str]:
    """Give product ids and the lot of a warehouse segment, the standard's way or the frequent mistakes.

    The standard has the code of the case, then qualifier and id by turns, then the lot. Some leave the case's place
    out or have one too many before it; others write each id before its qualifier, the last where the lot belongs, or
    an id without any.
    """
    area = [segment.get(number) for number in range(first_at, lot_at + 1)]
    while area and not area[-1]:
        area.pop()
    ids, qualifiers = area[::2], area[1::2]
    paired = len(ids) == len(qualifiers) > 0 and all(name in QUALIFIERS for name in qualifiers)
    if paired and all(text and text not in QUALIFIERS for text in ids):
        return dict(zip(qualifiers, ids, strict=True)), ""
    standard = first_at + 1
    places = range(first_at, standard + 2)
    at_place = next((n for n in places if segment.get(n) in QUALIFIERS and segment.get(n + 1)), standard)
    moved = at_place - standard
    case = segment.get(at_place - 1) if at_place > first_at else ""
    later = products([segment.get(lot_at + 8), segment.get(lot_at + 9)])
    lot_place = lot_at + moved
    further = segment.get(lot_place + 1)
    if segment.get(lot_place) in QUALIFIERS and further and (moved < 0 or not is_number(further)):
        # One more id in the place of the lot, and of the weight behind it.
        lot_place += 2
    lot = segment.get(lot_place) if lot_place == lot_at + moved else ""
    own = products([segment.get(number) for number in range(at_place, lot_place)])
    places = range(standard + 1, lot_at, 2)
    lone = next((segment.get(n) for n in places if segment.get(n) and not segment.get(n - 1)), "")
    fallback = case or ("" if own else lone)
    return ({_CASE: fallback} if fallback else {}) | later | own, lot


def sku_of(found: dict[str, str], account: Account, qualifiers: tuple[str, ...] = SELLERS) -> str:
    """Give the id of a product that is most likely the SKU; an account may say which qualifier has it."""
    order = (account.settings.get("sku_qualifier", ""), *qualifiers)
    return next((found[qualifier] for qualifier in order if found.get(qualifier)), "")


def zone_of(account: Account, code: str = "") -> ZoneInfo | None:
    """Give the zone of a time code; a fixed offset has none and is added by `at`."""
    if code in _HOURS:
        return None
    return ZoneInfo(_ZONES.get(code, account.time_zone or "UTC"))


def at(date: str, clock: str, account: Account, code: str = "") -> int | None:
    """Give the instant of a date and a time in the zone of a code, else of the account; None where they are none."""
    if _DATE.fullmatch(date) is None:
        return None
    found = _TIME.fullmatch(clock)
    seconds = int(found[3][:2]) if found and found[3] else 0
    try:
        day = datetime.strptime(_with_century(date), "%Y%m%d").date()  # noqa: DTZ007 - its zone comes below.
        moment = datetime.combine(day, time(int(found[1]), int(found[2]), seconds) if found else time.max)
        zone = zone_of(account, code)
        if zone is None:
            moment = (moment - timedelta(hours=_HOURS[code])).replace(tzinfo=UTC)
        else:
            moment = moment.replace(tzinfo=zone)
        ms = int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    return ms if ms >= 0 else None


def _with_century(date: str) -> str:
    """Give a date of six digits in the century that it is of: X12 is younger than 1970."""
    if len(date) == len("YYYYMMDD"):
        return date
    return f"{'19' if date >= '70' else '20'}{date}"


def made_at(made: Made, account: Account) -> int:
    """Give when a document was made: as its group says, else when it came."""
    stated = at(made.date, made.time, account) if made.time else None
    return stated if stated is not None else made.received_at_ms


def moment(date: str, clock: str, transaction: Transaction, account: Account, code: str = "") -> int | None:
    """Give the instant of a date that may have no time: by the end of that day, and before the document was made.

    A document tells of what has happened, so a bare date bounds it from above; its midnight would lie before the
    order that was shipped in the afternoon.
    """
    stated = at(date, clock, account, code)
    if stated is None or _TIME.fullmatch(clock):
        return stated
    return min(stated, made_at(transaction.made, account))


def place_of(transaction: Transaction, account: Account, *qualifiers: str) -> str:
    """Give the sender's id of the place that a document is about, or its name; else the account's location."""
    found = first(transaction.segments, "N1", *qualifiers)
    if found is None:
        return account.location
    return found.get(4) or found.get(2) or account.location
