"""Shopify: orders, fulfillments, refunds and inventory levels in; fulfillments, tracking, removals and stock out.

Sources: Shopify's developer documentation, the pages of the resources and mutations named at each function.
"""

from connectors.frame.declaration import Connector, Direction, Party, Transport, Tried
from connectors.systems.shopify.topics import message_id, topic_of
from connectors.systems.shopify.translating import recognise, translate

CONNECTOR = Connector(
    name="shopify",
    title="Shopify",
    party=Party.CHANNEL,
    direction=Direction.BOTH,
    transports=(Transport.WEBHOOK, Transport.POLL, Transport.HTTP),
    tried=Tried.SAMPLES,
    dedup="X-Shopify-Webhook-Id, the same at each attempt",
    versions="updated_at of the order",
    moves_stock="nothing: Headrace is the authority, sets what the shop may sell and reports what it had changed",
    translate=translate,
    recognise=recognise,
    folders=("shopify",),
    message_id=message_id,
    topic_of=topic_of,
)
