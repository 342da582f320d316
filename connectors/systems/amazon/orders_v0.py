"""An order of the orders API v0, joined with its items: two answers of Amazon's make one message.

Source: Selling Partner API, Orders v0, `Order` and `OrderItem`.
"""

import msgspec

from connectors.frame.facts import HoldStated, LineStated, OrderStated
from connectors.frame.message import Translation
from connectors.frame.prices import priced
from connectors.frame.reading import Given, UnreadableError, first, instant, instant_or_none, read_json, whole, within
from connectors.systems.amazon.amounts import PriceV0, minor, tax_included
from connectors.systems.amazon.marketplaces import marketplace
from connectors.systems.amazon.people import AddressV0, BuyerV0, address_of, buyer_of
from models.records.hold import HoldType

UNPAID = frozenset({"Pending", "PendingAvailability"})
_YES = "true"


class CancelV0(Given, rename="pascal"):
    is_buyer_requested_cancel: str | bool = False
    buyer_cancel_reason: str | None = None


class WrapV0(Given, rename="pascal"):
    gift_wrap_price: PriceV0 | None = None
    gift_wrap_tax: PriceV0 | None = None


class ItemV0(Given, rename="pascal"):
    """`ItemPrice` and all other amounts are of the whole item, not of a unit."""

    order_item_id: int | str
    quantity_ordered: float | str | None = None
    quantity_shipped: float | str | None = None
    asin: str | None = msgspec.field(default=None, name="ASIN")
    seller_sku: str | None = msgspec.field(default=None, name="SellerSKU")
    title: str | None = None
    item_price: PriceV0 | None = None
    item_tax: PriceV0 | None = None
    shipping_price: PriceV0 | None = None
    shipping_tax: PriceV0 | None = None
    shipping_discount: PriceV0 | None = None
    shipping_discount_tax: PriceV0 | None = None
    promotion_discount: PriceV0 | None = None
    promotion_discount_tax: PriceV0 | None = None
    cod_fee: PriceV0 | None = msgspec.field(default=None, name="CODFee")
    cod_fee_discount: PriceV0 | None = msgspec.field(default=None, name="CODFeeDiscount")
    store_chain_store_id: str | None = None
    buyer_info: WrapV0 | None = None
    buyer_requested_cancel: CancelV0 | None = None


class OrderV0(Given, rename="pascal"):
    amazon_order_id: str
    purchase_date: str | None = None
    last_update_date: str | None = None
    order_status: str = ""
    fulfillment_channel: str = ""
    seller_order_id: str | None = None
    order_total: PriceV0 | None = None
    marketplace_id: str | None = None
    ship_service_level: str | None = None
    shipment_service_level_category: str | None = None
    latest_ship_date: str | None = None
    latest_delivery_date: str | None = None
    shipping_address: AddressV0 | None = None
    buyer_info: BuyerV0 | None = None
    is_ispu: bool = msgspec.field(default=False, name="IsISPU")
    order_items: tuple[ItemV0, ...] = ()


def translate_order(body: bytes) -> Translation:
    """Give an order with its items.

    Raises:
        UnreadableError: a field is missing or wrong.
    """
    order = read_json(body, OrderV0)
    place = marketplace(order.marketplace_id)
    currency = first((order.order_total.currency if order.order_total else "", *_currencies(order), place.currency))
    if not currency:
        raise UnreadableError("OrderTotal.CurrencyCode", "neither the order nor its marketplace names a currency")
    lines = tuple(_line(item, number, currency) for number, item in enumerate(order.order_items))
    beside = [_beside(item, number, currency) for number, item in enumerate(order.order_items)]
    charged, taxed = sum(charge for charge, _ in beside), sum(tax for _, tax in beside)
    total_minor = None if order.order_total is None else minor(order.order_total, currency, "OrderTotal.Amount")
    without_tax = sum(line.unit_price_minor * line.quantity - line.discount_minor for line in lines) + charged
    tax_minor = sum(line.tax_minor for line in lines) + taxed
    updated_at_ms = instant(order.last_update_date, "LastUpdateDate")
    stated = OrderStated(
        external_id=order.amazon_order_id,
        source_version=updated_at_ms,
        placed_at_ms=instant(order.purchase_date, "PurchaseDate"),
        updated_at_ms=updated_at_ms,
        currency=currency,
        number=order.seller_order_id if order.seller_order_id not in (None, order.amazon_order_id) else "",
        lines=lines,
        destination=address_of(order.shipping_address),
        buyer=buyer_of(order.buyer_info, order.shipping_address),
        shipping_minor=charged,
        tax_minor=taxed,
        tax_included=tax_included(total_minor, without_tax, tax_minor, place),
        total_minor=total_minor,
        paid=order.order_status not in UNPAID,
        holds=_holds(order),
        service=first((order.shipment_service_level_category, order.ship_service_level)),
        promise_by_ms=_promise(order),
        purchase_order=first((order.buyer_info.purchase_order_number if order.buyer_info else None,)),
        collect_at=first(item.store_chain_store_id for item in order.order_items) if order.is_ispu else "",
        cancelled_at_ms=updated_at_ms if order.order_status == "Canceled" else None,
    )
    return Translation(facts=(stated,))


