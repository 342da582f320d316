"""From the plain webhook's messages to facts."""

from collections.abc import Callable, Iterable
from typing import Any

from connectors.frame import facts as f
from connectors.frame.message import Account, Message
from connectors.frame.reading import UnreadableError, instant, instant_or_none
from connectors.systems.plain import messages as m


def fact_of(given: m.Incoming, message: Message, account: Account) -> f.AnyFact:
    """Give what a message says.

    Raises:
        UnreadableError: a time of it is none, or units are of no line.
    """
    return _TAKE[type(given)](given, message, account)


def _order(given: m.OrderStated, message: Message, account: Account) -> f.AnyFact:
    zone = account.time_zone
    updated = instant_or_none(given.updated_at, "updated_at", time_zone=zone)
    return f.OrderStated(
        external_id=given.external_id,
        source_version=given.version if given.version is not None else updated or message.received_at_ms,
        placed_at_ms=instant(given.placed_at, "placed_at", time_zone=zone),
        updated_at_ms=updated,
        currency=given.currency,
        lines=tuple(_line(line) for line in given.lines),
        number=given.number,
        destination=_address(given.destination),
        buyer=_buyer(given.customer),
        shipping_minor=given.shipping_minor,
        discount_minor=given.discount_minor,
        tax_minor=given.tax_minor,
        tax_included=given.tax_included,
        total_minor=given.total_minor,
        paid=given.paid,
        priority=given.priority,
        service=given.service,
        promise_by_ms=instant_or_none(given.promise_by, "promise_by", time_zone=zone),
        requested_at_ms=instant_or_none(given.ship_from, "ship_from", time_zone=zone),
        purchase_order=given.purchase_order,
        collect_at=given.collect_at,
        note=given.note,
        test=given.test,
    )


def _line(line: m.PlainLine) -> f.LineStated:
    return f.LineStated(
        line_id=line.line_id,
        sku=line.sku,
        quantity=line.quantity,
        ordered=line.quantity,
        unit_price_minor=line.unit_price_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        title=line.title,
        listing_ref=line.listing_ref,
        ships=line.ships,
    )


def _address(given: m.PlainAddress | None) -> f.Address | None:
    if given is None:
        return None
    return f.Address(
        country=given.country,
        name=given.name,
        company=given.company,
        lines=given.lines,
        city=given.city,
        region=given.region,
        postcode=given.postcode,
        latitude=given.latitude,
        longitude=given.longitude,
    )


def _buyer(given: m.PlainCustomer | None) -> f.Buyer | None:
    if given is None:
        return None
    return f.Buyer(customer_ref=given.id, name=given.name, email=given.email, phone=given.phone, locale=given.locale)


def _cancelled(given: m.OrderCancelled, _: Message, account: Account) -> f.AnyFact:
    return f.OrderCancelled(external_id=given.external_id, at_ms=_at(given.at, account), cause=given.cause)


def _refunded(given: m.OrderRefunded, _: Message, account: Account) -> f.AnyFact:
    refund = f.RefundStated(
        refund_id=given.refund_id,
        at_ms=_at(given.at, account),
        currency=given.currency,
        amount_minor=given.amount_minor,
        shipping_minor=given.shipping_minor,
        units=tuple(
            f.RefundedUnits(
                line_id=one.line_id,
                quantity=one.quantity,
                amount_minor=one.amount_minor,
                tax_minor=one.tax_minor,
                restock=one.restock,
            )
            for one in given.units
        ),
        reason=given.reason,
    )
    return f.OrderRefunded(external_id=given.external_id, refund=refund)


def _counted(given: m.StockCounted, _: Message, account: Account) -> f.AnyFact:
    return f.StockCounted(
        document=given.document,
        location=given.location or account.location,
        as_of_ms=instant(given.as_of, "as_of", time_zone=account.time_zone),
        lines=_stock_lines(given.lines),
        available=given.available,
        complete=given.complete,
    )


def _received(given: m.StockReceived, _: Message, account: Account) -> f.AnyFact:
    return f.StockReceived(
        document=given.document,
        location=given.location or account.location,
        at_ms=_at(given.at, account),
        lines=_stock_lines(given.lines),
        expected=given.expected,
    )


def _adjusted(given: m.StockAdjusted, _: Message, account: Account) -> f.AnyFact:
    return f.StockAdjusted(
        document=given.document,
        location=given.location or account.location,
        at_ms=_at(given.at, account),
        lines=tuple(
            f.StockLine(
                line=line.line or str(number),
                sku=line.sku,
                quantity=line.change,
                unit=line.unit,
                lot=line.lot,
                state=line.state,
                reason=line.reason,
            )
            for number, line in enumerate(given.lines, start=1)
        ),
    )


