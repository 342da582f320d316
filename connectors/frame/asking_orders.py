"""What an order, its cancellation and its refunds ask for."""

from collections.abc import Iterator
from typing import Any

from connectors.frame.asked import Asked, Envelope, Known, UnknownYet, location_of, personal
from connectors.frame.facts import (
    Address,
    LineStated,
    OrderCancelled,
    OrderHeld,
    OrderRefunded,
    OrderStated,
    RefundStated,
)
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError
from models import commands as c
from models.geo import position_of
from models.ids import order_id
from models.records.hold import HoldKey
from models.records.line import UnitsOfLine
from models.records.money import StatedPayment, StatedRefund
from models.records.order import Customer, NewLine, Order, Terms
from models.records.place import Destination
from models.rules.orders.cancel import CANCEL_CAUSES

_DAY_MS = 86_400_000
_PAY_WITHIN_DAYS = "7"
_MOST_LINES = 200


def order_stated(fact: OrderStated, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Take the order, or merge what is newer; then what it says beside: that it is off, why it is held, its money."""
    if fact.test and account.settings.get("test_orders") != "take":
        return ()
    key = order_id(envelope.pool, account.channel, fact.external_id)
    lines = tuple(line for line in fact.lines if line.quantity and line.ships)
    if not lines:
        return _without_lines(fact, account, envelope, known)
    if len(lines) > _MOST_LINES:
        raise UnreadableError("lines", f"an order has {_MOST_LINES} lines at most, this has {len(lines)}")
    customer_id = f"{account.channel}:{fact.external_id}"
    person = personal(fact.destination, fact.buyer, customer_id)
    content = _content(fact, account, lines, None if person is None else Customer(customer_id=person.customer_id))
    gone = all(line.fulfilled >= line.quantity for line in lines)
    command: c.OrderContent
    if gone and known.order(key) is None and fact.cancelled_at_ms is None:
        shipped_at_ms = fact.updated_at_ms if fact.updated_at_ms is not None else fact.placed_at_ms
        command = c.ImportOrder(**envelope.fields("content"), **content, shipped_at_ms=shipped_at_ms)
    else:
        command = c.PlaceOrder(**envelope.fields("content"), **content)
    asked = [Asked(command=command, person=person)]
    if fact.cancelled_at_ms is not None:
        asked.append(_cancelled(key, envelope, fact.cancel_cause))
    # A hold that a person has taken off is not put on again by the next message that states it.
    for hold in fact.holds if fact.cancelled_at_ms is None else ():
        once = envelope.lasting(key, "hold", hold.hold, hold.note)
        asked.append(Asked(command=c.HoldOrder(**once, order_id=key, hold=hold.hold, handle=account.name)))
    return (*asked, *_money(fact, key, envelope))


def order_cancelled(fact: OrderCancelled, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Cancel what has not left."""
    key = order_id(envelope.pool, account.channel, fact.external_id)
    if known.order(key) is None:
        return ()
    return (_cancelled(key, envelope, fact.cause),)


def order_refunded(fact: OrderRefunded, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Put the refund on record as it is stated; refunded units that cannot have left are not sent any more."""
    key = order_id(envelope.pool, account.channel, fact.external_id)
    order = known.order(key)
    if order is None and fact.of_a_till:
        return ()
    if order is None:
        raise UnknownYet(f"there is no order {fact.external_id}")
    stated = c.RecordStatedMoney(**envelope.fields("money"), order_id=key, refunds=(_refund(fact.refund),))
    units = tuple(_beyond_shipped(order, fact.refund))
    if not units:
        return (Asked(command=stated),)
    once = envelope.lasting(key, "refund", fact.refund.refund_id)
    return (Asked(command=stated), Asked(command=c.CancelUnits(**once, order_id=key, units=units, cause="customer")))


def order_held(fact: OrderHeld, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """Hold the order, or take the channel's hold off; what stands, or stands no more, is asked nothing."""
    key = order_id(envelope.pool, account.channel, fact.external_id)
    order = known.order(key)
    if order is None:
        raise UnknownYet(f"there is no order {fact.external_id}")
    hold = fact.hold.hold
    # By its handle: what a person, or a rule of ours, holds for the same reason is not the channel's to release.
    stands = any(one.key == HoldKey(hold, handle=account.name) for one in order.holds)
    if stands is not fact.released:
        return ()
    about: dict[str, Any] = {"order_id": key, "hold": hold, "handle": account.name}
    if fact.released:
        return (Asked(command=c.ReleaseHold(**envelope.fields("release"), **about)),)
    return (Asked(command=c.HoldOrder(**envelope.fields("hold") | {"reason": fact.hold.note}, **about)),)


def _beyond_shipped(order: Order, refund: RefundStated) -> Iterator[UnitsOfLine]:
    """Give the units that a refund names beyond those that have left, or are cancelled already.

    A channel that lowers its own quantities says so by the order itself; one that does not, only by the refund.
    """
    before = order.money.refunds if order.money is not None else ()
    refunded = {units.line_id: units.quantity for units in refund.units}
    for known in before:
        for line_id, quantity in known.units.items():
            if known.refund_id != refund.refund_id and line_id in refunded:
                refunded[line_id] += quantity
    for line in order.lines:
        beyond = refunded.get(line.line_id, 0) - line.shipped - line.cancelled
        count = min(beyond, line.waiting + line.allocated)
        if count > 0:
            yield UnitsOfLine(line_id=line.line_id, quantity=count)


def _without_lines(fact: OrderStated, account: Account, envelope: Envelope, known: Known) -> tuple[Asked, ...]:
    """An order of which nothing is to be sent (any more): what we have of it is off."""
    key = order_id(envelope.pool, account.channel, fact.external_id)
    if known.order(key) is None:
        return ()
    cause = fact.cancel_cause if fact.cancelled_at_ms is not None else "content_changed"
    return (_cancelled(key, envelope, cause), *_money(fact, key, envelope))


def _cancelled(key: str, envelope: Envelope, cause: str) -> Asked:
    known_cause = cause if cause in CANCEL_CAUSES else "other"
    return Asked(command=c.CancelUnits(**envelope.fields("cancel"), order_id=key, cause=known_cause))


def _content(
    fact: OrderStated, account: Account, lines: tuple[LineStated, ...], customer: Customer | None
) -> dict[str, Any]:
    """Give the fields of `models.commands.OrderContent`."""
    return {
        "channel": account.channel,
        "external_id": fact.external_id,
        "currency": fact.currency,
        "lines": tuple(_line(line, tax_included=fact.tax_included) for line in lines),
        "destination": _destination(fact.destination),
        "placed_at_ms": fact.placed_at_ms,
        "source_version": max(0, fact.source_version),
        "customer": customer,
        "priority": fact.priority,
        "promise_by_ms": fact.promise_by_ms,
        "shipping_minor": fact.shipping_minor + (0 if fact.tax_included else fact.tax_minor),
        "discount_minor": fact.discount_minor,
        "sold": True,
        "terms": _terms(fact, account),
    }


def _line(line: LineStated, *, tax_included: bool) -> NewLine:
    # What a channel sells without a SKU is known by its own id of it, and waits to be mapped under that. So does a
    # case of a SKU, which is not one piece of it.
    sold = line.sku.strip() or f"listing {line.listing_ref or line.line_id}"
    return NewLine(
        line_id=line.line_id,
        sku=f"{sold} {line.unit}".strip()[:100],
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        discount_minor=line.discount_minor,
        tax_minor=0 if tax_included else line.tax_minor,
    )


def _destination(address: Address | None) -> Destination:
    if address is None:
        return Destination(country="")
    position = None
    if address.latitude is not None and address.longitude is not None:
        position = position_of(address.latitude, address.longitude)
    return Destination(
        country=address.country.upper(), postcode=address.postcode, region=address.region, position=position
    )


def _terms(fact: OrderStated, account: Account) -> Terms | None:
    within_ms = int(account.settings.get("pay_within_days", _PAY_WITHIN_DAYS)) * _DAY_MS
    terms = Terms(
        purchase_order=fact.purchase_order,
        requested_at_ms=fact.requested_at_ms,
        pay_by_ms=None if fact.paid else fact.placed_at_ms + within_ms,
        collect_at=location_of(account, fact.collect_at) if fact.collect_at else None,
    )
    return None if terms == Terms() else terms


def _money(fact: OrderStated, key: str, envelope: Envelope) -> tuple[Asked, ...]:
    """Put on record what the channel says of money; it counts nowhere but in what is shown and reconciled."""
    payments = tuple(
        StatedPayment(
            payment_id=payment.payment_id,
            kind=payment.kind.value,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            at_ms=payment.at_ms,
            tender=payment.tender,
        )
        for payment in fact.payments
    )
    refunds = tuple(_refund(refund) for refund in fact.refunds)
    if not payments and not refunds and fact.total_minor is None:
        return ()
    tax_minor = fact.tax_minor + sum(line.tax_minor for line in fact.lines)
    return (
        Asked(
            command=c.RecordStatedMoney(
                **envelope.fields("money"),
                order_id=key,
                total_minor=fact.total_minor,
                tax_minor=tax_minor,
                tax_included=fact.tax_included,
                payments=payments,
                refunds=refunds,
            )
        ),
    )


def _refund(refund: RefundStated) -> StatedRefund:
    return StatedRefund(
        refund_id=refund.refund_id,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        at_ms=refund.at_ms,
        reason=refund.reason,
        units={units.line_id: units.quantity for units in refund.units if units.quantity},
    )
