"""What an order says, as its shop has it now.

Source: Shopify, Order resource (REST) and Order object (GraphQL Admin). Amounts are the shop's money, never the
customer's; what the order comes to (`current_total_price`) holds tips, duties and fees, which are on no line of it.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connectors.frame.facts import Address, Buyer, OrderStated, PaymentKind, PaymentStated
from connectors.frame.message import Account
from connectors.frame.reading import UnreadableError, first, instant, instant_or_none, words
from connectors.systems.shopify.lines import LinesRead, lines_of
from connectors.systems.shopify.refunds import refunded_shipping, refunds_of_order
from connectors.systems.shopify.shapes import (
    AddressGiven,
    Amount,
    MoneySet,
    OrderGiven,
    ShippingGiven,
    TransactionGiven,
)
from connectors.systems.shopify.values import amount, currency_of, either, ident, needed, stated, word

SHIP_WHEN = "ship_when"
AUTHORISED = "authorised"

_PAID = frozenset({"paid", "partially_refunded"})
_PAID_LATER = frozenset({"net", "fixed", "fulfillment"})
"""Terms by which a buyer may have the goods before paying. Source: Shopify, PaymentTermsType."""

_CAUSES = frozenset({"customer", "declined", "fraud", "inventory", "staff"})
_KINDS = {
    "authorization": PaymentKind.AUTHORISED,
    "sale": PaymentKind.CAPTURED,
    "capture": PaymentKind.CAPTURED,
    "void": PaymentKind.VOIDED,
    "refund": PaymentKind.REFUNDED,
}
_FAILED = frozenset({"failure", "error"})
_CODE_LETTERS = 2
_RIGHT_ANGLE, _HALF_TURN = 90.0, 180.0


def order_stated(given: OrderGiven, account: Account) -> OrderStated:
    """Give the fact of an order.

    Raises:
        UnreadableError: something that an order needs is missing or cannot be read.
    """
    external_id = needed(given.id, "id")
    if given.line_items is None:
        raise UnreadableError("line_items", "an order without its lines says nothing of what is to be sent")
    currency = _currency(given, account)
    # An order that was imported into the shop was placed before it was made there.
    processed_at_ms = instant_or_none(given.processed_at, "processed_at")
    if processed_at_ms is not None and not given.created_at:
        created_at_ms = processed_at_ms
    else:
        created_at_ms = instant(given.created_at, "created_at")
    placed_at_ms = created_at_ms if processed_at_ms is None else processed_at_ms
    updated_at_ms = instant_or_none(given.updated_at, "updated_at")
    cancelled_at_ms = instant_or_none(given.cancelled_at, "cancelled_at")
    read = lines_of(given, currency)
    shipping = _shipping(given, currency)
    service = next((one for one in given.shipping_lines or () if not one.is_removed), ShippingGiven())
    return OrderStated(
        external_id=external_id,
        number=first([given.name, ident(given.order_number)]),
        source_version=created_at_ms if updated_at_ms is None else updated_at_ms,
        placed_at_ms=placed_at_ms,
        updated_at_ms=updated_at_ms,
        currency=currency,
        lines=read.lines,
        destination=address_of(given.shipping_address),
        buyer=_buyer(given),
        shipping_minor=shipping.price_minor,
        discount_minor=_discount_beside(given, read, shipping, currency),
        tax_minor=_tax_beside(given, read, currency),
        tax_included=given.taxes_included is True,
        total_minor=_total(given, currency),
        paid=_is_paid(given, account),
        payments=tuple(_payments(given.transactions or (), currency)),
        refunds=tuple(refunds_of_order(given.refunds or (), currency)),
        service=first([service.title, service.code]),
        purchase_order=given.po_number or "",
        location=ident(either(given.location_id, given.retail_location)),
        note=given.note or "",
        cancelled_at_ms=cancelled_at_ms,
        cancel_cause="" if cancelled_at_ms is None else cause_of(given.cancel_reason),
        test=given.test is True,
    )


def _currency(given: OrderGiven, account: Account) -> str:
    """Give the currency of the shop's books; answers of GraphQL often name it at the amounts alone."""
    prices = [line.original_unit_price_set or line.price_set for line in given.line_items or ()]
    amounts = (given.current_total_price_set, given.total_price_set, *prices)
    at_amounts = [one.shop_money.currency_code for one in amounts if one is not None and one.shop_money is not None]
    return currency_of(first([given.currency, given.currency_code, *at_amounts, account.currency]), "currency")


def cause_of(reason: str | None) -> str:
    """Give our cause for Shopify's reason of a cancellation; they are the same words."""
    return word(reason) if word(reason) in _CAUSES else "other"


def _is_paid(given: OrderGiven, account: Account) -> bool:
    """Tell whether nothing stands between the order and its shipment.

    That is money taken, money reserved where the merchant ships on that (and takes it then), or terms by which the
    buyer pays later. An order whose money was all given back is not paid any more.
    """
    status = word(first([given.financial_status, given.display_financial_status]))
    if status in _PAID:
        return True
    if given.payment_terms is not None and word(given.payment_terms.payment_terms_type) in _PAID_LATER:
        return status not in {"refunded", "voided", "expired"}
    return status == "authorized" and account.settings.get(SHIP_WHEN) == AUTHORISED


class _Shipping(NamedTuple):
    """What shipping costs after its discounts, and what those are."""

    price_minor: int
    discount_minor: int


