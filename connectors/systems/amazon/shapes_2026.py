"""What is read of an order of the orders API 2026-01-01.

Source: Selling Partner API, Orders 2026-01-01, `Order` and `OrderItem`.
"""

from connectors.frame.reading import Given
from connectors.systems.amazon.amounts import Price


class AliasGiven(Given, rename="camel"):
    alias_id: str = ""
    alias_type: str = ""


class ChannelGiven(Given, rename="camel"):
    marketplace_id: str | None = None


class BuyerGiven(Given, rename="camel"):
    buyer_name: str | None = None
    buyer_email: str | None = None
    buyer_purchase_order_number: str | None = None


class AddressGiven(Given, rename="camel"):
    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    state_or_region: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None


class RecipientGiven(Given, rename="camel"):
    delivery_address: AddressGiven | None = None


class DetailGiven(Given, rename="camel"):
    """Part of a tax or a discount: of the item itself, of its shipping, of its wrapping."""

    subtype: str = ""
    value: Price | None = None


class BreakdownGiven(Given, rename="camel"):
    type: str = ""
    subtotal: Price | None = None
    detailed_breakdowns: tuple[DetailGiven, ...] | None = None


class ProceedsGiven(Given, rename="camel"):
    grand_total: Price | None = None
    proceeds_total: Price | None = None
    breakdowns: tuple[BreakdownGiven, ...] | None = None


class WindowGiven(Given, rename="camel"):
    latest_date_time: str | None = None


class FulfillmentGiven(Given, rename="camel"):
    fulfillment_status: str = ""
    fulfilled_by: str = ""
    fulfillment_service_level: str | None = None
    ship_by_window: WindowGiven | None = None
    deliver_by_window: WindowGiven | None = None


class UnitPriceGiven(Given, rename="camel"):
    unit_price: Price | None = None


class ProductGiven(Given, rename="camel"):
    asin: str | None = None
    title: str | None = None
    seller_sku: str | None = None
    price: UnitPriceGiven | None = None


class RequestGiven(Given, rename="camel"):
    requester: str = ""
    cancel_reason: str | None = None


class ExecutionGiven(Given, rename="camel"):
    cancelled_by: str = ""


class CancellationGiven(Given, rename="camel"):
    cancellation_request: RequestGiven | None = None
    cancellation_execution: ExecutionGiven | None = None


class ItemFulfillmentGiven(Given, rename="camel"):
    quantity_fulfilled: float | None = None
    quantity_unfulfilled: float | None = None


class ItemGiven(Given, rename="camel"):
    order_item_id: int | str
    quantity_ordered: float | str | None = None
    product: ProductGiven | None = None
    proceeds: ProceedsGiven | None = None
    cancellation: CancellationGiven | None = None
    fulfillment: ItemFulfillmentGiven | None = None


class ExecutedPaymentGiven(Given, rename="camel"):
    payment_method: str | None = None
    payment_amount: Price | None = None


class PaymentGiven(Given, rename="camel"):
    payment_executions: tuple[ExecutedPaymentGiven, ...] | None = None


class OrderGiven(Given, rename="camel"):
    order_id: str
    order_items: tuple[ItemGiven, ...]
    created_time: str | None = None
    last_updated_time: str | None = None
    order_aliases: tuple[AliasGiven, ...] | None = None
    programs: tuple[str, ...] | None = None
    sales_channel: ChannelGiven | None = None
    buyer: BuyerGiven | None = None
    recipient: RecipientGiven | None = None
    proceeds: ProceedsGiven | None = None
    payment: PaymentGiven | None = None
    fulfillment: FulfillmentGiven | None = None
