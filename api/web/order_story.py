"""The story of an order for people: one entry a command, with what happened, who did it and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from api.web.filters import money, words
from api.web.order_story_more import of_content, of_partner, of_stated, of_supply
from api.web.words import cause_of, listed, name_of, units_of_skus
from models import events as e
from models.records.order import Order
from models.records.pool import Location
from models.updates import CommandUpdate

_LATE_MS = 60_000
"""From here on the time at which it happened is told beside the time at which we were told."""
_Beginning = e.OrderPlaced | e.OrderReserved | e.ReservationPlaced
_OrderEvent = (
    e.ReservationExpired
    | e.OlderContentIgnored
    | e.NewerContentNoted
    | e.UnitsCancelled
    | e.HoldApplied
    | e.HoldReleased
    | e.OrderAtRisk
    | e.AllocationBroken
)
_FulfillmentEvent = (
    e.FulfillmentAccepted
    | e.FulfillmentRejected
    | e.FulfillmentPicked
    | e.FulfillmentPacked
    | e.FulfillmentCancelled
    | e.UnitsRecalled
)
_ParcelEvent = (
    e.ParcelShipped
    | e.ParcelCorrected
    | e.TrackingRecorded
    | e.ParcelDelivered
    | e.ParcelLost
    | e.ParcelReturnedToSender
)


class Entry(NamedTuple):
    """A point of the timeline."""

    at_ms: int
    actor: str
    reason: str
    sentences: tuple[str, ...]
    is_refused: bool = False
    command_id: str = ""


class Teller(NamedTuple):
    """What the events of one order are told with."""

    order: Order
    places: Mapping[str, Location]
    when: Callable[[int], str]

    def place(self, location_id: str) -> str:
        """Give a location's name."""
        return name_of(self.places, location_id)

    def place_of(self, fulfillment_id: str) -> str:
        """Give the name of the location that a fulfillment is at."""
        for fulfillment in self.order.fulfillments:
            if fulfillment.fulfillment_id == fulfillment_id:
                return self.place(fulfillment.location_id)
        return f"fulfillment {fulfillment_id}"


def story(teller: Teller, updates: Sequence[CommandUpdate]) -> list[Entry]:
    """Give the whole story, oldest first; what the history no longer has comes from the order's own bounded story."""
    entries = [entry for update in updates if (entry := _entry(teller, update)) is not None]
    order_id = teller.order.order_id
    first = next((update for update in updates if _version(update, order_id)), None)
    if first is not None and _version(first, order_id) == 1:
        return entries
    before_ms = updates[0].at_ms if updates else None
    return [*_remembered(teller, before_ms), *entries]


def _version(update: CommandUpdate, order_id: str) -> int:
    return update.order_version if update.order_id == order_id else update.others.get(order_id, 0)


def _entry(teller: Teller, update: CommandUpdate) -> Entry | None:
    head = update.at_ms, update.actor, update.reason
    if update.refusal is not None:
        text = f"Refused to {words(update.command)}: {update.refusal.text}"
        return Entry(*head, (text,), is_refused=True, command_id=update.command_id)
    if update.repeated:
        return Entry(*head, (f"The same command came again ({words(update.command)}): nothing changed",))
    sentences = tuple(
        _happened(teller, event, update.at_ms)
        for event in update.events
        if getattr(event, "order_id", "") == teller.order.order_id
    )
    return Entry(*head, sentences, command_id=update.command_id) if sentences else None


def _remembered(teller: Teller, before_ms: int | None) -> Iterator[Entry]:
    for known in teller.order.story:
        if before_ms is None or known.at_ms < before_ms:
            text = words(known.event).capitalize() + (f": {known.detail}" if known.detail else "")
            yield Entry(known.at_ms, known.actor, "", (text,))


def _happened(teller: Teller, event: e.AnyEvent, told_at_ms: int) -> str:
    occurred_ms = getattr(event, "occurred_at_ms", told_at_ms)
    late = abs(told_at_ms - occurred_ms) >= _LATE_MS
    text = sentence(teller, event)
    return f"{text} (it happened at {teller.when(occurred_ms)})" if late else text


def sentence(teller: Teller, event: e.AnyEvent) -> str:
    """Tell one event of the order."""
    match event:
        case (
            e.FulfillmentAccepted()
            | e.FulfillmentRejected()
            | e.FulfillmentPicked()
            | e.FulfillmentPacked()
            | e.FulfillmentCancelled()
            | e.UnitsRecalled()
        ):
            return _of_fulfillment(teller, event)
        case (
            e.ParcelShipped()
            | e.ParcelCorrected()
            | e.TrackingRecorded()
            | e.ParcelDelivered()
            | e.ParcelLost()
            | e.ParcelReturnedToSender()
        ):
            return _of_parcel(teller, event)
        case e.OrderPlaced() | e.OrderReserved() | e.ReservationPlaced():
            return _begun(teller, event)
        case e.UnitsRouted():
            return _routed(teller, event)
        case (
            e.OrderImported()
            | e.OrderEdited()
            | e.EditPreviewed()
            | e.ContentMerged()
            | e.PromiseRevised()
            | e.UnitsReinstated()
            | e.OrderClosed()
            | e.OrderReopened()
        ):
            return of_content(teller, event)
        case e.StatedMoneyRecorded() | e.RiskAssessed():
            return of_stated(teller, event)
        case e.UnitsPegged() | e.Oversold():
            return of_supply(teller, event)
        case (
            e.FulfillmentReady()
            | e.CancellationRequested()
            | e.CancellationAnswered()
            | e.FulfillmentsMerged()
            | e.ParcelScanned()
            | e.ParcelSilent()
        ):
            return of_partner(teller, event)
        case (
            e.StockCompared()
            | e.LineRepeated()
            | e.StockShort()
            | e.StockExpected()
            | e.LevelRepaired()
            | e.TransferClosed()
            | e.PoolChanged()
        ):
            return words(event.__struct_config__.tag).capitalize()
        case _:
            return _of_order(teller, event)


