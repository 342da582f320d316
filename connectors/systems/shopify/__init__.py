"""Shopify: orders, fulfillments, refunds and stock levels in; fulfillments, tracking, removals and availability out.

Sources: Shopify's developer documentation, the pages of the resources and mutations named at each function.
"""

from connectors.frame.carriers import CARRIERS
from connectors.frame.declaration import Connector, Direction, Limits, Party, Setting, Transport, Tried
from connectors.frame.message import Message
from connectors.frame.signatures import hmac_signature
from connectors.systems.shopify.availability import LOCATION
from connectors.systems.shopify.calls import GRANT, SHOP, authorise, host_of
from connectors.systems.shopify.orders import SHIP_WHEN
from connectors.systems.shopify.polling import ORDERS
from connectors.systems.shopify.sending import WANTS, send
from connectors.systems.shopify.shipping import NOTIFY
from connectors.systems.shopify.topics import message_id, topic_of
from connectors.systems.shopify.translating import recognise, translate

_SIGNATURES = tuple(
    hmac_signature(header, encoding="base64") for header in ("x-shopify-hmac-sha256", "shopify-hmac-sha256")
)


def signature(message: Message, secrets: tuple[str, ...]) -> bool:
    """Verify the HMAC of the body; Shopify's Events leave out the `X-` before the header's name.

    Source: Shopify, "Verify webhook deliveries".
    """
    return any([verify(message, secrets) for verify in _SIGNATURES])  # noqa: C419 - all are compared


CONNECTOR = Connector(
    name="shopify",
    title="Shopify",
    party=Party.CHANNEL,
    direction=Direction.BOTH,
    transports=(Transport.WEBHOOK, Transport.POLL, Transport.HTTP),
    tried=Tried.SAMPLES,
    dedup="X-Shopify-Webhook-Id, the same at each attempt; a parcel by the id of its fulfillment",
    versions="updated_at of the order",
    moves_stock="nothing: Headrace is the authority, sets what the shop may sell and reports what it had changed",
    translate=translate,
    recognise=recognise,
    folders=("shopify",),
    message_id=message_id,
    topic_of=topic_of,
    signature=signature,
    settings=(
        Setting(name=SHOP, what="the shop, such as acme.myshopify.com"),
        Setting(name=LOCATION, what="the id of the shop's location whose stock is set", required=False),
        Setting(name=SHIP_WHEN, what="`authorised`: what is not captured yet may be sent as well", required=False),
        Setting(name="pay_within_days", what="an order not paid by then is cancelled; 7 days", required=False),
        Setting(name=NOTIFY, what="`yes`: Shopify mails the customer that a parcel has left", required=False),
        CARRIERS,
        Setting(name="webhook_secret", what="the app's client secret, which signs webhooks", secret=True),
        Setting(name="token", what="the app's access token, where it does not run out", secret=True, required=False),
        Setting(name="client_id", what="the app's client id, where it has no such token", secret=True, required=False),
    ),
    limits=Limits(requests_per_second=2.0),
    polls=(ORDERS,),
    authorise=authorise,
    grant=GRANT,
    hosts=lambda account: (host_of(account),) if account.settings.get(SHOP) else (),
    wants=WANTS,
    send=send,
)
