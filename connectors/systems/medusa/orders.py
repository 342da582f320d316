"""An order of Medusa as it is now: after its edits, with the lines of its exchanges and claims, which are of it too.

Amounts are in the order's own currency, the only one that it has.
"""

from collections.abc import Iterator

from connectors.frame.facts import Address, AnyFact, Buyer, HoldStated, LineStated, OrderStated
from connectors.frame.message import Account, Translation, ignored
from connectors.frame.reading import UnreadableError, first, instant, instant_or_none, money, read_json, whole, within
from connectors.frame.reading import words as joined
from connectors.systems.medusa.amounts import came_back_minor, line_amounts, tax_is_included
from connectors.systems.medusa.parcels import parcels_of
from connectors.systems.medusa.payments import payments_of, refunds_of
from connectors.systems.medusa.shapes import AddressGiven, ItemGiven, OrderGiven, Time
from models.records.hold import HoldType

SHIP_WHEN = "ship_when"
CAPTURED = "captured"

OFF = frozenset({"canceled", "cancelled"})
_PAID = frozenset({"captured", "partially_refunded"})
_AUTHORISED = frozenset({"authorized", "partially_captured"})
"""What is due after an edit or exchange is asked for beside what was paid, and then makes it captured in part."""

_BY_COLLECTION = {"completed": "captured"}
_PICKUP = "pickup"


def translate_order(body: bytes, account: Account) -> Translation:
    """Give the order, and the parcels of it that have left.

    Raises:
        UnreadableError: it is no order, or a field is missing or wrong.
    """
    order = read_json(body, OrderGiven)
    if order.is_draft_order or order.status == "draft":
        return ignored("a draft of an order: the customer has not placed it")
    stated = _stated(order, account)
    facts: list[AnyFact] = [stated, *parcels_of(order, {line.line_id: line.quantity for line in stated.lines})]
    return Translation(facts=tuple(facts))


def _stated(order: OrderGiven, account: Account) -> OrderStated:
    currency = (order.currency_code or account.currency).upper()
    if not currency:
        raise UnreadableError("currency_code", "it is missing, and the account names none")
    changes = list(_changes(order))
    placed_at_ms = instant(
        order.created_at or min((item.created_at or "" for item in order.items), default=""), "created_at"
    )
    version = max((placed_at_ms, *changes))
    gross = tax_is_included(order.items)
    lines = tuple(_line(item, number, currency, gross=gross) for number, item in enumerate(order.items))
    tax_minor = money(order.tax_total, currency, "tax_total", negative=True)
    item_tax_minor = money(order.item_tax_total, currency, "item_tax_total", negative=True)
    shipping_minor = money(order.shipping_total, currency, "shipping_total", negative=True)
    if not gross:
        shipping_minor -= money(order.shipping_tax_total, currency, "shipping_tax_total", negative=True)
    off = order.status in OFF or order.canceled_at is not None
    returned_minor = sum(came_back_minor(item, currency) for item in order.items)
    total_minor = None if order.total is None else money(order.total, currency, "total", negative=True) + returned_minor
    return OrderStated(
        external_id=order.id,
        source_version=version,
        placed_at_ms=placed_at_ms,
        updated_at_ms=version,
        currency=currency,
        number=str(order.custom_display_id or order.display_id or ""),
        lines=lines,
        destination=_destination(order),
        buyer=_buyer(order),
        shipping_minor=max(0, shipping_minor),
        # What a gift card or credit pays is no longer in the total.
        discount_minor=0
        if off
        else max(0, money(order.credit_line_total, currency, "credit_line_total", negative=True)),
        tax_minor=max(0, tax_minor - item_tax_minor),
        tax_included=gross,
        total_minor=None if total_minor is None else max(0, total_minor),
        paid=_is_paid(order, total_minor, account),
        payments=payments_of(order, currency),
        refunds=refunds_of(order, currency),
        holds=_holds(order),
        service=first(method.name for method in order.shipping_methods or ()),
        collect_at=_collect_at(order),
        cancelled_at_ms=(instant_or_none(order.canceled_at, "canceled_at") or version) if off else None,
    )