def _currencies(order: OrderV0) -> list[str]:
    return [item.item_price.currency for item in order.order_items if item.item_price is not None]


def _line(item: ItemV0, number: int, currency: str) -> LineStated:
    """`QuantityOrdered` is what still stands: what is cancelled Amazon takes off it."""
    with within(f"OrderItems[{number}]"):
        quantity = whole(item.quantity_ordered, "QuantityOrdered")
        price = minor(item.item_price, currency, "ItemPrice.Amount")
        discount = minor(item.promotion_discount, currency, "PromotionDiscount.Amount")
        tax = minor(item.item_tax, currency, "ItemTax.Amount")
        discount_tax = minor(item.promotion_discount_tax, currency, "PromotionDiscountTax.Amount")
        shipped = whole(item.quantity_shipped or 0, "QuantityShipped")
    unit_minor, discount_minor = priced(price, price - discount, quantity)
    return LineStated(
        line_id=str(item.order_item_id),
        sku=(item.seller_sku or "").strip(),
        quantity=quantity,
        ordered=quantity,
        unit_price_minor=unit_minor,
        discount_minor=discount_minor,
        tax_minor=max(0, tax - discount_tax),
        title=item.title or "",
        listing_ref=item.asin or "",
        fulfilled=min(shipped, quantity),
    )


def _beside(item: ItemV0, number: int, currency: str) -> tuple[int, int]:
    """Give what an item is charged for shipping, wrapping and payment at the door, and the tax on that."""
    wrap = item.buyer_info or WrapV0()
    with within(f"OrderItems[{number}]"):
        charged = (
            minor(item.shipping_price, currency, "ShippingPrice.Amount")
            - minor(item.shipping_discount, currency, "ShippingDiscount.Amount")
            + minor(wrap.gift_wrap_price, currency, "BuyerInfo.GiftWrapPrice.Amount")
            + minor(item.cod_fee, currency, "CODFee.Amount")
            - minor(item.cod_fee_discount, currency, "CODFeeDiscount.Amount")
        )
        taxed = (
            minor(item.shipping_tax, currency, "ShippingTax.Amount")
            - minor(item.shipping_discount_tax, currency, "ShippingDiscountTax.Amount")
            + minor(wrap.gift_wrap_tax, currency, "BuyerInfo.GiftWrapTax.Amount")
        )
    return max(0, charged), max(0, taxed)


def _holds(order: OrderV0) -> tuple[HoldStated, ...]:
    """The seller decides whether the buyer's wish to cancel comes in time; Brazil waits for the invoice."""
    wishes = [item.buyer_requested_cancel for item in order.order_items if item.buyer_requested_cancel is not None]
    asked = [wish for wish in wishes if str(wish.is_buyer_requested_cancel).lower() == _YES]
    holds = []
    if asked:
        reason = first(wish.buyer_cancel_reason for wish in asked)
        note = f"the buyer asks to cancel: {reason}" if reason else "the buyer asks to cancel"
        holds.append(HoldStated(hold=HoldType.CUSTOMER_REQUEST, note=note))
    if order.order_status == "InvoiceUnconfirmed":
        holds.append(HoldStated(hold=HoldType.APPROVAL, note="Amazon has not confirmed the invoice yet"))
    return tuple(holds)


def _promise(order: OrderV0) -> int | None:
    delivered = instant_or_none(order.latest_delivery_date, "LatestDeliveryDate")
    return delivered if delivered is not None else instant_or_none(order.latest_ship_date, "LatestShipDate")
