"""What is read of WooCommerce's payloads, REST API v1 to v3 and the legacy API before it, whose names differ.

Source: WooCommerce REST API documentation, "Order properties" and "Order refund properties" of each version.
"""

from typing import Any

import msgspec

from connectors.frame.reading import Given, UnreadableError, read_json

Id = int | str
Amount = str | float | None
Time = str | None


class MetaGiven(Given):
    key: str | None = None
    value: Any = None


class AddressGiven(Given):
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | int | None = None
    country: str | None = None
    email: str | None = None
    phone: str | int | None = None


class LineGiven(Given):
    """Amounts are of the whole line and without tax, whatever `prices_include_tax` says; in a refund negative."""

    id: Id
    quantity: int | float | str | None = None
    sku: str | int | None = None
    name: str | None = None
    product_id: Id | None = None
    variation_id: Id | None = None
    subtotal: Amount = None
    subtotal_tax: Amount = None
    total: Amount = None
    total_tax: Amount = None
    refunded_item_id: Id | None = None
    bundled_items: msgspec.Raw = msgspec.Raw()
    composite_children: msgspec.Raw = msgspec.Raw()
    meta_data: msgspec.Raw = msgspec.Raw()


class ShippingLineGiven(Given):
    method_title: str | None = None
    method_id: str | None = None
    instance_id: Id | None = None
    meta_data: msgspec.Raw = msgspec.Raw()


class FeeGiven(Given):
    """Something charged beside the goods, or taken off where it is negative."""

    total: Amount = None
    total_tax: Amount = None


class RefundSummaryGiven(Given):
    """What an order says of its refunds: sums, below 0."""

    id: Id
    total: Amount = None
    reason: str | None = None
    refund: str | None = None


class PaymentDetailsGiven(Given):
    method_id: str | None = None
    paid: bool = False


class OrderGiven(Given):
    id: Id
    line_items: tuple[LineGiven, ...]
    status: str | None = None
    currency: str | None = None
    number: Id | None = None
    order_number: Id | None = None
    date_created: Time = None
    date_created_gmt: Time = None
    created_at: Time = None
    date_modified: Time = None
    date_modified_gmt: Time = None
    updated_at: Time = None
    date_paid: Time = None
    date_paid_gmt: Time = None
    date_completed: Time = None
    date_completed_gmt: Time = None
    completed_at: Time = None
    prices_include_tax: bool = False
    total: Amount = None
    total_tax: Amount = None
    shipping_total: Amount = None
    shipping_tax: Amount = None
    total_shipping: Amount = None
    order_discount: Amount = None
    customer_id: Id | None = None
    billing: AddressGiven | None = None
    shipping: AddressGiven | None = None
    billing_address: AddressGiven | None = None
    shipping_address: AddressGiven | None = None
    payment_method: str | None = None
    payment_details: PaymentDetailsGiven | None = None
    transaction_id: Id | None = None
    customer_note: str | None = None
    note: str | None = None
    shipping_lines: tuple[ShippingLineGiven, ...] | None = None
    fee_lines: tuple[FeeGiven, ...] | None = None
    refunds: tuple[RefundSummaryGiven, ...] | None = None
    meta_data: msgspec.Raw = msgspec.Raw()


class LinkGiven(Given):
    href: str = ""


class LinksGiven(Given):
    up: tuple[LinkGiven, ...] = ()


class RefundGiven(Given):
    id: Id
    amount: Amount = None
    reason: str | None = None
    date_created: Time = None
    date_created_gmt: Time = None
    created_at: Time = None
    parent_id: Id | None = None
    line_items: tuple[LineGiven, ...] | None = None
    shipping_lines: tuple[FeeGiven, ...] | None = None
    links: LinksGiven | None = msgspec.field(default=None, name="_links")


class NamedGiven(Given):
    id: Id


def metas(raw: msgspec.Raw) -> dict[str, Any]:
    """Give what extensions wrote beside: nothing an order depends on, so that odd metadata never refuses an order."""
    try:
        given = read_json(bytes(raw), tuple[MetaGiven, ...])
    except UnreadableError:
        return {}
    return {meta.key: meta.value for meta in given if meta.key}


def given_id(body: bytes) -> str:
    """Give the id of an entry.

    Raises:
        UnreadableError: it has none.
    """
    return str(read_json(body, NamedGiven).id)


def listing_ref(line: LineGiven) -> str:
    """Name what was sold: the product, or `product/variation`; products without a SKU have only this."""
    product, variation = str(line.product_id or ""), str(line.variation_id or "")
    if variation in ("", "0"):
        return "" if product == "0" else product
    return f"{product}/{variation}"
