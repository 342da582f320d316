"""What can be asked of a pool, in the imperative. One tagged struct a command; `type` names it on the wire."""

import msgspec

from models.commands.envelope import Command
from models.commands.orders import (
    AcceptFulfillment,
    AnswerCancellation,
    AssessRisk,
    CancelUnits,
    CollectFulfillment,
    DeliverParcel,
    EditOrder,
    FulfillmentCommand,
    HoldOrder,
    ImportOrder,
    LoseParcel,
    MakeReady,
    MergeFulfillments,
    MoveUnits,
    OrderCommand,
    OrderContent,
    PackFulfillment,
    PickFulfillment,
    PlaceOrder,
    RecordScan,
    RecordStatedMoney,
    RecordTracking,
    RejectFulfillment,
    ReleaseHold,
    ReopenOrder,
    RerouteOrder,
    ReserveOrder,
    ReturnParcelToSender,
    ShipParcel,
    StockPolicy,
)
from models.commands.pool import (
    PutCatalogue,
    PutChannels,
    PutLocations,
    PutPolicy,
    PutPool,
    PutRoutingModel,
    SetUpCommand,
    Tick,
)
from models.commands.stock import (
    AdjustStock,
    Balances,
    CountStock,
    DeclaredLine,
    DeclareStock,
    DispatchTransfer,
    DocumentCommand,
    ExpectStock,
    FenceStock,
    ReceiveStock,
    ReceiveTransfer,
    RepairLevel,
    RestateStock,
    SellAtTill,
    SetSafetyStock,
    StatedStock,
    StockCommand,
    StockLine,
)
from models.ids import order_id
from models.records.order import NewLine

__all__ = [
    "AcceptFulfillment",
    "AdjustStock",
    "AnswerCancellation",
    "AnyCommand",
    "AssessRisk",
    "Balances",
    "CancelUnits",
    "CollectFulfillment",
    "Command",
    "CountStock",
    "DeclareStock",
    "DeclaredLine",
    "DeliverParcel",
    "DispatchTransfer",
    "DocumentCommand",
    "EditOrder",
    "ExpectStock",
    "FenceStock",
    "FulfillmentCommand",
    "HoldOrder",
    "ImportOrder",
    "LoseParcel",
    "MakeReady",
    "MergeFulfillments",
    "MoveUnits",
    "NewLine",
    "OrderCommand",
    "OrderContent",
    "PackFulfillment",
    "PickFulfillment",
    "PlaceOrder",
    "PutCatalogue",
    "PutChannels",
    "PutLocations",
    "PutPolicy",
    "PutPool",
    "PutRoutingModel",
    "ReceiveStock",
    "ReceiveTransfer",
    "RecordScan",
    "RecordStatedMoney",
    "RecordTracking",
    "RejectFulfillment",
    "ReleaseHold",
    "ReopenOrder",
    "RepairLevel",
    "RerouteOrder",
    "ReserveOrder",
    "RestateStock",
    "ReturnParcelToSender",
    "SellAtTill",
    "SetSafetyStock",
    "SetUpCommand",
    "ShipParcel",
    "StatedStock",
    "StockCommand",
    "StockLine",
    "StockPolicy",
    "Tick",
    "decode",
    "encode",
    "encode_list",
    "order_id_of",
]

AnyCommand = (
    PlaceOrder
    | ImportOrder
    | ReserveOrder
    | EditOrder
    | RecordStatedMoney
    | AssessRisk
    | ReopenOrder
    | CancelUnits
    | HoldOrder
    | ReleaseHold
    | RerouteOrder
    | MoveUnits
    | AcceptFulfillment
    | RejectFulfillment
    | PickFulfillment
    | PackFulfillment
    | MakeReady
    | CollectFulfillment
    | AnswerCancellation
    | MergeFulfillments
    | ShipParcel
    | RecordTracking
    | RecordScan
    | DeliverParcel
    | LoseParcel
    | ReturnParcelToSender
    | ReceiveStock
    | SellAtTill
    | DispatchTransfer
    | ReceiveTransfer
    | AdjustStock
    | CountStock
    | SetSafetyStock
    | RestateStock
    | FenceStock
    | ExpectStock
    | DeclareStock
    | RepairLevel
    | PutPool
    | PutLocations
    | PutChannels
    | PutPolicy
    | PutRoutingModel
    | PutCatalogue
    | Tick
)


def order_id_of(command: Command) -> str:
    """Give the order that a command is about; empty where it is about none."""
    if isinstance(command, OrderCommand):
        return command.order_id
    if isinstance(command, OrderContent):
        return order_id(command.pool, command.channel, command.external_id)
    return ""


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)


def encode(command: Command) -> bytes:
    """Give the wire form of one command."""
    return _encoder.encode(command)


def decode(raw: bytes) -> AnyCommand:
    """Read one command.

    Raises:
        msgspec.DecodeError: not JSON; its subclass ValidationError: not a command, naming the field.
    """
    return _decoder.decode(raw)


def encode_list(commands: list[bytes]) -> bytes:
    """Join encoded commands to the value of one record of the topic `commands`."""
    return b"[" + b",".join(commands) + b"]"
