"""Putting a level right that is not what its ledger says: compare-and-set, with the reason on record."""

from msgspec.structs import replace

from models.commands import Balances, RepairLevel
from models.events import LevelRepaired
from models.records.stock import StockLevel
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.stock.documents import changed, check_places


def repair(draft: Draft, command: RepairLevel) -> Rejected | None:
    """Set a level to what its ledger comes to, if it is still as whoever compared them saw it."""
    wrong = check_places(draft, command, (command.sku,))
    if wrong is not None:
        return wrong
    if not command.reason:
        return Rejected(RejectionCode.COMMAND_INVALID, "say why: a repair without a reason is no repair", "reason")
    level = draft.level(command.sku, command.location_id)
    if _balances(level) != command.seen:
        return Rejected(RejectionCode.COUNT_CONFLICT, "the level has changed since; compare again", "seen")
    before, after = command.seen, command.ledger
    draft.levels[command.sku, command.location_id] = replace(
        level,
        on_hand=after.on_hand,
        allocated=after.allocated,
        unsellable=after.unsellable,
        safety_stock=after.safety_stock,
    )
    draft.emit(
        LevelRepaired(
            sku=command.sku,
            location_id=command.location_id,
            before=(before.on_hand, before.allocated, before.unsellable, before.safety_stock),
            after=(after.on_hand, after.allocated, after.unsellable, after.safety_stock),
        )
    )
    changed(draft, command.sku, command.location_id, after.on_hand - before.on_hand)
    return None


def _balances(level: StockLevel) -> Balances:
    return Balances(
        on_hand=level.on_hand,
        allocated=level.allocated,
        unsellable=level.unsellable,
        safety_stock=level.safety_stock,
    )
