"""944 and 947: what a warehouse has received and adjusted.

Receipts: W07 with the exceptions of its W13, whose damaged and held units come in unsellable.
Adjustments: W19-02 with its sign is what on hand gained or lost, for the reason of W19-01. Holding and releasing
(05, 55) change the status alone: as many units leave one state and enter the other; two lines for both sides are one.
Source: X12 004010, transaction sets 944, 947; elements 181, 412.
"""

from collections.abc import Iterator

from connectors.frame.facts import AnyFact, StockAdjusted, StockLine, StockReceived
from connectors.frame.message import Account
from connectors.frame.reading import words
from connectors.systems.x12.elements import (
    made_at,
    moment,
    place_of,
    quantity,
    sku_of,
    warehouse_products,
)
from connectors.systems.x12.segments import ElementError, Segment, Transaction, first, with_details
from models.records.stock import Unsellable

_CONDITIONS = {"01": Unsellable.DAMAGED, "07": Unsellable.QUALITY_CONTROL, "08": Unsellable.QUALITY_CONTROL}
_HELD = {"05": 1, "55": -1, "AW": 1}
"""Reasons that change the status alone: put on hold, taken off hold, recalled."""
_DAMAGED = frozenset({"AU", "AV"})
_REASONS = {
    "AA": "physical count",
    "AB": "accounting error",
    "AC": "condition change",
    "AD": "purpose change",
    "AK": "transfer",
    "AR": "order shipment error",
    "AU": "damaged in facility",
    "AV": "damaged in transit",
    "AW": "product recall",
    "AX": "shelf life",
    "AY": "receipt error",
    "CD": "donation",
    "04": "receipt less than reported",
    "05": "put on hold",
    "07": "dumped or destroyed",
    "51": "product located",
    "52": "recouped",
    "53": "shipment less than reported",
    "55": "taken off hold",
    "56": "book adjustment",
}


def receipt(transaction: Transaction, account: Account) -> tuple[AnyFact, ...]:
    """Give what a 944 says came in.

    Raises:
        ElementError: an item has no product or quantity, or the total of W14 is another: something is missing.
    """
    head = transaction.need("W17")
    # The standard has the date, then the receipt's number, then the order's; some have no code before or swap the two.
    dated = next((n for n in (2, 1, 3) if moment(head.get(n), "", transaction, account) is not None), 2)
    numbers = [head.get(n) for n in range(2 if dated != 2 else 3, 6) if n != dated]  # noqa: PLR2004 - W17-02 is the date
    items = list(with_details(transaction, "W07"))
    if not items:
        transaction.need("W07")
    lines: list[StockLine] = []
    total = 0
    for number, (item, details) in enumerate(items, start=1):
        units = quantity(item, 1)
        total += units
        lines += _received(str(number), units, item, details, account)
    stated = transaction.first("W14")
    # Some count the lines there.
    if stated is not None and stated.get(1) and quantity(stated, 1) not in (total, len(items)):
        reason = f"{stated.get(1)} units were received in all, the lines have {total}: send it again, whole"
        raise ElementError(stated, 1, reason)
    at_ms = moment(head.get(dated), head.get(7), transaction, account)
    return (
        StockReceived(
            document=next(filter(None, numbers[:2]), "") or head.need(3, "the receipt's number"),
            location=place_of(transaction, account, "WH"),
            at_ms=at_ms if at_ms is not None else made_at(transaction.made, account),
            lines=tuple(lines),
            expected=next(filter(None, numbers[1:]), ""),
        ),
    )


def _received(number: str, units: int, item: Segment, details: list[Segment], account: Account) -> Iterator[StockLine]:
    found, lot = warehouse_products(item, 3, 8)
    common = {
        "sku": sku_of(found, account) or item.need(5, "the product"),
        "unit": item.get(2),
        "lot": lot or _lot(details),
    }
    sound = units
    apart: list[StockLine] = []
    for exception in (segment for segment in details if segment.tag == "W13"):
        state = _CONDITIONS.get(exception.get(3))
        if state is None:
            continue
        other_unit = exception.get(2) if exception.get(2) != item.get(2) else ""
        if other_unit and not sound:
            continue
        if other_unit:
            # Pieces of a case: how many a case has, the account's aliases say.
            stated = {"line": f"{number}/{exception.get(3)}", **common, "unit": other_unit}
            pieces = quantity(exception, 1)
            apart.append(StockLine(quantity=-pieces, **stated | {"line": f"{number}/{exception.get(3)}/of"}))
            apart.append(StockLine(quantity=pieces, state=state, **stated))
            continue
        count = min(quantity(exception, 1), sound)
        sound -= count
        apart.append(StockLine(line=f"{number}/{exception.get(3)}", quantity=count, state=state, **common))
    if sound or not apart:
        yield StockLine(line=number, quantity=sound, **common)
    yield from apart


def adjustment(transaction: Transaction, account: Account) -> tuple[AnyFact, ...]:
    """Give what a 947 says became more, fewer, or something else.

    Raises:
        ElementError: an item has no product or quantity.
    """
    head = transaction.need("W15")
    # The standard begins with the date; some put a code before the number, and the date behind it.
    dated = next((n for n in (1, 2, 3) if moment(head.get(n), "", transaction, account) is not None), 0)
    number = next((head.get(n) for n in (2, 3, 1) if n != dated and head.get(n)), "")
    lines: list[StockLine] = []
    items = list(with_details(transaction, "W19"))
    if not items:
        transaction.need("W19")
    entered = {_what(item, account) for item, _ in items if not item.get(2).startswith("-")}
    for place, (item, details) in enumerate(items, start=1):
        # Of a change of status that is told from both sides, the side that is entered says all.
        if item.get(1) not in _HELD or not item.get(2).startswith("-") or _what(item, account) not in entered:
            lines += _adjusted(str(place), item, details, account)
    at_ms = moment(head.get(dated), "", transaction, account) if dated else None
    return (
        StockAdjusted(
            document=number or transaction.control,
            location=place_of(transaction, account, "WH"),
            at_ms=at_ms if at_ms is not None else made_at(transaction.made, account),
            lines=tuple(lines),
        ),
    )


def _what(item: Segment, account: Account) -> tuple[str, str]:
    return item.get(1), sku_of(warehouse_products(item, 4, 9)[0], account)


def _adjusted(number: str, item: Segment, details: list[Segment], account: Account) -> Iterator[StockLine]:
    code, units = item.need(1, "the reason"), quantity(item, 2, signed=True)
    found, lot = warehouse_products(item, 4, 9)
    noted = first(details, "N9", "LI", "ZZ", "TD")
    common = {
        "sku": sku_of(found, account) or item.need(6, "the product"),
        "unit": item.get(3),
        "lot": lot or _lot(details),
        "reason": words(code, _REASONS.get(code) or (noted.get(2) if noted is not None else "")),
    }
    if code in _HELD:
        held = abs(units) * _HELD[code]
        yield StockLine(line=number, quantity=-held, **common)
        yield StockLine(line=f"{number}/held", quantity=held, state=Unsellable.QUALITY_CONTROL, **common)
    elif code in _DAMAGED and units > 0:
        yield StockLine(line=number, quantity=units, state=Unsellable.DAMAGED, **common)
    else:
        yield StockLine(line=number, quantity=units, **common)


def _lot(details: list[Segment]) -> str:
    noted = first(details, "N9", "LT")
    return noted.get(2) if noted is not None else ""
