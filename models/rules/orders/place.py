"""Taking an order or a reservation: check it, recognise repeats, make its row, locate it."""

from msgspec.structs import asdict, replace

from models.commands import OrderContent, PlaceOrder, ReserveOrder, StockPolicy
from models.events import (
    NewerContentNoted,
    OlderContentIgnored,
    OrderReserved,
    ReservationPlaced,
)
from models.ids import order_id
from models.records.hold import Hold, HoldType
from models.records.order import Order, OrderStatus
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.holds import may_claim_stock
from models.rules.lines import OPEN_STATUSES
from models.rules.orders.begun import begin_at
from models.rules.orders.content import differing_field, is_bound_alike
from models.rules.orders.dates import holds_of_date
from models.rules.orders.hold import give_back, is_to_be_approved, payment_hold, put_on, with_clock
from models.rules.orders.limits import beyond_backorder_limit
from models.rules.orders.merge import merge
from models.rules.orders.taking import amounts_are_whole, check, fresh_order, strange_places, taken, unknown_skus
from models.rules.routing.route import route
from models.types import MAX_INSTANT_MS

_MINUTE_MS = 60_000

_OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.DELIVERED})
"""Newer content of an order that has ended is only noted."""

_FROM_CONTENT = frozenset({HoldType.UNMAPPED_SKU, HoldType.UNEXPECTED_CURRENCY})
"""Holds that follow from what an order states, so that other content is weighed anew."""


def place(draft: Draft, command: PlaceOrder | ReserveOrder) -> Order | Rejected:
    """Give the order as taken. A repeat changes nothing; what a channel has sold is held, not refused."""
    key = order_id(command.pool, command.channel, command.external_id)
    known = draft.order(key)
    if known is not None and not known.expired:
        return _known(draft, known, command)
    wrong = check(draft, command) or _strange_beginning(draft, command)
    if wrong is not None:
        return wrong
    order = fresh_order(draft, key, command, known)
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
    return _within_limits(draft, _hold_and_route(draft, order, command), command)


def _strange_beginning(draft: Draft, command: PlaceOrder | ReserveOrder) -> Rejected | None:
    begun_by = command.begun_by if isinstance(command, PlaceOrder) else None
    if begun_by is None or begun_by in draft.view.locations:
        return None
    return Rejected(RejectionCode.LOCATION_UNKNOWN, f"the pool has no location {begun_by}", "begun_by")


def _within_limits(draft: Draft, order: Order, command: OrderContent, before: Order | None = None) -> Order | Rejected:
    """Refuse what would wait where it may not; what a channel has sold already waits all the same."""
    if command.sold:
        return order
    short = any(line.waiting for line in order.lines)
    if short and isinstance(command, PlaceOrder) and command.stock is StockPolicy.REFUSE:
        return Rejected(RejectionCode.STOCK_TOO_LOW, "not everything can be claimed now", "lines")
    return beyond_backorder_limit(draft, before, order) or order


def _time_to_live_ms(draft: Draft, command: ReserveOrder) -> int | None:
    if command.time_to_live_ms is not None:
        return command.time_to_live_ms
    channel = draft.view.channels.get(command.channel)
    if channel is None:
        return None
    of_guests = channel.guest_reservation_minutes if command.customer is None else None
    minutes = channel.reservation_minutes if of_guests is None else of_guests
    return None if minutes is None else minutes * _MINUTE_MS


def _known(draft: Draft, known: Order, command: PlaceOrder | ReserveOrder) -> Order | Rejected:
    if known.reserved and isinstance(command, PlaceOrder):
        return check(draft, command) or _place_reservation(draft, known, command)
    field = differing_field(known, command)
    if not field and command.source_version > known.source_version:
        known = replace(known, source_version=command.source_version)
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
    if isinstance(command, ReserveOrder) or known.historic or known.status in _OVER:
        draft.emit(NewerContentNoted(order_id=known.order_id, source_version=command.source_version))
        return replace(known, source_version=command.source_version)
    return check(draft, command) or merge(draft, known, command)


