"""What messages of other systems say, in the field's terms: the one vocabulary that every translator speaks.

A fact keeps the sender's own ids. `connectors.frame.asking` turns facts into commands, with the account they came by.
Money is integer minor units; times are milliseconds since 1970 in UTC; quantities are what the sender counts in.
"""

from connectors.frame.fact import Fact
from connectors.frame.order_facts import (
    Address,
    Buyer,
    HoldStated,
    LineStated,
    OrderCancelled,
    OrderHeld,
    OrderRefunded,
    OrderStated,
    PaymentKind,
    PaymentStated,
    RefundedUnits,
    RefundStated,
)
from connectors.frame.parcel_facts import (
    CancellationAnswered,
    FulfillmentAnswered,
    FulfillmentStepped,
    ParcelScanned,
    ParcelStated,
    Step,
    UnitsStated,
)
from connectors.frame.stock_facts import (
    StockAdjusted,
    StockCounted,
    StockExpected,
    StockLine,
    StockReceived,
    TillSold,
)

__all__ = [
    "Address",
    "AnyFact",
    "Buyer",
    "CancellationAnswered",
    "DocumentAcknowledged",
    "Fact",
    "FulfillmentAnswered",
    "FulfillmentStepped",
    "HoldStated",
    "LineStated",
    "OrderCancelled",
    "OrderHeld",
    "OrderRefunded",
    "OrderStated",
    "ParcelScanned",
    "ParcelStated",
    "PaymentKind",
    "PaymentStated",
    "RefundStated",
    "RefundedUnits",
    "Step",
    "StockAdjusted",
    "StockCounted",
    "StockExpected",
    "StockLine",
    "StockReceived",
    "TillSold",
    "UnitsStated",
]


class DocumentAcknowledged(Fact, tag="acknowledged", kw_only=True):
    """A partner says that it could read, or could not, what we sent."""

    reference: str
    accepted: bool
    at_ms: int
    note: str = ""


AnyFact = (
    OrderStated
    | OrderCancelled
    | OrderRefunded
    | OrderHeld
    | ParcelStated
    | ParcelScanned
    | FulfillmentAnswered
    | CancellationAnswered
    | FulfillmentStepped
    | StockCounted
    | StockReceived
    | StockExpected
    | StockAdjusted
    | TillSold
    | DocumentAcknowledged
)
