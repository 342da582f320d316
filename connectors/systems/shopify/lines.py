"""Lines of an order as they stand now: what edits and refunds left of them, and what of them has gone."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connectors.frame.facts import LineStated
from connectors.frame.reading import UnreadableError, first, whole, within
from connectors.systems.shopify.refunds import removed_units
from connectors.systems.shopify.shapes import Allocation, FulfillmentGiven, LineGiven, OrderGiven
from connectors.systems.shopify.values import all_of, amount, either, ident, needed, share, stated, word

_HAS_GONE = "success"
_GONE_IN_PART = frozenset({"fulfilled", "partial", "partially_fulfilled"})


class LinesRead(NamedTuple):
    """The lines, and what was on them before anything was taken off."""

    lines: tuple[LineStated, ...]
    discount_minor: int
    tax_minor: int


def lines_of(given: OrderGiven, currency: str) -> LinesRead:
    """Read the lines of an order.

    Raises:
        UnreadableError: it has none, or a field of one cannot be read.
    """
    if not given.line_items:
        raise UnreadableError("line_items", "an order without lines says nothing of what is to be sent")
    all_of("line_items", go_on=given.line_items_go_on)
    gone = fulfilled_units(given.fulfillments or ())
    removed = removed_units(given.refunds or ())
    lines: list[LineStated] = []
    discounts, taxes = 0, 0
    for number, line in enumerate(given.line_items):
        with within(f"line_items[{number}]"):
            line_id = needed(line.id, "id")
            ordered = whole(line.quantity, "quantity")
            # `quantity` is what was bought; what edits and refunds left of it is `current_quantity`, since 2021-07.
            # Source: Shopify, Order resource, line_items.current_quantity.
            if line.current_quantity is not None:
                quantity = whole(line.current_quantity, "current_quantity")
            else:
                quantity = max(0, ordered - removed.get(line_id, 0))
            price = _price(line, ordered, currency)
            discount, tax = _discount(line, price * ordered, currency), _tax(line, currency)
            discounts, taxes = discounts + discount, taxes + tax
            lines.append(
                LineStated(
                    line_id=line_id,
                    sku=(line.sku or "").strip(),
                    quantity=quantity,
                    ordered=ordered,
                    unit_price_minor=price,
                    # Discounts and taxes stay those of all that was bought: of what is left it is their share.
                    discount_minor=share(discount, quantity, ordered),
                    tax_minor=share(tax, quantity, ordered),
                    title=first([line.name, line.title]),
                    listing_ref=ident(either(line.variant_id, line.variant)),
                    fulfilled=gone.get(line_id, 0) if given.fulfillments else _told_gone(line, given, quantity),
                    ships=line.requires_shipping is not False and not (line.gift_card or line.is_gift_card),
                )
            )
    return LinesRead(tuple(lines), discounts, taxes)


def fulfilled_units(fulfillments: Iterable[FulfillmentGiven]) -> dict[str, int]:
    """Count the units by line that have left; a fulfillment that failed, waits or was cancelled took none."""
    gone: dict[str, int] = {}
    for number, one in enumerate(fulfillments):
        if word(one.status) == _HAS_GONE:
            with within(f"fulfillments[{number}]"):
                for line_id, _, count in units_of(one):
                    gone[line_id] = gone.get(line_id, 0) + count
    return gone


def units_of(fulfillment: FulfillmentGiven) -> Iterator[tuple[str, str, int]]:
    """Give (line, SKU, units) of a fulfillment."""
    all_of("fulfillment_line_items", go_on=fulfillment.fulfillment_line_items_go_on)
    if fulfillment.line_items is None and fulfillment.fulfillment_line_items is not None:
        for number, units in enumerate(fulfillment.fulfillment_line_items):
            path = f"fulfillment_line_items[{number}]"
            line = units.line_item or LineGiven()
            yield needed(line.id, f"{path}.line_item.id"), line.sku or "", whole(units.quantity, f"{path}.quantity")
        return
    for number, units in enumerate(fulfillment.line_items or ()):
        path = f"line_items[{number}]"
        yield needed(units.id, f"{path}.id"), units.sku or "", whole(units.quantity, f"{path}.quantity")


def _told_gone(line: LineGiven, order: OrderGiven, quantity: int) -> int:
    """Give the units that have left, where that is told without the fulfillments that took them."""
    told = word(first([line.fulfillment_status, order.fulfillment_status, order.display_fulfillment_status]))
    open_units = line.unfulfilled_quantity if line.fulfillable_quantity is None else line.fulfillable_quantity
    if told not in _GONE_IN_PART or open_units is None:
        return 0
    return max(0, quantity - whole(open_units, "fulfillable_quantity"))


def _price(line: LineGiven, ordered: int, currency: str) -> int:
    """Give what a unit costs; who asks GraphQL names which of its prices are told, and may have asked for any."""
    if stated(line.price_set, line.price) is not None:
        return amount(line.price_set, line.price, currency, "price")
    if stated(line.original_unit_price_set, line.original_unit_price) is not None:
        return amount(line.original_unit_price_set, line.original_unit_price, currency, "original_unit_price")
    if stated(line.original_total_set) is not None:
        return share(amount(line.original_total_set, None, currency, "original_total_set"), 1, ordered)
    return amount(line.discounted_unit_price_set, None, currency, "discounted_unit_price_set")


def _discount(line: LineGiven, before: int, currency: str) -> int:
    """Sum what discounts take off the line; `total_discount` leaves those of the whole order out, and may be all."""
    allocated = line.discount_allocations or ()
    if not allocated and stated(line.total_discount_set, line.total_discount) is None and line.discounted_total_set:
        return max(0, before - amount(line.discounted_total_set, None, currency, "discounted_total_set"))
    if not allocated:
        return amount(line.total_discount_set, line.total_discount, currency, "total_discount")
    return sum(allocation(one, currency, f"discount_allocations[{n}]") for n, one in enumerate(allocated))


def allocation(one: Allocation, currency: str, path: str) -> int:
    """Give the part of a discount."""
    return amount(one.amount_set or one.allocated_amount_set, one.amount, currency, f"{path}.amount")


def _tax(line: LineGiven, currency: str) -> int:
    return sum(
        amount(one.price_set, one.price, currency, f"tax_lines[{number}].price")
        for number, one in enumerate(line.tax_lines or ())
    )
