"""A shipment that Amazon asks one of the seller's locations to send (External Fulfillment): to us it is an order.

Source: Selling Partner API, External Fulfillment Shipments 2024-09-11, `Shipment`. Its charges are without tax, and a
line's are of the whole line.
"""

from collections.abc import Iterable

import msgspec

from connectors.frame.facts import Address, LineStated, OrderStated
from connectors.frame.message import Translation
from connectors.frame.prices import priced
from connectors.frame.reading import Given, UnreadableError, first, instant, instant_or_none, read_json, whole, within
from connectors.systems.amazon.amounts import Value, minor
from connectors.systems.amazon.marketplaces import marketplace

_SENT = frozenset({"SHIPPED", "DELIVERED"})


class PartsGiven(Given, rename="camel"):
    base_amount: Value | None = None
    discount_amount: Value | None = None
    net_amount: Value | None = None


class TaxGiven(Given, rename="camel"):
    charge: PartsGiven | None = None


class ChargeGiven(Given, rename="camel"):
    charge_type: str = ""
    base_charge: PartsGiven | None = None
    total_charge: PartsGiven | None = None
    total_tax: TaxGiven | None = None


class CancelledGiven(Given, rename="camel"):
    cancelled_quantity: float | str | None = None


class LineGiven(Given, rename="camel"):
    shipment_line_item_id: int | str
    merchant_sku: str = ""
    number_of_units: float | str | None = None
    charges: tuple[ChargeGiven, ...] = ()
    cancellations: tuple[CancelledGiven, ...] = ()


class PlaceGiven(Given, rename="camel"):
    marketplace_id: str = ""


class InfoGiven(Given, rename="camel"):
    buyer_order_id: str | None = None


class ToGiven(Given, rename="camel"):
    name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country_code: str | None = None


class ShippingGiven(Given, rename="camel"):
    recommended_ship_method: str | None = None
    expected: str | None = msgspec.field(default=None, name="expectedShippingDateTimeInUTC")
    ship_to_address: ToGiven | None = None


class ShipmentGiven(Given, rename="camel"):
    id: str
    line_items: tuple[LineGiven, ...]
    location_id: str = ""
    status: str = ""
    creation_date_time: str | None = None
    last_updated_date_time: str | None = None
    earliest_pack_date_time: str | None = None
    marketplace_attributes: PlaceGiven = PlaceGiven()
    shipment_info: InfoGiven = InfoGiven()
    shipping_info: ShippingGiven = ShippingGiven()
    charges: tuple[ChargeGiven, ...] = ()


def translate_shipment(body: bytes) -> Translation:
    """Give the shipment as an order.

    Raises:
        UnreadableError: a field is missing or wrong.
    """
    given = read_json(body, ShipmentGiven)
    place = marketplace(given.marketplace_attributes.marketplace_id)
    currency = first((*_currencies(given), place.currency))
    if not currency:
        raise UnreadableError("charges", "neither the charges nor the marketplace name a currency")
    lines = tuple(_line(line, number, given.status, currency) for number, line in enumerate(given.line_items))
    others = [charge for line in given.line_items for charge in line.charges if charge.charge_type != "PRODUCT"]
    others += [charge for charge in given.charges if charge.charge_type not in ("PRODUCT", "TOTAL")]
    total = next((charge.total_charge for charge in given.charges if charge.charge_type == "TOTAL"), None)
    updated_at_ms = instant(given.last_updated_date_time, "lastUpdatedDateTime")
    stated = OrderStated(
        external_id=given.id,
        number=given.shipment_info.buyer_order_id or "",
        source_version=updated_at_ms,
        placed_at_ms=instant(given.creation_date_time, "creationDateTime"),
        updated_at_ms=updated_at_ms,
        currency=currency,
        lines=lines,
        destination=_address(given.shipping_info.ship_to_address or ToGiven(), place.country),
        shipping_minor=sum(_net(charge, currency) for charge in others),
        tax_minor=sum(_tax(charge, currency) for charge in others),
        total_minor=None if total is None else minor(total.net_amount, currency, "charges.totalCharge.netAmount"),
        service=given.shipping_info.recommended_ship_method or "",
        promise_by_ms=instant_or_none(given.shipping_info.expected, "shippingInfo.expectedShippingDateTimeInUTC"),
        requested_at_ms=instant_or_none(given.earliest_pack_date_time, "earliestPackDateTime"),
        note=f"Amazon asks location {given.location_id} to send it" if given.location_id else "",
        cancelled_at_ms=updated_at_ms if given.status == "CANCELLED" else None,
    )
    return Translation(facts=(stated,))


def _currencies(given: ShipmentGiven) -> Iterable[str]:
    charges = [*given.charges, *(charge for line in given.line_items for charge in line.charges)]
    bases = (charge.base_charge.base_amount for charge in charges if charge.base_charge is not None)
    return (base.currency for base in bases if base is not None)


def _line(line: LineGiven, number: int, status: str, currency: str) -> LineStated:
    """What is cancelled of a line takes its part of the line's discount and tax with it."""
    goods = [charge for charge in line.charges if charge.charge_type == "PRODUCT"]
    with within(f"lineItems[{number}]"):
        ordered = whole(line.number_of_units, "numberOfUnits")
        cancelled = sum(whole(one.cancelled_quantity, "cancellations.cancelledQuantity") for one in line.cancellations)
        base = sum(_of(charge.base_charge, "base", currency) for charge in goods)
        discount = sum(_of(charge.base_charge, "discount", currency) for charge in goods)
        tax = sum(_tax(charge, currency) for charge in goods)
    quantity = max(0, ordered - cancelled)
    unit_minor, discount_minor = priced(base, base - discount, ordered)
    return LineStated(
        line_id=str(line.shipment_line_item_id),
        sku=line.merchant_sku.strip(),
        quantity=quantity,
        ordered=ordered,
        unit_price_minor=unit_minor,
        discount_minor=discount_minor * quantity // max(1, ordered),
        tax_minor=tax * quantity // max(1, ordered),
        fulfilled=quantity if status in _SENT else 0,
    )


def _of(parts: PartsGiven | None, which: str, currency: str) -> int:
    if parts is None:
        return 0
    amount = parts.base_amount if which == "base" else parts.discount_amount
    return minor(amount, currency, f"charges.baseCharge.{which}Amount.value")


def _net(charge: ChargeGiven, currency: str) -> int:
    return max(0, _of(charge.base_charge, "base", currency) - _of(charge.base_charge, "discount", currency))


def _tax(charge: ChargeGiven, currency: str) -> int:
    parts = charge.total_tax.charge if charge.total_tax is not None else None
    return minor(parts.net_amount, currency, "charges.totalTax.charge.netAmount.value") if parts is not None else 0


def _address(given: ToGiven, country: str) -> Address:
    """Where Amazon carries the parcel itself it names the postcode alone."""
    lines = (given.address_line1, given.address_line2, given.address_line3)
    return Address(
        country=(given.country_code or country).strip().upper(),
        name=given.name or "",
        lines=tuple(line.strip() for line in lines if line and line.strip()),
        city=given.city or "",
        region=given.state or "",
        postcode=given.postal_code or "",
    )
