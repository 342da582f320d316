"""945, what a warehouse has shipped.

One parcel by tracking number: of the cartons (MAN) of its LX loops where they have numbers of their own, else of the
whole shipment. Units are those of W12-03; what is missing against W12-02 is short, unless its status says that the
rest follows. Source: X12 004010, transaction set 945, segments W06, W12, W27, MAN, N9, G62, element 368.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from connectors.frame.facts import AnyFact, FulfillmentStepped, ParcelStated, Step, UnitsStated
from connectors.frame.message import Account
from connectors.systems.x12.elements import (
    is_number,
    is_unit,
    made_at,
    moment,
    place_of,
    quantity,
    sku_of,
    warehouse_products,
)
from connectors.systems.x12.references import fulfillment_of
from connectors.systems.x12.segments import Segment, Transaction, first

_FOLLOWS = frozenset({"BO", "BP", "BK", "SS", "SP", "PR"})
"""Backordered, partial with the rest to follow, split, scheduled, in process."""
_NOT_SENT = frozenset({"IC", "CK", "ID", "IR"})
"""Cancelled, cancelled from an order before, deleted, rejected."""
_SUBSTITUTE = "IS"
_STATUS_CHARACTERS = 2
_SCAC = re.compile(r"[A-Z0-9]{2,4}", re.ASCII)
_NUMBER = re.compile(r"(?=.*\d)[A-Z0-9]{8,34}", re.ASCII)
_SHIPPED_DATES = ("11", "10", "86", "67", "17")
_TRACKING_REFERENCES = ("2I", "CN", "TR", "FI")
_CARTON_TRACKING, _CARTON_LABEL = ("CP", "CN", "SM"), ("GM", "W", "UC", "AA")


class _Loop:
    """An LX loop: the numbers of its carton, and its items."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.segments: list[Segment] = []


class _Item(NamedTuple):
    """An item: its details, and the units that were shipped, that will not be, and that follow."""

    details: list[Segment]
    found: UnitsStated
    missing: UnitsStated
    following: UnitsStated


def shipment(transaction: Transaction, account: Account) -> tuple[AnyFact, ...] | str:
    """Give the parcels of a 945.

    Raises:
        ElementError: it names no order or item, or an item has no product or quantity.
    """
    head = transaction.need("W06")
    fulfillment_id = fulfillment_of(head.need(2, "the depositor's order number"))
    # Without its items it would stand for all that is left.
    transaction.need("W12")
    header, loops = _loops(transaction)
    common: dict[str, Any] = {
        "fulfillment_id": fulfillment_id,
        "at_ms": _shipped_at(head, transaction, account),
        "location": place_of(transaction, account, "WH", "SF"),
    }
    common["carrier"], common["service"] = _carrier(first(header, "W27"))
    header_tracking = _tracking(header) or _beside_carrier(first(header, "W27"))
    shipment_id = _shipment_id(head, transaction, account) or header_tracking or fulfillment_id
    parcels: dict[str, list[UnitsStated]] = {}
    tracked: dict[str, str] = {}
    short: list[UnitsStated] = []
    following: list[UnitsStated] = []
    for loop in loops:
        of_loop, label = _tracking(loop.segments) or header_tracking, _label(loop.segments)
        for item in _items(loop, account):
            # Some name the carton behind each item.
            tracking, own_label = _tracking(item.details) or of_loop, _label(item.details) or label
            parcel_id = tracking or own_label or shipment_id
            tracked[parcel_id] = tracking
            if item.found.quantity:
                parcels.setdefault(parcel_id, []).append(item.found)
            short += [item.missing] if item.missing.quantity else []
            following += [item.following] if item.following.quantity else []
    if not parcels and not short:
        return "the 945 ships none of its items yet: another will say what has left"
    if len(parcels) <= 1 and not (short and following):
        parcel_id = next(iter(parcels), header_tracking or shipment_id)
        units = tuple(parcels.get(parcel_id, ()))
        tracking = tracked.get(parcel_id, header_tracking)
        return (ParcelStated(parcel_id=parcel_id, units=units, short=tuple(short), tracking_number=tracking, **common),)
    facts: list[AnyFact] = []
    if short:
        # What was found is told of all parcels at once: each of them alone lacks what is in the others, and what
        # follows is in none of them.
        everything = (*(units for of_parcel in parcels.values() for units in of_parcel), *following)
        facts.append(
            FulfillmentStepped(fulfillment_id=fulfillment_id, step=Step.PICKED, at_ms=common["at_ms"], units=everything)
        )
    facts += [
        ParcelStated(parcel_id=parcel_id, units=tuple(units), tracking_number=tracked[parcel_id], **common)
        for parcel_id, units in parcels.items()
    ]
    return tuple(facts)


