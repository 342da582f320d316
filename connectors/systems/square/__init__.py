"""Square: a till, and the orders that its sellers send or lay ready.

Source: Square documentation, Orders API, Inventory API, Webhooks (Verify and validate an event notification).
"""

from connectors.frame.declaration import Connector, Direction, Limits, Party, Poll, Setting, Transport, Tried
from connectors.frame.documents import OccasionKind
from connectors.frame.signatures import hmac_signature
from connectors.systems.square.reading import message_id, topic_of, translate
from connectors.systems.square.recognising import recognise
from connectors.systems.square.telling import OVERLAP_MS, authorise, poll_inventory, poll_orders, send

CONNECTOR = Connector(
    name="square",
    title="Square",
    party=Party.TILL,
    direction=Direction.BOTH,
    transports=(Transport.WEBHOOK, Transport.POLL, Transport.HTTP),
    tried=Tried.SAMPLES,
    dedup="the id of the event; a sale counts once by its order, a count by its own id",
    versions="the order's version, or its time of change where it has none (made at the till)",
    moves_stock=(
        "the account's choice: with stock_moves_by orders, sales and returns move stock, and Square's sums are left"
        " aside while Headrace is the authority; with inventory, its changes and sums do, and Square is"
    ),
    translate=translate,
    recognise=recognise,
    folders=("square",),
    message_id=message_id,
    topic_of=topic_of,
    # The address is signed too, as it was given to Square, byte for byte.
    signature=hmac_signature("x-square-hmacsha256-signature", encoding="base64", covers_url=True),
    settings=(
        Setting(name="webhook_secret", what="the signature key of the webhook subscription", secret=True),
        Setting(name="access_token", what="the access token", secret=True),
        Setting(name="stock_moves_by", what="orders, or inventory where Square is the authority of its stock"),
        Setting(name="environment", what="production, or sandbox", required=False),
    ),
    limits=Limits(requests_per_second=5.0),
    polls=(
        Poll(topic="orders", every_seconds=600, overlap_ms=OVERLAP_MS, run=poll_orders),
        Poll(topic="inventory", every_seconds=600, overlap_ms=OVERLAP_MS, run=poll_inventory),
    ),
    authorise=authorise,
    hosts=lambda _: ("connect.squareup.com", "connect.squareupsandbox.com"),
    wants=frozenset({OccasionKind.AVAILABILITY}),
    send=send,
)
