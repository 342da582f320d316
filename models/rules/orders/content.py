"""Comparing what a channel states of an order with what it stated before."""

from models.commands import OrderContent
from models.records.order import Order, Terms
from models.rules.orders.edit import channel_content, edition_of

_FIELDS = ("lines", "destination", "priority", "promise_by_ms", "shipping_minor", "discount_minor", "terms")


def is_bound_alike(order: Order, command: OrderContent) -> bool:
    """Tell whether content is of the goods that were located, bound for where they were located for."""
    known = channel_content(order)
    return (
        edition_of(order) == 0
        and (order.currency, known.lines, known.destination) == (command.currency, command.lines, command.destination)
        and is_sent_alike(known.terms, command.terms)
    )


def is_sent_alike(one: Terms | None, other: Terms | None) -> bool:
    """Tell whether terms name the same addresses, and the same place where it is collected."""
    mine, theirs = one if one is not None else Terms(), other if other is not None else Terms()
    return (mine.collect_at, mine.collect_from, mine.destinations) == (
        theirs.collect_at,
        theirs.collect_from,
        theirs.destinations,
    )


def differing_field(order: Order, command: OrderContent) -> str:
    """Name the first field of the command that differs from what the channel stated last; empty where all is the same.

    Personal data is sealed with a fresh nonce each time, so only the customer's id is compared.
    """
    known = channel_content(order)
    buyer = known.customer.customer_id if known.customer is not None else ""
    pairs = (
        ("currency", order.currency, command.currency),
        *((name, getattr(known, name), getattr(command, name)) for name in _FIELDS),
        ("placed_at_ms", order.placed_at_ms, command.placed_at_ms),
        ("customer", buyer, command.customer.customer_id if command.customer is not None else ""),
        ("ship_complete", order.ship_complete, command.ship_complete),
    )
    return next((name for name, ours, theirs in pairs if ours != theirs), "")
