"""What a refund says: money is what its transactions moved, units are what it names, whatever that money was for.

Source: Shopify, Refund resource; the topic `refunds/create` comes independent from the movement of money.
"""

from collections.abc import Iterable, Iterator

from connectors.frame.facts import OrderRefunded, RefundedUnits, RefundStated
from connectors.frame.message import Account
from connectors.frame.reading import first, instant, whole, within
from connectors.systems.shopify.shapes import MoneySet, RefundedLine, RefundGiven
from connectors.systems.shopify.values import all_of, amount, currency_of, either, ident, needed, stated, word

_RESTOCKED = frozenset({"return", "cancel", "legacy_restock"})
"""Of these the units are for sale again; `no_restock` gives back money alone. Source: Refund, `restock_type`."""


def order_refunded(given: RefundGiven, account: Account) -> OrderRefunded:
    """Give the fact of a refund that came without its order."""
    refund_id = needed(given.id, "id")
    order = needed(either(given.order_id, given.order), "order_id")
    sets = list(_sets(given))
    named = [one.currency for one in given.transactions or () if one.currency]
    currency = next(iter(named), account.currency or None)
    field = "transactions[0].currency" if named else "currency"
    for path, one in sets:
        if one is not None and one.shop_money is not None and one.shop_money.currency_code:
            currency, field = one.shop_money.currency_code, f"{path}.shop_money.currency_code"
            break
    return OrderRefunded(external_id=order, refund=_refund(given, refund_id, currency_of(currency, field)))


def refunds_of_order(given: Iterable[RefundGiven], currency: str) -> Iterator[RefundStated]:
    """Give the refunds that stand in an order, whose currency they have."""
    for number, refund in enumerate(given):
        with within(f"refunds[{number}]"):
            yield _refund(refund, needed(refund.id, "id"), currency)


def refunded_shipping(given: RefundGiven, currency: str) -> int:
    """Give what a refund gives back of the shipping, with its tax.

    Versions since 2023-10 name the shipping lines; those before have an adjustment of a negative amount, which newer
    ones repeat.
    """
    if given.refund_shipping_lines:
        return sum(
            amount(line.subtotal_amount_set, None, currency, f"refund_shipping_lines[{n}].subtotal_amount_set")
            + amount(line.tax_amount_set, None, currency, f"refund_shipping_lines[{n}].tax_amount_set")
            for n, line in enumerate(given.refund_shipping_lines)
        )
    back = 0
    for number, one in enumerate(given.order_adjustments or ()):
        if word(one.kind) == "shipping_refund":
            path = f"order_adjustments[{number}]"
            back -= amount(one.amount_set, one.amount, currency, f"{path}.amount", negative=True)
            back -= amount(one.tax_amount_set, one.tax_amount, currency, f"{path}.tax_amount", negative=True)
    return max(0, back)


def _sets(given: RefundGiven) -> Iterator[tuple[str, MoneySet | None]]:
    yield "total_refunded_set", given.total_refunded_set
    for number, line in enumerate(given.refund_line_items or ()):
        yield f"refund_line_items[{number}].subtotal_set", line.subtotal_set
    for number, shipping in enumerate(given.refund_shipping_lines or ()):
        yield f"refund_shipping_lines[{number}].subtotal_amount_set", shipping.subtotal_amount_set
    yield "total_duties_set", given.total_duties_set


def _refund(given: RefundGiven, refund_id: str, currency: str) -> RefundStated:
    all_of("refund_line_items", go_on=given.refund_line_items_go_on)
    units = tuple(_units(given, currency))
    shipping = refunded_shipping(given, currency)
    at = first([given.processed_at, given.created_at])
    return RefundStated(
        refund_id=refund_id,
        at_ms=instant(at, "processed_at" if given.processed_at else "created_at"),
        currency=currency,
        amount_minor=_moved(given, currency, units, shipping),
        units=units,
        shipping_minor=shipping,
        reason=given.note or "",
    )


def _units(given: RefundGiven, currency: str) -> Iterator[RefundedUnits]:
    for number, line in enumerate(given.refund_line_items or ()):
        path = f"refund_line_items[{number}]"
        yield RefundedUnits(
            line_id=needed(either(line.line_item_id, line.line_item), f"{path}.line_item_id"),
            quantity=whole(line.quantity, f"{path}.quantity"),
            amount_minor=amount(line.subtotal_set, line.subtotal, currency, f"{path}.subtotal"),
            tax_minor=amount(line.total_tax_set, line.total_tax, currency, f"{path}.total_tax"),
            restock=is_restocked(line, given),
        )


def is_restocked(line: RefundedLine, refund: RefundGiven) -> bool:
    """Tell whether units of a refund are for sale again; before 2018-08 the refund says so for all of its lines."""
    return word(line.restock_type) in _RESTOCKED if line.restock_type else refund.restock is True


def _moved(given: RefundGiven, currency: str, units: tuple[RefundedUnits, ...], shipping: int) -> int:
    """Give the money that was moved; where that is told in the customer's currency alone, what it was for."""
    if stated(given.total_refunded_set) is not None:
        return amount(given.total_refunded_set, None, currency, "total_refunded_set")
    moved = 0
    for number, one in enumerate(given.transactions or ()):
        if word(one.kind) != "refund" or word(one.status) not in {"success", ""}:
            continue
        if one.amount_set is None and one.currency not in {None, "", currency}:
            return sum(line.amount_minor + line.tax_minor for line in units) + shipping
        moved += amount(one.amount_set, one.amount, currency, f"transactions[{number}].amount")
    return moved


def removed_units(refunds: Iterable[RefundGiven]) -> dict[str, int]:
    """Count units by line that refunds took off an order, for versions that do not say what is left of it."""
    removed: dict[str, int] = {}
    for number, refund in enumerate(refunds):
        for line_number, line in enumerate(refund.refund_line_items or ()):
            if is_restocked(line, refund):
                line_id = ident(either(line.line_item_id, line.line_item))
                count = whole(line.quantity, f"refunds[{number}].refund_line_items[{line_number}].quantity")
                removed[line_id] = removed.get(line_id, 0) + count
    return removed
