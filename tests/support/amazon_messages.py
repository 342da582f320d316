"""Messages of Amazon's Selling Partner API, written for these tests, and what is read out of them."""

import json
from typing import Any

from connectors.frame.facts import OrderStated
from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.amazon import CONNECTOR

GERMANY, USA, JAPAN = "A1PA6795UKMFR9", "ATVPDKIKX0DER", "A1VC38T7YXB528"
ACCOUNT = Account(
    name="amz",
    connector="amazon",
    pool="eu",
    settings={
        "marketplaces": f"{GERMANY}, A13V1IB3VIYZZH",
        "seller_id": "SELLER",
        "carriers": "dhl=DHL; bike=Bike & Co",
    },
)
AT_MS = 1_788_250_000_000
PLACED_MS, UPDATED_MS = 1_788_251_400_000, 1_788_255_000_000
ADDRESS = {"Name": "Ada", "AddressLine1": "Ring 1", "City": "Ulm", "PostalCode": "89", "CountryCode": "DE"}
READY = {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT", "fulfillmentServiceLevel": "STANDARD"}
ORDER_ID = "302-1234567-7654321"
WHOLE = (
    f"https://sellingpartnerapi-eu.amazon.com/orders/2026-01-01/orders/{ORDER_ID}"
    "?includedData=BUYER,RECIPIENT,PROCEEDS,PROMOTION,CANCELLATION,FULFILLMENT,PAYMENT"
)


def said(content: object) -> Translation:
    body = json.dumps(content).encode()
    return translate(CONNECTOR, Message(body=body, received_at_ms=AT_MS), ACCOUNT)


def the_order(content: object) -> OrderStated:
    told = said(content)
    assert told.refused == ()
    (fact,) = told.facts
    assert isinstance(fact, OrderStated)
    return fact


def euro(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"CurrencyCode": currency, "Amount": amount}


def item_v0(**fields: Any) -> dict[str, Any]:
    return {
        "ASIN": "B01",
        "SellerSKU": "MUG",
        "OrderItemId": "61",
        "Title": "Mug",
        "QuantityOrdered": 2,
        "QuantityShipped": 0,
        "ItemPrice": euro("20.00"),
        "ItemTax": euro("3.19"),
    } | fields


def order_v0(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An order joined with its items, as the poll hands it on."""
    order = {
        "AmazonOrderId": ORDER_ID,
        "PurchaseDate": "2026-09-01T08:30:00Z",
        "LastUpdateDate": "2026-09-01T09:30:00Z",
        "OrderStatus": "Unshipped",
        "FulfillmentChannel": "MFN",
        "MarketplaceId": GERMANY,
        "OrderTotal": euro("20.00"),
        "ShipmentServiceLevelCategory": "Standard",
        "LatestShipDate": "2026-09-02T21:59:59Z",
        "LatestDeliveryDate": "2026-09-05T21:59:59Z",
        "ShippingAddress": {
            "Name": "Ada",
            "AddressLine1": "Ring 1",
            "City": "Ulm",
            "PostalCode": "89",
            "CountryCode": "DE",
        },
        "BuyerInfo": {"BuyerEmail": "x@marketplace.example", "PurchaseOrderNumber": "PO-1"},
        "OrderItems": list(items) or [item_v0()],
    }
    return {"payload": order | fields}


def price(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currencyCode": currency}


def item(**fields: Any) -> dict[str, Any]:
    return {
        "orderItemId": "71",
        "quantityOrdered": 2,
        "product": {"asin": "B01", "sellerSku": "MUG", "title": "Mug", "price": {"unitPrice": price("10.00")}},
        "proceeds": {
            "breakdowns": [
                {"type": "ITEM", "subtotal": price("20.00")},
                {"type": "TAX", "subtotal": price("1.80")},
            ]
        },
        "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 2},
    } | fields


def order(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "orderId": ORDER_ID,
        "createdTime": "2026-09-01T08:30:00Z",
        "lastUpdatedTime": "2026-09-01T09:30:00Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": USA},
        "recipient": {"deliveryAddress": {"name": "Ada", "city": "Erie", "postalCode": "16501", "countryCode": "US"}},
        "proceeds": {"grandTotal": price("21.80")},
        "fulfillment": {
            "fulfillmentStatus": "UNSHIPPED",
            "fulfilledBy": "MERCHANT",
            "fulfillmentServiceLevel": "STANDARD",
        },
        "orderItems": list(items) or [item()],
    } | fields


def changed(**summary: Any) -> dict[str, Any]:
    """A notification ORDER_CHANGE."""
    told = {"FulfillmentType": "MFN", "OrderStatus": "Unshipped", "OrderItems": []} | summary
    change = {
        "AmazonOrderId": ORDER_ID,
        "OrderChangeType": "OrderStatusChange",
        "OrderChangeTrigger": {"TimeOfOrderChange": "2026-09-01T09:30:00Z", "ChangeReason": "x"},
        "Summary": told,
    }
    return {
        "NotificationVersion": "1.0",
        "NotificationType": "ORDER_CHANGE",
        "PayloadVersion": "1.0",
        "EventTime": "2026-09-01T09:31:00Z",
        "Payload": {"OrderChangeNotification": change},
        "NotificationMetadata": {"NotificationId": "n-1"},
    }
