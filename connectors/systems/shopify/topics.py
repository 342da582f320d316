"""What Shopify tells of: families of topics, why most of them say nothing to us, and the shapes that show a family.

In life a header names the topic; a message without one is known by its shape.
"""

import re
from collections.abc import Set as AbstractSet

from connectors.frame.message import Message

ORDERS, FULFILLMENTS, REFUNDS, LEVELS = "orders", "fulfillments", "refunds", "inventory_levels"
READ = frozenset({ORDERS, FULFILLMENTS, REFUNDS, LEVELS})

_BY_TOPIC = {
    "orders/edited": "an edit says only what changed: orders/updated, which comes with it, says what is left",
    "orders/risk_assessment_changed": "a level of risk changes no order: the order says what the shop makes of it",
    "orders/shopify_protect_eligibility_changed": "that it is insured against chargebacks changes nothing of it",
}
_WHY = {
    "order_edits": _BY_TOPIC["orders/edited"],
    "risks": _BY_TOPIC["orders/risk_assessment_changed"],
    "draft_orders": "a draft is no order: when it becomes one, orders/create says so",
    "fulfillment_events": "an event names no tracking number: fulfillments/update says the same with it",
    "fulfillment_orders fulfillment_holds": "Headrace routes the order itself: where Shopify would have it"
    " sent from, and when, is not followed, and a cancellation comes with the order",
    "order_transactions tender_transactions": "money that moved is told with its order, which says whether it is paid",
    "payment_terms payment_schedules": "when it is to be paid is told with the order",
    "payouts balance_transactions disputes finance_kyc_information finance_app_staff_member": "money between shop, bank"
    " and payment provider moves no order: a refund that comes of it is told as one",
    "gift_cards": "a gift card is money, and needs no parcel",
    "returns reverse_deliveries reverse_fulfillment_orders": "a return is booked where the goods come in; what is paid"
    " back for it is told as a refund",
    "inventory_items": "what an item is called and costs moves no stock",
    "inventory_transfers inventory_shipments": "it names lines of a transfer and no SKU: where the goods come in, they"
    " are counted",
    "products variants product_listings product_publications product_feeds collections collection_listings"
    " collection_publications scheduled_product_listings publications": "what is offered, and how, moves no stock",
    "customers customer_groups customer_payment_methods customer_account_settings customer_tags"
    " customers_marketing_consent customers_email_marketing_consent companies company_locations company_contacts"
    " company_contact_roles segments customer_joined_segment"
    " customer_left_segment": "who the customers are changes no order; an order brings its own buyer",
    "carts checkouts": "nothing is ordered before it is paid for or taken as an order",
    "customers_redact": "whose data a shop asks to erase, a person erases: orders and stock stay as they are",
    "shop shops locations locales domains themes profiles markets markets_backup_region app app_subscriptions"
    " app_purchases_one_time tax_services tax_partners tax_summaries carrier_services shipping_zones currencies"
    " delivery_promise_settings webhooks channels bulk_operations metafield_definitions metaobjects selling_plan_groups"
    " subscription_contracts subscription_billing_attempts subscription_billing_cycles"
    " subscription_billing_cycle_edits price_rules discount_codes discounts attributed_sessions audit_events"
    " cash_tracking_sessions checkout_and_accounts_configurations": "how the shop is set up moves nothing",
}
WHY = {family: why for families, why in _WHY.items() for family in families.split()} | _BY_TOPIC
WHY |= {
    "shipping_addresses/create": WHY["shop"],
    "shipping_addresses/update": WHY["shop"],
    "app/uninstalled": "the app was uninstalled: nothing comes any more until the account has a new token",
    "customers/redact": WHY["customers_redact"],
    "customers/data_request": WHY["customers_redact"],
    "shop/redact": WHY["customers_redact"],
}
FAMILIES = READ | {family for family in WHY if "/" not in family}

