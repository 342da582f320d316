"""What there is to say of an order when the turn of its mail has come: pure, by the order as it stands then.

What is not so any more is not said: a parcel that has arrived is not on its way, a day that is known is no news.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from api.customers.languages import day_of
from api.customers.letters import News
from api.customers.picture import Item, Picture, items_of
from api.exchange.outbox.building import Skip
from api.exchange.outbox.mailing import PAST_MS, AboutMail
from models.records.fulfillment import FulfillmentStatus, ParcelStatus
from models.records.line import UnitsOfLine
from models.records.mail import CustomerMail
from models.records.order import Order, OrderStatus

_GONE = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED})
_NOT_WAITED_FOR = _GONE | {OrderStatus.DELIVERED, OrderStatus.SHIPPED}


class Case(NamedTuple):
    """A mail that may be sent, and the order as it stands now."""

    about: AboutMail
    order: Order
    picture: Picture
    titles: dict[str, str]
    at_ms: int
    """When it happened."""
    last_promise: Callable[[], int | None]
    """Gives the promise that the customer was last written to of."""


class Told(NamedTuple):
    """Which mail it is now, and what it says."""

    mail: CustomerMail
    news: News


def told_of(case: Case) -> Told | Skip:
    """Give what is said, or why nothing is."""
    return _OF[case.about.mail](case)


def _taken(case: Case) -> Told | Skip:
    order = case.order
    if order.status in _GONE or order.reserved:
        return Skip("there is no such order any more")
    if order.placed_at_ms < case.at_ms - PAST_MS:
        return Skip("it was placed long before it came here")
    wanted = (Item(one.name, one.quantity - one.cancelled) for one in case.picture.items)
    return Told(CustomerMail.TAKEN, News(items=tuple(one for one in wanted if one.quantity), at_ms=case.at_ms))


def _shipped(case: Case) -> Told | Skip:
    about, order = case.about, case.order
    parcel = next((one for one in case.picture.parcels if one.parcel_id == about.parcel_id), None)
    if parcel is None or _is_collected(order, about.fulfillment_id):
        return Skip("the customer took it along, or it is not there any more")
    if parcel.state in ("delivered", "lost", "returned"):
        return Skip("it is not on its way any more")
    is_part = any(line.waiting or line.allocated for line in order.lines)
    mail = CustomerMail.PARTLY_SHIPPED if is_part else CustomerMail.SHIPPED
    items = items_of(order, about.units, case.titles)
    return Told(mail, News(items=items, parcel=parcel, at_ms=case.at_ms, is_all=not is_part))


def _ready(case: Case) -> Told | Skip:
    wanted = case.about.fulfillment_id
    part = next((one for one in case.order.fulfillments if one.fulfillment_id == wanted), None)
    if part is None or part.status is not FulfillmentStatus.READY:
        return Skip("it does not lie ready any more")
    units = tuple(UnitsOfLine(line_id=one.line_id, quantity=one.allocated) for one in part.lines if one.allocated)
    return Told(CustomerMail.READY, News(items=items_of(case.order, units, case.titles), at_ms=case.at_ms))


def _delivered(case: Case) -> Told | Skip:
    order = case.order
    parcel = next((one for one in order.parcels if one.parcel_id == case.about.parcel_id), None)
    if parcel is None or parcel.status is not ParcelStatus.DELIVERED or _is_collected(order, parcel.fulfillment_id):
        return Skip("it was not delivered by a carrier")
    news = News(
        items=items_of(order, parcel.units, case.titles),
        at_ms=parcel.ended_at_ms or case.at_ms,
        is_all=order.status is OrderStatus.DELIVERED,
    )
    return Told(CustomerMail.DELIVERED, news)


def _delayed(case: Case) -> Told | Skip:
    order, promise_ms, zone = case.order, case.about.promise_by_ms, case.picture.zone
    if promise_ms is None or promise_ms != order.revised_promise_ms:
        return Skip("another date is promised by now")
    if order.status in _NOT_WAITED_FOR or order.reserved:
        return Skip("nothing is waited for any more")
    old_ms = case.last_promise() or order.promise_by_ms
    day = day_of(promise_ms, zone)
    if old_ms is not None and day_of(old_ms, zone) == day:
        return Skip("it is the day that the customer knows")
    if day < day_of(case.at_ms, zone):
        return Skip("the day is over")
    return Told(CustomerMail.DELAYED, News(at_ms=case.at_ms, promise_ms=promise_ms, old_promise_ms=old_ms))


def _cancelled(case: Case) -> Told | Skip:
    order, items = case.order, items_of(case.order, case.about.units, case.titles)
    if not items or order.status is OrderStatus.EXPIRED or order.reserved:
        return Skip("there is no such order any more")
    is_all = order.status is OrderStatus.CANCELLED
    return Told(CustomerMail.CANCELLED, News(items=items, at_ms=case.at_ms, is_all=is_all))


def _refunded(case: Case) -> Told | Skip:
    stated = () if case.order.money is None else case.order.money.refunds
    meant = [one for one in stated if one.refund_id in case.about.refund_ids and one.amount_minor]
    if not meant:
        return Skip("no such refund is stated any more")
    currency = meant[0].currency
    amount_minor = sum(one.amount_minor for one in meant if one.currency == currency)
    return Told(CustomerMail.REFUNDED, News(at_ms=case.at_ms, refunded_minor=amount_minor, currency=currency))


def _is_collected(order: Order, fulfillment_id: str) -> bool:
    """Tell whether a part is, or was, collected at a store."""
    store = None if order.terms is None else order.terms.collect_at
    part = next((one for one in order.fulfillments if one.fulfillment_id == fulfillment_id), None)
    return store is not None and part is not None and part.location_id == store


_OF: Mapping[CustomerMail, Callable[[Case], Told | Skip]] = {
    CustomerMail.TAKEN: _taken,
    CustomerMail.PARTLY_SHIPPED: _shipped,
    CustomerMail.SHIPPED: _shipped,
    CustomerMail.READY: _ready,
    CustomerMail.DELIVERED: _delivered,
    CustomerMail.DELAYED: _delayed,
    CustomerMail.CANCELLED: _cancelled,
    CustomerMail.REFUNDED: _refunded,
}
