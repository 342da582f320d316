"""Refunds of an order of WooCommerce, as its list of them says."""

import re

from connectors.frame.facts import OrderRefunded, RefundedUnits, RefundStated
from connectors.frame.message import Account, Message, Translation
from connectors.frame.reading import UnreadableError, money, read_json, whole, within
from connectors.systems.woocommerce.orders import moment, summed
from connectors.systems.woocommerce.shapes import LineGiven, RefundGiven, metas

_ORDER_OF = re.compile(r"/orders/([^/?#]+)")


def translate_refund(body: bytes, message: Message, account: Account) -> Translation:
    """Give the refund with the units that it names.

    Raises:
        UnreadableError: it does not say of which order it is, or a field is missing or wrong.
    """
    refund = read_json(body, RefundGiven)
    # A refund names no currency: it is the order's, which in a shop is the account's.
    currency = account.currency
    units = [
        _units(line, number, currency)
        for number, line in enumerate(refund.line_items or ())
        if line.quantity or line.total
    ]
    stated = RefundStated(
        refund_id=str(refund.id),
        at_ms=moment(refund.date_created_gmt, refund.date_created, refund.created_at, "date_created", account),
        currency=currency,
        amount_minor=abs(money(refund.amount, currency, "amount", negative=True)),
        units=tuple(one for one in units if one is not None),
        shipping_minor=sum(
            abs(summed(line.total, line.total_tax, currency, "shipping_lines.total"))
            for line in refund.shipping_lines or ()
        ),
        reason=refund.reason or "",
    )
    return Translation(facts=(OrderRefunded(external_id=_order_of(refund, message), refund=stated),))


def _order_of(refund: RefundGiven, message: Message) -> str:
    """Name the order: a refund says it by its links only, or is told by the address that it was asked at."""
    if refund.parent_id and str(refund.parent_id) != "0":
        return str(refund.parent_id)
    for address in (*(link.href for link in (refund.links.up if refund.links else ())), message.url):
        found = _ORDER_OF.search(address)
        if found is not None:
            return found[1]
    raise UnreadableError("order_id", "it does not say of which order it is, and was not asked for by an order")


def _units(line: LineGiven, number: int, currency: str) -> RefundedUnits | None:
    """Units of the line that was refunded; a refund's own line that names none gives back money alone."""
    known = metas(line.meta_data)
    refunded = str(line.refunded_item_id or known.get("_refunded_item_id") or "")
    with within(f"line_items[{number}]"):
        quantity = whole(str(line.quantity or 0).removeprefix("-"), "quantity")
        amount_minor = abs(summed(line.total, None, currency, "total"))
        tax_minor = abs(money(line.total_tax, currency, "total_tax", negative=True))
    if not refunded or refunded == "0":
        return None
    return RefundedUnits(
        line_id=refunded,
        quantity=quantity,
        amount_minor=amount_minor,
        tax_minor=tax_minor,
        restock=bool(known.get("_restock_refunded_items")),
    )
