"""What a shop is told, by what happened."""

from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, OccasionKind, Outcome, Sent
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from connectors.systems.shopify.availability import tell_available
from connectors.systems.shopify.cancelling import tell_cancelled
from connectors.systems.shopify.shipping import tell_parcel

_TELLS = {
    OccasionKind.PARCEL_SHIPPED: tell_parcel,
    OccasionKind.PARCEL_TRACKED: tell_parcel,
    OccasionKind.UNITS_CANCELLED: tell_cancelled,
    OccasionKind.AVAILABILITY: tell_available,
}
WANTS = frozenset(_TELLS)


def send(occasion: Occasion, account: Account) -> Sending:
    """Tell the shop. An answer that cannot be read is as good as none: it is tried again later."""
    tell = _TELLS.get(occasion.kind)
    if tell is None:
        return Sent(outcome=Outcome.REFUSED, note=f"Shopify is not told of {occasion.kind.value}")
    try:
        return (yield from tell(occasion, account))
    except UnreadableError as error:
        return Sent(outcome=Outcome.LATER, note=f"the shop's answer cannot be read: {error}")
