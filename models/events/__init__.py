"""What has happened, in the past tense. Events of one command travel together in its `CommandUpdate`.

An event's id is the command's position and its index in the list.
"""

from models.events.envelope import Event
from models.events.fulfillment import (
    CancellationAnswered,
    CancellationRequested,
    FulfillmentAccepted,
    FulfillmentCancelled,
    FulfillmentPacked,
    FulfillmentPicked,
    FulfillmentReady,
    FulfillmentRejected,
    FulfillmentsMerged,
    ParcelCorrected,
    ParcelDelivered,
    ParcelEnded,
    ParcelLost,
    ParcelReturnedToSender,
    ParcelScanned,
    ParcelShipped,
    ParcelSilent,
    TrackingRecorded,
    UnitsRecalled,
)
from models.events.orders import (
    AllocationBroken,
    ContentMerged,
    EditPreviewed,
    HoldApplied,
    HoldReleased,
    NewerContentNoted,
    OlderContentIgnored,
    OrderAtRisk,
    OrderClosed,
    OrderEdited,
    OrderedLine,
    OrderImported,
    OrderPlaced,
    OrderReopened,
    OrderReserved,
    OrderTaken,
    Oversold,
    PromiseRevised,
    ReservationExpired,
    ReservationPlaced,
    RiskAssessed,
    StatedMoneyRecorded,
    UnitsCancelled,
    UnitsPegged,
    UnitsReinstated,
)
from models.events.routing import (
    Assignment,
    Candidate,
    RoutingTrace,
    UnitsRouted,
)
from models.events.stock import (
    LevelRepaired,
    LineRepeated,
    PoolChanged,
    StockCompared,
    StockExpected,
    StockShort,
    TransferClosed,
)

__all__ = [
    "AllocationBroken",
    "AnyEvent",
    "Assignment",
    "CancellationAnswered",
    "CancellationRequested",
    "Candidate",
    "ContentMerged",
    "EditPreviewed",
    "Event",
    "FulfillmentAccepted",
    "FulfillmentCancelled",
    "FulfillmentPacked",
    "FulfillmentPicked",
    "FulfillmentReady",
    "FulfillmentRejected",
    "FulfillmentsMerged",
    "HoldApplied",
    "HoldReleased",
    "LevelRepaired",
    "LineRepeated",
    "NewerContentNoted",
    "OlderContentIgnored",
    "OrderAtRisk",
    "OrderClosed",
    "OrderEdited",
    "OrderImported",
    "OrderPlaced",
    "OrderReopened",
    "OrderReserved",
    "OrderTaken",
    "OrderedLine",
    "Oversold",
    "ParcelCorrected",
    "ParcelDelivered",
    "ParcelEnded",
    "ParcelLost",
    "ParcelReturnedToSender",
    "ParcelScanned",
    "ParcelShipped",
    "ParcelSilent",
    "PoolChanged",
    "PromiseRevised",
    "ReservationExpired",
    "ReservationPlaced",
    "RiskAssessed",
    "RoutingTrace",
    "StatedMoneyRecorded",
    "StockCompared",
    "StockExpected",
    "StockShort",
    "TrackingRecorded",
    "TransferClosed",
    "UnitsCancelled",
    "UnitsPegged",
    "UnitsRecalled",
    "UnitsReinstated",
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
    | ParcelCorrected
    | TrackingRecorded
    | ParcelDelivered
    | ParcelLost
    | ParcelReturnedToSender
    | StockCompared
    | LineRepeated
    | StockShort
    | TransferClosed
    | PoolChanged
    | OrderImported
    | OrderEdited
    | EditPreviewed
    | ContentMerged
    | StatedMoneyRecorded
    | RiskAssessed
    | UnitsRecalled
    | PromiseRevised
    | UnitsPegged
    | UnitsReinstated
    | OrderClosed
    | OrderReopened
    | Oversold
    | FulfillmentReady
    | CancellationRequested
    | CancellationAnswered
    | FulfillmentsMerged
    | ParcelScanned
    | ParcelSilent
    | StockExpected
    | LevelRepaired
)