def _stock_lines(lines: Iterable[m.PlainStockLine]) -> tuple[f.StockLine, ...]:
    return tuple(
        f.StockLine(
            line=line.line or str(number),
            sku=line.sku,
            quantity=line.quantity,
            unit=line.unit,
            lot=line.lot,
            state=line.state,
        )
        for number, line in enumerate(lines, start=1)
    )


def _accepted(given: m.FulfillmentAccepted, _: Message, account: Account) -> f.AnyFact:
    at_ms = _at(given.at, account)
    return f.FulfillmentAnswered(
        fulfillment_id=given.fulfillment_id, accepted=True, at_ms=at_ms, partner_reference=given.reference
    )


def _rejected(given: m.FulfillmentRejected, _: Message, account: Account) -> f.AnyFact:
    return f.FulfillmentAnswered(
        fulfillment_id=given.fulfillment_id,
        accepted=False,
        at_ms=_at(given.at, account),
        cause=given.cause,
        note=given.note,
        units=_units(given.units, "units"),
    )


def _picked(given: m.FulfillmentPicked, _: Message, account: Account) -> f.AnyFact:
    units = _units(given.units, "units")
    return f.FulfillmentStepped(
        fulfillment_id=given.fulfillment_id, step=f.Step.PICKED, at_ms=_at(given.at, account), units=units
    )


def _packed(given: m.FulfillmentPacked, _: Message, account: Account) -> f.AnyFact:
    at_ms = _at(given.at, account)
    return f.FulfillmentStepped(fulfillment_id=given.fulfillment_id, step=f.Step.PACKED, at_ms=at_ms)


def _ready(given: m.FulfillmentReady, _: Message, account: Account) -> f.AnyFact:
    at_ms = _at(given.at, account)
    return f.FulfillmentStepped(fulfillment_id=given.fulfillment_id, step=f.Step.READY, at_ms=at_ms)


def _shipped(given: m.FulfillmentShipped, _: Message, account: Account) -> f.AnyFact:
    return f.ParcelStated(
        parcel_id=given.parcel_id,
        fulfillment_id=given.fulfillment_id,
        at_ms=_at(given.at, account),
        units=_units(given.units, "units"),
        short=_units(given.short, "short"),
        carrier=given.carrier,
        service=given.service,
        tracking_number=given.tracking_number,
        cost_minor=given.cost_minor,
        currency=given.currency or "",
    )


def _tracked(given: m.ParcelTracked, _: Message, account: Account) -> f.AnyFact:
    return f.ParcelScanned(
        tracking_number=given.tracking_number,
        status=given.status,
        at_ms=_at(given.at, account),
        carrier=given.carrier,
        detail=given.detail,
        raw=given.text,
        place=given.place,
        expected_at_ms=instant_or_none(given.expected_at, "expected_at", time_zone=account.time_zone),
    )


def _given_back(given: m.CancellationAccepted, _: Message, account: Account) -> f.AnyFact:
    return f.CancellationAnswered(fulfillment_id=given.fulfillment_id, accepted=True, at_ms=_at(given.at, account))


def _kept(given: m.CancellationRejected, _: Message, account: Account) -> f.AnyFact:
    return f.CancellationAnswered(fulfillment_id=given.fulfillment_id, accepted=False, at_ms=_at(given.at, account))


def _at(given: str, account: Account) -> int:
    return instant(given, "at", time_zone=account.time_zone)


def _units(given: Iterable[m.Units], field: str) -> tuple[f.UnitsStated, ...]:
    found = []
    for number, one in enumerate(given):
        if not one.line_id and not one.sku:
            raise UnreadableError(f"{field}[{number}]", "these units name neither a line nor a SKU")
        found.append(f.UnitsStated(quantity=one.quantity, line_id=one.line_id, sku=one.sku, unit=one.unit, lot=one.lot))
    return tuple(found)


_TAKE: dict[type, Callable[[Any, Message, Account], f.AnyFact]] = {
    m.OrderStated: _order,
    m.OrderCancelled: _cancelled,
    m.OrderRefunded: _refunded,
    m.StockCounted: _counted,
    m.StockReceived: _received,
    m.StockAdjusted: _adjusted,
    m.FulfillmentAccepted: _accepted,
    m.FulfillmentRejected: _rejected,
    m.FulfillmentPicked: _picked,
    m.FulfillmentPacked: _packed,
    m.FulfillmentReady: _ready,
    m.FulfillmentShipped: _shipped,
    m.ParcelTracked: _tracked,
    m.CancellationAccepted: _given_back,
    m.CancellationRejected: _kept,
}
