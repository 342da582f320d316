"""From what a message says to what Headrace is asked: one fact, the account it came by, and what is known already.

Pure: what is known (orders, parcels, levels) comes as `Known`, ids are made from the message's identity, so that a
repeated message asks the very same thing and is answered as a repeat.
"""

from hashlib import blake2b
from typing import Any, Protocol

from connectors.frame import asking_orders, asking_parcels, asking_stock
from connectors.frame import facts as f
from connectors.frame.asked import Asked, Envelope, Known
from connectors.frame.message import Account
from connectors.frame.naming import PartnerFact, by_our_name


class Asks(Protocol):
    """Gives what one kind of fact asks for."""

    def __call__(self, fact: Any, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]: ...


_ASKS: dict[type[f.Fact], Asks] = {
    f.OrderStated: asking_orders.order_stated,
    f.OrderCancelled: asking_orders.order_cancelled,
    f.OrderRefunded: asking_orders.order_refunded,
    f.OrderHeld: asking_orders.order_held,
    f.ParcelStated: asking_parcels.parcel_stated,
    f.ParcelScanned: asking_parcels.parcel_scanned,
    f.FulfillmentAnswered: asking_parcels.answered,
    f.CancellationAnswered: asking_parcels.cancellation_answered,
    f.FulfillmentStepped: asking_parcels.stepped,
    f.StockCounted: asking_stock.counted,
    f.StockReceived: asking_stock.received,
    f.StockExpected: asking_stock.expected,
    f.StockAdjusted: asking_stock.adjusted,
    f.TillSold: asking_stock.till_sold,
}
"""`DocumentAcknowledged` asks for nothing: it is about a delivery of ours, and the outbox takes it in."""


def ask(fact: f.AnyFact, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Give the commands that a fact asks for; none where it changes nothing.

    Raises:
        UnknownYet: it is about an order or a parcel that is not known; it may be a moment later.
        UnreadableError: it cannot be asked for at all, which a person has to see.
    """
    asks = _ASKS.get(type(fact))
    if isinstance(fact, PartnerFact):
        ours = by_our_name(fact, account, known)
        if ours is None:
            return ()
        fact = ours
    return asks(fact, account, envelope, known) if asks is not None else ()


def message_seed(account: str, message_id: str, body: bytes) -> str:
    """Give what tells a message from every other of the account: the sender's id of it, else its content."""
    told = message_id.encode() if message_id else body
    return blake2b(account.encode() + b"\x00" + told, digest_size=16).hexdigest()
