"""An order of the orders API 2026-01-01, which comes whole: buyer, address, items, money and cancellations in one.

Source: Selling Partner API, Orders 2026-01-01, `Order`, `OrderItem` and `ItemProceedsBreakdown`.
"""

from connectors.frame.facts import HoldStated, LineStated, OrderStated, PaymentKind, PaymentStated
from connectors.frame.message import Translation
from connectors.frame.prices import priced
from connectors.frame.reading import UnreadableError, first, instant, instant_or_none, read_json, whole, within
from connectors.systems.amazon.amounts import minor, tax_included
from connectors.systems.amazon.marketplaces import marketplace
from connectors.systems.amazon.people import address_of, buyer_of
from connectors.systems.amazon.shapes_2026 import (
    AddressGiven,
    BreakdownGiven,
    BuyerGiven,
    CancellationGiven,
    FulfillmentGiven,
    ItemGiven,
    OrderGiven,
    ProceedsGiven,
    ProductGiven,
    WindowGiven,
)
from models.records.hold import HoldType

UNPAID = frozenset({"PENDING", "PENDING_AVAILABILITY"})
_GOODS = "ITEM"
_CHARGES = frozenset({"SHIPPING", "GIFT_WRAP", "COD_FEE", "OTHER"})


def translate_order(body: bytes) -> Translation:
    """Give an order.

    Raises:
        UnreadableError: a field is missing or wrong.
    """
    order = read_json(body, OrderGiven)
    place = marketplace(order.sales_channel.marketplace_id if order.sales_channel else "")
    total = order.proceeds.grand_total if order.proceeds is not None else None
    of_items = (_currency(item) for item in order.order_items)
    currency = first((total.currency if total else "", *of_items, place.currency))
    if not currency:
        raise UnreadableError("proceeds.grandTotal.currencyCode", "neither order nor marketplace names a currency")
    lines = tuple(_line(item, number, currency) for number, item in enumerate(order.order_items))
    beside = [_beside(item, number, currency) for number, item in enumerate(order.order_items)]
    charged, taxed = sum(charge for charge, _ in beside), sum(tax for _, tax in beside)
    total_minor = None if total is None else minor(total, currency, "proceeds.grandTotal.amount")
    without_tax = sum(line.unit_price_minor * line.quantity - line.discount_minor for line in lines) + charged
    tax_minor = sum(line.tax_minor for line in lines) + taxed
    updated_at_ms = instant(order.last_updated_time, "lastUpdatedTime")
    placed_at_ms = instant(order.created_time, "createdTime")
    how = order.fulfillment or FulfillmentGiven()
    buyer = order.buyer or BuyerGiven()
    address = order.recipient.delivery_address if order.recipient is not None else None
    stated = OrderStated(
        external_id=order.order_id,
        source_version=updated_at_ms,
        placed_at_ms=placed_at_ms,
        updated_at_ms=updated_at_ms,
        currency=currency,
        number=first(alias.alias_id for alias in order.order_aliases or ()),
        lines=lines,
        destination=address_of(address),
        buyer=buyer_of(buyer, address),
        shipping_minor=charged,
        tax_minor=taxed,
        tax_included=tax_included(total_minor, without_tax, tax_minor, place),
        total_minor=total_minor,
        paid=how.fulfillment_status not in UNPAID,
        payments=_payments(order, currency, placed_at_ms),
        holds=_holds(order),
        service=how.fulfillment_service_level or "",
        promise_by_ms=_promise(how),
        purchase_order=buyer.buyer_purchase_order_number or "",
        collect_at=_store(order, address),
        cancelled_at_ms=updated_at_ms if how.fulfillment_status == "CANCELLED" else None,
    )
    return Translation(facts=(stated,))


def _currency(item: ItemGiven) -> str:
    price = item.product.price.unit_price if item.product is not None and item.product.price is not None else None
    return price.currency if price is not None else ""


def _line(item: ItemGiven, number: int, currency: str) -> LineStated:
    product = item.product or ProductGiven()
    with within(f"orderItems[{number}]"):
        ordered = whole(item.quantity_ordered, "quantityOrdered")
        quantity, fulfilled = _quantities(item, ordered)
        goods = _of_type(item, _GOODS, currency)
        each = product.price.unit_price if product.price is not None else None
        unit_minor = minor(each, currency, "product.price.unitPrice.amount")
        discount_minor = _part(item, "DISCOUNT", currency, goods=True)
        tax_minor = _part(item, "TAX", currency, goods=True)
    if not unit_minor and goods:
        unit_minor, discount_minor = priced(goods, goods - discount_minor, quantity)
    return LineStated(
        line_id=str(item.order_item_id),
        sku=(product.seller_sku or "").strip(),
        quantity=quantity,
        ordered=ordered,
        unit_price_minor=unit_minor,
        discount_minor=min(discount_minor, unit_minor * quantity),
        tax_minor=tax_minor,
        title=product.title or "",
        listing_ref=product.asin or "",
        fulfilled=fulfilled,
    )


