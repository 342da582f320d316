"""The content of an order of Square that is sent or collected: lines as they stand now, amounts, who and where.

Source: Square API reference, objects OrderLineItem (prices, taxes) and OrderFulfillment (entries, details).
"""

from collections import Counter

from connectors.frame.facts import Address, Buyer, LineStated, OrderStated, PaymentKind, PaymentStated
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError, first, instant, instant_or_none, whole, within
from connectors.systems.square.refunds import own_refunds
from connectors.systems.square.shapes import Fulfillment, LineItem, Order, Tender, currency_of, minor

_FOLLOWED = ("SHIPMENT", "PICKUP", "DELIVERY")
_OFF = ("CANCELED", "FAILED")
_TENDERS = {"AUTHORIZED": PaymentKind.AUTHORISED, "VOIDED": PaymentKind.VOIDED, "FAILED": PaymentKind.FAILED}


def is_followed(part: Fulfillment) -> bool:
    """Tell whether somebody has to send it, or to lay it ready; other types are handed over at once, or no goods."""
    return part.type in _FOLLOWED


def covered(read: Order) -> set[str | None]:
    """Give the lines that fulfillments have; with None in it that is every line."""
    parts = [part for part in read.fulfillments or [] if is_followed(part)]
    lines: set[str | None] = {entry.line_item_uid for part in parts for entry in part.entries or []}
    return lines if all(part.entries for part in parts) else {None}


def left_units(part: Fulfillment) -> Counter[str]:
    """Give units by line of a fulfillment; nothing where it has all of the order."""
    units: Counter[str] = Counter()
    for number, entry in enumerate(part.entries or []):
        with within(f"fulfillments.entries[{number}]"):
            units[entry.line_item_uid or ""] += whole(entry.quantity, "quantity")
    return units


def order_stated(read: Order, order_id: str, account: Account) -> OrderStated:
    """Give the order whole. Amounts are in the currency of the seller's books: Square has no other."""
    parts = [part for part in read.fulfillments or [] if is_followed(part)]
    items = read.line_items or []
    currency = currency_of(read.total_money, *(item.base_price_money for item in items[:1]), otherwise=account.currency)
    inclusive = {tax.uid for tax in read.taxes or [] if tax.type == "INCLUSIVE"}
    tax_included = bool(inclusive) and len(inclusive) == len(read.taxes or [])
    lines = tuple(_lines(read, parts, inclusive if not tax_included else set()))
    discount_minor = minor(read.total_discount_money, "total_discount_money")
    on_lines_minor = sum(minor(item.total_discount_money, "total_discount_money") for item in items)
    tax_minor = minor(read.total_tax_money, "total_tax_money")
    tax_on_lines_minor = sum(minor(item.total_tax_money, "total_tax_money") for item in items)
    details = next((part.details for part in parts if part.state not in _OFF), parts[0].details)
    cancelled_ms = _cancelled_ms(read, parts)
    updated_ms = instant_or_none(read.updated_at, "updated_at")
    placed_ms = instant(first((read.created_at, read.updated_at)), "created_at")
    return OrderStated(
        external_id=order_id,
        number=first((read.reference_id, read.ticket_name)),
        # Orders that are made at the till have no version.
        source_version=read.version if read.version is not None else updated_ms or placed_ms,
        placed_at_ms=placed_ms,
        updated_at_ms=updated_ms,
        currency=currency,
        lines=lines,
        destination=_destination(parts),
        buyer=_buyer(read, parts),
        # What is charged for sending it is a service charge like any other.
        shipping_minor=_charges_minor(read),
        discount_minor=max(0, discount_minor - on_lines_minor),
        tax_minor=max(0, tax_minor - tax_on_lines_minor),
        tax_included=tax_included,
        total_minor=None if read.total_money is None else minor(read.total_money, "total_money"),
        paid=_is_paid(read),
        payments=tuple(_payments(read, currency, placed_ms)),
        refunds=own_refunds(read, currency),
        service=details.shipping_type or "",
        promise_by_ms=instant_or_none(first((details.pickup_at, details.deliver_at)), "fulfillments.pickup_at"),
        collect_at=(read.location_id or "") if all(part.type == "PICKUP" for part in parts) else "",
        location=read.location_id or "",
        note=first((details.shipping_note, details.note)),
        cancelled_at_ms=cancelled_ms,
        cancel_cause="" if cancelled_ms is None else "customer",
    )


def _lines(read: Order, parts: list[Fulfillment], inclusive: set[str | None]) -> list[LineStated]:
    """Give lines as they stand: an edit has changed the line itself, a fulfillment that is off takes units away."""
    all_off = all(part.state in _OFF for part in parts)
    off: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for part in parts:
        if part.state in _OFF and not all_off:
            off += left_units(part)
        elif part.state == "COMPLETED":
            gone += left_units(part)
    all_gone = any(part.state == "COMPLETED" and not part.entries for part in parts)
    carried = covered(read)
    lines: list[LineStated] = []
    for number, item in enumerate(read.line_items or []):
        with within(f"line_items[{number}]"):
            if not item.uid:
                raise UnreadableError("uid", "a line has no id")
            ordered = whole(item.quantity, "quantity")
            quantity = max(0, ordered - off[item.uid])
            fulfilled = quantity if all_gone else min(quantity, gone[item.uid])
            ships = item.item_type in (None, "ITEM") and (None in carried or item.uid in carried)
            lines.append(_line(item, item.uid, (ordered, quantity, fulfilled), inclusive, ships=ships))
    return lines


