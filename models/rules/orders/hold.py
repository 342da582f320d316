"""Holding an order, a line or a fulfillment, releasing it, and choosing an order's locations anew."""

from collections.abc import Mapping

from msgspec.structs import replace

from models.commands import HoldOrder, ReleaseHold, RerouteOrder
from models.events import HoldApplied, HoldReleased
from models.records.fulfillment import Fulfillment, FulfillmentStatus
from models.records.hold import Hold, HoldKey, HoldType
from models.records.order import Order, OrderStatus
from models.rejections import Rejected, RejectionCode, fulfillment_unknown, line_unknown
from models.rules.draft import Draft
from models.rules.holds import HOLD_RULES, Stock, may_claim_stock, stops_clock
from models.rules.lines import allocated_units, fulfillment_of, kits_of
from models.rules.listings import goods_of, unknown_lines
from models.rules.orders.cancel import may_recall
from models.rules.release import release
from models.rules.routing.route import route
from models.rules.routing.supply import only_refused_are_left

FINAL = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.EXPIRED})


def hold(draft: Draft, order: Order, command: HoldOrder) -> Order | Rejected:
    """Put a hold on; where it does not keep stock, what is not picked goes back. A new date replaces the old one."""
    if command.line_id and all(line.line_id != command.line_id for line in order.lines):
        return line_unknown(command.line_id)
    if command.fulfillment_id and fulfillment_of(order, command.fulfillment_id) is None:
        return fulfillment_unknown(command.fulfillment_id)
    key = HoldKey(command.hold, command.line_id, command.fulfillment_id, command.handle)
    known = next((standing for standing in order.holds if standing.key == key), None)
    dates = (command.release_at_ms, command.cancel_at_ms)
    if known is not None and (
        dates in ((None, None), (known.release_at_ms, known.cancel_at_ms)) or _is_anothers(draft, known)
    ):
        return Rejected(RejectionCode.HOLD_PRESENT, f"it is held for {command.hold} already", "hold")
    for field, date_ms in zip(("release_at_ms", "cancel_at_ms"), dates, strict=True):
        if date_ms is not None and date_ms <= draft.now_ms:
            return Rejected(RejectionCode.HOLD_IN_PAST, f"{field} must lie in the future", field)
    if order.status in FINAL:
        return Rejected(RejectionCode.STATUS_FORBIDS, f"a {order.status} order does not move any more", "order_id")
    if known is not None:
        order = replace(order, holds=tuple(standing for standing in order.holds if standing.key != key))
    if command.fulfillment_id and HOLD_RULES[command.hold].stock is Stock.FREED:
        return Rejected(
            RejectionCode.COMMAND_INVALID,
            f"{command.hold} gives stock back, and a fulfillment without stock is none: hold the order or its lines",
            "fulfillment_id",
        )
    put = Hold(
        type=command.hold,
        applied_at_ms=draft.cause.at_ms if known is None else known.applied_at_ms,
        actor=draft.cause.actor,
        note=command.reason,
        release_at_ms=command.release_at_ms,
        cancel_at_ms=command.cancel_at_ms,
        line_id=command.line_id,
        fulfillment_id=command.fulfillment_id,
        handle=command.handle,
    )
    return put_on(draft, order, put)


def _is_anothers(draft: Draft, standing: Hold) -> bool:
    """Tell whether somebody else keeps it without a date: only they, or whoever takes it off, may let it end."""
    return standing.release_at_ms is None and standing.cancel_at_ms is None and standing.actor != draft.cause.actor


def apply_hold(draft: Draft, order: Order, hold_type: HoldType, note: str) -> Order:
    """Put a hold on a whole order, unless it has one of the type."""
    if any(standing.key == HoldKey(hold_type) for standing in order.holds):
        return order
    put = Hold(type=hold_type, applied_at_ms=draft.cause.at_ms, actor=draft.cause.actor, note=note)
    return put_on(draft, order, put)


def payment_hold(draft: Draft, due_ms: int | None) -> Hold:
    """Give the hold of an order that is not paid: what is not paid in time is cancelled."""
    return Hold(type=HoldType.PAYMENT, applied_at_ms=draft.cause.at_ms, actor="headrace", cancel_at_ms=due_ms)


def is_to_be_approved(draft: Draft, order: Order) -> bool:
    """Tell whether an order comes to more than its channel lets pass without a person's approval."""
    channel = draft.view.channels.get(order.channel)
    limit = channel.approval_above_minor if channel is not None else None
    return limit is not None and order.total_minor > limit


def release_hold(draft: Draft, order: Order, command: ReleaseHold) -> Order | Rejected:
    """Take a hold off."""
    key = HoldKey(command.hold, command.line_id, command.fulfillment_id, command.handle)
    if all(standing.key != key for standing in order.holds):
        return _not_held(order, key)
    unmapped = unknown_lines(draft.view, order) if command.hold is HoldType.UNMAPPED_SKU else ()
    if unmapped:
        unknown = ", ".join(sorted({line.sku for line in unmapped}))
        return Rejected(RejectionCode.SKU_UNKNOWN, f"add {unknown} to the catalogue; that frees the order")
    return take_hold_off(draft, order, key)


