"""What is read of Medusa's payloads. Amounts are in units of the currency (12.5 is 12.50), not in cents.

Source: Medusa 2, Admin API reference, "Orders", `AdminOrder`, and the objects that it names.
"""

from connectors.frame.reading import Given, read_json

Amount = int | float | str | None
Time = str | None


class DetailGiven(Given):
    """A line in the order's present version. A return leaves `quantity` as it is."""

    quantity: Amount = None
    shipped_quantity: Amount = None
    delivered_quantity: Amount = None
    updated_at: Time = None


class AdjustmentGiven(Given):
    amount: Amount = None


class ItemGiven(Given):
    """A line. Its totals leave out units that came back, and are per version of the order."""

    id: str
    quantity: Amount = None
    detail: DetailGiven | None = None
    unit_price: Amount = None
    is_tax_inclusive: bool | None = None
    is_giftcard: bool | None = None
    requires_shipping: bool | None = None
    title: str | None = None
    product_title: str | None = None
    variant_id: str | None = None
    variant_sku: str | None = None
    adjustments: tuple[AdjustmentGiven, ...] | None = None
    subtotal: Amount = None
    original_total: Amount = None
    discount_total: Amount = None
    discount_subtotal: Amount = None
    tax_total: Amount = None
    return_received_total: Amount = None
    return_dismissed_total: Amount = None
    created_at: Time = None
    updated_at: Time = None


class AddressGiven(Given):
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    province: str | None = None
    postal_code: str | int | None = None
    country_code: str | None = None
    phone: str | int | None = None


class CustomerGiven(Given):
    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | int | None = None


class LocationGiven(Given):
    id: str | None = None


class FulfillmentSetGiven(Given):
    type: str | None = None
    location: LocationGiven | None = None


class ServiceZoneGiven(Given):
    fulfillment_set: FulfillmentSetGiven | None = None


class ShippingOptionGiven(Given):
    service_zone: ServiceZoneGiven | None = None


class ShippingMethodGiven(Given):
    name: str | None = None
    shipping_option: ShippingOptionGiven | None = None


class CaptureGiven(Given):
    id: str
    amount: Amount = None
    created_at: Time = None


class ReasonGiven(Given):
    label: str | None = None


class RefundGiven(Given):
    id: str
    amount: Amount = None
    created_at: Time = None
    note: str | None = None
    refund_reason: ReasonGiven | None = None


class PaymentGiven(Given):
    id: str
    amount: Amount = None
    currency_code: str | None = None
    provider_id: str | None = None
    created_at: Time = None
    updated_at: Time = None
    captured_at: Time = None
    canceled_at: Time = None
    captures: tuple[CaptureGiven, ...] | None = None
    refunds: tuple[RefundGiven, ...] | None = None


class PaymentCollectionGiven(Given):
    status: str | None = None
    updated_at: Time = None
    payments: tuple[PaymentGiven, ...] | None = None


class FulfillmentItemGiven(Given):
    """Units of an inventory item: a variant that is a kit has several for one line."""

    line_item_id: str | None = None
    quantity: Amount = None


class LabelGiven(Given):
    tracking_number: str | None = None


class FulfillmentGiven(Given):
    id: str
    location_id: str | None = None
    provider_id: str | None = None
    created_at: Time = None
    updated_at: Time = None
    shipped_at: Time = None
    delivered_at: Time = None
    canceled_at: Time = None
    metadata: dict[str, object] | None = None
    items: tuple[FulfillmentItemGiven, ...] | None = None
    labels: tuple[LabelGiven, ...] | None = None


class ReturnItemGiven(Given):
    item_id: str | None = None
    received_quantity: Amount = None
    damaged_quantity: Amount = None


class ReturnGiven(Given):
    id: str
    status: str | None = None
    received_at: Time = None
    updated_at: Time = None
    items: tuple[ReturnItemGiven, ...] | None = None


class OrderGiven(Given):
    id: str
    items: tuple[ItemGiven, ...]
    display_id: int | str | None = None
    custom_display_id: str | None = None
    status: str | None = None
    is_draft_order: bool | None = None
    email: str | None = None
    currency_code: str | None = None
    customer_id: str | None = None
    created_at: Time = None
    updated_at: Time = None
    canceled_at: Time = None
    total: Amount = None
    tax_total: Amount = None
    item_tax_total: Amount = None
    shipping_total: Amount = None
    shipping_tax_total: Amount = None
    credit_line_total: Amount = None
    payment_status: str | None = None
    customer: CustomerGiven | None = None
    shipping_address: AddressGiven | None = None
    billing_address: AddressGiven | None = None
    shipping_methods: tuple[ShippingMethodGiven, ...] | None = None
    payment_collections: tuple[PaymentCollectionGiven, ...] | None = None
    fulfillments: tuple[FulfillmentGiven, ...] | None = None
    returns: tuple[ReturnGiven, ...] | None = None


class NamedGiven(Given):
    id: str


def given_id(body: bytes) -> str:
    """Give the id of an entry.

    Raises:
        UnreadableError: it has none.
    """
    return read_json(body, NamedGiven).id
