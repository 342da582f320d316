"""What the lines of an order come to: each carries its share of shipping and of the order's discount, to the cent."""

from collections.abc import Sequence

from models.money import share
from models.records.line import Line
from models.records.order import NewLine


def amounts_of(lines: Sequence[Line | NewLine], shipping_minor: int, discount_minor: int) -> list[int]:
    """Give what each line comes to: what is left of its price, tax, and shares by what is left of the price."""
    nets = [max(0, line.unit_price_minor * line.quantity - line.discount_minor) for line in lines]
    shipping = share(shipping_minor, nets)
    discount = share(min(discount_minor, sum(nets)), nets)
    return [
        net + line.tax_minor + more - less
        for line, net, more, less in zip(lines, nets, shipping, discount, strict=True)
    ]


def amount_alone(line: NewLine) -> int:
    """Give the amount of a line that came later: shipping and discount are shared out already."""
    return max(0, line.unit_price_minor * line.quantity - line.discount_minor) + line.tax_minor


def total_minor(lines: Sequence[Line]) -> int:
    """Give what an order comes to."""
    return sum([line.amount_minor for line in lines])
