"""ShipStation's former API (v1): a partner who ships the orders it is sent. Nothing signs its webhooks.

Source: ShipStation API (v1) documentation.
"""

from connectors.frame.declaration import Connector, Direction, Limits, Party, Poll, Setting, Transport, Tried
from connectors.frame.documents import OccasionKind
from connectors.systems.shipstation_v1.reading import HOSTS, recognise, translate
from connectors.systems.shipstation_v1.telling import OVERLAP_MS, authorise, poll_of, send

CONNECTOR = Connector(
    name="shipstation_v1",
    title="ShipStation (API v1)",
    party=Party.PARTNER,
    direction=Direction.BOTH,
    transports=(Transport.WEBHOOK, Transport.POLL, Transport.HTTP),
    tried=Tried.SAMPLES,
    dedup="the content; a parcel counts once by the id of its shipment",
    versions="the time of each shipment",
    moves_stock="a shipment lets the units of our fulfillment leave; Headrace is the authority",
    translate=translate,
    recognise=recognise,
    folders=("v1", "shipstation"),
    # A webhook carries no signature. Its address ends in a secret, and all that it does is to point at one of HOSTS,
    # from which the shipments are then fetched with our own key.
    signature=None,
    settings=(
        Setting(name="api_key", what="the API key", secret=True),
        Setting(name="api_secret", what="the API key's secret", secret=True),
        Setting(name="warehouse_id", what="the number of the warehouse that ships", required=False),
        Setting(name="store_id", what="the number of the store that holds our orders", required=False),
    ),
    # Forty requests a minute for all that use the account.
    limits=Limits(requests_per_second=0.5),
    polls=(
        Poll(topic="shipments", every_seconds=900, overlap_ms=OVERLAP_MS, run=poll_of("shipments", "createDateStart")),
        Poll(topic="voided", every_seconds=3600, overlap_ms=OVERLAP_MS, run=poll_of("shipments", "voidDateStart")),
        Poll(
            topic="fulfillments",
            every_seconds=1800,
            overlap_ms=OVERLAP_MS,
            run=poll_of("fulfillments", "createDateStart"),
        ),
        Poll(topic="orders", every_seconds=1800, overlap_ms=OVERLAP_MS, run=poll_of("orders", "modifyDateStart")),
    ),
    authorise=authorise,
    hosts=lambda _: HOSTS,
    wants=frozenset({OccasionKind.FULFILLMENT_REQUESTED, OccasionKind.CANCELLATION_REQUESTED}),
    send=send,
)
