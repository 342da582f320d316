"""What is told to others, signed: partners what to ship or give back, channels what became of their orders.

The receiver answers 2xx once it has it, and knows a repeat by `id`; its own answer comes as a message of its own.
"""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from connectors.frame.answers import undone
from connectors.frame.declaration import Sending
from connectors.frame.documents import Occasion, OccasionKind, Outcome, Sent
from connectors.frame.facts import Address, Buyer
from connectors.frame.http import HttpRequest, json_request
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from connectors.frame.signatures import standard_signature
from connectors.systems.plain.messages import Country
from models.types import Record

Instant = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
_HAS_IT = 409


class ToldUnits(Record, kw_only=True):
    """Units of a line; `sku` is yours where the account has an alias."""

    line_id: str
    quantity: int
    sku: str = ""
    title: str = ""


class ToldAddress(Record, kw_only=True):
    """Who gets it, and where."""

    country: Country
    name: str = ""
    company: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postcode: str = ""
    phone: str = ""
    email: str = ""


class Told(Record, tag_field="type", kw_only=True):
    """What every message has: `id` is the same at each attempt, `at` is when it happened."""

    id: str
    at: Instant


class FulfillmentRequested(Told, tag="fulfillment.requested", kw_only=True):
    """Ship this, or say that you will not."""

    fulfillment_id: str
    external_id: str
    units: tuple[ToldUnits, ...]
    destination: ToldAddress | None = None
    promise_by: Instant | None = None
    purchase_order: str = ""


class CancellationRequested(Told, tag="cancellation.requested", kw_only=True):
    """Give this back if it has not left, and say so."""

    fulfillment_id: str
    external_id: str
    units: tuple[ToldUnits, ...]
    cause: str = ""


class ParcelTold(Record, kw_only=True):
    """A parcel of your order."""

    parcel_id: str
    units: tuple[ToldUnits, ...]
    carrier: str = ""
    tracking_number: str = ""
    status: str = ""
    """What the carrier last said of it, in our words: in_transit, delivered, ..."""


class OrderParcelShipped(Told, tag="parcel.shipped", kw_only=True):
    """A parcel of your order has left."""

    external_id: str
    parcel: ParcelTold


class OrderParcelTracked(Told, tag="parcel.tracked", kw_only=True):
    """The carrier said something of a parcel of your order."""

    external_id: str
    parcel: ParcelTold


class OrderParcelDelivered(Told, tag="parcel.delivered", kw_only=True):
    """A parcel of your order has arrived."""

    external_id: str
    parcel: ParcelTold


class UnitsCancelled(Told, tag="units.cancelled", kw_only=True):
    """Units of your order will not be sent."""

    external_id: str
    units: tuple[ToldUnits, ...]
    cause: str = ""


class AvailableTold(Record, kw_only=True):
    """What you may sell of a SKU of yours, in all; it replaces what was told before."""

    sku: str
    quantity: int
    location: str = ""


class AvailabilityChanged(Told, tag="availability.changed", kw_only=True):
    """Sell so many from now on."""

    available: tuple[AvailableTold, ...]


Outgoing = (
    FulfillmentRequested
    | CancellationRequested
    | OrderParcelShipped
    | OrderParcelTracked
    | OrderParcelDelivered
    | UnitsCancelled
    | AvailabilityChanged
)
"""What is sent by us."""
_PARCELS = {
    OccasionKind.PARCEL_SHIPPED: OrderParcelShipped,
    OccasionKind.PARCEL_TRACKED: OrderParcelTracked,
    OccasionKind.PARCEL_DELIVERED: OrderParcelDelivered,
}
WANTS = frozenset(
    {
        *_PARCELS,
        OccasionKind.FULFILLMENT_REQUESTED,
        OccasionKind.CANCELLATION_REQUESTED,
        OccasionKind.UNITS_CANCELLED,
        OccasionKind.AVAILABILITY,
    }
)


