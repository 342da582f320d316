"""What can be asked of a pool, in the imperative. One tagged struct a command; `type` names it on the wire."""

import msgspec

from models.commands.envelope import Command
from models.commands.orders import (
    AcceptFulfillment,
    CancelUnits,
    DeliverParcel,
    FulfillmentCommand,
    HoldOrder,
    LoseParcel,
    NewLine,
    OrderCommand,
    OrderContent,
    PackFulfillment,
    PickFulfillment,
    PlaceOrder,
    RecordTracking,
    RejectFulfillment,
    ReleaseHold,
    RerouteOrder,
    ReserveOrder,
    ReturnParcelToSender,
    ShipParcel,
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
    CountStock,
    DispatchTransfer,
    DocumentCommand,
    ReceiveStock,
    ReceiveTransfer,
    SellAtTill,
    SetSafetyStock,
    StockCommand,
    StockLine,
)
from models.ids import order_id

__all__ = [
    "AcceptFulfillment",
    "AdjustStock",
    "AnyCommand",
    "CancelUnits",
    "Command",
    "CountStock",
    "DeliverParcel",
    "DispatchTransfer",
    "DocumentCommand",
    "FulfillmentCommand",
    "HoldOrder",
    "LoseParcel",
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
    "RecordTracking",
    "RejectFulfillment",
    "ReleaseHold",
    "RerouteOrder",
    "ReserveOrder",
    "ReturnParcelToSender",
    "SellAtTill",
    "SetSafetyStock",
    "SetUpCommand",
    "ShipParcel",
    "StockCommand",
    "StockLine",
    "Tick",
    "decode",
    "encode",
    "encode_list",
    "order_id_of",
]

AnyCommand = (
    PlaceOrder
    | ReserveOrder
    | CancelUnits
    | HoldOrder
    | ReleaseHold
    | RerouteOrder
    | AcceptFulfillment
    | RejectFulfillment
    | PickFulfillment
    | PackFulfillment
    | ShipParcel
    | RecordTracking
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
