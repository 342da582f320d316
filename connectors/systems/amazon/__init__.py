"""Amazon's Selling Partner API: orders that the seller sends, by poll and notification; parcels and stock go out.

Amazon forbids sellers to write to buyers about an order: a channel of this connector sends no mails to customers.
"""

from connectors.frame.carriers import CARRIERS
from connectors.frame.declaration import Connector, Direction, Limits, Party, Setting, Transport, Tried
from connectors.systems.amazon.calls import GRANT, authorise, hosts
from connectors.systems.amazon.polling import CHANGED, OLD_API
from connectors.systems.amazon.sending import WANTS, send
from connectors.systems.amazon.translating import message_id, recognise, translate

CONNECTOR = Connector(
    name="amazon",
    title="Amazon (Selling Partner API)",
    party=Party.CHANNEL,
    direction=Direction.BOTH,
    transports=(Transport.POLL, Transport.WEBHOOK),
    tried=Tried.SAMPLES,
    forbids_mails=True,
    dedup="the id of the notification; of a poll, the order and when it changed",
    versions="the order's last update",
    moves_stock="nothing that Amazon says; it is told what may be sold of the stock that the seller sends",
    translate=translate,
    recognise=recognise,
    folders=("amazon_spapi",),
    message_id=message_id,
    settings=(
        Setting(name="seller_id", what="the seller's id (merchant token), which names its listings"),
        Setting(name="marketplaces", what="ids of marketplaces of one region, such as A1PA6795UKMFR9,A13V1IB3VIYZZH"),
        Setting(name="client_id", what="Login with Amazon: the application's id", secret=True),
        Setting(name="client_secret", what="Login with Amazon: the application's secret", secret=True),
        Setting(name="refresh_token", what="Login with Amazon: the seller's refresh token", secret=True),
        Setting(
            name="orders_api",
            what=f"{OLD_API} polls by the older orders API and joins its answers",
            required=False,
        ),
        CARRIERS,
    ),
    # An order and its items may be asked for once in two seconds each, after a burst of 30; Amazon's Usage Plans.
    limits=Limits(requests_per_second=0.5, concurrency=1),
    polls=(CHANGED,),
    authorise=authorise,
    grant=GRANT,
    hosts=hosts,
    wants=WANTS,
    send=send,
)
