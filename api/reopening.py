"""Brings closed orders back: before a command on one goes the row that the views have kept of it.

The core checks that row against what it kept, so nothing but the order as it was closed can come back.
"""

from api.present import order_of
from api.views.queries import Views
from models.commands import Command, EditOrder, OrderContent, ReopenOrder, order_id_of
from models.records.order import Order


def reopening(views: Views, command: Command) -> ReopenOrder | None:
    """Give what brings the order of a command back, where that is closed."""
    order_id = order_id_of(command)
    row = views.order(command.pool, order_id) if order_id else None
    # Most orders are open, and are not decoded to see it.
    if row is None or b'"closed_at_ms":' not in row[1]:
        return None
    order = order_of(row[1])
    if order.closed_at_ms is None or not _wakes(command, order):
        return None
    return ReopenOrder(
        # Of its own for each time that the order was closed.
        command_id=f"{command.command_id}-reopens-{order.version}",
        pool=command.pool,
        issued_at_ms=command.issued_at_ms,
        actor=command.actor,
        reason=f"for {command.__struct_config__.tag}",
        correlation_id=command.correlation_id,
        order_id=order.order_id,
        order=order,
    )


def _wakes(command: Command, order: Order) -> bool:
    """Tell whether a command has something to do with a closed order: what only repeats its content has not."""
    if isinstance(command, EditOrder):
        return not command.preview
    return not isinstance(command, OrderContent) or order.expired or command.source_version > order.source_version
