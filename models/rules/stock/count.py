"""Counts: what was counted as of a time, less what our book said then, is the adjustment."""

from models.commands import CountStock
from models.records.stock import BookedLine, MovementKind
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Change, Draft
from models.rules.stock import history
from models.rules.stock.documents import changed, check_places, compare, remember


def count(draft: Draft, command: CountStock) -> Rejected | None:
    """Book a count. Counts of a source that is not the location's authority are compared only."""
    wrong = check_places(draft, command, (command.sku,))
    if wrong is not None:
        return wrong
    sku, location_id = command.sku, command.location_id
    if location_id in draft.view.supplied:
        return Rejected(
            RejectionCode.COMMAND_INVALID, "the stock there is a supplier's: let it declare what it has", "location_id"
        )
    level = draft.level(sku, location_id)
    counter = draft.view.locations[location_id].authority.counter
    if counter is not None and counter != command.source:
        compare(draft, command, sku, command.counted)
        return None
    line = BookedLine(
        line=f"counted/{location_id}/{sku}",
        sku=sku,
        location_id=location_id,
        quantity=command.counted,
        occurred_at_ms=command.occurred_at_ms,
    )
    fresh = remember(draft, command, (line,))
    if isinstance(fresh, Rejected) or not fresh:
        return fresh if isinstance(fresh, Rejected) else None
    as_of_ms = min(command.occurred_at_ms, draft.cause.at_ms)
    known = draft.view.history(sku, location_id)
    if history.is_stale(known, as_of_ms):
        return Rejected(
            RejectionCode.COUNT_STALE,
            "a newer count is there, or the movements since are no longer kept; count again",
            "occurred_at_ms",
        )
    if command.expected_on_hand is not None and command.expected_on_hand != level.on_hand:
        return Rejected(
            RejectionCode.COUNT_CONFLICT,
            f"on hand is {level.on_hand}, not {command.expected_on_hand}; look again and repeat",
            "expected_on_hand",
        )
    difference = command.counted - history.book_at(known, level.on_hand, as_of_ms)
    draft.histories[sku, location_id] = history.counted(known, as_of_ms)
    draft.move(MovementKind.COUNTED, sku, location_id, Change(on_hand=difference), occurred_at_ms=as_of_ms)
    changed(draft, sku, location_id, difference)
    return None
