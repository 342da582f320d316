"""From what a command did to the deliveries that it makes: pure, the same record always gives the same rows."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from api.exchange.outbox.mailing import is_wanted, mails_of
from api.exchange.outbox.names import matches, name_of
from api.exchange.outbox.target import Target
from api.present import iso, present
from connectors.frame.documents import OccasionKind
from models import events
from models.events import Event
from models.records.line import UnitsOfLine
from models.types import Record
from models.updates import CommandUpdate

_UNTOLD = ("order", "trace")
"""Fields of events that stay here: a closed order's whole row, and how locations were weighed."""


_TO_PARTNERS = (OccasionKind.FULFILLMENT_REQUESTED, OccasionKind.CANCELLATION_REQUESTED)


class About(Record, kw_only=True):
    """What a delivery to an account refers to; everything else is read when it is sent."""

    fulfillment_id: str = ""
    location_id: str = ""
    parcel_id: str = ""
    units: tuple[UnitsOfLine, ...] = ()
    cause: str = ""


class NewDelivery(Record, kw_only=True):
    """A row that is not there yet."""

    delivery_id: str
    target: str
    pool: str
    lane: str
    """What is told in order: an order's id, mostly."""
    kind: str
    event_id: str
    event_type: str = ""
    order_id: str = ""
    order_version: int = 0
    about: str
    """JSON of `About`, or of what a webhook is sent."""
    occurred_at_ms: int


class Told(Record, kw_only=True):
    """One thing that an account may want to be told."""

    kind: OccasionKind
    order_id: str
    about: About