def _quantities(item: ItemGiven, ordered: int) -> tuple[int, int]:
    """Give what stands and what has left; what is neither fulfilled nor still to be is cancelled."""
    done = item.fulfillment
    cancelled = item.cancellation is not None and item.cancellation.cancellation_execution is not None
    if done is None or (done.quantity_fulfilled is None and done.quantity_unfulfilled is None):
        return (0 if cancelled else ordered), 0
    fulfilled = whole(done.quantity_fulfilled or 0, "fulfillment.quantityFulfilled")
    if done.quantity_unfulfilled is None and not cancelled:
        return ordered, min(fulfilled, ordered)
    left = whole(done.quantity_unfulfilled or 0, "fulfillment.quantityUnfulfilled")
    # An order that is not ready yet counts nothing as unfulfilled: only a cancellation takes units off.
    stands = fulfilled + left if cancelled or fulfilled + left else ordered
    return min(stands, ordered), min(fulfilled, ordered)


def _breakdowns(proceeds: ProceedsGiven | None) -> tuple[BreakdownGiven, ...]:
    return (proceeds.breakdowns or ()) if proceeds is not None else ()


def _of_type(item: ItemGiven, kind: str, currency: str) -> int:
    found = (one.subtotal for one in _breakdowns(item.proceeds) if one.type == kind)
    return sum(minor(subtotal, currency, f"proceeds.breakdowns.{kind}") for subtotal in found)


def _part(item: ItemGiven, kind: str, currency: str, *, goods: bool) -> int:
    """Give the tax or the discount of the goods, or of all beside them; without details all of it is of the goods."""
    total = 0
    for one in _breakdowns(item.proceeds):
        if one.type != kind:
            continue
        if not one.detailed_breakdowns:
            total += minor(one.subtotal, currency, f"proceeds.breakdowns.{kind}") if goods else 0
            continue
        values = [one.value for one in one.detailed_breakdowns if (one.subtype not in _CHARGES) is goods]
        total += sum(minor(value, currency, f"proceeds.breakdowns.{kind}.value") for value in values)
    return total


def _beside(item: ItemGiven, number: int, currency: str) -> tuple[int, int]:
    """Give what an item is charged beside the goods, less its discounts, and the tax on that."""
    with within(f"orderItems[{number}]"):
        charged = sum(_of_type(item, kind, currency) for kind in sorted(_CHARGES))
        charged -= _part(item, "DISCOUNT", currency, goods=False)
        taxed = _part(item, "TAX", currency, goods=False)
    return max(0, charged), taxed


def _holds(order: OrderGiven) -> tuple[HoldStated, ...]:
    """A wish to cancel that is not carried out yet is the seller's to decide."""
    told = [item.cancellation or CancellationGiven() for item in order.order_items]
    asked = [one.cancellation_request for one in told if one.cancellation_execution is None]
    wishes = [wish for wish in asked if wish is not None]
    if not wishes:
        return ()
    reason = first(wish.cancel_reason for wish in wishes)
    note = f"the buyer asks to cancel: {reason}" if reason else "the buyer asks to cancel"
    return (HoldStated(hold=HoldType.CUSTOMER_REQUEST, note=note),)


def _payments(order: OrderGiven, currency: str, at_ms: int) -> tuple[PaymentStated, ...]:
    """Amazon takes the money itself: what it says of it is only that it will come, without a time."""
    executions = (order.payment.payment_executions or ()) if order.payment is not None else ()
    return tuple(
        PaymentStated(
            payment_id=f"{order.order_id}-{number}",
            kind=PaymentKind.AUTHORISED,
            amount_minor=minor(one.payment_amount, currency, f"payment.paymentExecutions[{number}].paymentAmount"),
            currency=one.payment_amount.currency or currency,
            at_ms=at_ms,
            tender=one.payment_method or "",
        )
        for number, one in enumerate(executions)
        if one.payment_amount is not None
    )


def _promise(how: FulfillmentGiven) -> int | None:
    deliver, ship = how.deliver_by_window or WindowGiven(), how.ship_by_window or WindowGiven()
    if deliver.latest_date_time:
        return instant(deliver.latest_date_time, "fulfillment.deliverByWindow.latestDateTime")
    return instant_or_none(ship.latest_date_time, "fulfillment.shipByWindow.latestDateTime")


def _store(order: OrderGiven, address: AddressGiven | None) -> str:
    """An order to collect names its store by the address alone."""
    collected = "IN_STORE_PICK_UP" in (order.programs or ()) and address is not None
    return first((address.name, address.company_name)) if collected and address is not None else ""
