"""What has happened, in the past tense. Events of one command travel together in its `CommandUpdate`.

An event's id is the command's position and its index in the list.
"""

from models.events.envelope import Event
from models.events.fulfillment import (
    FulfillmentAccepted,
    FulfillmentCancelled,
    FulfillmentPacked,
    FulfillmentPicked,
    FulfillmentRejected,
    ParcelDelivered,
    ParcelEnded,
    ParcelLost,
    ParcelReturnedToSender,
    ParcelShipped,
    TrackingRecorded,
)
from models.events.orders import (
    AllocationBroken,
    HoldApplied,
    HoldReleased,
    NewerContentNoted,
    OlderContentIgnored,
    OrderAtRisk,
    OrderedLine,
    OrderPlaced,
    OrderReserved,
    OrderTaken,
    ReservationExpired,
    ReservationPlaced,
    UnitsCancelled,
)
from models.events.routing import (
    Assignment,
    Candidate,
    RoutingTrace,
    UnitsRouted,
)
from models.events.stock import (
    LineRepeated,
    PoolChanged,
    StockCompared,
    StockShort,
    TransferClosed,
)

__all__ = [
    "AllocationBroken",
    "AnyEvent",
    "Assignment",
    "Candidate",
    "Event",
    "FulfillmentAccepted",
    "FulfillmentCancelled",
    "FulfillmentPacked",
    "FulfillmentPicked",
    "FulfillmentRejected",
    "HoldApplied",
    "HoldReleased",
    "LineRepeated",
    "NewerContentNoted",
    "OlderContentIgnored",
    "OrderAtRisk",
    "OrderPlaced",
    "OrderReserved",
    "OrderTaken",
    "OrderedLine",
    "ParcelDelivered",
    "ParcelEnded",
    "ParcelLost",
    "ParcelReturnedToSender",
    "ParcelShipped",
    "PoolChanged",
    "ReservationExpired",
    "ReservationPlaced",
    "RoutingTrace",
    "StockCompared",
    "StockShort",
    "TrackingRecorded",
    "TransferClosed",
    "UnitsCancelled",
    "UnitsRouted",
]

AnyEvent = (
    OrderPlaced
    | OrderReserved
    | ReservationPlaced
    | ReservationExpired
    | OlderContentIgnored
    | NewerContentNoted
    | UnitsRouted
    | UnitsCancelled
    | HoldApplied
    | HoldReleased
    | OrderAtRisk
    | AllocationBroken
    | FulfillmentAccepted
    | FulfillmentRejected
    | FulfillmentPicked
    | FulfillmentPacked
    | FulfillmentCancelled
    | ParcelShipped
    | TrackingRecorded
    | ParcelDelivered
    | ParcelLost
    | ParcelReturnedToSender
    | StockCompared
    | LineRepeated
    | StockShort
    | TransferClosed
    | PoolChanged
)
