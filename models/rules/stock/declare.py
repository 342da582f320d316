"""A supplier's declaration: what it can promise as of a time, less what we ordered since."""

from msgspec.structs import replace

from models.commands import DeclareStock
from models.events import StockCompared
from models.records.pool import StockBasis
from models.records.stock import MovementKind
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Change, Draft
from models.rules.stock import history
from models.rules.stock.documents import changed, check_places


def declare(draft: Draft, command: DeclareStock) -> Rejected | None:
    """Take a declaration in. One that is older than the newest of a SKU is only compared."""
    wrong = check_places(draft, command, tuple(line.sku for line in command.lines))
    if wrong is not None:
        return wrong
    if draft.view.locations[command.location_id].stock is not StockBasis.DECLARED:
        return Rejected(
            RejectionCode.COMMAND_INVALID, "the stock there is ours: receive, adjust or count it", "location_id"
        )
    if len({line.sku for line in command.lines}) < len(command.lines):
        return Rejected(RejectionCode.LINE_REPEATED, "a declaration names each SKU once", "sku")
    as_of_ms = min(command.occurred_at_ms, draft.cause.at_ms)
    for line in command.lines:
        _declare(draft, command, line.sku, line.quantity, as_of_ms)
    return None


def _declare(draft: Draft, command: DeclareStock, sku: str, quantity: int, as_of_ms: int) -> None:
    """Set on hand so that what may be promised is what was declared, less what was ordered after it."""
    place = command.location_id
    level = draft.level(sku, place)
    if level.declared_at_ms is not None and as_of_ms <= level.declared_at_ms:
        draft.emit(
            StockCompared(
                sku=sku, location_id=place, source=command.source, stated=quantity, book=level.on_hand - level.allocated
            )
        )
        return
    known = draft.histories.get((sku, place)) or draft.view.history(sku, place)
    ordered_since = -sum(delta for at_ms, delta in known.moves if at_ms > as_of_ms)
    difference = quantity - ordered_since + level.allocated - level.on_hand
    draft.histories[sku, place] = history.counted(known, as_of_ms)
    draft.move(MovementKind.DECLARED, sku, place, Change(on_hand=difference), occurred_at_ms=as_of_ms)
    draft.levels[sku, place] = replace(draft.level(sku, place), declared_at_ms=as_of_ms)
    changed(draft, sku, place, difference)
    if not difference:
        draft.rose(sku)  # what was stale counts again
