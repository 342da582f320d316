"""856, a ship notice: what a partner who sells has sent, by its tree of shipment, orders, packs and items.

A drop-shipper tells by it that our order has left (the default); a supplier whose goods come to us is told apart by
the account's setting `ship_notice`. What stands before the first level, or without any, is of the shipment.
Source: X12 004010, transaction set 856, segments BSN, HL, PRF, MAN, SN1.
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
_ORDER_REFERENCES = ("PO", "ON")
_CANCELLED = frozenset({"01", "03"})
_EXPECTED = "expected"
_RANKS = {"S": 1, "O": 2, "T": 3, "P": 4, "I": 5}
"""Which levels hold which: shipment, order, pallet, pack, item."""


class _Level(NamedTuple):
    parent: str
    kind: str
    segments: list[Segment]


class _Item(NamedTuple):
    key: str
    product: Segment | None
    sent: Segment


def notice(transaction: Transaction, account: Account) -> tuple[AnyFact, ...] | str:
    """Give the parcels of an 856, or what it says is on its way to us.

    Raises:
        ElementError: an item has no order, product or quantity.
    """
    head = transaction.need("BSN")
    levels = _levels(transaction)
    items = list(_items(levels))
    if not items:
        transaction.need("SN1")
    if account.settings.get("ship_notice") == _EXPECTED:
        return (_coming(head, items, transaction, account),)
    parcels: dict[tuple[str, str], list[UnitsStated]] = {}
    tracked: dict[tuple[str, str], str] = {}
    for item in items:
        above = list(_above(item.key, levels))
        order = _order(above, transaction)
        tracking = _tracking(above)
        parcel_id = tracking or _mark(above, _LABELS) or head.need(2, "the shipment's number")
        units = _units(item, account)
        if units.quantity:
            tracked[order, parcel_id] = tracking
            parcels.setdefault((order, parcel_id), []).append(units)
    if not parcels:
        return "the 856 holds no units: nothing has left"
    carrier, service = _carrier(transaction.first("TD5"))
    return tuple(
        ParcelStated(
            parcel_id=parcel_id,
            fulfillment_id=order,
            at_ms=_at(head, transaction, account, "011", "017"),
            units=tuple(units),
            carrier=carrier,
            service=service,
            tracking_number=tracked[order, parcel_id],
            location=place_of(transaction, account, "SF"),
            cancelled=head.get(1) in _CANCELLED,
        )
        for (order, parcel_id), units in parcels.items()
    )


def _carrier(routing: Segment | None) -> tuple[str, str]:
    """Give the carrier's code and the service; without a code the routing names the carrier."""
    if routing is None:
        return "", ""
    if not routing.get(3):
        return routing.get(5), routing.get(12)
    return routing.get(3), routing.get(12) or routing.get(5)


def _coming(head: Segment, items: list[_Item], transaction: Transaction, account: Account) -> AnyFact:
    lines = []
    for number, item in enumerate(items, start=1):
        units = _units(item, account)
        # A notice that is taken back leaves nothing to come.
        quantity_coming = 0 if head.get(1) in _CANCELLED else units.quantity
        lines.append(
            StockLine(line=str(number), sku=units.sku, quantity=quantity_coming, unit=units.unit, lot=units.lot)
        )
    return StockExpected(
        document=head.need(2, "the shipment's number"),
        location=place_of(transaction, account, "ST"),
        at_ms=made_at(transaction.made, account),
        expected_at_ms=_at(head, transaction, account, "017", "002", "067", clock="2359"),
        lines=tuple(lines),
    )


def _levels(transaction: Transaction) -> dict[str, _Level]:
    """Give the levels by their numbers, each with its segments up to the next HL."""
    current = _Level("", "", [])
    levels = {"": current}
    for segment in transaction.segments:
        if segment.tag == "HL":
            kind = segment.get(3)
            current = _Level(segment.get(2) or _holder(kind, levels), kind, [])
            levels[segment.need(1, "the level's number")] = current
        current.segments.append(segment)
    return levels


def _holder(kind: str, levels: dict[str, _Level]) -> str:
    """Give the last level that can hold one of a kind: some leave its number out."""
    rank = _RANKS.get(kind, 0)
    return next((key for key in reversed(levels) if _RANKS.get(levels[key].kind, 0) < rank), "")


def _items(levels: dict[str, _Level]) -> Iterator[_Item]:
    """Give items with what was sent of them; a level inside of an item says again how that is packed."""
    for key, level in levels.items():
        above = list(_above(key, levels))[1:]
        if any(first(one.segments, "SN1") for one in above):
            continue
        product = next((item for one in above if (item := first(one.segments, "LIN"))), None)
        for segment in level.segments:
            if segment.tag == "LIN":
                product = segment
            elif segment.tag == "SN1":
                yield _Item(key, product, segment)


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
    for level in above:
        noted = first(level.segments, "REF", *_ORDER_REFERENCES)
        if noted is not None and noted.get(2):
            return fulfillment_of(noted.get(2))
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


def _units(item: _Item, account: Account) -> UnitsStated:
    sent = item.sent
    named = item.product or Segment("LIN", (), sent.position)
    found = products(named.elements[1:])
    sku = sku_of(found, account) or named.need(3, "the product")
    return UnitsStated(sku=sku, quantity=quantity(sent, 2), unit=sent.get(3), lot=found.get("LT", ""))


def _at(head: Segment, transaction: Transaction, account: Account, *qualifiers: str, clock: str = "") -> int:
    """Give a date of DTM, else of BSN; `clock` is the time of one without, of what is still to come."""
    dated = transaction.first("DTM", *qualifiers)
    stated = None
    if dated is not None:
        stated = moment(dated.get(2), dated.get(3) or clock, transaction, account, dated.get(4))
    if stated is None:
        stated = moment(head.get(3), head.get(4), transaction, account)
    return stated if stated is not None else made_at(transaction.made, account)
