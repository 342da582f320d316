"""Transfers between locations: units leave, are on the way, and arrive short, exact or over."""

from models.commands import DispatchTransfer, ReceiveTransfer
from models.events import TransferClosed
from models.records.stock import MovementKind, Transfer
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Change, Draft
from models.rules.stock.documents import booked_lines, changed, check_places, compare_lines, is_mover, remember


def transfer_id(source: str, document: str) -> str:
    """Give the id of the transfer that a source's document dispatched."""
    return f"{source}/{document}"


def dispatch(draft: Draft, command: DispatchTransfer) -> Rejected | None:
    """Send units on their way; a second part of the same document adds to the transfer."""
    wrong = check_places(draft, command, tuple(line.sku for line in command.lines))
    if wrong is not None:
        return wrong
    if command.to_location_id not in draft.view.locations:
        return Rejected(
            RejectionCode.LOCATION_UNKNOWN, f"the pool has no location {command.to_location_id}", "to_location_id"
        )
    lines = booked_lines(command, sign=-1)
    if isinstance(lines, Rejected):
        return lines
    if not is_mover(draft, command, "transfer"):
        compare_lines(draft, command, lines)
        return None
    key = transfer_id(command.source, command.document)
    known = draft.view.transfer(key)
    if known is not None and known.to_location_id != command.to_location_id:
        return Rejected(
            RejectionCode.DOCUMENT_CONFLICT, f"transfer {key} is on its way to {known.to_location_id}", "to_location_id"
        )
    fresh = remember(draft, command, lines)
    if isinstance(fresh, Rejected) or not fresh:
        return fresh if isinstance(fresh, Rejected) else None
    on_the_way = dict(known.in_transit) if known is not None else {}
    for line in fresh:
        on_the_way[line.sku] = on_the_way.get(line.sku, 0) - line.quantity
        draft.move(
            MovementKind.TRANSFERRED_OUT,
            line.sku,
            command.location_id,
            Change(on_hand=line.quantity),
            occurred_at_ms=command.occurred_at_ms,
        )
        changed(draft, line.sku, command.location_id, line.quantity)
    draft.transfers[key] = Transfer(
        transfer_id=key,
        from_location_id=command.location_id,
        to_location_id=command.to_location_id,
        in_transit=tuple(sorted(on_the_way.items())),
        dispatched_at_ms=known.dispatched_at_ms if known is not None else command.occurred_at_ms,
    )
    return None


def receive_transfer(draft: Draft, command: ReceiveTransfer) -> Rejected | None:
    """Book what arrived; a final arrival closes the transfer and names what is missing."""
    wrong = check_places(draft, command, tuple(line.sku for line in command.lines))
    if wrong is not None:
        return wrong
    lines = booked_lines(command, sign=1)
    if isinstance(lines, Rejected):
        return lines
    if not is_mover(draft, command, "transfer"):
        compare_lines(draft, command, lines)
        return None
    fresh = remember(draft, command, lines)
    if isinstance(fresh, Rejected) or not fresh:
        return fresh if isinstance(fresh, Rejected) else None
    key = transfer_id(command.dispatched_by, command.transfer)
    known = draft.view.transfer(key)
    if known is None:
        return Rejected(
            RejectionCode.TRANSFER_UNKNOWN, f"no transfer {key} is on its way; receive or count the units", "transfer"
        )
    on_the_way = dict(known.in_transit)
    for line in fresh:
        on_the_way[line.sku] = max(0, on_the_way.get(line.sku, 0) - line.quantity)
        draft.move(
            MovementKind.TRANSFERRED_IN,
            line.sku,
            command.location_id,
            Change(on_hand=line.quantity),
            occurred_at_ms=command.occurred_at_ms,
        )
        changed(draft, line.sku, command.location_id, line.quantity)
    missing = tuple(sorted((sku, count) for sku, count in on_the_way.items() if count))
    if command.final or not missing:
        draft.transfers[key] = None
        draft.emit(TransferClosed(transfer_id=key, missing=missing))
    else:
        draft.transfers[key] = Transfer(
            transfer_id=key,
            from_location_id=known.from_location_id,
            to_location_id=known.to_location_id,
            in_transit=missing,
            dispatched_at_ms=known.dispatched_at_ms,
        )
    return None
