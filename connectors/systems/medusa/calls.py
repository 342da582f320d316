"""Requests to a Medusa's Admin API, and what may be asked of its host."""

import base64
from urllib.parse import quote, urlencode, urlsplit

from msgspec.structs import replace

from connectors.frame.http import HttpRequest
from connectors.frame.message import Account

URL = "url"
KEY = "secret_key"

_ORDER_FIELDS = (
    "id,display_id,custom_display_id,status,version,is_draft_order,email,currency_code,customer_id",
    "created_at,updated_at,canceled_at,payment_status,fulfillment_status",
    "total,tax_total,item_tax_total,shipping_total,shipping_tax_total,credit_line_total",
    "*items,*items.detail,*items.tax_lines,*items.adjustments,*customer,*shipping_address,*billing_address",
    "*shipping_methods,*shipping_methods.tax_lines,*shipping_methods.adjustments",
    "*shipping_methods.shipping_option.service_zone.fulfillment_set",
    "shipping_methods.shipping_option.service_zone.fulfillment_set.location.id",
    "*payment_collections,*payment_collections.payments,*payment_collections.payments.captures",
    "*payment_collections.payments.refunds,*payment_collections.payments.refunds.refund_reason",
    "*fulfillments,*fulfillments.items,*fulfillments.labels,*returns,*returns.items",
)
ORDER_FIELDS = ",".join(_ORDER_FIELDS)
"""All that an order is read by: what is not asked for is not told. Source: Medusa, "Select Fields and Relations"."""


def address(account: Account, path: str, **query: str | int) -> str:
    """Give the address of something of the Admin API."""
    given = f"?{urlencode(query, safe='*,$[]:')}" if query else ""
    return f"{account.settings.get(URL, '').rstrip('/')}/admin{path}{given}"


def order_path(external_id: str) -> str:
    """Give the path of an order."""
    return f"/orders/{quote(external_id, safe='')}"


def authorise(request: HttpRequest, account: Account, secrets: dict[str, str]) -> HttpRequest:
    """Sign in with a secret API key, as a name without a password. Source: Medusa, "API Key Authentication"."""
    del account
    key = base64.b64encode(f"{secrets.get(KEY, '')}:".encode()).decode()
    return replace(request, headers=request.headers | {"authorization": f"Basic {key}"})


def hosts(account: Account) -> tuple[str, ...]:
    """The backend's own host, and no other."""
    host = urlsplit(account.settings.get(URL, "")).hostname
    return (host,) if host else ()
