"""846, what a warehouse or supplier has.

What is on hand (QTY 17) with what of it is unusable or held, else what is available for sale (33). A place is that
of the heading, or of the item where it names its own; an item in several places has a quantity behind each.
Source: X12 004010, transaction set 846; element 673.
"""

from dataclasses import replace
from itertools import pairwise, takewhile

from connectors.frame.facts import AnyFact, StockCounted, StockLine
from connectors.frame.message import Account
from connectors.frame.reading import shown
from connectors.systems.x12.elements import made_at, moment, place_of, products, quantity, sku_of
from connectors.systems.x12.segments import ElementError, Segment, Transaction, first, with_details
from models.records.stock import Unsellable

_ON_HAND, _AVAILABLE = "17", "33"
_STATES = {
    "20": Unsellable.DAMAGED,
    "QH": Unsellable.QUALITY_CONTROL,
    "34": Unsellable.QUALITY_CONTROL,
}
_PLACES = ("WH", "SF")
_TAKEN_BACK = "01"


def stock(transaction: Transaction, account: Account) -> tuple[AnyFact, ...] | str:
    """Give what an 846 says there is: on hand, else available.

    Raises:
        ElementError: an item has no product, no quantity that says how much there is, or one for several places.
    """
    head = transaction.first("BIA") or Segment("BIA", (), 1)
    if head.get(1) == _TAKEN_BACK:
        return "this 846 is a report that is taken back: what it said stands until the next one"
    meanings = _meanings(account)
    heading = replace(
        transaction, segments=tuple(takewhile(lambda segment: segment.tag != "LIN", transaction.segments))
    )
    place = place_of(heading, account, "WH", "SF", "SU")
    found: dict[tuple[str, bool], list[StockLine]] = {}
    for number, (item, details) in enumerate(with_details(transaction, "LIN"), start=1):
        for own, part in _by_place(details, place):
            kind, lines = _counted(str(number), item, part, account, meanings)
            found.setdefault((own, kind == _AVAILABLE), []).extend(lines)
    if not found:
        transaction.need("LIN")
    as_of_ms = _as_of(head, heading, account)
    document = head.get(3) or transaction.control
    return tuple(
        StockCounted(document=document, location=own, as_of_ms=as_of_ms, lines=tuple(lines), available=is_available)
        for (own, is_available), lines in sorted(found.items(), key=lambda one: one[0][1])
    )


def _by_place(details: list[Segment], place: str) -> list[tuple[str, list[Segment]]]:
    """Give the details of an item by the place that they are about."""
    shared = first(details, "SDQ")
    if shared is not None:
        raise ElementError(shared, 1, "what each place has is read of N1 with a QTY behind it, not of SDQ")
    starts = [at for at, segment in enumerate(details) if segment.tag == "N1" and segment.get(1) in _PLACES]
    if not starts:
        return [(place, details)]
    names = [details[at].get(4) or details[at].get(2) or place for at in starts]
    if len(starts) == 1:
        return [(names[0], details)]
    before = [segment for segment in details[: starts[0]] if segment.tag != "QTY"]
    parts = [details[begin:end] for begin, end in pairwise([*starts, len(details)])]
    for at, part in zip(starts, parts, strict=True):
        if first(part, "QTY") is None:
            raise ElementError(details[at], 1, "an item in several places needs a QTY behind each of them")
    return [(name, before + part) for name, part in zip(names, parts, strict=True)]


def _meanings(account: Account) -> dict[str, str]:
    """Give what qualifiers mean; an account may say otherwise: `34=on_hand QB=damaged`."""
    meanings: dict[str, str] = {_ON_HAND: "on_hand", _AVAILABLE: "available", **_STATES}
    for stated in account.settings.get("quantity_qualifiers", "").replace(",", " ").split():
        qualifier, _, meaning = stated.partition("=")
        meanings[qualifier] = meaning
    return meanings


def _counted(
    number: str, item: Segment, details: list[Segment], account: Account, meanings: dict[str, str]
) -> tuple[str, list[StockLine]]:
    ids = products(item.elements[1:])
    sku = sku_of(ids, account) or item.need(3, "the product")
    noted = first(details, "REF", "LT")
    lot = ids.get("LT", "") or (noted.get(2) if noted is not None else "")
    found: dict[str, tuple[int, str]] = {}
    for one in (segment for segment in details if segment.tag == "QTY"):
        meaning = meanings.get(one.get(1))
        if meaning is not None:
            unit = one.get(3) or _unit(details)
            had, had_unit = found.get(meaning, (0, unit))
            if unit != had_unit:
                reason = f"{sku} is counted in {shown(had_unit)} and in {shown(unit)}: one of them is to be stated"
                raise ElementError(one, 3, reason)
            found[meaning] = had + quantity(one, 2), unit
    if "on_hand" in found:
        total, unit = found.pop("on_hand")
        states = [(state, count) for state, (count, _) in found.items() if state in set(Unsellable)]
        apart = sum(count for _, count in states)
        if apart > total:
            states, apart = [], 0
        lines = [StockLine(line=number, sku=sku, quantity=total - apart, unit=unit, lot=lot)]
        lines += [
            StockLine(line=f"{number}/{s}", sku=sku, quantity=n, unit=unit, lot=lot, state=s) for s, n in states if n
        ]
        return _ON_HAND, lines
    if "available" in found:
        units, unit = found["available"]
        return _AVAILABLE, [StockLine(line=number, sku=sku, quantity=units, unit=unit, lot=lot)]
    at = first(details, "QTY") or item
    given = ", ".join(dict.fromkeys(one.get(1) for one in details if one.tag == "QTY")) or "no quantity"
    reason = f"of {sku} neither what is on hand (17) nor what is for sale (33) is stated, but {given}"
    raise ElementError(at, 1, f"{reason}: the account's quantity_qualifiers can say what that means")


def _as_of(head: Segment, transaction: Transaction, account: Account) -> int:
    dated = transaction.first("DTM", "007", "097", "366", "102")
    stated = moment(dated.get(2), dated.get(3), transaction, account, dated.get(4)) if dated is not None else None
    if stated is None:
        stated = moment(head.get(4), head.get(5), transaction, account)
    return stated if stated is not None else made_at(transaction.made, account)


def _unit(details: list[Segment]) -> str:
    noted = first(details, "UIT")
    return noted.get(1) if noted is not None else ""
