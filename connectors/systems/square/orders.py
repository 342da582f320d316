"""Orders of Square: a sale over the counter, an order that is shipped or collected, and what comes back.

An order is one for us to follow where it has fulfillments of the types SHIPMENT, PICKUP or DELIVERY; a completed one
without is a sale at the till. A return is an order of its own that names the one it gives back.
Source: Square documentation, Orders API: Manage orders, Fulfillments, Order returns and exchanges.
"""

from connectors.frame.facts import AnyFact, ParcelStated, StockLine, TillSold, UnitsStated
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.reading import UnreadableError, first, instant, read_json, within
from connectors.systems.square.content import covered, is_followed, left_units, order_stated
from connectors.systems.square.refunds import closed_ms, given_back, whole_units
from connectors.systems.square.shapes import Fulfillment, LineItem, Order

BY_INVENTORY = "inventory"
_STATES = ("OPEN", "COMPLETED", "CANCELED")


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
                TillSold(document=read.id, location=read.location_id, at_ms=closed_ms(read), lines=tuple(sold))
            )
        why = "its stock moves by inventory changes in this account" if sold else "it sells nothing of the catalogue"
    facts += given_back(read, account)
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
            quantity = whole_units(item)
        if item.catalog_object_id and item.uid not in carried and None not in carried and quantity:
            lines.append(_stock_line(item, f"line {number}", quantity))
    for which, returned in enumerate(read.returns or []):
        for number, item in enumerate(returned.return_line_items or []):
            with within(f"returns[{which}].return_line_items[{number}]"):
                quantity = whole_units(item)
            if item.catalog_object_id and quantity:
                lines.append(_stock_line(item, f"return {which} line {number}", -quantity))
    return lines


def _stock_line(item: LineItem, otherwise: str, quantity: int) -> StockLine:
    return StockLine(line=item.uid or otherwise, sku=item.catalog_object_id or "", quantity=quantity)


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