def _line(
    item: LineItem, line_id: str, counts: tuple[int, int, int], inclusive: set[str | None], *, ships: bool
) -> LineStated:
    ordered, quantity, fulfilled = counts
    price_minor = _price_minor(item, ordered)
    # Modifiers may be priced by the line: then the unit's price is rounded up, and the rest is a discount.
    unit_minor = -(-price_minor // ordered) if ordered else 0
    rest_minor = unit_minor * ordered - price_minor
    included_minor = sum(
        minor(tax.applied_money, "applied_taxes.applied_money")
        for tax in item.applied_taxes or []
        if tax.tax_uid in inclusive
    )
    return LineStated(
        line_id=line_id,
        # Square's orders name what is sold by the id of its variation, and know no SKU.
        sku=item.catalog_object_id or "",
        listing_ref=item.catalog_object_id or "",
        title=" ".join(part for part in (item.name, item.variation_name) if part),
        ordered=ordered,
        quantity=quantity,
        fulfilled=fulfilled,
        unit_price_minor=unit_minor,
        discount_minor=minor(item.total_discount_money, "total_discount_money") + rest_minor,
        tax_minor=max(0, minor(item.total_tax_money, "total_tax_money") - included_minor),
        ships=ships,
    )


def _price_minor(item: LineItem, ordered: int) -> int:
    """Give what a line costs before discounts, with its modifiers; a tax that is included in it stays in it."""
    base_minor = minor(item.base_price_money, "base_price_money") * ordered
    if item.variation_total_price_money is not None:
        base_minor = minor(item.variation_total_price_money, "variation_total_price_money")
    for modifier in item.modifiers or []:
        if modifier.total_price_money is not None:
            base_minor += minor(modifier.total_price_money, "modifiers.total_price_money")
        else:
            base_minor += minor(modifier.base_price_money, "modifiers.base_price_money") * ordered
    return base_minor


def _charges_minor(read: Order) -> int:
    if read.service_charges:
        return sum(
            minor(charge.applied_money or charge.amount_money, "service_charges.applied_money")
            for charge in read.service_charges
        )
    return minor(read.total_service_charge_money, "total_service_charge_money")


def _is_paid(read: Order) -> bool:
    if read.state == "COMPLETED":
        return True
    if read.net_amount_due_money is not None and read.net_amount_due_money.amount is not None:
        return read.net_amount_due_money.amount <= 0
    given_minor = sum(minor(tender.amount_money, "tenders.amount_money") for tender in read.tenders or [])
    return given_minor >= minor(read.total_money, "total_money")


def _payments(read: Order, currency: str, placed_ms: int) -> list[PaymentStated]:
    return [_payment(tender, currency, placed_ms) for tender in read.tenders or [] if tender.id or tender.payment_id]


def _payment(tender: Tender, currency: str, placed_ms: int) -> PaymentStated:
    card = tender.card_details.status if tender.card_details is not None else None
    at_ms = instant_or_none(tender.created_at, "tenders.created_at")
    return PaymentStated(
        payment_id=first((tender.payment_id, tender.id)),
        kind=_TENDERS.get(card or "", PaymentKind.CAPTURED),
        amount_minor=minor(tender.amount_money, "tenders.amount_money"),
        currency=currency_of(tender.amount_money, otherwise=currency),
        at_ms=placed_ms if at_ms is None else at_ms,
        tender=(tender.type or "").lower(),
    )


def _cancelled_ms(read: Order, parts: list[Fulfillment]) -> int | None:
    if read.state != "CANCELED" and not all(part.state in _OFF for part in parts):
        return None
    moments = [part.details.canceled_at for part in parts]
    return instant(first((*moments, read.closed_at, read.updated_at, read.created_at)), "updated_at")


def _buyer(read: Order, parts: list[Fulfillment]) -> Buyer | None:
    recipient = next((part.details.recipient for part in parts if part.details.recipient is not None), None)
    if recipient is None:
        return Buyer(customer_ref=read.customer_id) if read.customer_id else None
    return Buyer(
        customer_ref=first((read.customer_id, recipient.customer_id)),
        name=recipient.display_name or "",
        email=recipient.email_address or "",
        phone=recipient.phone_number or "",
    )


def _destination(parts: list[Fulfillment]) -> Address | None:
    """Give where it goes to; what is collected goes nowhere."""
    for part in parts:
        recipient = part.details.recipient
        if part.type == "PICKUP" or recipient is None or recipient.address is None:
            continue
        place = recipient.address
        return Address(
            country=place.country or "",
            name=recipient.display_name or "",
            lines=tuple(line for line in (place.address_line_1, place.address_line_2, place.address_line_3) if line),
            city=place.locality or "",
            region=place.administrative_district_level_1 or "",
            postcode=place.postal_code or "",
        )
    return None
