"""An order's status follows from its counters and holds; nobody sets it."""

from msgspec.structs import replace

from models.records.order import Order, OrderStatus
from models.rules.holds import is_held


def status_of(order: Order) -> OrderStatus:
    """Give the status: the first that applies, from the ends of an order's life inwards."""
    wanted = shipped = ended = allocated = 0
    for line in order.lines:
        wanted += line.quantity - line.cancelled
        shipped += line.shipped
        ended += line.delivered + line.lost + line.returned_to_sender
        allocated += line.allocated
    if wanted == 0:
        return OrderStatus.EXPIRED if order.expired else OrderStatus.CANCELLED
    if shipped == wanted:
        return OrderStatus.DELIVERED if ended == shipped else OrderStatus.SHIPPED
    if order.holds and is_held(order):
        return OrderStatus.HELD
    if order.reserved:
        return OrderStatus.RESERVED
    if shipped:
        return OrderStatus.PARTIALLY_SHIPPED
    if allocated == wanted:
        return OrderStatus.ROUTED
    return OrderStatus.PARTIALLY_ROUTED if allocated else OrderStatus.BACKORDERED


def with_status(order: Order) -> Order:
    """Give the order with the status that follows from it."""
    status = status_of(order)
    return order if status is order.status else replace(order, status=status)
