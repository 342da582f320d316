"""Comparing what a channel states of an order with what we have of it."""

from models.commands import NewLine, OrderContent
from models.records.order import Order


def differing_field(order: Order, command: OrderContent) -> str:
    """Name the first field of the command that differs from the order; empty where all is the same.

    Personal data is sealed with a fresh nonce each time, so only the customer's id is compared.
    """
    pairs = (
        ("currency", order.currency, command.currency),
        ("lines", tuple(_line(order, index) for index in range(len(order.lines))), command.lines),
        ("destination", order.destination, command.destination),
        ("placed_at_ms", order.placed_at_ms, command.placed_at_ms),
        ("customer", _customer(order), command.customer.customer_id if command.customer else ""),
        ("priority", order.priority, command.priority),
        ("promise_by_ms", order.promise_by_ms, command.promise_by_ms),
        ("shipping_minor", order.shipping_minor, command.shipping_minor),
        ("discount_minor", order.discount_minor, command.discount_minor),
        ("ship_complete", order.ship_complete, command.ship_complete),
    )
    return next((name for name, ours, theirs in pairs if ours != theirs), "")


def _customer(order: Order) -> str:
    return order.customer.customer_id if order.customer else ""


def _line(order: Order, index: int) -> NewLine:
    line = order.lines[index]
    return NewLine(
        line_id=line.line_id,
        sku=line.sku,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
    )
