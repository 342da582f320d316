"""An order of WooCommerce as the shop has it now.

WooCommerce leaves the quantities of a line as they were ordered, also after refunds: those are told by themselves.
Its amounts are in the order's own currency, which is what the shop's books count in.
"""

from decimal import Decimal

from connectors.frame.facts import (
    Address,
    AnyFact,
    Buyer,
    HoldStated,
    LineStated,
    OrderStated,
    ParcelStated,
    PaymentKind,
    PaymentStated,
    RefundStated,
)
from connectors.frame.message import Account, Translation, ignored
from connectors.frame.prices import priced
from connectors.frame.reading import (
    UnreadableError,
    first,
    instant,
    instant_or_none,
    money,
    read_json,
    whole,
    within,
    words,
)
from connectors.systems.woocommerce.bundles import not_sent
from connectors.systems.woocommerce.shapes import AddressGiven, Amount, LineGiven, OrderGiven, listing_ref, metas
from models.records.hold import HoldType

UNPAID = frozenset({"pending", "on-hold", "failed"})
"""Source: WooCommerce, "Order statuses": stock of an order on hold is kept, yet its payment is not confirmed."""

SENT = frozenset({"completed", "shipped", "delivered"})
"""`completed` is WooCommerce's own; the others are what extensions for shipping add."""

OFF = frozenset({"cancelled", "refunded", "trash"})
DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft", "new"})


def translate_order(body: bytes, account: Account) -> Translation:
    """Give the order, and, where the shop says that it was sent, that all of it has left.

    Raises:
        UnreadableError: it is no order, or a field is missing or wrong.
    """
    order = read_json(body, OrderGiven)
    status = (order.status or "").removeprefix("wc-")
    if status in DRAFTS:
        return ignored("a draft of an order: the customer has not placed it")
    stated = _stated(order, status, account)
    facts: list[AnyFact] = [stated]
    if status in SENT:
        facts.append(_parcel(order, stated, account))
    return Translation(facts=tuple(facts))


def _stated(order: OrderGiven, status: str, account: Account) -> OrderStated:
    currency = (order.currency or account.currency).upper()
    if not currency:
        raise UnreadableError("currency", "it is missing, and the account names none")
    placed_at_ms = moment(order.date_created_gmt, order.date_created, order.created_at, "date_created", account)
    updated_at_ms = _latest(order, account, placed_at_ms)
    paid_at_ms = instant_or_none(order.date_paid_gmt, "date_paid_gmt")
    if paid_at_ms is None:
        paid_at_ms = instant_or_none(order.date_paid, "date_paid", time_zone=account.time_zone)
    unsent = not_sent(order.line_items)
    lines = tuple(
        _line(line, n, order, currency, sent=status in SENT, ships=str(line.id) not in unsent)
        for n, line in enumerate(order.line_items)
    )
    charged, taken_off, beside_tax = _beside(order, lines, currency)
    number = str(order.number or order.order_number or "")
    paid = status not in UNPAID or paid_at_ms is not None
    return OrderStated(
        external_id=str(order.id),
        source_version=updated_at_ms,
        placed_at_ms=placed_at_ms,
        updated_at_ms=updated_at_ms,
        currency=currency,
        number="" if number == str(order.id) else number,
        lines=lines,
        destination=_destination(order),
        buyer=_buyer(order),
        shipping_minor=charged,
        discount_minor=taken_off,
        tax_minor=beside_tax,
        tax_included=order.prices_include_tax,
        total_minor=None if order.total is None else money(order.total, currency, "total"),
        paid=paid and status != "failed",
        payments=_payments(order, paid_at_ms, currency),
        refunds=() if account.settings.get("url") else _refunds(order, updated_at_ms, currency),
        holds=(HoldStated(hold=HoldType.OTHER, note="on hold at the shop"),) if status == "on-hold" and paid else (),
        service=first(line.method_title or line.method_id for line in order.shipping_lines or ()),
        collect_at=_collect_at(order),
        note=first((order.customer_note, order.note)),
        cancelled_at_ms=updated_at_ms if status in OFF else None,
    )


def moment(gmt: str | None, local: str | None, legacy: str | None, field: str, account: Account) -> int:
    """Give an instant by the field that says it best: the one in UTC, the legacy one in UTC, the shop's local one.

    Raises:
        UnreadableError: none is there, or it is no time.
    """
    if gmt or legacy:
        return instant(gmt or legacy, f"{field}_gmt" if gmt else field.replace("date_created", "created_at"))
    return instant(local, field, time_zone=account.time_zone)


def _latest(order: OrderGiven, account: Account, placed_at_ms: int) -> int:
    """When it changed last; an order that was never changed has no such time."""
    if not (order.date_modified_gmt or order.date_modified or order.updated_at):
        return placed_at_ms
    if order.updated_at and not order.date_modified_gmt:
        return instant(order.updated_at, "updated_at")
    return moment(order.date_modified_gmt, order.date_modified, None, "date_modified", account)


def _line(line: LineGiven, number: int, order: OrderGiven, currency: str, *, sent: bool, ships: bool) -> LineStated:
    """Prices are given as customers see them: with the tax in a shop that enters them so."""
    with within(f"line_items[{number}]"):
        quantity = whole(line.quantity, "quantity")
        gross = order.prices_include_tax
        before = summed(line.subtotal, line.subtotal_tax if gross else None, currency, "subtotal")
        after = summed(line.total, line.total_tax if gross else None, currency, "total")
        tax_minor = money(line.total_tax, currency, "total_tax", negative=True)
    unit_minor, discount_minor = priced(before, after, quantity)
    return LineStated(
        line_id=str(line.id),
        sku=str(line.sku or "").strip(),
        quantity=quantity,
        ordered=quantity,
        unit_price_minor=unit_minor,
        discount_minor=discount_minor,
        tax_minor=max(0, tax_minor),
        title=line.name or "",
        listing_ref=listing_ref(line),
        fulfilled=quantity if sent else 0,
        ships=ships,
    )


