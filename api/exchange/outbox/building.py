"""From a row to what is told, made when it is sent: the order as the views have it, personal data from the vault.

Or why nothing is told now: it waits for something, or it is no longer so.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from api.control.blind import PersonalData
from api.exchange.outbox.rows import Delivery, State
from api.exchange.outbox.target import Target
from api.exchange.outbox.telling import About
from connectors.frame.documents import Available, Occasion, OccasionKind
from connectors.frame.facts import Address, Buyer
from connectors.positions import degrees_of
from models.records.fulfillment import Fulfillment, FulfillmentStatus
from models.records.order import Order
from models.records.place import Destination
from models.rules.holds import Step, in_the_way

BEHIND_WAIT_MS = 200
_HELD_WAIT_MS = 10 * 60_000
_TO_BE_TOLD = frozenset({FulfillmentStatus.ALLOCATED, FulfillmentStatus.ACCEPTED})
_about = msgspec.json.Decoder(About).decode

Open = Callable[[Order], PersonalData | None]


class Wait(NamedTuple):
    """Not yet."""

    note: str
    wait_ms: int


class Skip(NamedTuple):
    """Not any more."""

    note: str


class AvailabilityTold(msgspec.Struct, frozen=True, kw_only=True):
    """What the row of a telling of availability holds: values by listing, and the marks of the SKUs they are of."""

    available: tuple[Available, ...]
    marks: dict[str, int]


availability_told = msgspec.json.Decoder(AvailabilityTold).decode


def occasion_of(
    row: Delivery, target: Target, order: Order | None, requests: Sequence[Delivery], open_personal: Open
) -> Occasion | Wait | Skip:
    """Give what a row tells; its number is put in when it is sent.

    `order` is the row's as the views have it; `requests` are the earlier rows by which the fulfillment was requested.
    """
    kind = OccasionKind(row.kind)
    if kind is OccasionKind.EVENT:
        return _occasion(row, event=row.about.encode(), event_type=row.event_type, lane=row.lane)
    if kind is OccasionKind.AVAILABILITY:
        return _occasion(row, available=availability_told(row.about).available)
    if order is None or order.version < row.order_version:
        return Wait("the views have not reached it", BEHIND_WAIT_MS)
    about = _about(row.about)
    if kind is OccasionKind.FULFILLMENT_REQUESTED:
        return _requested(row, order, about, open_personal)
    if kind is OccasionKind.CANCELLATION_REQUESTED:
        return _cancelled(row, target, order, about, requests)
    if order.channel != target.channel:
        return Skip("the order is another channel's")
    if kind is OccasionKind.UNITS_CANCELLED:
        return _occasion(row, order=order, units=about.units, cause=about.cause)
    return _parcel(row, order, about)


def _requested(row: Delivery, order: Order, about: About, open_personal: Open) -> Occasion | Wait | Skip:
    part = _fulfillment(order, about.fulfillment_id)
    if part is None or part.status not in _TO_BE_TOLD or not any(line.allocated for line in part.lines):
        # Whoever may have it is told by the row that follows; nobody is asked for what is not wanted.
        return Skip("it is not to be done any more")
    holds = in_the_way(order, part, Step.ACCEPT)
    if holds and not row.attempts:
        return Wait(f"held for {', '.join(hold.type for hold in holds)}", _HELD_WAIT_MS)
    personal = open_personal(order)
    if personal is None and order.customer is not None and order.customer.sealed:
        return Skip("the customer's data has been erased")
    given = personal or PersonalData()
    terms = order.terms
    place = order.destination if not part.ship_to or terms is None else terms.destinations[part.ship_to]
    return _occasion(
        row,
        order=order,
        fulfillment=part,
        address=address_of(place, given),
        buyer=Buyer(
            customer_ref="" if order.customer is None else order.customer.customer_id,
            name=given.name,
            email=given.email,
            phone=given.phone,
        ),
    )


def _cancelled(
    row: Delivery, target: Target, order: Order, about: About, requests: Sequence[Delivery]
) -> Occasion | Skip:
    part = _fulfillment(order, about.fulfillment_id)
    if part is None or part.location_id != target.location:
        return Skip("another location's")
    asked = [one for one in requests if _about(one.about).fulfillment_id == about.fulfillment_id]
    # One that was tried may have arrived, whatever was answered.
    if not any(one.state == State.DONE or one.attempts for one in asked):
        return Skip("the partner was never asked for it")
    return _occasion(row, order=order, fulfillment=part, units=about.units, cause=about.cause)


def _parcel(row: Delivery, order: Order, about: About) -> Occasion | Skip:
    parcel = next((one for one in order.parcels if one.parcel_id == about.parcel_id), None)
    if parcel is None:
        return Skip("the parcel is not there any more")
    part = _fulfillment(order, parcel.fulfillment_id)
    return _occasion(row, order=order, fulfillment=part, parcel=parcel, units=about.units or parcel.units)


def _fulfillment(order: Order, fulfillment_id: str) -> Fulfillment | None:
    return next((one for one in order.fulfillments if one.fulfillment_id == fulfillment_id), None)


def _occasion(row: Delivery, **more: object) -> Occasion:
    made = Occasion(
        delivery_id=row.delivery_id, kind=OccasionKind(row.kind), at_ms=row.occurred_at_ms, number=row.number or 0
    )
    return msgspec.structs.replace(made, **more)


def address_of(place: Destination, personal: PersonalData) -> Address:
    """Give an address in its parts; the town is in the line that has the postcode, and the country needs no line."""
    lines = [line for line in personal.address_lines if line.strip().upper() != place.country.upper()]
    town = next((line for line in reversed(lines) if place.postcode and place.postcode in line), "")
    if town:
        lines.remove(town)
    city = town.replace(place.postcode, "", 1).strip(" ,") if town else ""
    if place.region and city.endswith(place.region):
        city = city.removesuffix(place.region).strip(" ,")
    at = None if place.position is None else degrees_of(place.position)
    return Address(
        country=place.country,
        name=personal.name,
        lines=tuple(lines),
        city=city,
        region=place.region,
        postcode=place.postcode,
        latitude=None if at is None else at[0],
        longitude=None if at is None else at[1],
    )


def personal_words(occasion: Occasion) -> tuple[str, ...]:
    """Give what an answer may repeat of a person, and the log may not: longest first."""
    words: list[str] = []
    if occasion.address is not None:
        words += [occasion.address.name, occasion.address.company, *occasion.address.lines]
    if occasion.buyer is not None:
        words += [occasion.buyer.name, occasion.buyer.email, occasion.buyer.phone]
    return tuple(sorted({word for word in words if len(word) > 2}, key=len, reverse=True))  # noqa: PLR2004
