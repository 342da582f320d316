"""Orders of Square: a sale over the counter, an order that is shipped or collected, and what comes back.

An order is one for us to follow where it has fulfillments of the types SHIPMENT, PICKUP or DELIVERY; a completed one
without is a sale at the till. A return is an order of its own that names the one it gives back.
Source: Square documentation, Orders API: Manage orders, Fulfillments, Order returns and exchanges.
"""

from connectors.frame.facts import (
    AnyFact,
    OrderRefunded,
    ParcelStated,
    RefundedUnits,
    RefundStated,
    StockLine,
    TillSold,
    UnitsStated,
)
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.reading import UnreadableError, first, instant, instant_or_none, read_json, whole, within
from connectors.systems.square.content import covered, is_followed, left_units, order_stated
from connectors.systems.square.shapes import Fulfillment, LineItem, Order, currency_of, minor

BY_INVENTORY = "inventory"
_STATES = ("OPEN", "COMPLETED", "CANCELED")
_REFUNDED = ("APPROVED", "COMPLETED")


def order(body: bytes, message: Message, account: Account) -> Translation:
    """Give what an order says as it stands now."""
    del message
    read = read_json(body, Order)
    if read.state == "DRAFT":
        return ignored(f"order {read.id} is a draft, which nobody has ordered yet")
    if not read.id:
        return ignored("an order without an id was only calculated")
    if read.state not in _STATES:
        raise UnreadableError("state", f"whether it is sold is not said: {read.state} is none of {', '.join(_STATES)}")
    if not read.location_id:
        raise UnreadableError("location_id", "where it was sold is missing")
    facts: list[AnyFact] = []
    if any(is_followed(part) for part in read.fulfillments or []):
        facts.append(order_stated(read, read.id, account))
        facts += _parcels(read, read.id)
    why = ""
    if read.state == "COMPLETED":
        sold = _till_lines(read)
        if sold and account.settings.get("stock_moves_by") != BY_INVENTORY:
            facts.append(
                TillSold(document=read.id, location=read.location_id, at_ms=_closed_ms(read), lines=tuple(sold))
            )
        why = "its stock moves by inventory changes in this account" if sold else "it sells nothing of the catalogue"
    facts += _refunds(read, account)
    if facts:
        return Translation(facts=tuple(facts))
    return ignored(f"order {read.id} moves nothing: {why or f'it is {read.state} and nobody has it sent'}")


def _till_lines(read: Order) -> list[StockLine]:
    """Give what left over the counter, and with negative quantities what came back over it.

    What no fulfillment has was taken along. What is not of the catalogue (an amount that was typed in) has no stock.
    """
    lines: list[StockLine] = []
    carried = covered(read)
    for number, item in enumerate(read.line_items or []):
        with within(f"line_items[{number}]"):
            quantity = _quantity(item)
        if item.catalog_object_id and item.uid not in carried and None not in carried and quantity:
            lines.append(_stock_line(item, f"line {number}", quantity))
    for which, given_back in enumerate(read.returns or []):
        for number, item in enumerate(given_back.return_line_items or []):
            with within(f"returns[{which}].return_line_items[{number}]"):
                quantity = _quantity(item)
            if item.catalog_object_id and quantity:
                lines.append(_stock_line(item, f"return {which} line {number}", -quantity))
    return lines


def _stock_line(item: LineItem, otherwise: str, quantity: int) -> StockLine:
    return StockLine(line=item.uid or otherwise, sku=item.catalog_object_id or "", quantity=quantity)


def _quantity(item: LineItem) -> int:
    """Give whole units; what is sold by weight or length has a fraction, and no place in a book of units.

    Raises:
        UnreadableError: it is not whole, of something that has stock.
    """
    if not item.catalog_object_id:
        return 0
    return whole(item.quantity, "quantity")


def _closed_ms(read: Order) -> int:
    return instant(first((read.closed_at, read.updated_at, read.created_at)), "closed_at")


def _parcels(read: Order, order_id: str) -> list[ParcelStated]:
    """Give what its seller has handed over by Square's own means, without us."""
    return [
        _parcel(part, read, order_id)
        for part in read.fulfillments or []
        if is_followed(part) and part.state == "COMPLETED" and part.uid
    ]


def _parcel(part: Fulfillment, read: Order, order_id: str) -> ParcelStated:
    details = part.details
    left = first((details.shipped_at, details.picked_up_at, details.delivered_at, read.closed_at, read.updated_at))
    return ParcelStated(
        parcel_id=part.uid or "",
        external_id=order_id,
        at_ms=instant(left, "fulfillments.shipped_at"),
        units=tuple(UnitsStated(line_id=line_id, quantity=count) for line_id, count in left_units(part).items()),
        carrier=details.carrier or "",
        service=details.shipping_type or "",
        tracking_number=details.tracking_number or "",
        location=read.location_id or "",
    )


def _refunds(read: Order, account: Account) -> list[OrderRefunded]:
    """Give the refunds of a return, for the order that it gives back; an order's own go with the order."""
    sources = {one.source_order_id for one in read.returns or [] if one.source_order_id}
    if not sources:
        return []
    units = tuple(
        RefundedUnits(
            line_id=item.source_line_item_uid or item.uid or "",
            quantity=_quantity(item),
            amount_minor=minor(item.total_money, "return_line_items.total_money"),
            tax_minor=minor(item.total_tax_money, "return_line_items.total_tax_money"),
            # Who takes it back over the counter puts it on the shelf again: the same order says so as a sale.
            restock=False,
        )
        for one in read.returns or []
        for item in one.return_line_items or []
        if item.item_type != "CUSTOM_AMOUNT" and item.catalog_object_id
    )
    facts: list[OrderRefunded] = []
    for number, refund in enumerate(read.refunds or []):
        if refund.status not in (*_REFUNDED, None):
            continue
        with within(f"refunds[{number}]"):
            if not refund.id:
                raise UnreadableError("id", "a refund has no id")
            stated = RefundStated(
                refund_id=refund.id,
                at_ms=instant_or_none(refund.created_at, "created_at") or _closed_ms(read),
                currency=currency_of(refund.amount_money, otherwise=account.currency),
                amount_minor=minor(refund.amount_money, "amount_money"),
                # Which refund is for which units is not said where there are several.
                units=units if number == 0 else (),
                reason=refund.reason or "",
            )
        facts.append(OrderRefunded(external_id=min(sources), refund=stated, of_a_till=True))
    return facts