def _changes(order: OrderGiven) -> Iterator[int]:
    """Give when anything of it changed: captures and refunds leave the order's own time as it was."""
    times: list[tuple[Time, str]] = [(order.updated_at, "updated_at")]
    times += [(item.updated_at, "items.updated_at") for item in order.items]
    times += [(item.detail.updated_at, "items.detail.updated_at") for item in order.items if item.detail is not None]
    for collection in order.payment_collections or ():
        times.append((collection.updated_at, "payment_collections.updated_at"))
        times += [(payment.updated_at, "payments.updated_at") for payment in collection.payments or ()]
    times += [(one.updated_at, "fulfillments.updated_at") for one in order.fulfillments or ()]
    times += [(one.updated_at, "returns.updated_at") for one in order.returns or ()]
    return (instant(at, field) for at, field in times if at)


def _line(item: ItemGiven, number: int, currency: str, *, gross: bool) -> LineStated:
    """Quantities are those of the order's present version; a return does not lower them."""
    with within(f"items[{number}]"):
        detail = item.detail
        given = detail.quantity if detail is not None and detail.quantity is not None else item.quantity
        quantity = whole(given, "quantity")
        shipped = whole(detail.shipped_quantity or 0, "detail.shipped_quantity") if detail else 0
        delivered = whole(detail.delivered_quantity or 0, "detail.delivered_quantity") if detail else 0
        amounts = line_amounts(item, quantity, currency, gross=gross)
    return LineStated(
        line_id=item.id,
        sku=(item.variant_sku or "").strip(),
        quantity=quantity,
        ordered=quantity,
        unit_price_minor=amounts.unit_minor,
        discount_minor=amounts.discount_minor,
        tax_minor=amounts.tax_minor,
        title=first((item.product_title, item.title)),
        listing_ref=item.variant_id or "",
        # A fulfillment may be marked as delivered without a shipment.
        fulfilled=min(quantity, max(shipped, delivered)),
        ships=item.requires_shipping is not False and not item.is_giftcard,
    )


def _is_paid(order: OrderGiven, total_minor: int | None, account: Account) -> bool:
    """A cart is completed with an authorised payment, and money is taken when parcels leave: so that is enough.

    Source: Medusa, "Payment Collection" and "Payment", on authorisation and capture.
    """
    status = order.payment_status
    if status is None and order.payment_collections is None:
        return True
    if status is None:
        known = {one.status for one in order.payment_collections or ()}
        status = (
            next((_BY_COLLECTION.get(one, one) for one in known if one is not None), None) if len(known) == 1 else None
        )
    if status in _PAID or total_minor == 0:
        return True
    return status in _AUTHORISED and account.settings.get(SHIP_WHEN) != CAPTURED


def _holds(order: OrderGiven) -> tuple[HoldStated, ...]:
    if order.status != "requires_action":
        return ()
    return (HoldStated(hold=HoldType.OTHER, note="Medusa waits for somebody's action"),)


def _destination(order: OrderGiven) -> Address | None:
    """Where to; an order without an address of its own for that goes to who pays."""
    given = (order.shipping_address, order.billing_address)
    return next((_address(one) for one in given if one is not None and (one.country_code or one.address_1)), None)


def _address(given: AddressGiven) -> Address:
    return Address(
        country=(given.country_code or "").strip().upper(),
        name=joined(given.first_name, given.last_name),
        company=given.company or "",
        lines=tuple(line.strip() for line in (given.address_1, given.address_2) if line and line.strip()),
        city=given.city or "",
        region=given.province or "",
        postcode=str(given.postal_code or ""),
    )


def _buyer(order: OrderGiven) -> Buyer | None:
    """Who bought. Medusa makes a customer of every guest: one id for each address of mail."""
    customer, billing = order.customer, order.billing_address or order.shipping_address
    ref = order.customer_id or (customer.id if customer is not None else None) or ""
    name = joined(customer.first_name, customer.last_name) if customer is not None else ""
    if not name and billing is not None:
        name = joined(billing.first_name, billing.last_name)
    phone = first(
        [
            str(customer.phone or "") if customer is not None else "",
            str(billing.phone or "") if billing is not None else "",
        ]
    )
    email = first((order.email, customer.email if customer is not None else None))
    return Buyer(customer_ref=ref, name=name, email=email, phone=phone) if ref or name or email else None


def _collect_at(order: OrderGiven) -> str:
    """Name the location of a pickup. Source: Medusa, "Fulfillment Set", on its type."""
    for method in order.shipping_methods or ():
        zone = method.shipping_option.service_zone if method.shipping_option is not None else None
        found = zone.fulfillment_set if zone is not None else None
        if found is not None and found.type == _PICKUP:
            return (found.location.id if found.location is not None else None) or _PICKUP
    return ""