def _shipping(given: OrderGiven, currency: str) -> _Shipping:
    price, discounted = 0, 0
    for number, line in enumerate(given.shipping_lines or ()):
        if line.is_removed:
            continue
        path = f"shipping_lines[{number}]"
        before = amount(line.price_set or line.original_price_set, line.price, currency, f"{path}.price")
        after = before
        if stated(line.discounted_price_set, line.discounted_price) is not None:
            after = amount(line.discounted_price_set, line.discounted_price, currency, f"{path}.discounted_price")
        price, discounted = price + before, discounted + after
    if not given.shipping_lines:
        price = discounted = amount(given.total_shipping_price_set, None, currency, "total_shipping_price_set")
    discount = max(0, price - discounted)
    if stated(given.current_shipping_price_set) is not None:
        # Since 2024-10 it is stated what edits, discounts and refunds left of it.
        left = amount(given.current_shipping_price_set, None, currency, "current_shipping_price_set")
        return _Shipping(left, discount)
    back = sum(refunded_shipping(refund, currency) for refund in given.refunds or ())
    return _Shipping(max(0, discounted - back), discount)


def _beside(
    now: tuple[MoneySet | None, Amount],
    first_stated: tuple[MoneySet | None, Amount],
    currency: str,
    field: str,
    on_now: int,
    on_first: int,
) -> int:
    """Give what of a total of the order is not on its lines: now where that is stated, else as it was ordered."""
    if stated(*now) is not None:
        return max(0, amount(*now, currency, f"current_{field}") - on_now)
    return max(0, amount(*first_stated, currency, field) - on_first)


def _discount_beside(given: OrderGiven, read: LinesRead, shipping: _Shipping, currency: str) -> int:
    return _beside(
        (given.current_total_discounts_set, given.current_total_discounts),
        (given.total_discounts_set, given.total_discounts),
        currency,
        "total_discounts",
        sum(line.discount_minor for line in read.lines) + shipping.discount_minor,
        read.discount_minor + shipping.discount_minor,
    )


def _tax_beside(given: OrderGiven, read: LinesRead, currency: str) -> int:
    """Give the tax that is on no line: that of shipping, mostly."""
    return _beside(
        (given.current_total_tax_set, given.current_total_tax),
        (given.total_tax_set, given.total_tax),
        currency,
        "total_tax",
        sum(line.tax_minor for line in read.lines),
        read.tax_minor,
    )


def _total(given: OrderGiven, currency: str) -> int | None:
    if stated(given.current_total_price_set, given.current_total_price) is not None:
        return amount(given.current_total_price_set, given.current_total_price, currency, "current_total_price")
    if stated(given.total_price_set, given.total_price) is not None:
        return amount(given.total_price_set, given.total_price, currency, "total_price")
    return None


def _payments(given: Iterable[TransactionGiven], currency: str) -> Iterator[PaymentStated]:
    """Give the money that moved; what is pending has not, and of a kind that is not known nothing is said."""
    for number, one in enumerate(given):
        path = f"transactions[{number}]"
        kind = PaymentKind.FAILED if word(one.status) in _FAILED else _KINDS.get(word(one.kind))
        if kind is None or not (kind is PaymentKind.FAILED or word(one.status) == "success"):
            continue
        # The plain amount of a transaction is in the currency that it names beside it, which may be the customer's.
        paid_in = currency if one.amount_set is not None else currency_of(one.currency or currency, f"{path}.currency")
        yield PaymentStated(
            payment_id=needed(one.id, f"{path}.id"),
            kind=kind,
            amount_minor=amount(one.amount_set, one.amount, paid_in, f"{path}.amount"),
            currency=paid_in,
            at_ms=instant(first([one.processed_at, one.created_at]), f"{path}.created_at"),
            tender=one.gateway or "",
        )


def _buyer(given: OrderGiven) -> Buyer | None:
    customer, to = given.customer, given.shipping_address
    buyer = Buyer(
        customer_ref=ident(customer.id) if customer else "",
        name=words(customer.first_name, customer.last_name) if customer else "",
        email=first([given.contact_email, given.email, customer.email if customer else None]),
        # Checkouts ask for the number with the address: carriers call it, and nobody else may have been given one.
        phone=first([given.phone, customer.phone if customer else None, to.phone if to else None]),
        locale=first([given.customer_locale, customer.locale if customer else None]),
    )
    return None if buyer == Buyer() else buyer


def address_of(given: AddressGiven | None) -> Address | None:
    """Give an address; one that says nothing is none.

    Raises:
        UnreadableError: there is one, and no code of a country in it.
    """
    if given is None or not any([given.address1, given.city, given.zip, given.country, given.country_code]):
        return None
    code = first([given.country_code_v2, given.country_code, given.country]).upper()
    if len(code) != _CODE_LETTERS or not code.isalpha():
        raise UnreadableError("shipping_address.country_code", "an address needs its country as a code of two letters")
    # Shopify guesses positions for the address; a place that is none on Earth is left out.
    latitude, longitude = given.latitude, given.longitude
    if latitude is None or longitude is None or abs(latitude) > _RIGHT_ANGLE or abs(longitude) > _HALF_TURN:
        latitude = longitude = None
    return Address(
        country=code,
        name=first([given.name, words(given.first_name, given.last_name)]),
        company=given.company or "",
        lines=tuple(line for line in (given.address1, given.address2) if line),
        city=given.city or "",
        region=first([given.province_code, given.province]),
        postcode=given.zip or "",
        latitude=latitude,
        longitude=longitude,
    )