def send(occasion: Occasion, account: Account) -> Sending:
    """Post what happened to the account's address; what the receiver has already is done."""
    told = message_of(occasion, account)
    if told is None:
        return Sent(outcome=Outcome.REFUSED, note=f"{occasion.kind} has nothing to tell here")
    url = account.settings.get("url", "")
    response = yield msgspec.structs.replace(
        json_request("POST", url, told),
        headers={"content-type": "application/json", "webhook-id": occasion.delivery_id},
    )
    if response.ok or response.status == _HAS_IT:
        return Sent(outcome=Outcome.DONE)
    return undone(response)


def sign(request: HttpRequest, account: Account, secrets: dict[str, str], now_ms: int) -> HttpRequest:
    """Sign after Standard Webhooks: id, time of this attempt and body.

    Raises:
        UnreadableError: there is no secret.
    """
    del account
    secret = secrets.get("sending_secret", "")
    if not secret:
        raise UnreadableError("sending_secret", "the account has no secret to sign with: give it one")
    identity, at_seconds = request.headers.get("webhook-id", ""), now_ms // 1000
    signature = standard_signature(secret, identity, at_seconds, request.body)
    signed = {"webhook-timestamp": str(at_seconds), "webhook-signature": signature}
    return msgspec.structs.replace(request, headers=request.headers | signed)


def hosts(account: Account) -> tuple[str, ...]:
    """Give the host of the account's address."""
    try:
        host = urlsplit(account.settings.get("url", "")).hostname
    except ValueError:
        host = None
    return (host,) if host else ()


def message_of(occasion: Occasion, account: Account) -> Told | None:
    """Give what is told of an occasion; nothing where it lacks what it is about."""
    common = {"id": occasion.delivery_id, "at": _written(occasion.at_ms)}
    order, part, parcel = occasion.order, occasion.fulfillment, occasion.parcel
    if occasion.kind is OccasionKind.AVAILABILITY:
        available = tuple(
            AvailableTold(sku=one.sku, quantity=one.quantity, location=one.location) for one in occasion.available
        )
        return AvailabilityChanged(**common, available=available) if available else None
    if order is None:
        return None
    skus = {line.line_id: line.sku for line in order.lines}
    theirs = {alias.sku: other for other, alias in account.aliases.items() if alias.quantity == 1 and " " not in other}

    def units(counts: dict[str, int]) -> tuple[ToldUnits, ...]:
        return tuple(
            ToldUnits(
                line_id=line_id,
                quantity=count,
                sku=theirs.get(skus.get(line_id, ""), skus.get(line_id, "")),
                title=occasion.titles.get(skus.get(line_id, ""), ""),
            )
            for line_id, count in counts.items()
            if count > 0
        )

    named = {line.line_id: line.quantity for line in occasion.units}
    about = common | {"external_id": order.external_id}
    if occasion.kind is OccasionKind.UNITS_CANCELLED:
        return UnitsCancelled(**about, units=units(named), cause=occasion.cause)
    if occasion.kind in _PARCELS and parcel is not None:
        told = ParcelTold(
            parcel_id=parcel.parcel_id,
            units=units({line.line_id: line.quantity for line in parcel.units}),
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            status=parcel.tracking.status if parcel.tracking is not None else parcel.status,
        )
        return _PARCELS[occasion.kind](**about, parcel=told)
    if part is None:
        return None
    held = units({line.line_id: line.allocated for line in part.lines})
    about |= {"fulfillment_id": part.fulfillment_id}
    if occasion.kind is OccasionKind.CANCELLATION_REQUESTED:
        return CancellationRequested(**about, units=units(named) or held, cause=occasion.cause)
    return FulfillmentRequested(
        **about,
        units=held,
        destination=_address(occasion.address, occasion.buyer),
        promise_by=_written(order.promise_by_ms) if order.promise_by_ms is not None else None,
        purchase_order=order.terms.purchase_order if order.terms is not None else "",
    )


def _address(address: Address | None, buyer: Buyer | None) -> ToldAddress | None:
    if address is None:
        return None
    return ToldAddress(
        country=address.country,
        name=address.name or (buyer.name if buyer is not None else ""),
        company=address.company,
        lines=address.lines,
        city=address.city,
        region=address.region,
        postcode=address.postcode,
        phone=buyer.phone if buyer is not None else "",
        email=buyer.email if buyer is not None else "",
    )


def _written(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
