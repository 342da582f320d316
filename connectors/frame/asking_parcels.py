"""What parcels, scans and the words of partners ask for."""

from collections.abc import Iterable, Iterator
from typing import Any

from connectors.frame.asked import Asked, Envelope, Known, UnknownYet, location_of, ours_of
from connectors.frame.facts import (
    CancellationAnswered,
    FulfillmentAnswered,
    FulfillmentStepped,
    ParcelScanned,
    ParcelStated,
    Step,
    UnitsStated,
)
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from models import commands as c
from models.ids import order_id, order_of_fulfillment
from models.records.fulfillment import Fulfillment
from models.records.line import UnitsOfLine
from models.records.order import Order
from models.rules.lines import OPEN_STATUSES


def parcel_stated(fact: ParcelStated, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Let the units leave, from our fulfillment that it names, or from those that hold the channel's units."""
    if fact.cancelled:
        return _taken_back(fact, account, envelope, known)
    if fact.fulfillment_id:
        return tuple(_from_partner(fact, account, envelope, known))
    order = _order(known, order_id(envelope.pool, account.channel, fact.external_id))
    return tuple(_from_channel(fact, account, envelope, order))


def _taken_back(fact: ParcelStated, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """A parcel that is not known has not left for us; that one has left after all, or not, a person must say."""
    theirs = order_id(envelope.pool, account.channel, fact.external_id)
    order = known.order(order_of_fulfillment(fact.fulfillment_id) if fact.fulfillment_id else theirs)
    if order is not None and any(parcel.parcel_id == fact.parcel_id for parcel in order.parcels):
        raise UnreadableError("cancelled", f"parcel {fact.parcel_id} was taken back after it was said to have left")
    return ()


def _from_partner(fact: ParcelStated, account: Account, envelope: Envelope, known: Known) -> Iterator[Asked]:
    common = _common(fact)
    units: tuple[UnitsOfLine, ...] = ()
    if fact.units or fact.short:
        units = _units(fact.units, account, known, fact.fulfillment_id)
    if fact.units and not units and not fact.short:
        # It names units, and none of any: that is not all that is left.
        return
    if fact.short:
        # What is not named was not found.
        yield Asked(command=c.PickFulfillment(**envelope.fields("pick"), **common, units=units))
    if not fact.short or units:
        yield Asked(
            command=c.ShipParcel(
                **envelope.lasting(fact.fulfillment_id, "ship", fact.parcel_id),
                **common,
                parcel_id=fact.parcel_id,
                units=units,
                carrier=fact.carrier,
                tracking_number=fact.tracking_number,
            )
        )


def _from_channel(fact: ParcelStated, account: Account, envelope: Envelope, order: Order) -> Iterator[Asked]:
    """A channel names lines of its own; what was told by us, or has left by another word, is an echo."""
    tracked = {parcel.tracking_number for parcel in order.parcels if parcel.tracking_number}
    known_ids = {parcel.parcel_id for parcel in order.parcels}
    if order.historic or fact.tracking_number in tracked or fact.parcel_id in known_ids:
        return
    wanted = {units.line_id: units.quantity for units in fact.units if units.quantity}
    if not wanted and fact.units:
        return
    if not wanted:
        wanted = {line.line_id: line.allocated + line.waiting for line in order.lines}
    place = location_of(account, fact.location) if fact.location in account.locations else ""
    waiting = sum(min(line.waiting, wanted.get(line.line_id, 0)) for line in order.lines)
    open_ones = [part for part in order.fulfillments if part.status in OPEN_STATUSES]
    found = False
    for part in sorted(open_ones, key=lambda part: part.location_id != place):
        units = tuple(_taken(part, wanted))
        if not units:
            continue
        found = True
        yield Asked(
            command=c.ShipParcel(
                **envelope.lasting(part.fulfillment_id, "ship", fact.parcel_id),
                order_id=order.order_id,
                fulfillment_id=part.fulfillment_id,
                occurred_at_ms=fact.at_ms,
                parcel_id=f"{fact.parcel_id}/{part.fulfillment_id}" if len(open_ones) > 1 else fact.parcel_id,
                units=units,
                carrier=fact.carrier,
                tracking_number=fact.tracking_number,
            )
        )
    if not found and waiting:
        raise UnknownYet(f"order {order.order_id}: units of it have left that are not located yet")


def _taken(part: Fulfillment, wanted: dict[str, int]) -> Iterator[UnitsOfLine]:
    """Take what a fulfillment holds of the wanted units, and note that it is taken."""
    for line in part.lines:
        count = min(line.allocated, wanted.get(line.line_id, 0))
        if count:
            wanted[line.line_id] -= count
            yield UnitsOfLine(line_id=line.line_id, quantity=count)


def parcel_scanned(fact: ParcelScanned, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Tell the parcel what its carrier says."""
    del account
    parcels = known.parcels(envelope.pool, fact.tracking_number)
    if not parcels:
        raise UnknownYet(f"no parcel has the tracking number {fact.tracking_number}")
    return tuple(
        Asked(
            command=c.RecordScan(
                **envelope.lasting(parcel.parcel_id, "scan", fact.at_ms, fact.status, fact.detail, fact.raw),
                order_id=parcel.order_id,
                fulfillment_id=parcel.fulfillment_id,
                occurred_at_ms=fact.at_ms,
                parcel_id=parcel.parcel_id,
                status=fact.status,
                detail=fact.detail,
                raw=fact.raw or fact.place,
            )
        )
        for parcel in parcels
    )


def answered(fact: FulfillmentAnswered, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Let a partner take or refuse its part."""
    common = _common(fact)
    envelope_fields = envelope.fields("answer") | {"reason": fact.note}
    if fact.accepted:
        accept = c.AcceptFulfillment(**envelope_fields, **common, partner_reference=fact.partner_reference)
        return (Asked(command=accept),)
    units = _units(fact.units, account, known, fact.fulfillment_id)
    return (Asked(command=c.RejectFulfillment(**envelope_fields, **common, cause=fact.cause, units=units)),)


def cancellation_answered(
    fact: CancellationAnswered, account: Account, envelope: Envelope, known: Known
) -> tuple[Asked, ...]:
    """Let a partner give back what it was asked for, or not."""
    del account, known
    command = c.AnswerCancellation(**envelope.fields("cancellation"), **_common(fact), accepted=fact.accepted)
    return (Asked(command=command),)


def stepped(fact: FulfillmentStepped, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Note how far a partner has come."""
    common = envelope.fields("step") | _common(fact)
    if fact.step is Step.PACKED:
        return (Asked(command=c.PackFulfillment(**common)),)
    if fact.step is Step.READY:
        return (Asked(command=c.MakeReady(**common)),)
    units = _units(fact.units, account, known, fact.fulfillment_id)
    return (Asked(command=c.PickFulfillment(**common, units=units or None)),)


def _common(fact: ParcelStated | FulfillmentAnswered | CancellationAnswered | FulfillmentStepped) -> dict[str, Any]:
    """Give the fields of `models.commands.FulfillmentCommand`."""
    return {
        "order_id": order_of_fulfillment(fact.fulfillment_id),
        "fulfillment_id": fact.fulfillment_id,
        "occurred_at_ms": fact.at_ms,
    }


def _order(known: Known, key: str) -> Order:
    order = known.order(key)
    if order is None:
        raise UnknownYet(f"there is no order {key}")
    return order


def _units(
    stated: Iterable[UnitsStated], account: Account, known: Known, fulfillment_id: str
) -> tuple[UnitsOfLine, ...]:
    """Give units by line: a line that is named is that one, a SKU is sought among the lines of the fulfillment."""
    by_line: dict[str, int] = {}
    part: Fulfillment | None = None
    for units in stated:
        if units.line_id:
            by_line[units.line_id] = by_line.get(units.line_id, 0) + units.quantity
            continue
        part = part or _part(known, fulfillment_id)
        sku, quantity = ours_of(account, units.sku, units.quantity, units.unit)
        for line_id, count in _spread(part, sku, quantity, by_line):
            by_line[line_id] = by_line.get(line_id, 0) + count
    return tuple(UnitsOfLine(line_id=line_id, quantity=count) for line_id, count in by_line.items() if count > 0)


def _part(known: Known, fulfillment_id: str) -> Fulfillment:
    order = _order(known, order_of_fulfillment(fulfillment_id))
    part = next((part for part in order.fulfillments if part.fulfillment_id == fulfillment_id), None)
    if part is None:
        raise UnknownYet(f"there is no fulfillment {fulfillment_id}")
    return part


def _spread(part: Fulfillment, sku: str, quantity: int, taken: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Spread units of a SKU over the lines that have it; what is too many stays on the last, to be refused."""
    lines = [line for line in part.lines if line.sku == sku]
    if not lines:
        raise UnreadableError("sku", f"fulfillment {part.fulfillment_id} has no {sku}")
    for line in lines[:-1]:
        count = min(quantity, line.allocated - taken.get(line.line_id, 0))
        quantity -= count
        yield line.line_id, count
    yield lines[-1].line_id, quantity
