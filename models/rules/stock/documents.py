"""Stock facts with lines: receipts, till sales, adjustments; each line is booked once."""

from models.commands import AdjustStock, DocumentCommand, ReceiveStock, SellAtTill, StockCommand
from models.events import LineRepeated, StockCompared
from models.ids import is_sku
from models.records.stock import BookedLine, Document, MovementKind
from models.rejections import Rejected, RejectionCode, sku_invalid, sku_unknown
from models.rules.draft import Change, Draft
from models.rules.stock.receipts import fulfil


def receive(draft: Draft, command: ReceiveStock) -> Rejected | None:
    """Book what came in; waiting orders are served first."""
    return _book_lines(draft, command, MovementKind.RECEIVED, sign=1, mover="receive")


def sell(draft: Draft, command: SellAtTill) -> Rejected | None:
    """Book what left over the counter: it has happened, so it is never refused for want of stock."""
    return _book_lines(draft, command, MovementKind.SOLD_AT_TILL, sign=-1, mover="sell")


def adjust(draft: Draft, command: AdjustStock) -> Rejected | None:
    """Correct on hand, unsellable or both, by a difference."""
    wrong = check_places(draft, command, (command.sku,))
    if wrong is not None:
        return wrong
    level = draft.level(command.sku, command.location_id)
    if not is_mover(draft, command, "adjust"):
        compare(draft, command, command.sku, level.on_hand + command.delta)
        return None
    line = BookedLine(
        line=f"adjusted/{command.location_id}/{command.sku}",
        sku=command.sku,
        location_id=command.location_id,
        quantity=command.delta,
        unsellable=command.unsellable_delta,
        occurred_at_ms=command.occurred_at_ms,
    )
    fresh = remember(draft, command, (line,))
    if isinstance(fresh, Rejected) or not fresh:
        return fresh if isinstance(fresh, Rejected) else None
    if level.unsellable + command.unsellable_delta < 0:
        return Rejected(
            RejectionCode.STOCK_TOO_LOW, f"only {level.unsellable} units are unsellable", "unsellable_delta"
        )
    in_state = level.states.get(command.state, 0) + level.unsellable - sum(level.states.values())
    if in_state + command.unsellable_delta < 0:
        return Rejected(RejectionCode.STOCK_TOO_LOW, f"only {in_state} units are {command.state}", "state")
    draft.move(
        MovementKind.ADJUSTED,
        command.sku,
        command.location_id,
        Change(
            on_hand=command.delta,
            unsellable=command.unsellable_delta,
            state=command.state if command.unsellable_delta else "",
        ),
        occurred_at_ms=command.occurred_at_ms,
    )
    if command.delta > 0 or command.unsellable_delta < 0:
        draft.rose(command.sku)
    if command.delta < 0 or command.unsellable_delta > 0:
        draft.fell(command.sku, command.location_id)
    return None


def check_places(draft: Draft, command: StockCommand, skus: tuple[str, ...]) -> Rejected | None:
    """Refuse SKUs and locations that the pool does not have."""
    for sku in skus:
        if not is_sku(sku):
            return sku_invalid(sku)
    for sku in skus:
        if draft.view.item(sku) is None:
            return sku_unknown(sku)
    if command.location_id not in draft.view.locations:
        return Rejected(
            RejectionCode.LOCATION_UNKNOWN, f"the pool has no location {command.location_id}", "location_id"
        )
    return None


def is_mover(draft: Draft, command: StockCommand, kind: str) -> bool:
    """Tell whether this source's message is the one that moves the location's stock."""
    mover = draft.view.locations[command.location_id].authority.movers.get(kind)
    return mover is None or mover == command.source


def compare(draft: Draft, command: StockCommand, sku: str, stated: int) -> None:
    """Note what a source that does not move this stock says of it."""
    draft.emit(
        StockCompared(
            sku=sku,
            location_id=command.location_id,
            source=command.source,
            stated=stated,
            book=draft.level(sku, command.location_id).on_hand,
        )
    )


def compare_lines(draft: Draft, command: StockCommand, lines: tuple[BookedLine, ...]) -> None:
    """Note what on hand would be by the lines of a source that does not move this stock."""
    for line in lines:
        compare(draft, command, line.sku, draft.level(line.sku, line.location_id).on_hand + line.quantity)


def remember(draft: Draft, command: StockCommand, lines: tuple[BookedLine, ...]) -> tuple[BookedLine, ...] | Rejected:
    """Give the lines of a document that were not booked before, and remember them.

    A line that was booked with other content refuses the whole command, so nothing changes.
    """
    key = (command.source, command.document)
    known = draft.documents.get(key) or draft.view.document(*key)
    booked = {line.line: line for line in known.lines} if known is not None else {}
    for line in lines:
        before = booked.get(line.line)
        if before is not None and before != line:
            field = next(
                name
                for name in ("sku", "location_id", "quantity", "unsellable", "occurred_at_ms")
                if getattr(before, name) != getattr(line, name)
            )
            return Rejected(
                RejectionCode.DOCUMENT_CONFLICT,
                f"line {line.line} of document {command.document} was booked with another {field}",
                field,
            )
    fresh = tuple(line for line in lines if line.line not in booked)
    for line in lines:
        if line.line in booked:
            draft.emit(LineRepeated(source=command.source, document=command.document, line=line.line))
    if fresh:
        before_lines = known.lines if known is not None else ()
        draft.documents[key] = Document(at_ms=draft.now_ms, lines=(*before_lines, *fresh))
    return fresh


def changed(draft: Draft, sku: str, location_id: str, delta: int) -> None:
    """Note what follows from a level that rose or fell."""
    if delta > 0:
        draft.rose(sku)
    elif delta < 0:
        draft.fell(sku, location_id)


def booked_lines(command: DocumentCommand, sign: int) -> tuple[BookedLine, ...] | Rejected:
    """Give a document's lines as they are remembered, less where units leave; each line id may stand once."""
    lines = tuple(
        BookedLine(
            line=line.line,
            sku=line.sku,
            location_id=command.location_id,
            quantity=sign * line.quantity,
            occurred_at_ms=command.occurred_at_ms,
        )
        for line in command.lines
    )
    if len({line.line for line in lines}) < len(lines):
        return Rejected(RejectionCode.LINE_REPEATED, "each line of a document needs an id of its own", "line")
    return lines


def _book_lines(
    draft: Draft, command: DocumentCommand, kind: MovementKind, *, sign: int, mover: str
) -> Rejected | None:
    wrong = check_places(draft, command, tuple(line.sku for line in command.lines))
    if wrong is not None:
        return wrong
    lines = booked_lines(command, sign)
    if isinstance(lines, Rejected):
        return lines
    if not is_mover(draft, command, mover):
        compare_lines(draft, command, lines)
        return None
    fresh = remember(draft, command, lines)
    if isinstance(fresh, Rejected):
        return fresh
    for line in fresh:
        draft.move(kind, line.sku, line.location_id, Change(on_hand=line.quantity), occurred_at_ms=line.occurred_at_ms)
        changed(draft, line.sku, line.location_id, line.quantity)
    if isinstance(command, ReceiveStock) and command.expected:
        arrived: dict[str, int] = {}
        for line in fresh:
            arrived[line.sku] = arrived.get(line.sku, 0) + line.quantity
        fulfil(draft, f"{command.source}/{command.expected}", arrived)
    return None