def event_id(update: CommandUpdate, number: int) -> str:
    """Give the id of an event: of its command and its place, so that a record that comes twice gives it again."""
    place = f"{update.pool}\x00{update.command_id}\x00{update.offset}\x00{update.index}\x00{number}"
    return "e" + blake2b(place.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def delivery_id(target: str, event: str) -> str:
    """Give the id of the delivery of an event to a target: the same at each attempt, and at each reading of it."""
    return "d" + blake2b(f"{target}\x00{event}".encode(), digest_size=12).hexdigest()


def deliveries_of(
    update: CommandUpdate, at_ms: int, targets: Sequence[Target], channel_of: Callable[[str], str | None]
) -> Iterator[NewDelivery]:
    """Give the rows for what a command did.

    `at_ms` is when it was recorded. `channel_of` gives the channel of an order, None where it is not known yet: then a
    row is made for every channel, and who it is not for is found out when it is sent.
    """
    begun = frozenset(one.fulfillment_id for one in update.events if isinstance(one, events.FulfillmentAccepted))
    for number, event in enumerate(update.events):
        identity = event_id(update, number)
        # What its location works on already, somebody else has asked for.
        told = tuple(one for one in _told(event) if one.about.fulfillment_id not in begun)
        for target in targets:
            if target.pool != update.pool or at_ms < target.since_ms:
                continue
            if target.mails:
                yield from _mail_rows(update, event, identity, target, channel_of)
                continue
            if target.patterns:
                if matches(target.patterns, name_of(event)):
                    yield _event_row(update, event, identity, target)
                continue
            for place, one in enumerate(told):
                if one.kind in target.kinds and update.actor != target.actor and _is_for(one, target, channel_of):
                    yield _row(update, event, f"{identity}-{place}" if place else identity, target, one)


def _is_for(told: Told, target: Target, channel_of: Callable[[str], str | None]) -> bool:
    if told.kind in _TO_PARTNERS:
        # An event that does not name the location is looked at again by each partner when it is sent.
        return target.location != "" and told.about.location_id in (target.location, "")
    return target.channel != "" and channel_of(told.order_id) in (target.channel, None)


def _told(event: Event) -> Iterator[Told]:
    """Give what accounts are told of an event: partners by location, channels by the order's."""
    match event:
        case events.UnitsRouted():
            for part in event.assignments:
                about = About(fulfillment_id=part.fulfillment_id, location_id=part.location_id)
                yield Told(kind=OccasionKind.FULFILLMENT_REQUESTED, order_id=event.order_id, about=about)
        case events.CancellationRequested() | events.UnitsRecalled():
            about = About(
                fulfillment_id=event.fulfillment_id,
                location_id=event.location_id,
                units=event.units,
                cause=event.cause,
            )
            yield Told(kind=OccasionKind.CANCELLATION_REQUESTED, order_id=event.order_id, about=about)
        case events.FulfillmentCancelled():
            about = About(fulfillment_id=event.fulfillment_id, cause=event.cause)
            yield Told(kind=OccasionKind.CANCELLATION_REQUESTED, order_id=event.order_id, about=about)
        case events.AllocationBroken():
            about = About(
                fulfillment_id=event.fulfillment_id,
                location_id=event.location_id,
                units=(UnitsOfLine(line_id=event.line_id, quantity=event.quantity),),
                cause=event.cause,
            )
            yield Told(kind=OccasionKind.CANCELLATION_REQUESTED, order_id=event.order_id, about=about)
        case events.ParcelShipped():
            about = About(fulfillment_id=event.fulfillment_id, parcel_id=event.parcel_id, units=event.units)
            yield Told(kind=OccasionKind.PARCEL_SHIPPED, order_id=event.order_id, about=about)
        case events.TrackingRecorded():
            about = About(parcel_id=event.parcel_id)
            yield Told(kind=OccasionKind.PARCEL_TRACKED, order_id=event.order_id, about=about)
        case events.ParcelDelivered():
            about = About(parcel_id=event.parcel_id)
            yield Told(kind=OccasionKind.PARCEL_DELIVERED, order_id=event.order_id, about=about)
        case events.UnitsCancelled():
            about = About(units=event.units, cause=event.cause)
            yield Told(kind=OccasionKind.UNITS_CANCELLED, order_id=event.order_id, about=about)
        case _:
            return


def _row(update: CommandUpdate, event: Event, identity: str, target: Target, told: Told) -> NewDelivery:
    return NewDelivery(
        delivery_id=delivery_id(target.name, identity),
        target=target.name,
        pool=update.pool,
        lane=told.order_id,
        kind=told.kind,
        event_id=identity,
        event_type=name_of(event),
        order_id=told.order_id,
        order_version=_version(update, told.order_id),
        about=msgspec.json.encode(told.about).decode(),
        occurred_at_ms=_occurred_at_ms(update, event),
    )


def _event_row(update: CommandUpdate, event: Event, identity: str, target: Target) -> NewDelivery:
    order_id = _order_id(event)
    return NewDelivery(
        delivery_id=delivery_id(target.name, identity),
        target=target.name,
        pool=update.pool,
        lane=order_id or f"pool:{update.pool}",
        kind=OccasionKind.EVENT,
        event_id=identity,
        event_type=name_of(event),
        order_id=order_id,
        order_version=_version(update, order_id),
        about=msgspec.json.encode(public_event(update, event, identity)).decode(),
        occurred_at_ms=_occurred_at_ms(update, event),
    )


def _mail_rows(
    update: CommandUpdate, event: Event, identity: str, target: Target, channel_of: Callable[[str], str | None]
) -> Iterator[NewDelivery]:
    wanted = {channel: one.kinds for channel, one in target.mails.items()}
    for order_id, about in mails_of(event, update):
        if not is_wanted(about.mail, channel_of(order_id), wanted):
            continue
        yield NewDelivery(
            delivery_id=delivery_id(target.name, identity),
            target=target.name,
            pool=update.pool,
            lane=order_id,
            kind=OccasionKind.MAIL,
            event_id=identity,
            event_type=name_of(event),
            order_id=order_id,
            order_version=_version(update, order_id),
            about=msgspec.json.encode(about).decode(),
            occurred_at_ms=_occurred_at_ms(update, event),
        )


def public_event(update: CommandUpdate, event: Event, identity: str) -> dict[str, Any]:
    """Give an event as webhooks are sent it: no personal data, times in ISO 8601."""
    order_id = _order_id(event)
    shown = present(event)
    return {
        "type": name_of(event),
        "timestamp": iso(_occurred_at_ms(update, event)),
        "event_id": identity,
        "pool": update.pool,
        "order_id": order_id or None,
        "order_version": _version(update, order_id) or None,
        "data": {name: value for name, value in shown.items() if name not in ("type", *_UNTOLD)},
    }


def _order_id(event: Event) -> str:
    order_id: str = getattr(event, "order_id", "")
    return order_id


def _version(update: CommandUpdate, order_id: str) -> int:
    return update.order_version if order_id == update.order_id else update.others.get(order_id, 0)


def _occurred_at_ms(update: CommandUpdate, event: Event) -> int:
    occurred_at_ms: int = getattr(event, "occurred_at_ms", update.at_ms)
    return occurred_at_ms
