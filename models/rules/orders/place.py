"""Taking an order or a reservation: check it, recognise repeats, make its row, locate it."""

from msgspec.structs import asdict, replace

from models.commands import OrderContent, PlaceOrder, ReserveOrder
from models.events import (
    HoldApplied,
    NewerContentNoted,
    OlderContentIgnored,
    OrderedLine,
    OrderPlaced,
    OrderReserved,
    ReservationPlaced,
)
from models.ids import is_sku, order_id
from models.money import share
from models.records.order import Hold, HoldType, Line, Order, OrderStatus
from models.rejections import Rejected, RejectionCode, sku_invalid, sku_unknown
from models.rules.draft import Draft
from models.rules.holds import may_claim_stock
from models.rules.lines import OPEN_STATUSES
from models.rules.orders.content import differing_field
from models.rules.orders.hold import give_back
from models.rules.routing.route import route
from models.types import MAX_AMOUNT_MINOR, MAX_INSTANT_MS

_MINUTE_MS = 60_000

_FROM_CONTENT = frozenset({HoldType.UNMAPPED_SKU, HoldType.UNEXPECTED_CURRENCY})
"""Holds that follow from what an order states, so that other content is weighed anew."""


def place(draft: Draft, command: PlaceOrder | ReserveOrder) -> Order | Rejected:
    """Give the order as taken. A repeat changes nothing; what a channel has sold is held, not refused."""
    key = order_id(command.pool, command.channel, command.external_id)
    known = draft.order(key)
    if known is not None and not known.expired:
        return _known(draft, known, command)
    wrong = _check(draft, command)
    if wrong is not None:
        return wrong
    order = _fresh(draft, key, command, known)
    if isinstance(command, ReserveOrder):
        time_to_live_ms = _time_to_live_ms(draft, command)
        if time_to_live_ms is None:
            return Rejected(
                RejectionCode.COMMAND_INVALID,
                f"say how long it is to live, or put channel {command.channel} with its reservation_minutes",
                "time_to_live",
            )
        expires_at_ms = min(draft.now_ms + time_to_live_ms, MAX_INSTANT_MS)
        order = replace(order, reserved=True, expires_at_ms=expires_at_ms)
    _tell(draft, order, placed_reservation=False)
    return _hold_and_route(draft, order, command)


def _time_to_live_ms(draft: Draft, command: ReserveOrder) -> int | None:
    if command.time_to_live_ms is not None:
        return command.time_to_live_ms
    channel = draft.view.channels.get(command.channel)
    if channel is None or channel.reservation_minutes is None:
        return None
    return channel.reservation_minutes * _MINUTE_MS


def _known(draft: Draft, known: Order, command: PlaceOrder | ReserveOrder) -> Order | Rejected:
    field = differing_field(known, command)
    if known.reserved and isinstance(command, PlaceOrder):
        return _place_reservation(draft, known, command, content_differs=field in ("currency", "lines", "destination"))
    if command.source_version < known.source_version or not field:
        draft.emit(OlderContentIgnored(order_id=known.order_id, source_version=command.source_version))
        return known
    if command.source_version == known.source_version:
        return Rejected(
            RejectionCode.ORDER_CONFLICT,
            f"{command.channel} sent order {command.external_id} before with another {field}; "
            "send a higher source_version if this is newer",
            field,
        )
    draft.emit(NewerContentNoted(order_id=known.order_id, source_version=command.source_version))
    return replace(known, source_version=command.source_version)


def _place_reservation(draft: Draft, known: Order, command: PlaceOrder, *, content_differs: bool) -> Order | Rejected:
    """Turn a reservation into its order: it keeps its stock, or, with other lines or bound elsewhere, is located anew.

    What was cancelled while it was reserved is wanted again, since the order states it. Holds put on by hand stay.
    """
    wrong = _check(draft, command)
    if wrong is not None:
        return wrong
    if not content_differs:
        fresh = _fresh(draft, known.order_id, command, known)
        lines = tuple(
            replace(new, waiting=new.quantity - old.allocated, allocated=old.allocated)
            for new, old in zip(fresh.lines, known.lines, strict=True)
        )
        order = replace(
            fresh, lines=lines, fulfillments=known.fulfillments, holds=known.holds, refused_by=known.refused_by
        )
        _tell(draft, order, placed_reservation=True)
        return route(draft, order, "placed", tell_waiting=False) if may_claim_stock(order) else order
    order = give_back(draft, known, OPEN_STATUSES, cause="content_changed")
    by_hand = tuple(hold for hold in known.holds if hold.type not in _FROM_CONTENT)
    fresh = replace(_fresh(draft, known.order_id, command, order), fulfillments=order.fulfillments, holds=by_hand)
    _tell(draft, fresh, placed_reservation=True)
    return _hold_and_route(draft, fresh, command)


