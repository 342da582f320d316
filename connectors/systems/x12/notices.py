"""856, a ship notice: what a partner who sells has sent, by its tree of shipment, orders, packs and items.

A drop-shipper tells by it that our order has left (the default); a supplier whose goods come to us is told apart by
the account's setting `ship_notice`. Source: X12 004010, transaction set 856, segments BSN, HL, PRF, MAN, SN1.
"""

from collections.abc import Iterator
from typing import NamedTuple

from connectors.frame.facts import AnyFact, ParcelStated, StockExpected, StockLine, UnitsStated
from connectors.frame.message import Account
from connectors.systems.x12.elements import made_at, moment, place_of, products, quantity, sku_of
from connectors.systems.x12.references import fulfillment_of
from connectors.systems.x12.segments import Segment, Transaction, first

_TRACKING, _LABELS = ("CP", "CA", "SM"), ("GM", "UC", "W", "AA")
_TRACKING_REFERENCES = ("2I", "CN")
_EXPECTED = "expected"


class _Level(NamedTuple):
    parent: str
    kind: str
    segments: list[Segment]


def notice(transaction: Transaction, account: Account) -> tuple[AnyFact, ...]:
    """Give the parcels of an 856, or what it says is on its way to us.

    Raises:
        ElementError: an item has no order, product or quantity.
    """
    head = transaction.need("BSN")
    levels = _levels(transaction)
    items = [(key, level, sent) for key, level in levels.items() if (sent := first(level.segments, "SN1"))]
    if not items:
        transaction.need("SN1")
    if account.settings.get("ship_notice") == _EXPECTED:
        return (_coming(head, items, transaction, account),)
    parcels: dict[tuple[str, str], list[UnitsStated]] = {}
    tracked: dict[tuple[str, str], str] = {}
    for key, level, sent in items:
        above = list(_above(key, levels))
        order = _order(above, transaction)
        tracking = _tracking(above)
        parcel_id = tracking or _mark(above, _LABELS) or head.need(2, "the shipment's number")
        tracked[order, parcel_id] = tracking
        parcels.setdefault((order, parcel_id), []).append(_units(level.segments, sent, account))
    carrier = transaction.first("TD5")
    return tuple(
        ParcelStated(
            parcel_id=parcel_id,
            fulfillment_id=order,
            at_ms=_at(head, transaction, account, "011", "017"),
            units=tuple(units),
            carrier=carrier.get(3) if carrier is not None else "",
            service=carrier.get(12) or carrier.get(5) if carrier is not None else "",
            tracking_number=tracked[order, parcel_id],
            location=place_of(transaction, account, "SF"),
        )
        for (order, parcel_id), units in parcels.items()
    )


def _coming(
    head: Segment, items: list[tuple[str, _Level, Segment]], transaction: Transaction, account: Account
) -> AnyFact:
    lines = []
    for number, (_, level, sent) in enumerate(items, start=1):
        units = _units(level.segments, sent, account)
        lines.append(
            StockLine(line=str(number), sku=units.sku, quantity=units.quantity, unit=units.unit, lot=units.lot)
        )
    return StockExpected(
        document=head.need(2, "the shipment's number"),
        location=place_of(transaction, account, "ST"),
        at_ms=made_at(transaction.made, account),
        expected_at_ms=_at(head, transaction, account, "017", "002", "067"),
        lines=tuple(lines),
    )


def _levels(transaction: Transaction) -> dict[str, _Level]:
    """Give the levels by their numbers, each with its segments up to the next HL."""
    levels: dict[str, _Level] = {}
    current = _Level("", "", [])
    for segment in transaction.segments:
        if segment.tag == "HL":
            current = _Level(segment.get(2), segment.get(3), [])
            levels[segment.need(1, "the level's number")] = current
        current.segments.append(segment)
    return levels


def _above(key: str, levels: dict[str, _Level]) -> Iterator[_Level]:
    """Give a level and all above it, once each: a tree that bites its tail ends where it began."""
    seen: set[str] = set()
    while key in levels and key not in seen:
        seen.add(key)
        yield levels[key]
        key = levels[key].parent


def _order(above: list[_Level], transaction: Transaction) -> str:
    for level in above:
        named = first(level.segments, "PRF")
        if named is not None and named.get(1):
            return fulfillment_of(named.get(1))
    return fulfillment_of(transaction.need("PRF").need(1, "the order's number"))


def _tracking(above: list[_Level]) -> str:
    carton = _mark(above, _TRACKING)
    if carton:
        return carton
    for level in above:
        reference = first(level.segments, "REF", *_TRACKING_REFERENCES)
        if reference is not None and reference.get(2):
            return reference.get(2)
    return ""


def _mark(above: list[_Level], qualifiers: tuple[str, ...]) -> str:
    for level in above:
        for segment in level.segments:
            for place in (1, 4):
                if segment.tag == "MAN" and segment.get(place) in qualifiers and segment.get(place + 1):
                    return segment.get(place + 1)
    return ""


def _units(segments: list[Segment], sent: Segment, account: Account) -> UnitsStated:
    item = first(segments, "LIN")
    found = products(item.elements[1:]) if item is not None else {}
    sku = sku_of(found, account) or (item or Segment("LIN", (), sent.position)).need(3, "the product")
    return UnitsStated(sku=sku, quantity=quantity(sent, 2), unit=sent.get(3), lot=found.get("LT", ""))


def _at(head: Segment, transaction: Transaction, account: Account, *qualifiers: str) -> int:
    dated = transaction.first("DTM", *qualifiers)
    stated = moment(dated.get(2), dated.get(3), transaction, account, dated.get(4)) if dated is not None else None
    if stated is None:
        stated = moment(head.get(3), head.get(4), transaction, account)
    return stated if stated is not None else made_at(transaction.made, account)