def _place_reservation(draft: Draft, known: Order, command: PlaceOrder) -> Order | Rejected:
    """Turn a reservation into its order: it keeps its stock, or, with other goods or bound elsewhere, is located anew.

    What was cancelled while it was reserved is wanted again, since the order states it. Holds put on by hand stay.
    """
    keeps = is_bound_alike(known, command)
    claimed = known if keeps else give_back(draft, known, OPEN_STATUSES, cause="content_changed")
    fresh = fresh_order(draft, known.order_id, command, known)
    order = replace(
        fresh,
        fulfillments=claimed.fulfillments,
        holds=known.holds if keeps else tuple(hold for hold in known.holds if hold.type not in _FROM_CONTENT),
        clock_stopped_at_ms=known.clock_stopped_at_ms,
        clock_stopped_ms=known.clock_stopped_ms,
    )
    if keeps:
        # A kit stays what it was when its stock was claimed.
        lines = tuple(
            replace(
                new,
                sku=old.sku,
                listing=old.listing,
                components=old.components,
                waiting=new.quantity - old.allocated,
                allocated=old.allocated,
            )
            for new, old in zip(fresh.lines, known.lines, strict=True)
        )
        order = replace(order, lines=lines, refused_by=known.refused_by)
    _tell(draft, order, placed_reservation=True)
    return _within_limits(draft, _hold_and_route(draft, order, command, tell_waiting=not keeps), command, known)


def _hold_and_route(draft: Draft, order: Order, command: OrderContent, *, tell_waiting: bool = True) -> Order:
    held = {hold.type for hold in order.holds}
    for hold in _holds(draft, order, command):
        if hold.type in held:
            continue
        order = put_on(draft, order, hold)
    # What was put on by hand while it was only reserved stands still.
    order = with_clock(draft, order)
    if isinstance(command, PlaceOrder) and command.begun_by is not None:
        return begin_at(draft, order, command.begun_by)
    return route(draft, order, "placed", tell_waiting=tell_waiting) if may_claim_stock(order) else order


def _holds(draft: Draft, order: Order, command: OrderContent) -> list[Hold]:
    """Give the holds that follow from what an order states."""
    at_ms = draft.cause.at_ms
    # What nobody has sold yet was refused for any of these reasons.
    reasons = _reasons_to_hold(draft, command) if command.sold else []
    if is_to_be_approved(draft, order):
        reasons.append((HoldType.APPROVAL, ""))
    if isinstance(command, PlaceOrder) and command.stock is StockPolicy.SKIP:
        reasons.append((HoldType.IMPORTED, ""))
    holds = [Hold(type=kind, applied_at_ms=at_ms, actor="headrace", note=note) for kind, note in reasons]
    if command.terms is None:
        return holds
    if command.terms.pay_by_ms is not None:
        holds.append(payment_hold(draft, command.terms.pay_by_ms))
    return [*holds, *holds_of_date(draft, order)]


def _reasons_to_hold(draft: Draft, command: OrderContent) -> list[tuple[HoldType, str]]:
    reasons: list[tuple[HoldType, str]] = []
    unknown = sorted(set(unknown_skus(draft, command)))
    if unknown:
        reasons.append((HoldType.UNMAPPED_SKU, "not in the catalogue: " + ", ".join(unknown)))
    if command.currency != draft.view.pool.currency:
        reasons.append((HoldType.UNEXPECTED_CURRENCY, f"sold in {command.currency}"))
    if not amounts_are_whole(command):
        reasons.append((HoldType.OTHER, "a discount is larger than what it is taken from"))
    strange = strange_places(draft, command)
    if not command.destination.country:
        strange = strange or "no country is stated"
    if strange:
        reasons.append((HoldType.ADDRESS, strange))
    return reasons


def _tell(draft: Draft, order: Order, *, placed_reservation: bool) -> None:
    placed = taken(order)
    if order.reserved:
        draft.emit(OrderReserved(**asdict(placed), expires_at_ms=order.expires_at_ms or 0))
    elif placed_reservation:
        draft.emit(ReservationPlaced(**asdict(placed)))
    else:
        draft.emit(placed)