def _check(draft: Draft, command: OrderContent) -> Rejected | None:
    """Refuse what cannot be an order of this pool, in the order of the codes."""
    wrong = next((line.sku for line in command.lines if not is_sku(line.sku)), None)
    if wrong is not None and not command.sold:
        return sku_invalid(wrong)
    unknown = next((line.sku for line in command.lines if draft.view.item(line.sku) is None), None)
    if unknown is not None and not command.sold:
        return sku_unknown(unknown)
    pool = draft.view.pool
    if command.currency != pool.currency and not command.sold:
        return Rejected(
            RejectionCode.CURRENCY_MISMATCH,
            f"pool {pool.pool} sells in {pool.currency}, not in {command.currency}",
            "currency",
        )
    if len({line.line_id for line in command.lines}) < len(command.lines):
        return Rejected(RejectionCode.LINE_REPEATED, "each line needs a line_id of its own", "line_id")
    if not command.sold and not _amounts_are_whole(command):
        return Rejected(
            RejectionCode.AMOUNT_INVALID, "a discount is larger than what it is taken from", "discount_minor"
        )
    if _gross_minor(command) > MAX_AMOUNT_MINOR:
        return Rejected(
            RejectionCode.AMOUNT_INVALID, f"an order comes to {MAX_AMOUNT_MINOR} minor units at most", "lines"
        )
    return None


def _gross_minor(command: OrderContent) -> int:
    lines = sum(line.unit_price_minor * line.quantity + line.tax_minor for line in command.lines)
    return lines + command.shipping_minor


def _amounts_are_whole(command: OrderContent) -> bool:
    nets = [line.unit_price_minor * line.quantity - line.discount_minor for line in command.lines]
    return min(nets) >= 0 and command.discount_minor <= sum(nets)


def _fresh(draft: Draft, key: str, command: OrderContent, known: Order | None) -> Order:
    """Make the row; every unit waits until it is located."""
    nets = [max(0, line.unit_price_minor * line.quantity - line.discount_minor) for line in command.lines]
    discount = min(command.discount_minor, sum(nets))
    shipping_shares, discount_shares = share(command.shipping_minor, nets), share(discount, nets)
    lines = tuple(
        Line(
            line_id=line.line_id,
            sku=line.sku,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            discount_minor=line.discount_minor,
            tax_minor=line.tax_minor,
            amount_minor=net + line.tax_minor + shipping - less,
            waiting=line.quantity,
        )
        for line, net, shipping, less in zip(command.lines, nets, shipping_shares, discount_shares, strict=True)
    )
    return Order(
        order_id=key,
        pool=command.pool,
        channel=command.channel,
        external_id=command.external_id,
        currency=command.currency,
        status=OrderStatus.BACKORDERED,
        lines=lines,
        destination=command.destination,
        placed_at_ms=command.placed_at_ms,
        version=known.version if known is not None else 0,
        offset=draft.cause.offset,
        index=draft.cause.index,
        updated_at_ms=draft.cause.at_ms,
        source_version=command.source_version,
        customer=command.customer,
        priority=command.priority,
        promise_by_ms=command.promise_by_ms,
        at_risk_from_ms=_at_risk_from(draft, command),
        ship_complete=command.ship_complete,
        shipping_minor=command.shipping_minor,
        discount_minor=command.discount_minor,
        total_minor=sum(line.amount_minor for line in lines),
        fulfillments=known.fulfillments if known is not None else (),
        sequence=known.sequence if known is not None else 0,
        recent=known.recent if known is not None else (),
        forgotten_before_ms=known.forgotten_before_ms if known is not None else 0,
        story=known.story if known is not None else (),
    )


def _at_risk_from(draft: Draft, command: OrderContent) -> int | None:
    if command.promise_by_ms is None:
        return None
    return max(0, command.promise_by_ms - draft.view.pool.policy.at_risk_before_ms)


def _hold_and_route(draft: Draft, order: Order, command: OrderContent) -> Order:
    held = {hold.type for hold in order.holds}
    # What nobody has sold yet was refused for any of these reasons.
    for hold_type, note in _reasons_to_hold(draft, command) if command.sold else ():
        if hold_type in held:
            continue
        hold = Hold(type=hold_type, applied_at_ms=draft.cause.at_ms, actor="headrace", note=note)
        order = replace(order, holds=(*order.holds, hold))
        draft.emit(HoldApplied(order_id=order.order_id, hold=hold_type))
    return route(draft, order, "placed") if may_claim_stock(order) else order


def _reasons_to_hold(draft: Draft, command: OrderContent) -> list[tuple[HoldType, str]]:
    reasons: list[tuple[HoldType, str]] = []
    unknown = sorted({line.sku for line in command.lines if draft.view.item(line.sku) is None})
    if unknown:
        reasons.append((HoldType.UNMAPPED_SKU, "not in the catalogue: " + ", ".join(unknown)))
    if command.currency != draft.view.pool.currency:
        reasons.append((HoldType.UNEXPECTED_CURRENCY, f"sold in {command.currency}"))
    if not _amounts_are_whole(command):
        reasons.append((HoldType.OTHER, "a discount is larger than what it is taken from"))
    return reasons


def _tell(draft: Draft, order: Order, *, placed_reservation: bool) -> None:
    lines = tuple(
        OrderedLine(line_id=line.line_id, sku=line.sku, quantity=line.quantity, amount_minor=line.amount_minor)
        for line in order.lines
    )
    placed = OrderPlaced(
        order_id=order.order_id,
        channel=order.channel,
        external_id=order.external_id,
        currency=order.currency,
        total_minor=order.total_minor,
        units=sum(line.quantity for line in order.lines),
        lines=lines,
    )
    if order.reserved:
        draft.emit(OrderReserved(**asdict(placed), expires_at_ms=order.expires_at_ms or 0))
    elif placed_reservation:
        draft.emit(ReservationPlaced(**asdict(placed)))
    else:
        draft.emit(placed)
