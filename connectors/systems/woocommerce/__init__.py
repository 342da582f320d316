"""WooCommerce: a shop as a plugin of WordPress. Orders come by webhook and by poll; parcels, notes and stock go out."""

from connectors.frame.carriers import CARRIERS
from connectors.frame.declaration import Connector, Direction, Limits, Party, Setting, Transport, Tried
from connectors.frame.message import Message
from connectors.frame.signatures import hmac_signature
from connectors.systems.woocommerce.calls import authorise, hosts
from connectors.systems.woocommerce.polling import ORDERS
from connectors.systems.woocommerce.sending import EXTENSIONS, WANTS, send
from connectors.systems.woocommerce.translating import recognise, topic_of, translate


def _delivery(message: Message) -> str:
    return message.headers.get("x-wc-webhook-delivery-id", "")


CONNECTOR = Connector(
    name="woocommerce",
    title="WooCommerce",
    party=Party.CHANNEL,
    direction=Direction.BOTH,
    transports=(Transport.WEBHOOK, Transport.POLL),
    tried=Tried.SAMPLES,
    dedup="the delivery's id in its header; of a poll, the order and when it changed",
    versions="the order's date_modified, to the second",
    moves_stock="an order completed at the shop says that what was left of it has left; the shop is told its stock",
    translate=translate,
    recognise=recognise,
    message_id=_delivery,
    topic_of=topic_of,
    signature=hmac_signature("x-wc-webhook-signature", encoding="base64"),
    settings=(
        Setting(name="url", what="where WordPress is, such as https://shop.example.com"),
        Setting(name="consumer_key", what="the REST API key's first half, ck_...", secret=True),
        Setting(name="consumer_secret", what="the REST API key's second half, cs_...", secret=True),
        Setting(
            name="tracking",
            what=f"the extension that keeps tracking numbers, {' or '.join(EXTENSIONS)}; else customers get notes",
            required=False,
        ),
        CARRIERS,
    ),
    limits=Limits(requests_per_second=2.0, concurrency=1),
    polls=(ORDERS,),
    authorise=authorise,
    hosts=hosts,
    wants=WANTS,
    send=send,
)