def summed(one: Amount, other: Amount, currency: str, field: str) -> int:
    """Add two amounts before they are rounded.

    Raises:
        UnreadableError: one is no amount.
    """
    minor = money(one, currency, field, negative=True)
    if not other:
        return minor
    money(other, currency, f"{field}_tax", negative=True)
    return money(f"{Decimal(str(one or 0)) + Decimal(str(other)):f}", currency, field, negative=True)


def _beside(order: OrderGiven, lines: tuple[LineStated, ...], currency: str) -> tuple[int, int, int]:
    """Give what is charged, taken off and taxed beside the lines; a fee below 0 is a discount, any other a charge."""
    gross = order.prices_include_tax
    shipping = order.shipping_total if order.shipping_total is not None else order.total_shipping
    charged = summed(shipping, order.shipping_tax if gross else None, currency, "shipping_total")
    taken_off = money(order.order_discount, currency, "order_discount")
    for number, fee in enumerate(order.fee_lines or ()):
        with within(f"fee_lines[{number}]"):
            amount = summed(fee.total, fee.total_tax if gross else None, currency, "total")
        charged, taken_off = charged + max(0, amount), taken_off + max(0, -amount)
    of_lines = sum(line.tax_minor for line in lines)
    tax_minor = money(order.total_tax, currency, "total_tax", negative=True)
    return max(0, charged), taken_off, max(0, tax_minor - of_lines)


def _destination(order: OrderGiven) -> Address | None:
    """Where to; an order without an address of its own for that goes to who pays."""
    given = (order.shipping, order.shipping_address, order.billing, order.billing_address)
    return next((_address(one) for one in given if one is not None and (one.country or one.address_1)), None)


def _address(given: AddressGiven) -> Address:
    return Address(
        country=(given.country or "").strip().upper(),
        name=words(given.first_name, given.last_name),
        company=given.company or "",
        lines=tuple(line.strip() for line in (given.address_1, given.address_2) if line and line.strip()),
        city=given.city or "",
        region=given.state or "",
        postcode=str(given.postcode or ""),
    )


def _buyer(order: OrderGiven) -> Buyer | None:
    """Customer 0 is a guest."""
    billing = order.billing or order.billing_address
    customer_ref = "" if str(order.customer_id or 0) == "0" else str(order.customer_id)
    if billing is None:
        return Buyer(customer_ref=customer_ref) if customer_ref else None
    to = order.shipping or order.shipping_address
    return Buyer(
        customer_ref=customer_ref,
        name=words(billing.first_name, billing.last_name),
        email=billing.email or "",
        phone=first([str(billing.phone or ""), str(to.phone or "") if to is not None else ""]),
    )


def _payments(order: OrderGiven, paid_at_ms: int | None, currency: str) -> tuple[PaymentStated, ...]:
    """WooCommerce keeps one payment of an order, and says when it was taken."""
    if paid_at_ms is None:
        return ()
    return (
        PaymentStated(
            payment_id=str(order.transaction_id or f"{order.id}-paid"),
            kind=PaymentKind.CAPTURED,
            amount_minor=money(order.total, currency, "total"),
            currency=currency,
            at_ms=paid_at_ms,
            tender=order.payment_method or "",
        ),
    )


def _refunds(order: OrderGiven, at_ms: int, currency: str) -> tuple[RefundStated, ...]:
    """The sums are all that an order says of its refunds: they are taken from here where no poll asks for the rest."""
    stated = []
    for number, refund in enumerate(order.refunds or ()):
        # A refund that was deleted stays in the list, without its id.
        if str(refund.id) == "0":
            continue
        with within(f"refunds[{number}]"):
            amount_minor = abs(money(refund.total, currency, "total", negative=True))
        stated.append(
            RefundStated(
                refund_id=str(refund.id),
                at_ms=at_ms,
                currency=currency,
                amount_minor=amount_minor,
                reason=first((refund.reason, refund.refund)),
            )
        )
    return tuple(stated)


def _collect_at(order: OrderGiven) -> str:
    """Name the place of collection by what the method of it says best. Source: WooCommerce, "Local Pickup"."""
    for line in order.shipping_lines or ():
        if (line.method_id or "").startswith(("local_pickup", "pickup_location")):
            place = metas(line.meta_data).get("pickup_location")
            return str(place or line.instance_id or line.method_id)
    return ""


def _parcel(order: OrderGiven, stated: OrderStated, account: Account) -> ParcelStated:
    """A completed order has left, all that was left of it; the tracking extension keeps the numbers beside."""
    at_ms = instant_or_none(order.date_completed_gmt or order.completed_at, "date_completed_gmt")
    if at_ms is None:
        at_ms = instant_or_none(order.date_completed, "date_completed", time_zone=account.time_zone)
    tracking = metas(order.meta_data).get("_wc_shipment_tracking_items")
    latest = tracking[-1] if isinstance(tracking, list) and tracking and isinstance(tracking[-1], dict) else {}
    carrier = latest.get("tracking_provider") or latest.get("custom_tracking_provider")
    return ParcelStated(
        parcel_id=f"{order.id}-completed",
        at_ms=at_ms if at_ms is not None else stated.source_version,
        external_id=str(order.id),
        carrier=str(carrier or ""),
        tracking_number=str(latest.get("tracking_number") or ""),
    )
