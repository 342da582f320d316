"""Time passing: reservations expire, date holds end, promises come near, old memories go."""

from msgspec.structs import replace

from models.commands import Tick
from models.events import OrderAtRisk, ReservationExpired
from models.records.order import Order
from models.rules.draft import Draft
from models.rules.orders.cancel import expire
from models.rules.orders.hold import FINAL, take_hold_off

ORDERS_PER_TICK = 100
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


def try_waiting_again(draft: Draft) -> None:
    """Once an hour, by whichever command comes first: a location's day may have begun, with capacity for what waits."""
    for sku in draft.view.waiting_skus():
        if draft.available(sku):
            draft.rose(sku)


def due_at(order: Order) -> int | None:
    """Give the time at which a tick has something to do for an order, or None."""
    if order.status in FINAL:
        return None
    times = [hold.release_at_ms for hold in order.holds if hold.release_at_ms is not None]
    if order.reserved and order.expires_at_ms is not None:
        times.append(order.expires_at_ms)
    if order.at_risk_from_ms is not None and not order.at_risk and not order.reserved:
        times.append(order.at_risk_from_ms)
    return min(times, default=None)


def _pass(draft: Draft, order: Order) -> Order:
    now_ms = draft.now_ms
    if order.reserved and order.expires_at_ms is not None and order.expires_at_ms <= now_ms:
        draft.emit(ReservationExpired(order_id=order.order_id))
        return expire(draft, order)
    for hold in order.holds:
        if hold.release_at_ms is not None and hold.release_at_ms <= now_ms:
            order = take_hold_off(draft, order, hold.type)
    near = order.at_risk_from_ms is not None and order.at_risk_from_ms <= now_ms
    if near and not order.at_risk and not order.reserved:
        draft.emit(OrderAtRisk(order_id=order.order_id, promise_by_ms=order.promise_by_ms or 0))
        order = replace(order, at_risk=True)
    return order
