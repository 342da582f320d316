"""Time passing: reservations expire, date holds end, promises come near, old memories go."""

from msgspec.structs import replace

from models.commands import Tick
from models.events import OrderAtRisk
from models.records.hold import Hold, HoldType
from models.records.order import Order
from models.rules.draft import Draft
from models.rules.orders.cancel import cancel_what_waits, expire, give_up, is_kept
from models.rules.orders.close import close
from models.rules.orders.hold import FINAL, take_hold_off
from models.rules.orders.scans import silent_from, with_silence
from models.rules.turns import NEVER_MS

ORDERS_PER_TICK = 300
MEMORIES_PER_TICK = 300
HOUR_MS = 3_600_000


def tick(draft: Draft, command: Tick) -> None:
    """Do what is due by the pool's time, so much per tick; the rest is due at the next one."""
    del command
    for order_id in draft.view.due_orders(draft.now_ms, ORDERS_PER_TICK):
        order = draft.order(order_id)
        passed = _pass(draft, order) if order is not None else None
        if passed is not None and passed is not order:
            draft.orders[order_id] = passed
    before_ms = draft.now_ms - draft.view.pool.policy.document_window_ms
    draft.forgotten.extend(draft.view.old_memories(before_ms, MEMORIES_PER_TICK))
    draft.forgotten.extend(draft.view.old_stubs(draft.now_ms, MEMORIES_PER_TICK))


def try_waiting_again(draft: Draft) -> None:
    """Once an hour, by whichever command comes first: a location's day may have begun, with capacity for what waits."""
    for sku in draft.view.waiting_skus():
        if draft.available(sku) or draft.is_fenced(sku):
            draft.rose(sku)


def due_at(order: Order) -> int | None:
    """Give the time at which a tick has something to do for an order, or None."""
    if order.closes_at_ms is not None:
        return order.closes_at_ms
    times = [silent for parcel in order.parcels if (silent := silent_from(parcel)) is not None]
    if order.status in FINAL:
        return min(times, default=None)
    for hold in order.holds:
        times.extend(at_ms for at_ms in (hold.release_at_ms, hold.cancel_at_ms) if at_ms is not None)
    if _cancel_at(order) < NEVER_MS:
        times.append(_cancel_at(order))
    if order.reserved and order.expires_at_ms is not None:
        times.append(order.expires_at_ms)
    clock_runs = order.clock_stopped_at_ms is None
    if order.at_risk_from_ms is not None and clock_runs and not order.at_risk and not order.reserved:
        times.append(order.at_risk_from_ms)
    return min(times, default=None)


def _ends_at(hold: Hold) -> int:
    """Give the time at which a hold ends by itself, or what it keeps is cancelled: whichever comes first."""
    return min(at_ms if at_ms is not None else NEVER_MS for at_ms in (hold.release_at_ms, hold.cancel_at_ms))


def _end(draft: Draft, order: Order, hold: Hold) -> Order:
    """Let a hold end at its date; one whose units could not all be taken back goes on without a date."""
    if hold.release_at_ms == _ends_at(hold):
        return take_hold_off(draft, order, hold.key)
    cause = "expired" if hold.type is HoldType.PAYMENT else "auto_cancelled"
    order = give_up(draft, order, hold, cause=cause)
    if not is_kept(order, hold):
        return take_hold_off(draft, order, hold.key)
    undated = replace(hold, cancel_at_ms=None, release_at_ms=None)
    return replace(order, holds=tuple(undated if known == hold else known for known in order.holds))


def _cancel_at(order: Order) -> int:
    """Give the time at which what still waits is cancelled."""
    terms = order.terms
    if terms is None or terms.cancel_at_ms is None or not any(line.waiting for line in order.lines):
        return NEVER_MS
    return terms.cancel_at_ms


def _pass(draft: Draft, order: Order) -> Order:
    now_ms = draft.now_ms
    if order.closes_at_ms is not None:
        return close(draft, order) if order.closes_at_ms <= now_ms else order
    if order.reserved and order.expires_at_ms is not None and order.expires_at_ms <= now_ms:
        return expire(draft, order)
    for hold in sorted(order.holds, key=_ends_at):
        if _ends_at(hold) <= now_ms:
            order = _end(draft, order, hold)
    if _cancel_at(order) <= now_ms:
        order = cancel_what_waits(draft, order)
    order = with_silence(draft, order)
    near = order.at_risk_from_ms is not None and order.at_risk_from_ms <= now_ms
    if near and not order.at_risk and not order.reserved and order.clock_stopped_at_ms is None:
        draft.emit(OrderAtRisk(order_id=order.order_id, promise_by_ms=order.promise_by_ms or 0))
        order = replace(order, at_risk=True)
    return order
