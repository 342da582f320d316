"""The date on which an order is wanted: it is not sent before, and claims stock from the start or only near it."""

from msgspec.structs import replace

from models.records.hold import Hold, HoldKey, HoldType
from models.records.order import Order
from models.rules.draft import Draft
from models.rules.orders.hold import put_on, take_hold_off

_OURS = "headrace"


def holds_of_date(draft: Draft, order: Order) -> list[Hold]:
    """Give the holds of an order that is not wanted yet.

    Until its date it is not sent; until `reserve_before_ms` before that, where the policy has it, it claims no stock.
    """
    terms = order.terms
    wanted_ms = None if terms is None else terms.requested_at_ms
    if wanted_ms is None or wanted_ms <= draft.now_ms:
        return []
    actor, at_ms = draft.cause.actor, draft.cause.at_ms
    holds = [Hold(type=HoldType.SCHEDULED, applied_at_ms=at_ms, actor=actor, release_at_ms=wanted_ms)]
    before_ms = draft.view.pool.policy.reserve_before_ms
    if before_ms is not None and wanted_ms - before_ms > draft.now_ms:
        note = "its date is too far off for it to claim stock"
        parked = Hold(
            type=HoldType.PARKED, applied_at_ms=at_ms, actor=_OURS, release_at_ms=wanted_ms - before_ms, note=note
        )
        holds.append(parked)
    return holds


def with_new_date(draft: Draft, order: Order) -> Order:
    """Let the holds of an order's date be those of the date that it has now; what was put on by hand stays."""
    puts = {put.key: put for put in holds_of_date(draft, order)}
    for standing in order.holds:
        if standing.key == HoldKey(HoldType.SCHEDULED) or _is_ours(standing):
            order = _replaced(draft, order, standing, puts.pop(standing.key, None))
    standing_keys = {standing.key for standing in order.holds}
    for key, put in puts.items():
        if key not in standing_keys:
            order = put_on(draft, order, put)
    return order


def _is_ours(standing: Hold) -> bool:
    return standing.key == HoldKey(HoldType.PARKED) and standing.actor == _OURS


def _replaced(draft: Draft, order: Order, standing: Hold, put: Hold | None) -> Order:
    """Give a hold its new date; without one it is taken off, and what waits is located."""
    if put is None:
        return take_hold_off(draft, order, standing.key)
    if put.release_at_ms == standing.release_at_ms:
        return order
    others = tuple(other for other in order.holds if other.key != standing.key)
    return put_on(draft, replace(order, holds=others), put)
