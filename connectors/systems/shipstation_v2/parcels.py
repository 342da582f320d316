"""What ShipStation v2 tells of our fulfillments: shipments, their labels, and what left without a label of its own.

Our fulfillment is the shipment's `external_shipment_id`. A label repeats it, or else has it as the
`external_package_id` of its packages. Source: ShipStation API documentation, pages Shipments, Labels and Fulfillments.
"""

import msgspec

from connectors.frame.entries import translate_each
from connectors.frame.facts import FulfillmentAnswered, ParcelStated
from connectors.frame.message import Account, Message, Translation, ignored
from connectors.frame.reading import Given, UnreadableError, first, instant_or_none, money, read_json

_NOT_OURS = "it names no shipment of ours: it was made by hand, or for somebody else"
_TAKEN = ("pending", "processing")


class _Money(Given):
    currency: str | None = None
    amount: float | str | None = None


class _Package(Given):
    external_package_id: str | None = None
    tracking_number: str | None = None


class _Label(Given):
    label_id: str | None = None
    status: str | None = None
    external_shipment_id: str | None = None
    created_at: str | None = None
    ship_date: str | None = None
    shipment_cost: _Money | None = None
    insurance_cost: _Money | None = None
    tracking_number: str | None = None
    is_return_label: bool | None = None
    voided: bool | None = None
    voided_at: str | None = None
    carrier_code: str | None = None
    service_code: str | None = None
    packages: list[_Package] | None = None


class _Fulfillment(Given):
    fulfillment_id: str | int | None = None
    external_shipment_id: str | None = None
    shipment_number: str | None = None
    created_at: str | None = None
    ship_date: str | None = None
    fulfillment_carrier_friendly_name: str | None = None
    carrier_code: str | None = None
    fulfillment_service_code: str | None = None
    fulfillment_fee: _Money | None = None
    tracking_number: str | None = None
    voided: bool | None = None
    voided_at: str | None = None


class _Shipment(Given):
    shipment_id: str | None = None
    external_shipment_id: str | None = None
    shipment_status: str | None = None
    modified_at: str | None = None
    created_at: str | None = None
    errors: list[str] | None = None


class _Listed(Given):
    labels: list[msgspec.Raw] | None = None
    fulfillments: list[msgspec.Raw] | None = None
    shipments: list[msgspec.Raw] | None = None


class _Id(Given):
    label_id: str | None = None
    fulfillment_id: str | int | None = None
    shipment_id: str | None = None


def labels(body: bytes, message: Message, account: Account) -> Translation:
    """Give every label of a list as a parcel."""
    entries = read_json(body, _Listed).labels or []
    return translate_each(entries, "labels", lambda entry: label(entry, message, account), name_of)


def fulfillments(body: bytes, message: Message, account: Account) -> Translation:
    """Give everything of a list that left without a label of its own."""
    entries = read_json(body, _Listed).fulfillments or []
    return translate_each(entries, "fulfillments", lambda entry: fulfillment(entry, message, account), name_of)


def shipments(body: bytes, message: Message, account: Account) -> Translation:
    """Give what every shipment of a list answers."""
    entries = read_json(body, _Listed).shipments or []
    return translate_each(entries, "shipments", lambda entry: shipment(entry, message, account), name_of)


def label(body: bytes, message: Message, account: Account) -> Translation:
    """Give the parcel of a label: bought, it is on its way; voided, it is not after all."""
    read = read_json(body, _Label)
    if not read.label_id:
        raise UnreadableError("label_id", "a label has no id")
    if read.is_return_label:
        return ignored(f"label {read.label_id} is for what comes back")
    voided = bool(read.voided) or read.status == "voided"
    if not voided and read.status not in (None, "completed"):
        return ignored(f"label {read.label_id} is {read.status}: it is no label yet")
    packages = read.packages or []
    ours = first((read.external_shipment_id, *(package.external_package_id for package in packages)))
    if not ours:
        return ignored(f"label {read.label_id}: {_NOT_OURS}")
    cost_minor, currency = _cost(read.shipment_cost, read.insurance_cost, account)
    parcel = ParcelStated(
        parcel_id=read.label_id,
        fulfillment_id=ours,
        at_ms=_left_ms(read.created_at, read.ship_date, read.voided_at if voided else None, message, account),
        carrier=read.carrier_code or "",
        service=read.service_code or "",
        tracking_number=first((read.tracking_number, *(package.tracking_number for package in packages))),
        cost_minor=cost_minor,
        currency=currency,
        cancelled=voided,
    )
    return Translation(facts=(parcel,))


