"""Units on hand that are not for everybody: kept back, set aside in a state, or set apart for a segment."""

from models.commands import FenceStock, RestateStock, SetSafetyStock
from models.records.stock import BookedLine, MovementKind
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Change, Draft
from models.rules.stock.documents import changed, check_places, compare, is_mover, remember


def set_safety_stock(draft: Draft, command: SetSafetyStock) -> Rejected | None:
    """Set what a location keeps back of a SKU."""
    wrong = check_places(draft, command, (command.sku,))
    if wrong is not None:
        return wrong
    line = BookedLine(
        line=f"kept_back/{command.location_id}/{command.sku}",
        sku=command.sku,
        location_id=command.location_id,
        quantity=command.quantity,
        occurred_at_ms=command.occurred_at_ms,
    )
    fresh = remember(draft, command, (line,))
    if isinstance(fresh, Rejected) or not fresh:
        return fresh if isinstance(fresh, Rejected) else None
    difference = command.quantity - draft.level(command.sku, command.location_id).safety_stock
    if difference:
        draft.move(MovementKind.SAFETY_STOCK_SET, command.sku, command.location_id, Change(safety_stock=difference))
    if difference < 0:
        draft.rose(command.sku)
    return None


def restate(draft: Draft, command: RestateStock) -> Rejected | None:
    """Move units from one state to another: to be checked, damaged, reserved, or for sale again."""
    wrong = check_places(draft, command, (command.sku,))
    if wrong is not None:
        return wrong
    if command.before == command.after:
        return Rejected(RejectionCode.COMMAND_INVALID, "name two states; none is for sale", "after")
    sku, place = command.sku, command.location_id
    level = draft.level(sku, place)
    if not is_mover(draft, command, "adjust"):
        compare(draft, command, sku, level.on_hand)
        return None
    there = level.states.get(command.before, 0) if command.before is not None else level.on_hand - level.unsellable
    if command.quantity > there:
        said = command.before if command.before is not None else "for sale"
        return Rejected(RejectionCode.STOCK_TOO_LOW, f"only {there} units are {said}", "quantity")
    for state, units in ((command.before, -command.quantity), (command.after, command.quantity)):
        if state is not None:
            draft.move(
                MovementKind.RESTATED,
                sku,
                place,
                Change(unsellable=units, state=state),
                occurred_at_ms=command.occurred_at_ms,
            )
    sellable = (command.after is None) - (command.before is None)
    changed(draft, sku, place, sellable * command.quantity)
    return None


def fence(draft: Draft, command: FenceStock) -> Rejected | None:
    """Set so many units apart for a segment; what is not there yet is set apart as it comes."""
    wrong = check_places(draft, command, (command.sku,))
    if wrong is not None:
        return wrong
    sku, place = command.sku, command.location_id
    difference = command.quantity - draft.level(sku, place).fenced.get(command.segment, 0)
    if difference:
        draft.move(MovementKind.FENCED, sku, place, Change(fenced=difference, state=command.segment))
        draft.rose(sku)
    return None
