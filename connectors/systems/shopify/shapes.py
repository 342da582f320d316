"""What is read of Shopify's payloads, under the names of its REST resources.

What only GraphQL names stands beside it (`connectors.systems.shopify.graphql` brings those names into this form).
Nothing is required here: what is missing is told by the field where it is looked for.
"""

from connectors.frame.reading import Given

Ident = int | str | None
Amount = str | float | None


class Money(Given):
    """An amount in one of the two currencies."""

    amount: Amount = None
    currency_code: str | None = None


class MoneySet(Given):
    """An amount in the shop's currency; the customer's, which stands beside it, is not read."""

    shop_money: Money | None = None


class Named(Given):
    """Something of which only the id counts."""

    id: Ident = None


class TaxLine(Given):
    """A tax on a line."""

    price: Amount = None
    price_set: MoneySet | None = None


class Allocation(Given):
    """The part of a discount that is a line's."""

    amount: Amount = None
    amount_set: MoneySet | None = None
    allocated_amount_set: MoneySet | None = None


class LineGiven(Given):
    """A line item of an order."""

    id: Ident = None
    sku: str | None = None
    name: str | None = None
    title: str | None = None
    variant_id: Ident = None
    variant: Named | None = None
    quantity: Amount = None
    current_quantity: Amount = None
    fulfillable_quantity: Amount = None
    unfulfilled_quantity: Amount = None
    fulfillment_status: str | None = None
    price: Amount = None
    price_set: MoneySet | None = None
    original_unit_price: Amount = None
    original_unit_price_set: MoneySet | None = None
    original_total_set: MoneySet | None = None
    discounted_unit_price_set: MoneySet | None = None
    discounted_total_set: MoneySet | None = None
    total_discount: Amount = None
    total_discount_set: MoneySet | None = None
    discount_allocations: list[Allocation] | None = None
    tax_lines: list[TaxLine] | None = None
    requires_shipping: bool | None = None
    gift_card: bool | None = None
    is_gift_card: bool | None = None


class ShippingGiven(Given):
    """A way of shipping that was paid for."""

    title: str | None = None
    code: str | None = None
    price: Amount = None
    price_set: MoneySet | None = None
    original_price_set: MoneySet | None = None
    discounted_price: Amount = None
    discounted_price_set: MoneySet | None = None
    is_removed: bool | None = None


class Tracking(Given):
    """A tracking number, as GraphQL has it."""

    number: Ident = None
    company: str | None = None


class FulfilledUnits(Given):
    """Units of a line in a fulfillment: `id` is the line's in REST, `line_item` names it in GraphQL."""

    id: Ident = None
    sku: str | None = None
    quantity: Amount = None
    line_item: LineGiven | None = None


class FulfillmentGiven(Given):
    """Something that left, or is to leave."""

    id: Ident = None
    order_id: Ident = None
    order: Named | None = None
    status: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    tracking_company: str | None = None
    tracking_number: Ident = None
    tracking_numbers: list[Ident] | None = None
    tracking_info: list[Tracking] | Tracking | None = None
    shipment_status: str | None = None
    display_status: str | None = None
    location_id: Ident = None
    location: Named | None = None
    line_items: list[FulfilledUnits] | None = None
    fulfillment_line_items: list[FulfilledUnits] | None = None
    fulfillment_line_items_go_on: bool = False


class RefundedLine(Given):
    """Units of a line in a refund."""

    line_item_id: Ident = None
    line_item: Named | None = None
    quantity: Amount = None
    restock_type: str | None = None
    subtotal: Amount = None
    subtotal_set: MoneySet | None = None
    total_tax: Amount = None
    total_tax_set: MoneySet | None = None


class RefundedShipping(Given):
    """Shipping in a refund."""

    subtotal_amount_set: MoneySet | None = None
    tax_amount_set: MoneySet | None = None


class Adjustment(Given):
    """How versions before 2023-10 put shipping into a refund: as a negative amount."""

    kind: str | None = None
    amount: Amount = None
    amount_set: MoneySet | None = None
    tax_amount: Amount = None
    tax_amount_set: MoneySet | None = None


class TransactionGiven(Given):
    """Money that moved, or did not."""

    id: Ident = None
    kind: str | None = None
    status: str | None = None
    gateway: str | None = None
    amount: Amount = None
    amount_set: MoneySet | None = None
    currency: str | None = None
    processed_at: str | None = None
    created_at: str | None = None


class RefundGiven(Given):
    """Money given back, and units taken off."""

    id: Ident = None
    order_id: Ident = None
    order: Named | None = None
    created_at: str | None = None
    processed_at: str | None = None
    note: str | None = None
    restock: bool | None = None
    total_refunded_set: MoneySet | None = None
    total_duties_set: MoneySet | None = None
    refund_line_items: list[RefundedLine] | None = None
    refund_line_items_go_on: bool = False
    refund_shipping_lines: list[RefundedShipping] | None = None
    order_adjustments: list[Adjustment] | None = None
    transactions: list[TransactionGiven] | None = None


class AddressGiven(Given):
    """Where to."""

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    phone: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    zip: str | None = None
    country: str | None = None
    country_code: str | None = None
    country_code_v2: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class CustomerGiven(Given):
    """Who bought."""

    id: Ident = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str | None = None


class TermsGiven(Given):
    """When it is to be paid."""

    payment_terms_type: str | None = None


class OrderGiven(Given):
    """An order."""

    id: Ident = None
    name: str | None = None
    order_number: Ident = None
    currency: str | None = None
    currency_code: str | None = None
    created_at: str | None = None
    processed_at: str | None = None
    updated_at: str | None = None
    cancelled_at: str | None = None
    cancel_reason: str | None = None
    test: bool | None = None
    taxes_included: bool | None = None
    financial_status: str | None = None
    display_financial_status: str | None = None
    fulfillment_status: str | None = None
    display_fulfillment_status: str | None = None
    payment_terms: TermsGiven | None = None
    total_price: Amount = None
    total_price_set: MoneySet | None = None
    current_total_price: Amount = None
    current_total_price_set: MoneySet | None = None
    total_discounts: Amount = None
    total_discounts_set: MoneySet | None = None
    current_total_discounts: Amount = None
    current_total_discounts_set: MoneySet | None = None
    total_tax: Amount = None
    total_tax_set: MoneySet | None = None
    current_total_tax: Amount = None
    current_total_tax_set: MoneySet | None = None
    total_shipping_price_set: MoneySet | None = None
    current_shipping_price_set: MoneySet | None = None
    po_number: str | None = None
    note: str | None = None
    email: str | None = None
    contact_email: str | None = None
    phone: str | None = None
    customer_locale: str | None = None
    customer: CustomerGiven | None = None
    shipping_address: AddressGiven | None = None
    location_id: Ident = None
    retail_location: Named | None = None
    line_items: list[LineGiven] | None = None
    line_items_go_on: bool = False
    shipping_lines: list[ShippingGiven] | None = None
    fulfillments: list[FulfillmentGiven] | None = None
    refunds: list[RefundGiven] | None = None
    transactions: list[TransactionGiven] | None = None


class QuantityGiven(Given):
    """Units by name (available, on_hand, ...), as GraphQL has them."""

    name: str | None = None
    quantity: Amount = None
