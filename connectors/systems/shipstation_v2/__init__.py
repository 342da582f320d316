"""ShipStation's present API (v2, also ShipEngine): a partner who ships from its shipments, and tells where parcels are.

Source: ShipStation API documentation.
"""

from connectors.frame.declaration import Connector, Direction, Limits, Party, Poll, Setting, Transport, Tried
from connectors.frame.documents import OccasionKind
from connectors.systems.shipstation_v2.reading import HOSTS, recognise, translate
from connectors.systems.shipstation_v2.signature import verify
from connectors.systems.shipstation_v2.telling import OVERLAP_MS, authorise, poll_labels, send

CONNECTOR = Connector(
    name="shipstation_v2",
    title="ShipStation (API v2, ShipEngine)",
    party=Party.PARTNER,
    direction=Direction.BOTH,
    transports=(Transport.WEBHOOK, Transport.POLL, Transport.HTTP),
    tried=Tried.SAMPLES,
    dedup="the content; a parcel counts once by the id of its label, a scan by its time and status",
    versions="the time of each label and scan",
    moves_stock="a label lets the units of our fulfillment leave; Headrace is the authority",
    translate=translate,
    recognise=recognise,
    folders=("v2_shipengine", "shipengine", "shipstation"),
    signature=verify,
    settings=(
        Setting(name="webhook_secret", what="the vendor's public key, PEM or as its JSON Web Key Set", secret=True),
        Setting(name="api_key", what="the API key", secret=True),
        Setting(name="warehouse_id", what="the warehouse that ships, se-..."),
        Setting(name="phone", what="a telephone number for labels of customers who gave none", required=False),
        Setting(name="carrier_id", what="the carrier to ship with, se-...", required=False),
        Setting(name="service_code", what="the service to ship with", required=False),
        Setting(name="api", what="shipstation, or shipengine for an account of before", required=False),
    ),
    limits=Limits(requests_per_second=3.0),
    polls=(Poll(topic="labels", every_seconds=900, overlap_ms=OVERLAP_MS, run=poll_labels),),
    authorise=authorise,
    hosts=lambda _: HOSTS,
    wants=frozenset({OccasionKind.FULFILLMENT_REQUESTED, OccasionKind.CANCELLATION_REQUESTED}),
    send=send,
)
