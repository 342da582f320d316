"""943, a transfer of stock: what somebody has sent to a warehouse that keeps our goods, and when it is to arrive.

The 944 of its receipt names it by the same depositor's order number. Source: X12 004010, transaction set 943, segments
W06, W04, G62.
"""

from itertools import pairwise

from connectors.frame.facts import AnyFact, StockExpected, StockLine
from connectors.frame.message import Account
from connectors.systems.x12.elements import made_at, moment, place_of, quantity, sku_of, warehouse_products
from connectors.systems.x12.segments import Segment, Transaction, first
from connectors.systems.x12.shipments import shipped_item

_ARRIVES, _LEFT = ("17", "67", "02", "53"), ("11", "10", "86")
_LOT = 12


def transfer(transaction: Transaction, account: Account) -> tuple[AnyFact, ...]:
    """Give what a 943 says is on its way.

    Raises:
        ElementError: it has no number, or an item has no product or quantity.
    """
    head = transaction.need("W06")
    # Some list them as a shipping advice does.
    tag = "W04" if transaction.first("W04") else "W12"
    items = [place for place, segment in enumerate(transaction.segments) if segment.tag == tag]
    if not items:
        transaction.need("W04")
    made_ms = made_at(transaction.made, account)
    lines = [
        _line(number, transaction.segments[begin], transaction.segments[begin + 1 : end], account)
        for number, (begin, end) in enumerate(pairwise([*items, len(transaction.segments)]), start=1)
    ]
    return (
        StockExpected(
            document=head.need(2, "the depositor's order number"),
            location=place_of(transaction, account, "WH", "ST"),
            at_ms=made_ms,
            expected_at_ms=_expected_ms(head, transaction, account, made_ms),
            lines=tuple(lines),
            version=made_ms,
        ),
    )


def _line(number: int, item: Segment, details: tuple[Segment, ...], account: Account) -> StockLine:
    if item.tag == "W12":
        units = shipped_item(item, list(details), account).found
        return StockLine(line=str(number), sku=units.sku, quantity=units.quantity, unit=units.unit, lot=units.lot)
    found, _ = warehouse_products(item, 3, 8)
    lot = first(details, "N9", "LT")
    return StockLine(
        line=str(number),
        sku=sku_of(found, account) or item.need(5, "the product"),
        quantity=quantity(item, 1),
        unit=item.get(2),
        lot=item.get(_LOT) or (lot.get(2) if lot is not None else ""),
    )


def _expected_ms(head: Segment, transaction: Transaction, account: Account, made_ms: int) -> int:
    """Give the end of the day that it is to arrive on; where none is named it is that of its sending."""
    dated = transaction.first("G62", *_ARRIVES, *_LEFT)
    given = (dated.get(2), dated.get(4) or "2359", dated.get(5)) if dated is not None else (head.get(3), "2359", "")
    stated = moment(given[0], given[1], transaction, account, given[2])
    return made_ms if stated is None else stated