def _begun(teller: Teller, event: _Beginning) -> str:
    skus = listed([f"{line.quantity} × {line.sku}" for line in event.lines])
    taken = f"{skus}, {money(event.total_minor, event.currency)}"
    match event:
        case e.OrderPlaced():
            return f"Placed by {event.channel} as {event.external_id}: {taken}"
        case e.OrderReserved():
            return f"Reserved by {event.channel} until {teller.when(event.expires_at_ms)}: {taken}"
        case e.ReservationPlaced():
            return f"The reservation became an order: {taken}"


def _of_order(teller: Teller, event: _OrderEvent) -> str:
    order = teller.order
    match event:
        case e.ReservationExpired():
            return "The reservation was not placed in time; its units are free again"
        case e.OlderContentIgnored():
            return f"The channel sent version {event.source_version} again or late: nothing changed"
        case e.NewerContentNoted():
            return f"The channel sent other content as version {event.source_version}: somebody has to settle it"
        case e.UnitsCancelled():
            amount = money(event.amount_minor, order.currency)
            return f"Cancelled {units_of_skus(order, event.units)} ({words(event.cause)}): {amount} to refund"
        case e.HoldApplied():
            until = f" until {teller.when(event.release_at_ms)}" if event.release_at_ms is not None else ""
            return f"Held for {words(event.hold)}{until}"
        case e.HoldReleased():
            return f"Released from its hold for {words(event.hold)}"
        case e.OrderAtRisk():
            return f"At risk: its promise of {teller.when(event.promise_by_ms)} is near and units have not shipped"
        case e.AllocationBroken():
            what = f"{event.quantity} × {event.sku}"
            return f"{teller.place(event.location_id)} no longer has {what} for it ({cause_of(event.cause)})"


def _of_fulfillment(teller: Teller, event: _FulfillmentEvent) -> str:
    place = teller.place_of(event.fulfillment_id)
    match event:
        case e.FulfillmentAccepted():
            return f"{place} accepted"
        case e.FulfillmentRejected():
            return f"{place} rejected: {words(event.cause)}"
        case e.FulfillmentPicked() if event.short:
            return f"{place} picked, but did not find {units_of_skus(teller.order, event.short)}"
        case e.FulfillmentPicked():
            return f"{place} picked all of its units"
        case e.FulfillmentPacked():
            return f"{place} packed"
        case e.UnitsRecalled():
            return f"{place} is not to send {units_of_skus(teller.order, event.units)} ({cause_of(event.cause)})"
        case e.FulfillmentCancelled():
            return f"{place} has nothing left to send ({cause_of(event.cause)})"


def _of_parcel(teller: Teller, event: _ParcelEvent) -> str:
    match event:
        case e.ParcelShipped():
            carrier = f" with {event.carrier}" if event.carrier else ""
            tracking = f", tracking {event.tracking_number}" if event.tracking_number else ""
            known = " (known only from what came later)" if event.implied else ""
            units = units_of_skus(teller.order, event.units)
            return f"Parcel {event.parcel_id} left {teller.place(event.location_id)}{carrier}{tracking}: {units}{known}"
        case e.ParcelCorrected():
            units = units_of_skus(teller.order, event.units)
            return f"Parcel {event.parcel_id} did not hold {units}, which {teller.place(event.location_id)} still sends"
        case e.TrackingRecorded():
            return f"Parcel {event.parcel_id} is with {event.carrier or 'a carrier'}, tracking {event.tracking_number}"
        case e.ParcelDelivered():
            return f"Parcel {event.parcel_id} arrived"
        case e.ParcelLost():
            return f"The carrier lost parcel {event.parcel_id}"
        case e.ParcelReturnedToSender():
            fate = "its units are for sale again" if event.restocked else "its units are set aside as unsellable"
            return f"Parcel {event.parcel_id} came back undelivered: {fate}"


def _routed(teller: Teller, event: e.UnitsRouted) -> str:
    order = teller.order
    parts = [f"{teller.place(one.location_id)} sends {units_of_skus(order, one.units)}" for one in event.assignments]
    if event.waiting:
        parts.append(f"{units_of_skus(order, event.waiting)} still to be found")
    again = "" if event.cause == "placed" else f" again because {cause_of(event.cause)}"
    return f"Routed{again}: {listed(parts)}"
