"""Putting a level right that is not what its ledger says: compare-and-set, with the reason on record."""

from collections.abc import Mapping

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
        states=_within(level.states, after.unsellable),
    )
    draft.emit(
        LevelRepaired(
            sku=command.sku,
            location_id=command.location_id,
            before=(before.on_hand, before.allocated, before.unsellable, before.safety_stock),
            after=(after.on_hand, after.allocated, after.unsellable, after.safety_stock),
        )
    )
    sellable = (after.on_hand - after.unsellable) - (before.on_hand - before.unsellable)
    kept_back = after.safety_stock - before.safety_stock
    changed(draft, command.sku, command.location_id, sellable if sellable < 0 else max(sellable, -kept_back))
    return None


def _within(states: Mapping[str, int], unsellable: int) -> dict[str, int]:
    """Give the states of unsellable units with no more in them than there are."""
    kept: dict[str, int] = {}
    for state, units in states.items():
        left = min(units, unsellable - sum(kept.values()))
        if left > 0:
            kept[state] = left
    return kept


def _balances(level: StockLevel) -> Balances:
    return Balances(
        on_hand=level.on_hand,
        allocated=level.allocated,
        unsellable=level.unsellable,
        safety_stock=level.safety_stock,
    )
