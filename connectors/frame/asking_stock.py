"""What counts, receipts, adjustments and till sales ask for."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from connectors.frame.asked import Asked, Envelope, Known, location_of, ours_of
from connectors.frame.facts import StockAdjusted, StockCounted, StockExpected, StockLine, StockReceived, TillSold
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from models import commands as c
from models.records.stock import Unsellable

Item = TypeVar("Item")

MOST_LINES = 100
"""Lines of a document that one command carries."""


def counted(fact: StockCounted, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Book what differs from our levels; what a supplier has available is declared.

    What may be sold where the stock is ours follows from what is on hand, and is not booked.
    """
    location = location_of(account, fact.location)
    totals = _totals(fact.lines, account)
    common = _common(fact.document, location, fact.as_of_ms, account)
    if known.is_supplied(envelope.pool, location):
        return tuple(_declared(totals, common, envelope))
    if fact.available:
        return ()
    asked: list[Asked] = []
    for sku, units in totals.items():
        level = known.level(envelope.pool, sku, location)
        is_as_now = (level.on_hand if level is not None else 0) == units
        # A count of a time before the last movement is of another book than the one of now: the core reckons it.
        if is_as_now and not known.moved_since(envelope.pool, sku, fact.as_of_ms):
            continue
        if units < 0:
            raise UnreadableError("lines", f"{sku} cannot be counted as {units}")
        asked.append(Asked(command=c.CountStock(**envelope.fields("count", sku), **common, sku=sku, counted=units)))
    return tuple(asked)


def _declared(totals: dict[str, int], common: dict[str, Any], envelope: Envelope) -> Iterator[Asked]:
    items = [(sku, max(0, units)) for sku, units in totals.items()]
    for number, part in enumerate(_chunks(items)):
        lines = tuple(c.DeclaredLine(line=sku, sku=sku, quantity=units) for sku, units in part)
        yield Asked(command=c.DeclareStock(**envelope.fields("declare", number), **common, lines=lines))


def received(fact: StockReceived, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Book what came in; what a receipt takes back is an adjustment, and what came in unsellable is set aside."""
    del known
    location = location_of(account, fact.location)
    common = _common(fact.document, location, fact.at_ms, account)
    sound = [line for line in fact.lines if line.quantity > 0 and not line.state]
    others = [line for line in fact.lines if line.quantity and (line.quantity < 0 or line.state)]
    asked = [
        Asked(
            command=c.ReceiveStock(
                **envelope.fields("receive", number), **common, lines=_lines(part, account), expected=fact.expected
            )
        )
        for number, part in enumerate(_chunks(sound))
    ]
    return (*asked, *_adjustments(others, common, account, envelope))


def expected(fact: StockExpected, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Expect the units; stated again it replaces what was expected."""
    del known
    if len(fact.lines) > MOST_LINES:
        raise UnreadableError("lines", f"a receipt is expected with {MOST_LINES} lines at most")
    command = c.ExpectStock(
        **envelope.fields("expect"),
        **_common(fact.document, location_of(account, fact.location), fact.at_ms, account),
        lines=_lines([line for line in fact.lines if line.quantity > 0], account),
        expected_at_ms=fact.expected_at_ms,
        version=fact.version,
    )
    return (Asked(command=command),)


def adjusted(fact: StockAdjusted, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Book each line by itself, with its reason."""
    del known
    common = _common(fact.document, location_of(account, fact.location), fact.at_ms, account)
    return tuple(_adjustments(fact.lines, common, account, envelope))


def till_sold(fact: TillSold, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Book what left over the counter, and what came back over it."""
    del known
    common = _common(fact.document, location_of(account, fact.location), fact.at_ms, account)
    sold = [line for line in fact.lines if line.quantity > 0]
    back = [
        StockLine(line=line.line, sku=line.sku, quantity=-line.quantity, unit=line.unit)
        for line in fact.lines
        if line.quantity < 0
    ]
    asked = [
        Asked(command=c.SellAtTill(**envelope.fields("sell", number), **common, lines=_lines(part, account)))
        for number, part in enumerate(_chunks(sold))
    ]
    returned = common | {"document": f"{fact.document}/returned"}
    asked += [
        Asked(command=c.ReceiveStock(**envelope.fields("return", number), **returned, lines=_lines(part, account)))
        for number, part in enumerate(_chunks(back))
    ]
    return tuple(asked)


def _adjustments(
    lines: Iterable[StockLine], common: dict[str, Any], account: Account, envelope: Envelope
) -> Iterator[Asked]:
    """Each line is a document of its own, since an adjustment has one SKU."""
    for line in lines:
        sku, delta = ours_of(account, line.sku, line.quantity, line.unit)
        state = _state(line.state)
        fields = envelope.fields("adjust", line.line) | common
        command = c.AdjustStock(
            **fields | {"document": f"{common['document']}/{line.line}", "reason": line.reason},
            sku=sku,
            delta=delta,
            unsellable_delta=delta if line.state else 0,
            state=state,
        )
        yield Asked(command=command)


def _state(text: str) -> Unsellable:
    try:
        return Unsellable(text or Unsellable.DAMAGED)
    except ValueError:
        raise UnreadableError("state", f"{text} is no state of stock: {', '.join(Unsellable)}") from None


def _totals(lines: Iterable[StockLine], account: Account) -> dict[str, int]:
    """Give units by our SKU; several of theirs, or lots and states of one, may be one of ours."""
    totals: dict[str, int] = {}
    for line in lines:
        sku, units = ours_of(account, line.sku, line.quantity, line.unit)
        totals[sku] = totals.get(sku, 0) + units
    return totals


def _lines(lines: Sequence[StockLine], account: Account) -> tuple[c.StockLine, ...]:
    ours = ((line.line, *ours_of(account, line.sku, line.quantity, line.unit)) for line in lines)
    return tuple(c.StockLine(line=name, sku=sku, quantity=units) for name, sku, units in ours)


def _common(document: str, location: str, at_ms: int, account: Account) -> dict[str, Any]:
    return {"source": account.name, "document": document, "location_id": location, "occurred_at_ms": at_ms}


def _chunks(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[start : start + MOST_LINES] for start in range(0, len(items), MOST_LINES)]