def fulfillment(body: bytes, message: Message, account: Account) -> Translation:
    """Give what was marked as shipped, or shipped by a provider behind ShipStation."""
    read = read_json(body, _Fulfillment)
    if not read.fulfillment_id:
        raise UnreadableError("fulfillment_id", "a fulfillment has no id")
    ours = first((read.external_shipment_id, read.shipment_number))
    if not ours:
        return ignored(f"fulfillment {read.fulfillment_id}: {_NOT_OURS}")
    cost_minor, currency = _cost(read.fulfillment_fee, None, account)
    voided = bool(read.voided)
    parcel = ParcelStated(
        parcel_id=str(read.fulfillment_id),
        fulfillment_id=ours,
        at_ms=_left_ms(read.created_at, read.ship_date, read.voided_at if voided else None, message, account),
        carrier=first((read.carrier_code, read.fulfillment_carrier_friendly_name)),
        service=read.fulfillment_service_code or "",
        tracking_number=read.tracking_number or "",
        cost_minor=cost_minor,
        currency=currency,
        cancelled=voided,
    )
    return Translation(facts=(parcel,))


def shipment(body: bytes, message: Message, account: Account) -> Translation:
    """Give whether it takes the shipment; one that is cancelled there is not sent, whoever cancelled it."""
    read = read_json(body, _Shipment)
    if not read.external_shipment_id:
        return ignored(f"shipment {read.shipment_id}: {_NOT_OURS}")
    at_ms = instant_or_none(first((read.modified_at, read.created_at)), "modified_at", time_zone=account.time_zone)
    wrong = "; ".join(read.errors or ())
    if read.shipment_status not in (*_TAKEN, "cancelled") and not wrong:
        told = "told by its label" if read.shipment_status == "label_purchased" else "neither taken nor refused"
        return ignored(f"shipment {read.shipment_id} is {read.shipment_status}, which is {told}")
    taken = read.shipment_status in _TAKEN and not wrong
    answer = FulfillmentAnswered(
        fulfillment_id=read.external_shipment_id,
        accepted=taken,
        at_ms=message.received_at_ms if at_ms is None else at_ms,
        note="" if taken else wrong or "cancelled in ShipStation",
        partner_reference=read.shipment_id or "",
    )
    return Translation(facts=(answer,))


def _cost(postage: _Money | None, insurance: _Money | None, account: Account) -> tuple[int | None, str]:
    """Give what the label costs with its insurance."""
    if postage is None or postage.amount is None:
        return None, ""
    currency = first((postage.currency, account.currency)).upper()
    extra = insurance.amount if insurance is not None else None
    cost_minor = money(postage.amount, currency, "shipment_cost.amount")
    return cost_minor + money(extra, currency, "insurance_cost.amount"), currency


def _left_ms(created: str | None, ship: str | None, voided: str | None, message: Message, account: Account) -> int:
    """Give when it leaves: when the label was made, or at the start of a later day that is named for it."""
    voided_ms = instant_or_none(voided, "voided_at", time_zone=account.time_zone)
    if voided_ms is not None:
        return voided_ms
    created_ms = instant_or_none(created, "created_at", time_zone=account.time_zone)
    ship_ms = instant_or_none(ship, "ship_date", time_zone=account.time_zone)
    known = [at_ms for at_ms in (created_ms, ship_ms) if at_ms is not None]
    return max(known) if known else message.received_at_ms


def name_of(entry: bytes) -> str:
    """Give the id of an entry of a list."""
    read = read_json(entry, _Id)
    return str(first((read.label_id, str(read.fulfillment_id or ""), read.shipment_id)))
