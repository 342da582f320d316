"""What an order's SKU is with us: a listing of its channel, so many units of an item, or the item itself."""

from typing import NamedTuple

from models.records.line import Component, Line
from models.records.order import Order
from models.rules.view import View


class Goods(NamedTuple):
    """Our SKU of a line, what one of the line is made of where that is not one unit, and its name at the channel."""

    sku: str
    components: tuple[Component, ...]
    listing: str = ""


def goods_of(view: View, channel: str, sku: str) -> Goods | None:
    """Give what a SKU that a channel states is with us; nothing where nobody knows it."""
    listed = view.listing(channel, sku)
    if listed is None:
        item = view.item(sku)
        return Goods(sku, item.components) if item is not None else None
    ours, quantity = listed
    item = view.item(ours)
    components = item.components if item is not None else ()
    if quantity > 1:
        one = components or (Component(sku=ours, quantity=1),)
        components = tuple(Component(sku=part.sku, quantity=part.quantity * quantity) for part in one)
    return Goods(ours, components, sku)


def unknown_lines(view: View, order: Order) -> tuple[Line, ...]:
    """Give the lines of an order whose SKU nobody knows."""
    return tuple(line for line in order.lines if not line.listing and goods_of(view, order.channel, line.sku) is None)
