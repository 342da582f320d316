"""What is read of Square's orders, payments and refunds. Money is in minor units of its own currency.

Source: Square API reference, objects Order, OrderLineItem, OrderFulfillment, OrderReturn, Tender, Refund and Money.
"""

import msgspec

from connectors.frame.reading import Given, UnreadableError, first, shown
from models.types import MAX_AMOUNT_MINOR

NOTHING = msgspec.Raw(b"null")


class Money(Given):
    amount: int | None = None
    currency: str | None = None


class AppliedTax(Given):
    tax_uid: str | None = None
    applied_money: Money | None = None


class Modifier(Given):
    base_price_money: Money | None = None
    total_price_money: Money | None = None


class LineItem(Given):
    """A line of an order, or of a return."""

    uid: str | None = None
    source_line_item_uid: str | None = None
    name: str | None = None
    variation_name: str | None = None
    quantity: str | float | None = None
    catalog_object_id: str | None = None
    item_type: str | None = None
    modifiers: list[Modifier] | None = None
    applied_taxes: list[AppliedTax] | None = None
    base_price_money: Money | None = None
    variation_total_price_money: Money | None = None
    total_tax_money: Money | None = None
    total_discount_money: Money | None = None
    total_money: Money | None = None


class Tax(Given):
    uid: str | None = None
    type: str | None = None


class ServiceCharge(Given):
    applied_money: Money | None = None
    amount_money: Money | None = None


class Place(Given):
    address_line_1: str | None = None
    address_line_2: str | None = None
    address_line_3: str | None = None
    locality: str | None = None
    administrative_district_level_1: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Recipient(Given):
    customer_id: str | None = None
    display_name: str | None = None
    email_address: str | None = None
    phone_number: str | None = None
    address: Place | None = None


class Details(Given):
    """How a fulfillment is done: `shipment_details`, `pickup_details` or `delivery_details`."""

    recipient: Recipient | None = None
    carrier: str | None = None
    shipping_type: str | None = None
    tracking_number: str | None = None
    shipping_note: str | None = None
    note: str | None = None
    pickup_at: str | None = None
    deliver_at: str | None = None
    shipped_at: str | None = None
    picked_up_at: str | None = None
    delivered_at: str | None = None
    canceled_at: str | None = None


class Entry(Given):
    line_item_uid: str | None = None
    quantity: str | float | None = None


class Fulfillment(Given):
    uid: str | None = None
    type: str | None = None
    state: str | None = None
    entries: list[Entry] | None = None
    shipment_details: Details | None = None
    pickup_details: Details | None = None
    delivery_details: Details | None = None

    @property
    def details(self) -> Details:
        """Give how it is done, whichever way that is."""
        return self.shipment_details or self.pickup_details or self.delivery_details or Details()


class Return(Given):
    source_order_id: str | None = None
    return_line_items: list[LineItem] | None = None


class CardDetails(Given):
    status: str | None = None


class Tender(Given):
    id: str | None = None
    payment_id: str | None = None
    type: str | None = None
    created_at: str | None = None
    amount_money: Money | None = None
    card_details: CardDetails | None = None


class Refund(Given):
    id: str | None = None
    status: str | None = None
    reason: str | None = None
    created_at: str | None = None
    amount_money: Money | None = None


class Order(Given):
    id: str | None = None
    location_id: str | None = None
    reference_id: str | None = None
    ticket_name: str | None = None
    customer_id: str | None = None
    state: str | None = None
    version: int | None = None
    created_at: str | None = None
    updated_at: str | None = None
    closed_at: str | None = None
    line_items: list[LineItem] | None = None
    taxes: list[Tax] | None = None
    service_charges: list[ServiceCharge] | None = None
    fulfillments: list[Fulfillment] | None = None
    returns: list[Return] | None = None
    tenders: list[Tender] | None = None
    refunds: list[Refund] | None = None
    total_money: Money | None = None
    total_tax_money: Money | None = None
    total_discount_money: Money | None = None
    total_service_charge_money: Money | None = None
    net_amount_due_money: Money | None = None


def minor(money: Money | None, field: str) -> int:
    """Give the amount, which Square writes in minor units; nothing is 0.

    Raises:
        UnreadableError: it is negative, or more than is handled.
    """
    amount = money.amount if money is not None and money.amount is not None else 0
    if not 0 <= amount <= MAX_AMOUNT_MINOR:
        raise UnreadableError(f"{field}.amount", f"{shown(amount)} is no amount of a sale")
    return amount


def currency_of(*moneys: Money | None, otherwise: str = "") -> str:
    """Give the currency of the first amount that has one.

    Raises:
        UnreadableError: none has one.
    """
    currency = first((*(money.currency for money in moneys if money is not None), otherwise))
    if not currency:
        raise UnreadableError("total_money.currency", "a currency is missing")
    return currency.upper()
