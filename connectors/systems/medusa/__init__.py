"""Medusa 2: a shop's backend. Orders and their money come by poll, parcels, cancellations and stock go out.

Medusa signs and sends no webhooks of its own; a subscriber of the shop may hand its events on, which then come sooner.
"""

from connectors.frame.declaration import Connector, Direction, Limits, Party, Setting, Transport, Tried
from connectors.systems.medusa.calls import KEY, URL, authorise, hosts
from connectors.systems.medusa.orders import SHIP_WHEN
from connectors.systems.medusa.polling import POLLS
from connectors.systems.medusa.sending import WANTS, send
from connectors.systems.medusa.shipping import LOCATION, NOTIFY
from connectors.systems.medusa.translating import recognise, translate

CONNECTOR = Connector(
    name="medusa",
    title="Medusa",
    party=Party.CHANNEL,
    direction=Direction.BOTH,
    transports=(Transport.POLL, Transport.WEBHOOK),
    tried=Tried.LIVE,
    dedup="the order and the newest change of anything in it; a parcel by the id of its fulfillment",
    versions="the newest updated_at of the order, its payments, fulfillments and returns",
    moves_stock="a shipment made at the shop says what has left; the shop is told its stock by location",
    translate=translate,
    recognise=recognise,
    settings=(
        Setting(name=URL, what="where the backend is, such as https://shop.example.com, without /admin"),
        Setting(name=KEY, what="a secret API key, sk_...", secret=True),
        Setting(
            name="webhook_secret",
            what="ends the address that a subscriber of the shop sends its events to, where one does",
            secret=True,
            required=False,
        ),
        Setting(name=LOCATION, what="the id of the location whose stock is set, sloc_...", required=False),
        Setting(name=SHIP_WHEN, what="`captured`: what is only authorised is not sent yet", required=False),
        Setting(name="pay_within_days", what="an order not paid by then is cancelled; 7 days", required=False),
        Setting(name=NOTIFY, what="`yes`: the shop may notify the customer of parcels", required=False),
    ),
    limits=Limits(requests_per_second=5.0, concurrency=1),
    polls=POLLS,
    authorise=authorise,
    hosts=hosts,
    wants=WANTS,
    send=send,
)
