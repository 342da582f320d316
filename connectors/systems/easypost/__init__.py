"""EasyPost, which asks many carriers where parcels are: trackers and their events in, trackers of our parcels out.

Sources: EasyPost's documentation, pages Trackers, Events, Webhooks (HMAC validation) and Pagination.
"""

from connectors.frame.declaration import Connector, Direction, Limits, Party, Poll, Setting, Transport, Tried
from connectors.frame.documents import OccasionKind
from connectors.systems.easypost.reading import message_id, recognise, translate
from connectors.systems.easypost.signature import verify
from connectors.systems.easypost.telling import authorise, poll_trackers, send

CONNECTOR = Connector(
    name="easypost",
    title="EasyPost",
    party=Party.CARRIER,
    direction=Direction.BOTH,
    transports=(Transport.WEBHOOK, Transport.POLL, Transport.HTTP),
    tried=Tried.SAMPLES,
    dedup="the id of the event; each scan counts once by parcel, time and status",
    versions="the carrier's time of each scan",
    moves_stock="nothing: scans move no stock",
    translate=translate,
    recognise=recognise,
    folders=("easypost",),
    message_id=message_id,
    signature=verify,
    settings=(
        Setting(name="webhook_secret", what="the secret that the webhook was created with", secret=True),
        Setting(name="api_key", what="the API key, to follow our parcels", secret=True, required=False),
    ),
    limits=Limits(requests_per_second=5.0),
    polls=(Poll(topic="trackers", every_seconds=21_600, overlap_ms=0, run=poll_trackers),),
    authorise=authorise,
    hosts=lambda _: ("api.easypost.com",),
    wants=frozenset({OccasionKind.PARCEL_SHIPPED}),
    send=send,
)