def _shipment_id(head: Segment, transaction: Transaction, account: Account) -> str:
    """Give the shipment's number; a date in its place, with none in the date's, is no number."""
    if not head.get(3) and moment(head.get(4), "", transaction, account) is not None:
        return ""
    return head.get(4) or head.get(5)


def _carrier(said: Segment | None) -> tuple[str, str]:
    """Give the carrier's code (SCAC) and the routing; what is no code there gives way to a name."""
    if said is None:
        return "", ""
    code, routing = said.get(2), said.get(3)
    if _SCAC.fullmatch(code) is not None or not routing:
        return code, routing
    # Some swap the two; what is neither is a number of the shipment's.
    return routing, code if _SCAC.fullmatch(routing) is not None else ""


def _loops(transaction: Transaction) -> tuple[list[Segment], list[_Loop]]:
    """Give the heading, and the LX loops; items without any LX are one loop."""
    header: list[Segment] = []
    loops: list[_Loop] = []
    for segment in transaction.segments:
        if segment.tag == "LX" or (segment.tag == "W12" and not loops):
            loops.append(_Loop(len(loops) + 1))
        (loops[-1].segments if loops else header).append(segment)
    return header, loops


def _items(loop: _Loop, account: Account) -> Iterator[_Item]:
    starts = [place for place, segment in enumerate(loop.segments) if segment.tag == "W12"]
    for start, end in pairwise([*starts, len(loop.segments)]):
        details = loop.segments[start + 1 : end]
        yield shipped_item(loop.segments[start], details, account)


def shipped_item(item: Segment, details: list[Segment], account: Account) -> _Item:
    """Give what a W12 says of its item."""
    if is_unit(item.get(3)) and not is_number(item.get(3)) and not is_unit(item.get(5)):
        # One quantity only: the places of what was shipped and of the difference were left out.
        given = item.elements
        item = Segment(item.tag, (given[0], given[1], given[1], "", *given[2:]), item.position)
    follows = item.get(1) in _FOLLOWS
    sent = _sent(item)
    ordered = quantity(item, 2) if item.get(2) else sent
    found, lot = warehouse_products(item, 6, 9)
    # What is no status is the product, where that is nowhere else.
    misplaced = item.get(1) if len(item.get(1)) > _STATUS_CHARACTERS else ""
    sku = sku_of(found, account) or misplaced or item.need(8, "the product")
    line, lots = first(details, "N9", "LI"), first(details, "N9", "LT")
    named = {
        "sku": sku,
        "unit": item.get(5),
        "lot": lot or (lots.get(2) if lots is not None else ""),
        # What stands for another product is not what the line asked for: its own SKU has to tell.
        "line_id": line.get(2) if line is not None and item.get(1) != _SUBSTITUTE else "",
    }
    rest = max(0, ordered - sent)
    missing, following = (0, rest) if follows else (rest, 0)
    return _Item(details, *(UnitsStated(quantity=count, **named) for count in (sent, missing, following)))


def _sent(item: Segment) -> int:
    """Give what of a W12 was shipped; a line that is complete and has no quantity of its own was as ordered."""
    if item.get(3):
        return quantity(item, 3)
    if item.get(1) in _FOLLOWS or item.get(1) in _NOT_SENT:
        return 0
    return max(0, quantity(item, 2) - (quantity(item, 4) if item.get(4) else 0))


def _tracking(segments: list[Segment]) -> str:
    carton = _mark(segments, _CARTON_TRACKING)
    if carton:
        return carton
    reference = first(segments, "N9", *_TRACKING_REFERENCES)
    return reference.get(2) if reference is not None else ""


def _beside_carrier(said: Segment | None) -> str:
    """Give the number that some write where the standard has the method of payment, two letters."""
    beside = said.get(4) if said is not None else ""
    return beside if _NUMBER.fullmatch(beside) is not None else ""


def _label(segments: list[Segment]) -> str:
    return _mark(segments, _CARTON_LABEL)


def _mark(segments: list[Segment], qualifiers: tuple[str, ...]) -> str:
    """Give a number of MAN, which may hold two: of the carton's label and of the carrier's."""
    for qualifier in qualifiers:
        for segment in segments:
            for place in (1, 4):
                if segment.tag == "MAN" and segment.get(place) == qualifier and segment.get(place + 1):
                    return segment.get(place + 1)
    return ""


def _shipped_at(head: Segment, transaction: Transaction, account: Account) -> int:
    """Give when it left: the shipping date of G62, else of W06, else when the document was made."""
    for qualifier in _SHIPPED_DATES:
        dated = transaction.first("G62", qualifier)
        stated = moment(dated.get(2), dated.get(4), transaction, account, dated.get(5)) if dated else None
        if stated is not None:
            return stated
    stated = moment(head.get(3) or head.get(4), "", transaction, account)
    return stated if stated is not None else made_at(transaction.made, account)
