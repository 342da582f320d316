"""Closed orders leave the table and come back: what stays is a stub that knows the row again."""

from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from models.commands import ReopenOrder
from models.events import OrderClosed, OrderReopened
from models.records.order import Order, OrderStatus
from models.records.stock import Stub
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.types import MAX_INSTANT_MS

ENDED = frozenset({OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.EXPIRED})
"""Nothing moves an order in these states by itself any more."""

_encode = msgspec.json.Encoder().encode


def with_closing(order: Order, now_ms: int, close_after_ms: int) -> Order:
    """Say when an order leaves the table: so long after the last thing that happened to it, once it has ended."""
    closes_ms = min(now_ms + close_after_ms, MAX_INSTANT_MS) if order.status in ENDED else None
    return replace(order, closes_at_ms=closes_ms)


def close(draft: Draft, order: Order) -> Order:
    """Take an order out of the table; the event carries its row, the stub knows it again."""
    at = draft.cause
    # At the place of what closes it, since readers of pictures pass over what is not newer than theirs.
    picture = replace(order, closed_at_ms=draft.now_ms, version=order.version + 1, offset=at.offset, index=at.index)
    known_by = digest(picture)
    draft.closed[order.order_id] = Stub(
        order_id=order.order_id,
        source_version=order.source_version,
        digest=known_by,
        expired=order.expired,
        closed_at_ms=draft.now_ms,
        forget_at_ms=min(draft.now_ms + draft.view.pool.policy.stub_ms, MAX_INSTANT_MS),
    )
    draft.emit(OrderClosed(order_id=order.order_id, digest=known_by, order=picture))
    return picture


def reopen(draft: Draft, command: ReopenOrder) -> Order | Rejected:
    """Bring a closed order back by its archived row."""
    if command.order.order_id != command.order_id or command.order.pool != command.pool:
        return Rejected(RejectionCode.ROW_CONFLICT, "the row is of another order", "order")
    known = draft.order(command.order_id)
    if known is not None:
        return known
    stub = draft.view.stub(command.order_id)
    if stub is None:
        return Rejected(
            RejectionCode.ORDER_UNKNOWN, f"no order {command.order_id} was closed, or too long ago", "order_id"
        )
    if digest(command.order) != stub.digest:
        return Rejected(
            RejectionCode.ROW_CONFLICT, "this is not the row that was closed; take it from the archive", "order"
        )
    draft.reopened.append(command.order_id)
    draft.emit(OrderReopened(order_id=command.order_id, digest=stub.digest))
    return replace(command.order, closed_at_ms=None)


def digest(order: Order) -> str:
    """Give what a row is known by."""
    return blake2b(_encode(order), digest_size=16).hexdigest()