_ENVELOPES = {
    "order_edit": "order_edits",
    "transactions": "order_transactions",
    "transaction": "order_transactions",
    "original_fulfillment_order": "fulfillment_orders",
    "fulfillment_request": "fulfillment_orders",
    "cancellation_request": "fulfillment_orders",
    "locations_for_move": "fulfillment_orders",
    "company": "companies",
    "adjustments": "gift_cards",
    "adjustment": "gift_cards",
    "draft_order_invoice": "draft_orders",
    "fulfillment_hold": "fulfillment_orders",
    "merge_intents": "fulfillment_orders",
    "split_line_items": "fulfillment_orders",
    "product_variant": "variants",
    "product_variants": "variants",
}
MOST_ENVELOPE_KEYS = 6
_MARKS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (family, frozenset(keys.split()))
    for family, keys in (
        ("draft_orders", "line_items invoice_url"),
        ("draft_orders", "line_items invoice_sent_at"),
        ("checkouts", "line_items abandoned_checkout_url"),
        ("orders", "line_items financial_status"),
        ("orders", "line_items display_financial_status"),
        ("orders", "line_items current_total_price_set"),
        ("orders", "line_items total_price_set"),
        ("orders", "line_items order_status_url"),
        ("orders", "source_name total_price_set"),
        ("orders", "line_items taxes_included order_number"),
        ("refunds", "refund_line_items"),
        ("fulfillments", "tracking_numbers line_items"),
        ("fulfillments", "fulfillment_line_items"),
        ("fulfillments", "shipment_status line_items"),
        ("fulfillment_events", "fulfillment_id happened_at"),
        ("fulfillment_orders", "assigned_location_id request_status"),
        ("order_transactions", "order_id gateway kind"),
        ("tender_transactions", "order_id remote_reference"),
        ("inventory_levels", "inventory_item_id location_id"),
        ("inventory_items", "country_code_of_origin"),
        ("disputes", "network_reason_code"),
        ("customers", "verified_email multipass_identifier"),
        ("products", "body_html product_type"),
        ("variants", "inventory_policy inventory_item_id"),
        ("gift_cards", "initial_value balance"),
        ("shop", "myshopify_domain"),
        ("reverse_fulfillment_orders", "dispositions total_dispositions"),
    )
)
_INSIDE_A_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def header(message: Message, name: str) -> str:
    """Give a header of Shopify's; its Events, which come after webhooks, leave out the `X-` before it."""
    return message.headers.get(f"x-shopify-{name}") or message.headers.get(f"shopify-{name}", "")


def topic_of(message: Message) -> str:
    """Give the topic of a webhook, such as orders/updated."""
    return header(message, "topic") or message.topic


def message_id(message: Message) -> str:
    """Give the id of a delivery, the same at each attempt."""
    return header(message, "webhook-id")


def family_of_topic(topic: str) -> str:
    """Give the family of a topic; subscriptions by GraphQL write ORDERS_UPDATED."""
    return topic.strip().lower().partition("/")[0]


def plain_topic(topic: str) -> str:
    """Write a topic as the header does; GraphQL's form of it has no slash: the longest family that fits is its own.

    Those of customers' tags and segments have a dot (`customer.tags_added`).
    """
    text = topic.strip().lower().replace(".", "_")
    if "/" in text or text in FAMILIES:
        return text
    fitting = [family for family in FAMILIES if text.startswith(f"{family}_")]
    family = max(fitting, key=len, default="")
    return f"{family}/{text[len(family) + 1 :]}" if family else text


def family_of_envelope(keys: AbstractSet[str]) -> tuple[str, str]:
    """Give (family, key) where one key says of what the rest is: `order`, `orders`, ...; else nothing.

    What has an id is something itself, and what it names is only a part of it.
    """
    if "id" in keys or len(keys) > MOST_ENVELOPE_KEYS:
        return "", ""
    for key in sorted(keys):
        for family in (_ENVELOPES.get(key, ""), key, f"{key}s"):
            if family in FAMILIES:
                return family, key
    return "", ""


def family_of_marks(keys: AbstractSet[str]) -> str:
    """Give the family of what has these fields; empty where none is known by them."""
    return next((family for family, marks in _MARKS if marks <= keys), "")


def family_of_global_id(text: str) -> str:
    """Give the family of a global id: `gid://shopify/DraftOrder/1` is one of draft_orders."""
    text = text.replace("\\/", "/")
    if not text.startswith("gid://shopify/"):
        return ""
    kind = _INSIDE_A_WORD.sub("_", text.removeprefix("gid://shopify/").partition("/")[0]).lower()
    kind = {"order_transaction": "order_transaction", "product_variant": "variant"}.get(kind, kind)
    return f"{kind}s" if f"{kind}s" in FAMILIES else ""