def _not_held(order: Order, key: HoldKey) -> Rejected:
    names = [standing.handle or "''" for standing in order.holds if standing.key._replace(handle=key.handle) == key]
    if names:
        text = f"it is held for {key.type} by the handle {' and '.join(names)}: name the one to take off"
        return Rejected(RejectionCode.HOLD_ABSENT, text, "handle")
    return Rejected(RejectionCode.HOLD_ABSENT, f"it is not held for {key.type}", "hold")


def take_hold_off(draft: Draft, order: Order, key: HoldKey) -> Order:
    """Take a hold off; when stock may be claimed again, waiting units are located."""
    order = replace(order, holds=tuple(standing for standing in order.holds if standing.key != key))
    hold_type = key.type
    if hold_type is HoldType.UNMAPPED_SKU:
        order = _as_known_now(draft, order)
    # Whoever reads events alone learns here what units of the freed lines take from stock.
    kits = kits_of(order.lines) if hold_type is HoldType.UNMAPPED_SKU else {}
    draft.emit(
        HoldReleased(
            order_id=order.order_id,
            hold=hold_type,
            line_id=key.line_id,
            fulfillment_id=key.fulfillment_id,
            handle=key.handle,
            resolution=draft.cause.reason,
            kits=kits,
        )
    )
    if hold_type is HoldType.UNROUTABLE:
        order = _asking_anew(draft, replace(order, reroutes=0))
    order = with_clock(draft, order)
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
    return route(draft, _asking_anew(draft, back), "reroute")


def _asking_anew(draft: Draft, order: Order) -> Order:
    """Forget who refused, where nobody else is left: a person who asks for it knows more than what was said then."""
    return replace(order, refused_by=()) if only_refused_are_left(draft, order) else order


def on_lines(order: Order, fulfillment: Fulfillment, units: Mapping[str, int]) -> Order:
    """Let the holds of a fulfillment be of its lines, since its units go on in another one."""
    moved = [hold for hold in order.holds if hold.fulfillment_id == fulfillment.fulfillment_id]
    if not moved:
        return order
    holds = {hold.key: hold for hold in order.holds if hold not in moved}
    for hold in moved:
        for line_id in units:
            of_line = replace(hold, fulfillment_id="", line_id=line_id)
            holds.setdefault(of_line.key, of_line)
    return replace(order, holds=tuple(holds.values()))


def give_back(draft: Draft, order: Order, statuses: frozenset[FulfillmentStatus], *, cause: str) -> Order:
    """Let the units of all fulfillments in these statuses wait again."""
    for fulfillment in order.fulfillments:
        units = allocated_units(fulfillment)
        if fulfillment.status in statuses and units:
            order = release(draft, order, fulfillment, units, become="waiting", cause=cause)
    return order


def put_on(draft: Draft, order: Order, put: Hold) -> Order:
    """Put a hold on that is not there; what it does not keep goes back."""
    order = replace(order, holds=(*order.holds, put))
    draft.emit(
        HoldApplied(
            order_id=order.order_id,
            hold=put.type,
            release_at_ms=put.release_at_ms,
            cancel_at_ms=put.cancel_at_ms,
            line_id=put.line_id,
            fulfillment_id=put.fulfillment_id,
            handle=put.handle,
        )
    )
    order = with_clock(draft, order)
    return order if HOLD_RULES[put.type].stock is Stock.KEPT else _give_back_held(draft, order, put)


def _give_back_held(draft: Draft, order: Order, put: Hold) -> Order:
    """Let go of what a hold does not keep: all that is not picked, of the order, the line or the fulfillment."""
    for fulfillment in order.fulfillments:
        if not may_recall(draft, fulfillment) or put.fulfillment_id not in ("", fulfillment.fulfillment_id):
            continue
        units = allocated_units(fulfillment)
        if put.line_id:
            units = {line_id: count for line_id, count in units.items() if line_id == put.line_id}
        if units:
            order = release(draft, order, fulfillment, units, become="waiting", cause=f"hold_{put.type}")
    return order


def with_clock(draft: Draft, order: Order) -> Order:
    """Stop the promise's clock, or let it run again: what stood still is added to the time at which risk begins."""
    stopped_at_ms = order.clock_stopped_at_ms
    if stops_clock(order) == (stopped_at_ms is not None):
        return order
    if stopped_at_ms is None:
        return replace(order, clock_stopped_at_ms=draft.now_ms)
    stood_ms = draft.now_ms - stopped_at_ms
    risk_ms = order.at_risk_from_ms
    return replace(
        order,
        clock_stopped_at_ms=None,
        clock_stopped_ms=order.clock_stopped_ms + stood_ms,
        at_risk_from_ms=None if risk_ms is None else risk_ms + stood_ms,
    )


def _as_known_now(draft: Draft, order: Order) -> Order:
    """Let lines be what the catalogue has come to know their SKUs as: kits, or what their channel lists."""
    lines = []
    for line in order.lines:
        goods = goods_of(draft.view, order.channel, line.sku)
        is_new = not line.listing and not line.components and not line.allocated and not line.shipped
        if goods is not None and is_new:
            lines.append(replace(line, sku=goods.sku, components=goods.components, listing=goods.listing))
        else:
            lines.append(line)
    return replace(order, lines=tuple(lines))
