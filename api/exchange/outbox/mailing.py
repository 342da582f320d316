"""Which mails an event may be cause for: pure. Whether one is sent at all is looked at again when it is its turn."""

from collections.abc import Iterator, Mapping

from connectors.orders.marks import IMPORT_REASON
from models import events
from models.events import Event
from models.records.line import UnitsOfLine
from models.records.mail import CustomerMail
from models.types import Record
from models.updates import CommandUpdate

PAST_MS = 2 * 86_400_000
"""What happened so long before it was told is of the past, and nobody is written to of it."""
_SHIPPING = frozenset({CustomerMail.SHIPPED, CustomerMail.PARTLY_SHIPPED})


class AboutMail(Record, kw_only=True):
    """What the row of a mail refers to; everything else is read when it is sent."""

    mail: CustomerMail
    """`shipped` stands for `partly_shipped` too: which of them it is shows when it is sent."""
    parcel_id: str = ""
    fulfillment_id: str = ""
    units: tuple[UnitsOfLine, ...] = ()
    refund_ids: tuple[str, ...] = ()
    promise_by_ms: int | None = None


def mails_of(event: Event, update: CommandUpdate) -> Iterator[tuple[str, AboutMail]]:
    """Give the mails that an event may be cause for, with the order of each."""
    if update.at_ms - _occurred_at_ms(event, update) > PAST_MS:
        return
    match event:
        case events.OrderPlaced() | events.ReservationPlaced() if update.reason != IMPORT_REASON:
            yield event.order_id, AboutMail(mail=CustomerMail.TAKEN)
        case events.ParcelShipped() if not event.implied:
            about = AboutMail(
                mail=CustomerMail.SHIPPED,
                parcel_id=event.parcel_id,
                fulfillment_id=event.fulfillment_id,
                units=event.units,
            )
            yield event.order_id, about
        case events.FulfillmentReady():
            yield event.order_id, AboutMail(mail=CustomerMail.READY, fulfillment_id=event.fulfillment_id)
        case events.ParcelDelivered():
            yield event.order_id, AboutMail(mail=CustomerMail.DELIVERED, parcel_id=event.parcel_id)
        case events.PromiseRevised():
            yield event.order_id, AboutMail(mail=CustomerMail.DELAYED, promise_by_ms=event.promise_by_ms)
        case events.UnitsCancelled() if event.units:
            yield event.order_id, AboutMail(mail=CustomerMail.CANCELLED, units=event.units)
        case events.StatedMoneyRecorded() if recent := _recent_refunds(event, update.at_ms):
            yield event.order_id, AboutMail(mail=CustomerMail.REFUNDED, refund_ids=recent)
        case _:
            return


def is_wanted(mail: CustomerMail, channel: str | None, wanted: Mapping[str, frozenset[CustomerMail]]) -> bool:
    """Tell whether a mail may be one that a channel's customers are sent; of a channel that is not known yet, any."""
    kinds = _SHIPPING if mail in _SHIPPING else frozenset({mail})
    if channel is None:
        return any(kinds & of_channel for of_channel in wanted.values())
    return bool(kinds & wanted.get(channel, frozenset()))


def _recent_refunds(event: events.StatedMoneyRecorded, at_ms: int) -> tuple[str, ...]:
    return tuple(one.refund_id for one in event.refunds if at_ms - one.at_ms <= PAST_MS)


def _occurred_at_ms(event: Event, update: CommandUpdate) -> int:
    occurred_at_ms: int = getattr(event, "occurred_at_ms", update.at_ms)
    return occurred_at_ms
