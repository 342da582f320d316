"""Holding an order, releasing it, and choosing its locations anew."""

from msgspec.structs import replace

from models.commands import HoldOrder, ReleaseHold, RerouteOrder
from models.events import HoldApplied, HoldReleased
from models.records.order import FulfillmentStatus, Hold, HoldType, Order, OrderStatus
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.holds import HOLD_RULES, may_claim_stock
from models.rules.lines import RECALLABLE_STATUSES, allocated_units
from models.rules.release import release
from models.rules.routing.route import route

FINAL = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.EXPIRED})


def hold(draft: Draft, order: Order, command: HoldOrder) -> Order | Rejected:
    """Put a hold on; where it does not keep stock, what is not picked goes back."""
    if any(known.type is command.hold for known in order.holds):
        return Rejected(RejectionCode.HOLD_PRESENT, f"the order is held for {command.hold} already", "hold")
    if command.release_at_ms is not None and command.release_at_ms <= draft.now_ms:
        return Rejected(RejectionCode.HOLD_IN_PAST, "release_at_ms must lie in the future", "release_at_ms")
    if order.status in FINAL:
        return Rejected(RejectionCode.STATUS_FORBIDS, f"a {order.status} order does not move any more", "order_id")
    return apply_hold(draft, order, command.hold, command.reason, command.release_at_ms)


def apply_hold(draft: Draft, order: Order, hold_type: HoldType, note: str, release_at_ms: int | None = None) -> Order:
    """Put a hold on an order that does not have it."""
    put = Hold(
        type=hold_type,
        applied_at_ms=draft.cause.at_ms,
        actor=draft.cause.actor,
        note=note,
        release_at_ms=release_at_ms,
    )
    order = replace(order, holds=(*order.holds, put))
    draft.emit(HoldApplied(order_id=order.order_id, hold=hold_type, release_at_ms=release_at_ms))
    if HOLD_RULES[hold_type].keeps_stock:
        return order
    return give_back(draft, order, RECALLABLE_STATUSES, cause=f"hold_{hold_type}")


def release_hold(draft: Draft, order: Order, command: ReleaseHold) -> Order | Rejected:
    """Take a hold off."""
    if all(known.type is not command.hold for known in order.holds):
        return Rejected(RejectionCode.HOLD_ABSENT, f"the order is not held for {command.hold}", "hold")
    if command.hold is HoldType.UNMAPPED_SKU and _unknown_skus(draft, order):
        unknown = ", ".join(_unknown_skus(draft, order))
        return Rejected(RejectionCode.SKU_UNKNOWN, f"add {unknown} to the catalogue; that frees the order")
    return take_hold_off(draft, order, command.hold)


def take_hold_off(draft: Draft, order: Order, hold_type: HoldType) -> Order:
    """Take a hold off; when stock may be claimed again, waiting units are located."""
    order = replace(order, holds=tuple(known for known in order.holds if known.type is not hold_type))
    draft.emit(HoldReleased(order_id=order.order_id, hold=hold_type))
    if hold_type is HoldType.UNROUTABLE:
        order = replace(order, reroutes=0)
    return route(draft, order, "hold_released") if may_claim_stock(order) else order


def reroute(draft: Draft, order: Order, command: RerouteOrder) -> Order | Rejected:
    """Give back what no location has accepted and choose anew, over what is there now."""
    del command
    if order.holds and not may_claim_stock(order):
        return Rejected(RejectionCode.ORDER_HELD, "release the order's holds first", "order_id")
    not_accepted = frozenset({FulfillmentStatus.ALLOCATED})
    back = give_back(draft, order, not_accepted, cause="reroute")
    if not any(line.waiting for line in back.lines):
        return Rejected(RejectionCode.STATUS_FORBIDS, "no unit is open: all are accepted, shipped or cancelled")
    return route(draft, back, "reroute")


def give_back(draft: Draft, order: Order, statuses: frozenset[FulfillmentStatus], *, cause: str) -> Order:
    """Let the units of all fulfillments in these statuses wait again."""
    for fulfillment in order.fulfillments:
        units = allocated_units(fulfillment)
        if fulfillment.status in statuses and units:
            order = release(draft, order, fulfillment, units, become="waiting", cause=cause)
    return order


def _unknown_skus(draft: Draft, order: Order) -> list[str]:
    return sorted({line.sku for line in order.lines if draft.view.item(line.sku) is None})
