"""What a Medusa is told: parcels, that they arrived, what is not sent, and stock."""

from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, OccasionKind, Outcome, Sent
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from connectors.systems.medusa.cancelling import tell_cancelled
from connectors.systems.medusa.shipping import tell_delivered, tell_parcel
from connectors.systems.medusa.stock import tell_stock

_TELL = {
    OccasionKind.PARCEL_SHIPPED: tell_parcel,
    OccasionKind.PARCEL_DELIVERED: tell_delivered,
    OccasionKind.UNITS_CANCELLED: tell_cancelled,
    OccasionKind.AVAILABILITY: tell_stock,
}
WANTS = frozenset(_TELL)
"""Not newer tracking numbers: labels of what has been shipped are not changed by Medusa."""


def send(occasion: Occasion, account: Account) -> Sending:
    """Tell Medusa. An answer that is not what it should be is as good as none: it is tried again later."""
    tell = _TELL.get(occasion.kind)
    if tell is None:
        return Sent(outcome=Outcome.REFUSED, note=f"Medusa is not told of {occasion.kind.value}")
    try:
        return (yield from tell(occasion, account))
    except UnreadableError as error:
        return Sent(outcome=Outcome.LATER, note=f"Medusa's answer cannot be read: {error}")
